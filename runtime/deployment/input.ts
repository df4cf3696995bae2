/** From what `streams.on` was given and the stream's definition to a complete input; every default is here. Pure. */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Registration } from '../sdk/context.ts'
import { toMilliseconds } from '../sdk/duration.ts'
import type { OnOptions, StreamMessage } from '../sdk/interface.ts'
import type { Message } from '../store/log.ts'
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
  stream: InputStream
  window: WindowKind | null
  batch: boolean
  by: string | null | undefined
  outOfOrderMs: number
  latenessMs: number
}

export function toInput(registration: Registration, index: number, stream: InputStream): Input {
  const { options, handler } = registration
  return {
    index,
    handler,
    stream,
    window: toWindow(options.window),
    batch: options.batch === true,
    by: options.by,
    outOfOrderMs: options.outOfOrder === undefined ? stream.outOfOrder : toMilliseconds(options.outOfOrder),
    latenessMs: options.lateness === undefined ? stream.lateness : toMilliseconds(options.lateness),
  }
}

function toWindow(spec: OnOptions['window']): WindowKind | null {
  if (!spec) return null
  const size = { sizeMs: toMilliseconds(spec.size), offsetMs: toMilliseconds(spec.offset ?? 0) }
  if (spec.type === 'tumbling') return { type: 'tumbling', ...size }
  if (spec.type === 'hopping') return { type: 'hopping', ...size, hopMs: toMilliseconds(spec.hop) }
  throw new AppError('invalid', 'A window is of type tumbling or hopping.')
}

export function toOperatorConfig(input: Input, window: WindowKind): OperatorConfig {
  return {
    window,
    watermark: { type: 'bounded', boundMs: input.outOfOrderMs },
    allowedLatenessMs: input.latenessMs,
    accumulation: 'accumulating',
    keyed: input.by !== null,
  }
}

/** The key of a message for this input: by the field that the notebook names, else the stream's. */
export function getKey(input: Input, message: Message): string | null {
  if (input.by === null) return null
  if (input.by === undefined) return message.key
  const value = getPath(message.body, input.by)
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** What a handler sees of a message. */
export function toStreamMessage({
  seq,
  body,
  headers,
  key,
  eventTime,
  receivedAt,
}: Message): StreamMessage & JsonObject {
  return { seq, body, headers, key, eventTime, receivedAt }
}

/** What the API shows of an input before and after its figures are known. */
export function toShown(input: Input): { [field: string]: Json } {
  return {
    stream: input.stream.id,
    name: input.stream.name,
    window: input.window && ({ ...input.window } as JsonObject),
    outOfOrder: input.outOfOrderMs,
    lateness: input.latenessMs,
  }
}
