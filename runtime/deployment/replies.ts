/**
 * What the host answered to cells and handlers of a deployment: taken down as it comes, and given again where a stretch
 * or a single instant is gone through once more. A reply is found by what was asked, so that a notebook that was changed
 * in between gets those that still fit, and the host's own for the rest. What a deployment does by itself (its
 * registrations, its actions) is done again instead.
 */
import { createHash } from 'node:crypto'
import { AppError, type ErrorCode, isAppError } from '../error.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { HostFunction, HostTable } from '../sandbox/port.ts'

/** As it is kept: texts of JSON, so that nothing of them changes. */
export interface Reply {
  name: string
  /** Digest of the arguments. */
  asked: string
  value?: string
  frames?: Uint8Array[]
  error?: { code: ErrorCode; message: string }
  /** In place of a large answer that never changes: the arguments that get it again. */
  again?: string
  /** In place of one that is too large to be kept: its bytes. */
  left?: number
}

const own = new Set([
  'streams.on',
  'act.webhook',
  'act.publish',
  'act.alert',
  'parameters.declare',
  'result.given',
  'parts.send',
  'tables.keep',
  'packages.import',
])
/** Of all replies to the cells, or to one call of a handler. */
const maxBytes = 8_000_000
const maxModelBytes = 100_000

function toAsked(name: string, args: readonly Json[], binary: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify([name, args]))
  for (const frame of binary) hash.update(frame)
  return hash.digest('base64url').slice(0, 22)
}

function mapTable(
  table: HostTable,
  wrap: (name: string, asks: HostFunction) => HostFunction,
): { [name: string]: HostFunction } {
  return Object.fromEntries(
    Object.entries(table).map(([name, asks]) => [name, own.has(name) ? asks : wrap(name, asks)]),
  )
}

export interface ReplyLog {
  readonly replies: readonly Reply[]
  readonly bytes: number
  add(reply: Reply): void
}
/** Bounded: beyond it is kept that there was one. */
export function createReplyLog(): ReplyLog {
  const replies: Reply[] = []
  let bytes = 0
  return {
    replies,
    get bytes() {
      return bytes
    },
    add(reply) {
      const size = sizeOf(reply)
      const fits = bytes + size <= maxBytes
      bytes += fits ? size : 100
      replies.push(fits ? reply : { name: reply.name, asked: reply.asked, left: size })
    },
  }
}
function sizeOf({ value = '', frames = [], error, again = '' }: Reply): number {
  const text = value.length + again.length + (error?.message.length ?? 0)
  return frames.reduce((sum, frame) => sum + frame.byteLength, text + 100)
}

/** The table, with each reply put down. An answer that came after its call was given up is none. */
export function takeReplies(table: HostTable, to: () => Pick<ReplyLog, 'add'> | undefined): HostTable {
  return mapTable(table, (name, asks) => async (args, call) => {
    const log = to()
    if (!log) return asks(args, call)
    const asked = toAsked(name, args, call.binary)
    try {
      const { value, binary } = await asks(args, call)
      log.add({ name, asked, ...toKept(name, value, binary) })
      return { value, ...(binary && { binary }) }
    } catch (error) {
      if (isAppError(error) && !call.signal.aborted)
        log.add({ name, asked, error: { code: error.code, message: error.message } })
      throw error
    }
  })
}
function toKept(name: string, value: Json, binary: Uint8Array[] = []): Omit<Reply, 'name' | 'asked'> {
  const bytes = binary.reduce((sum, frame) => sum + frame.byteLength, 0)
  // a version of a model never changes
  if (name === 'models.load' && bytes > maxModelBytes && isJsonObject(value))
    return { again: JSON.stringify([`${String(value.name)}@${String(value.version)}`]) }
  // the bytes may be handed over to the sandbox
  return { value: JSON.stringify(value), frames: binary.map((frame) => frame.slice()) }
}

export interface ReplySource {
  /** Each one once, in the order in which they came. */
  take(asked: string): Reply | undefined
}
export function fromReplies(replies: readonly Reply[]): ReplySource {
  const byAsked = Map.groupBy(replies, ({ asked }) => asked)
  return { take: (asked) => byAsked.get(asked)?.shift() }
}

/** The table with the replies of a source in place of the host's; `onOwn` hears of each call that found none. */
export function giveReplies(
  table: HostTable,
  from: () => ReplySource | Promise<ReplySource>,
  onOwn: (name: string) => void = () => undefined,
): HostTable {
  return mapTable(table, (name, asks) => async (args, call) => {
    const reply = (await from()).take(toAsked(name, args, call.binary))
    if (!reply || reply.left !== undefined) {
      onOwn(name)
      return asks(args, call)
    }
    if (reply.error) throw new AppError(reply.error.code, reply.error.message)
    if (reply.again !== undefined) return asks(JSON.parse(reply.again) as Json[], call)
    return {
      value: JSON.parse(reply.value!) as Json,
      binary: (reply.frames ?? []).map((frame) => frame.slice()),
    }
  })
}
