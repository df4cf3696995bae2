/**
 * Calls of handlers: the state of each goes in as a value and comes back as one, the actions it asks for are collected
 * beside it, and both count only if the call ends well; so a throw discards them. Many cross to the sandbox together, as
 * many as take some milliseconds; each action and each question to the host says which of them it belongs to.
 */
import { toActionId, checkRequest, toEntry, type ActionContext } from '../action/entry.ts'
import { AppError, toMessage } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type {
  ExecutionStatus,
  GuestError,
  HandlerCall,
  HandlerResult,
  Limits,
  Receipt,
  Sandbox,
} from '../sandbox/port.ts'
import type { ActionRequest } from '../sdk/context.ts'
import type { OutboxEntry } from '../store/log.ts'
import { createReplyLog, type Reply, type ReplyLog } from './replies.ts'

export const maxStateBytes = 1_000_000
const maxRowBytes = 65_536
const maxActions = 1000

/** The handler threw, four times. */
export class HandlerFailed extends Error {
  override readonly name = 'HandlerFailed'
  readonly error: GuestError
  /** At which message; undefined where it is the one that is being added, or none. */
  at: MessagePlace | undefined
  constructor(error: GuestError, at?: MessagePlace) {
    super(error.message)
    this.error = error
    this.at = at
  }
}
/** The sandbox is gone; nothing of the step counts. */
export class SandboxDied extends Error {
  override readonly name = 'SandboxDied'
  readonly status: ExecutionStatus
  constructor(message: string, status: ExecutionStatus = 'killed', options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

export interface MessagePlace {
  stream: string
  seq: number
}
export interface Invocation {
  call: Omit<HandlerCall, 'state'>
  context: ActionContext
}
/** One of many calls. */
export interface Planned extends Invocation {
  /** Those that share a state, and nothing else between them changes it. */
  slot: string
  at?: MessagePlace | undefined
  /** Before it, after what was answered before. */
  state: () => Json | undefined
  take: (answer: Answer) => void
}
export interface Answer {
  row: JsonObject | null
  /** undefined: unchanged. */
  state: Json | undefined
  entries: OutboxEntry[]
  /** What the host answered during the call. */
  replies: readonly Reply[]
  /** Of row, state, actions and replies. */
  bytes: number
}
export interface Caller {
  invoke(invocation: Invocation, state: Json | undefined): Promise<Answer>
  /** In order. HandlerFailed where one fails for good, after those before it were taken. */
  invokeAll(calls: readonly Planned[]): Promise<void>
  /** HostContext.act: recorded with the call of the batch that asks. */
  act(request: ActionRequest, step: number): Promise<{ id: string }>
  /** Of a call that is running now; undefined between calls. */
  log(step: number): Pick<ReplyLog, 'ask'> | undefined
  /** Of a call that is running now, or ran last. */
  identity(step: number): string
  readonly receipt: Receipt
  readonly retries: number
}
export interface CallerOptions {
  /** Waits before a repeated call; as many repeats as there are. ms */
  retryMs?: number[]
  limits?: () => Partial<Limits>
  wait: (ms: number) => Promise<void>
}

/** So long should what crosses together take. ms */
const batchMs = { short: 5, long: 20 }
const maxBatch = 256

interface Running {
  context: ActionContext
  entries: OutboxEntry[]
  log: ReplyLog
}

export function createCaller(sandbox: () => Sandbox, options: CallerOptions): Caller {
  const { retryMs = [50, 250, 1000], limits, wait } = options
  const receipt: Receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
  let retries = 0
  let running: Running[] = []
  let last: Running[] = []
  let size = 1

  async function cross(
    calls: HandlerCall[],
  ): Promise<{ results: HandlerResult[]; error?: GuestError | undefined }> {
    try {
      const { results, receipt: used, alive } = await sandbox().handle(calls, limits?.())
      receipt.cpuMs += used.cpuMs
      receipt.wallMs += used.wallMs
      receipt.peakBytes = Math.max(receipt.peakBytes, used.peakBytes)
      receipt.messages += used.messages
      receipt.bytes += used.bytes
      const end = results.at(-1)
      if (!alive)
        throw new SandboxDied(
          end?.error?.message ?? `the sandbox ended (${end?.status ?? 'killed'})`,
          end?.status,
        )
      if (end?.status === 'ok') return { results }
      const message = `The handler ended with ${end?.status ?? 'nothing'}.`
      return { results: results.slice(0, -1), error: end?.error ?? { name: 'Error', message } }
    } catch (error) {
      if (error instanceof SandboxDied) throw error
      throw new SandboxDied(toMessage(error), 'killed', { cause: error })
    }
  }

  /** How many of the calls ended well, and were taken; and why the next one did not. */
  async function attempt(
    calls: readonly Planned[],
  ): Promise<{ done: number; error?: GuestError | undefined }> {
    const mine = calls.map(({ context }) => ({
      context,
      entries: [] as OutboxEntry[],
      log: createReplyLog(),
    }))
    running = last = mine
    const begun = performance.now()
    try {
      const places = new Map<string, number>()
      const { results, error } = await cross(
        calls.map(({ call, slot, state }, index) => {
          const after = places.get(slot)
          places.set(slot, index)
          return { ...call, state: after === undefined ? { value: state() ?? {} } : { after } }
        }),
      )
      const ms = performance.now() - begun
      if (error || ms > batchMs.long) size = error ? 1 : Math.max(1, size >> 1)
      else if (ms < batchMs.short && calls.length >= size) size = Math.min(maxBatch, size * 2)
      for (const [index, { row, state }] of results.entries()) {
        const one = calls[index]!
        const answer = checkAnswer(one.call.input, row, state, mine[index]!)
        if (!('entries' in answer)) return { done: index, error: answer }
        try {
          one.take(answer)
        } catch (failed) {
          if (failed instanceof HandlerFailed) failed.at ??= one.at
          throw failed
        }
      }
      return { done: results.length, error }
    } finally {
      running = []
    }
  }

  async function invokeAll(calls: readonly Planned[]): Promise<void> {
    let round = 0
    for (let at = 0; at < calls.length;) {
      const given = calls.slice(at, at + (round > 0 ? 1 : size))
      const { done, error } = await attempt(given)
      if (done > 0) round = 0
      at += done
      if (!error) continue
      const pause = retryMs[round]
      if (pause === undefined) throw new HandlerFailed(error, calls[at]?.at)
      round += 1
      retries += 1
      await wait(pause)
    }
  }

  return {
    receipt,
    invokeAll,
    log: (step) => running[step]?.log,
    identity: (step) => last[step]?.context.identity ?? '',
    get retries() {
      return retries
    },
    async invoke(invocation, state) {
      let answer: Answer | undefined
      await invokeAll([{ ...invocation, slot: '', state: () => state, take: (given) => (answer = given) }])
      return answer!
    },
    act(request, step) {
      const mine = running[step]
      if (!mine)
        return Promise.reject(
          new AppError(
            'conflict',
            'act is possible inside handlers only: the cells run again at every start.',
          ),
        )
      try {
        checkRequest(request)
        if (mine.entries.length >= maxActions)
          throw new AppError('limit', `A handler call asks for at most ${maxActions} actions.`)
        const identity = `${mine.context.identity}/${mine.entries.length}`
        const entry = toEntry({ ...mine.context, identity }, request)
        mine.entries.push(entry)
        return Promise.resolve({ id: toActionId(entry.id) })
      } catch (error) {
        return Promise.reject(error as Error)
      }
    },
  }
}

function checkAnswer(
  input: JsonObject,
  row: Json | undefined,
  state: Json | undefined,
  { entries, log }: Running,
): Answer | GuestError {
  if (row !== undefined && row !== null && !isJsonObject(row))
    return {
      name: 'TypeError',
      message: `A handler returns a flat object, or nothing; it returned ${JSON.stringify(row).slice(0, 60)}.`,
    }
  let total = row ? JSON.stringify(row).length : 0
  if (total > maxRowBytes) return { name: 'RangeError', message: 'What a handler returns has at most 64 KB.' }
  if (state !== undefined) {
    const bytes = Buffer.byteLength(JSON.stringify(state))
    if (bytes > maxStateBytes)
      return {
        name: 'RangeError',
        message: `The state of key ${JSON.stringify(input.key ?? null)} has ${bytes} bytes; the limit is 1 MB.`,
      }
    total += bytes
  }
  for (const entry of entries) total += JSON.stringify(entry).length
  return { row: row ?? null, state, entries, replies: [...log.replies], bytes: total + log.bytes }
}
