/**
 * What the host answered to cells and handlers of a deployment: taken down as it comes, and given again where a stretch
 * or a single instant is gone through once more. A reply is found by what was asked, so that a notebook that was changed
 * in between gets those that still fit, and the host's own for the rest; replies come in the order in which they came
 * then. What a deployment does by itself (its registrations, its actions) is done again instead.
 */
import { createHash } from 'node:crypto'
import { AppError, type ErrorCode, isAppError } from '../error.ts'
import { isJsonObject, type Json } from '../json.ts'
import type { HostAnswer, HostCall, HostFunction, HostTable } from '../sandbox/port.ts'

/** As it is kept: texts of JSON, so that nothing of them changes. In the order in which they were asked. */
export interface Reply {
  name: string
  /** Digest of the arguments. */
  asked: string
  /** Which one came first, from 1; 0: none came before the call was over. */
  rank: number
  value?: string
  frames?: Uint8Array[]
  error?: { code: ErrorCode; message: string }
  /** In place of a large answer that never changes: the arguments that get it again. */
  again?: string
  /** In place of one that is too large to be kept: its bytes. */
  left?: number
}
type Kept = Omit<Reply, 'name' | 'asked' | 'rank'>

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
const writing = new Set([
  'objects.create',
  'objects.import',
  'objects.update',
  'objects.delete',
  'models.save',
  'notebooks.run',
  'streams.publish',
])
/** Of all replies to the cells, or to one call of a handler. */
const maxBytes = 8_000_000
const maxReplies = 10_000
const maxModelBytes = 100_000
/** How long a reply waits for those that came before it, where the code that asked for them may be gone. */
const orderMs = 100

/** refused: what was not asked then is not done now, where it would change something. */
export function refuseWrite(name: string, args: readonly Json[]): void {
  const [, init] = args
  const method = name === 'fetch' && isJsonObject(init) ? String(init.method ?? 'GET').toUpperCase() : 'GET'
  if (!writing.has(name) && (method === 'GET' || method === 'HEAD')) return
  throw new AppError(
    'refused',
    `${name === 'fetch' ? `fetch with ${method}` : name} is not done at the instant of an action: it was not asked then, and nothing leaves.`,
  )
}

function toAsked(name: string, args: readonly Json[], binary: readonly Uint8Array[]): string {
  // the number of a transfer in parts is another one each time
  const text = JSON.stringify([name, args], (key, value: unknown) => (key === 'transfer' ? 0 : value))
  const hash = createHash('sha256').update(text)
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
  /** As they are now. */
  readonly replies: readonly Reply[]
  readonly bytes: number
  /** In the order of the asking; what is returned takes the reply when it is there. */
  ask(name: string, asked: string): (size: number, make: () => Kept) => void
}
/** Bounded: beyond it is kept that there was one. */
export function createReplyLog(): ReplyLog {
  const replies: Reply[] = []
  let bytes = 0
  let count = 0
  return {
    replies,
    get bytes() {
      return bytes
    },
    ask(name, asked) {
      if (replies.length >= maxReplies) return () => undefined
      const reply: Reply = { name, asked, rank: 0 }
      replies.push(reply)
      return (size, make) => {
        count += 1
        const fits = bytes + size <= maxBytes
        bytes += fits ? size + 100 : 100
        Object.assign(reply, { rank: count }, fits ? make() : { left: size })
      }
    },
  }
}

/** The table, with each reply put down. An answer that came after its call was given up is none. */
export function takeReplies(
  table: HostTable,
  to: (call: HostCall) => Pick<ReplyLog, 'ask'> | undefined,
): HostTable {
  return mapTable(table, (name, asks) => async (args, call) => {
    const log = to(call)
    if (!log) return asks(args, call)
    const take = log.ask(name, toAsked(name, args, call.binary))
    try {
      const answer = await asks(args, call)
      if (!call.signal.aborted) keep(name, answer, take)
      return answer
    } catch (error) {
      if (isAppError(error) && !call.signal.aborted)
        take(error.message.length, () => ({ error: { code: error.code, message: error.message } }))
      throw error
    }
  })
}
function keep(name: string, { value, binary = [] }: HostAnswer, take: ReturnType<ReplyLog['ask']>): void {
  const bytes = binary.reduce((sum, frame) => sum + frame.byteLength, 0)
  // a version of a model never changes
  if (name === 'models.load' && bytes > maxModelBytes && isJsonObject(value)) {
    const again = JSON.stringify([`${String(value.name)}@${String(value.version)}`])
    return take(again.length, () => ({ again }))
  }
  const text = bytes > maxBytes ? '' : JSON.stringify(value)
  // the bytes may be handed over to the sandbox
  take(bytes + text.length, () => ({ value: text, frames: binary.map((frame) => frame.slice()) }))
}

export interface ReplySource {
  /** Each one once, in the order in which they were asked. */
  take(asked: string): Reply | undefined
  /** Resolves when those that came before it have been given, or are not asked for. */
  turn(reply: Reply): Promise<void>
  /** It is given. */
  given(reply: Reply): void
}
export function fromReplies(replies: readonly Reply[]): ReplySource {
  const byAsked = Map.groupBy(replies, ({ asked }) => asked)
  const left = new Set(replies.filter(({ rank }) => rank > 0).map(({ rank }) => rank))
  const waiting = new Set<() => void>()
  const isNext = (rank: number): boolean => left.values().every((other) => other >= rank)
  return {
    take: (asked) => byAsked.get(asked)?.shift(),
    async turn({ rank }) {
      const end = performance.now() + orderMs
      while (!isNext(rank)) {
        const rest = end - performance.now()
        if (rest <= 0) {
          for (const other of left) if (other < rank) left.delete(other)
          return
        }
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setTimeout(resolve, rest)
        waiting.add(resolve)
        await promise
        clearTimeout(timer)
        waiting.delete(resolve)
      }
    },
    given({ rank }) {
      left.delete(rank)
      for (const wake of waiting) wake()
    },
  }
}

/**
 * The table with the replies of a source in place of the host's. `onOwn` hears of each call that found none before the
 * host does, and may refuse it.
 */
export function giveReplies(
  table: HostTable,
  from: (call: HostCall) => ReplySource | Promise<ReplySource>,
  onOwn: (name: string, args: readonly Json[]) => void = () => undefined,
): HostTable {
  return mapTable(table, (name, asks) => async (args, call) => {
    const asked = toAsked(name, args, call.binary)
    const source = await from(call)
    const reply = source.take(asked)
    if (!reply || reply.left !== undefined || reply.rank === 0) {
      onOwn(name, args)
      return asks(args, call)
    }
    await source.turn(reply)
    source.given(reply)
    if (reply.error) throw new AppError(reply.error.code, reply.error.message)
    if (reply.again !== undefined) return asks(JSON.parse(reply.again) as Json[], call)
    return {
      value: JSON.parse(reply.value!) as Json,
      binary: (reply.frames ?? []).map((frame) => frame.slice()),
    }
  })
}
