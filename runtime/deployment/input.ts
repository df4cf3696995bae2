/** From what `streams.on` was given and the stream's definition to a complete input; every default is here. Pure. */
import type { Json, JsonObject } from '../json.ts'
import type { Registration } from '../sdk/context.ts'
import { toMilliseconds } from '../sdk/duration.ts'
import { type HandlerSpec, toConfig, toWindow } from '../sdk/on.ts'
import type { StreamMessage } from '../sdk/streaming.ts'
import type { Message } from '../store/log.ts'
import type { JoinConfig } from '../stream/join.ts'
import type { OperatorConfig, WindowKind } from '../stream/operator.ts'
import { getPath } from '../stream/path.ts'

/** What is known of a stream here. */
export interface InputStream {
  id: string
  name: string
  outOfOrder: number
  lateness: number
}
export interface Input {
  /** Position among the registrations: the same at every start of a version, unlike the guest's handler id. */
  index: number
  handler: string
  /** The first one, whose id is in what the handler leaves behind. */
  stream: InputStream
  /** All of them, where there are several. */
  streams?: InputStream[]
  window: WindowKind | null
  batch: boolean
  by: string | null | undefined
  outOfOrderMs: number
  latenessMs: number
  /** What else the notebook asked for, checked. */
  spec?: HandlerSpec
}
const defaultIdle = '1 min'
const defaultWaiting = 100_000
/** Where nothing else is said of late messages. */
const lateAlarm = { maxRejects: 100, lastEvents: 1000 }

export function toInput(
  { options, handler }: Registration,
  index: number,
  stream: InputStream,
  others: InputStream[] = [],
): Input {
  const streams = [stream, ...others]
  const most = (field: 'outOfOrder' | 'lateness'): number => Math.max(...streams.map((one) => one[field]))
  const { window, batch, by, outOfOrder, lateness, ...rest } = options
  return {
    index,
    handler,
    stream,
    ...(others.length > 0 && { streams }),
    window: toWindow(window),
    batch: batch === true,
    by,
    outOfOrderMs: outOfOrder === undefined ? most('outOfOrder') : toMilliseconds(outOfOrder),
    latenessMs: lateness === undefined ? most('lateness') : toMilliseconds(lateness),
    ...(Object.keys(rest).length > 0 && { spec: options }),
  }
}

export function streamsOf({ stream, streams = [stream] }: Input): InputStream[] {
  return streams
}
function specOf(input: Input): HandlerSpec {
  return { ...input.spec, ...(input.by === undefined ? {} : { by: input.by }) }
}
function timesOf(input: Input) {
  const { outOfOrderMs, latenessMs } = input
  return { outOfOrderMs, latenessMs, streams: streamsOf(input).map(({ id }) => id) }
}

export function toOperatorConfig(input: Input, window: WindowKind): OperatorConfig {
  return toConfig(specOf(input), timesOf(input), window)
}
/** With the alarm that a notebook has unless it says `lateAlarm: null`. */
export function toAlarmedConfig(input: Input, window: WindowKind): OperatorConfig {
  return { ...(input.spec?.lateAlarm === null ? {} : { lateAlarm }), ...toOperatorConfig(input, window) }
}
/** undefined where the handler is not one of a join. */
export function toJoinConfig(input: Input): JoinConfig | undefined {
  const { join, watermark = { type: 'bounded' } } = input.spec ?? {}
  if (!join) return undefined
  const asked =
    watermark.type === 'bounded' && watermark.idle === undefined
      ? { ...watermark, idle: defaultIdle }
      : watermark
  const { maxFutureSkewMs, ...config } = toConfig({ ...specOf(input), watermark: asked }, timesOf(input), {
    type: 'global',
  })
  return {
    withinMs: toMilliseconds(join.within),
    latenessMs: input.latenessMs,
    unmatched: join.unmatched ?? 'none',
    maxWaiting: join.maxWaiting ?? defaultWaiting,
    watermark: config.watermark,
    ...(maxFutureSkewMs !== undefined && { maxFutureSkewMs }),
  }
}

/** Whether the arrival clock alone can make something happen. */
export function isTimed({ watermark, trigger }: Pick<OperatorConfig, 'watermark' | 'trigger'>): boolean {
  return (
    trigger?.earlyEveryMs !== undefined ||
    watermark.type === 'boundedPlusWallclock' ||
    watermark.type === 'wallClockLag' ||
    (watermark.type === 'bounded' && watermark.idleTimeoutMs !== undefined)
  )
}

const toText = (value: Json | undefined): string | null => {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
/** The key of a message for this input: by the field that the notebook names, else the stream's. */
export function getKey(input: Input, message: Message): string | null {
  if (input.by === null) return null
  return input.by === undefined ? message.key : toText(getPath(message.body, input.by))
}
/** The partition of the watermark that a message belongs to. */
export function getPartition(
  input: Input,
  message: Message,
  stream: string,
  key: string | null,
): string | undefined {
  if (input.streams) return stream
  const { watermark } = input.spec ?? {}
  if (watermark?.type !== 'bounded' || watermark.partition === undefined) return undefined
  return watermark.partition === 'key'
    ? (key ?? '')
    : (toText(getPath(message.body, watermark.partition)) ?? '')
}

/** What a handler sees of a message. */
export function toStreamMessage(
  { seq, body, headers, key, eventTime, receivedAt }: Message,
  stream?: string,
): StreamMessage & JsonObject {
  return { seq, body, headers, key, eventTime, receivedAt, ...(stream !== undefined && { stream }) }
}

/** What the API shows of an input, for each of its streams, before and after its figures are known. */
export function toShown(input: Input): { [field: string]: Json }[] {
  return streamsOf(input).map((stream) => ({
    stream: stream.id,
    name: stream.name,
    window: input.window && ({ ...input.window } as JsonObject),
    outOfOrder: input.outOfOrderMs,
    lateness: input.latenessMs,
  }))
}
