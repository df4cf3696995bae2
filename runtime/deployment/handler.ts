/**
 * One call of a handler: its state goes in as a value and comes back as one, the actions it asks for are collected
 * beside it, and both count only if the call ends well; so a throw discards them. One call at a time crosses to the
 * sandbox, since an action says which call it belongs to only by when it is asked for.
 */
import { toActionId, checkRequest, toEntry, type ActionContext } from '../action/entry.ts'
import { AppError, toMessage } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { ExecutionStatus, GuestError, HandlerCall, Limits, Receipt, Sandbox } from '../sandbox/port.ts'
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
  constructor(error: GuestError) {
    super(error.message)
    this.error = error
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

export interface Invocation {
  call: Omit<HandlerCall, 'state'>
  context: ActionContext
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
  /** HostContext.act: recorded with the call that is running now. */
  act(request: ActionRequest): Promise<{ id: string }>
  /** Of the call that is running now; undefined between calls. */
  readonly log: Pick<ReplyLog, 'ask'> | undefined
  /** Of the call that is running now, or ran last. */
  readonly identity: string
  readonly receipt: Receipt
  readonly retries: number
}
export interface CallerOptions {
  /** Waits before a repeated call; as many repeats as there are. ms */
  retryMs?: number[]
  limits?: () => Partial<Limits>
  wait: (ms: number) => Promise<void>
}

export function createCaller(sandbox: () => Sandbox, options: CallerOptions): Caller {
  const { retryMs = [50, 250, 1000], limits, wait } = options
  const receipt: Receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
  let retries = 0
  let current: { context: ActionContext; entries: OutboxEntry[]; log: ReplyLog } | undefined
  let identity = ''

  async function attempt(
    { call, context }: Invocation,
    state: Json | undefined,
  ): Promise<Answer | GuestError> {
    const mine = { context, entries: [] as OutboxEntry[], log: createReplyLog() }
    current = mine
    identity = context.identity
    try {
      const {
        results,
        receipt: used,
        alive,
      } = await sandbox().handle([{ ...call, state: state ?? {} }], limits?.())
      receipt.cpuMs += used.cpuMs
      receipt.wallMs += used.wallMs
      receipt.peakBytes = Math.max(receipt.peakBytes, used.peakBytes)
      receipt.messages += used.messages
      receipt.bytes += used.bytes
      const [result] = results
      if (!alive)
        throw new SandboxDied(
          result?.error?.message ?? `the sandbox ended (${result?.status ?? 'killed'})`,
          result?.status,
        )
      if (!result || result.status !== 'ok')
        return (
          result?.error ?? {
            name: 'Error',
            message: `The handler ended with ${result?.status ?? 'nothing'}.`,
          }
        )
      return checkAnswer(call.input, result.row, result.state, mine)
    } catch (error) {
      if (error instanceof SandboxDied) throw error
      throw new SandboxDied(toMessage(error), 'killed', { cause: error })
    } finally {
      current = undefined
    }
  }

  return {
    receipt,
    get log() {
      return current?.log
    },
    get identity() {
      return identity
    },
    get retries() {
      return retries
    },
    async invoke(invocation, state) {
      for (let round = 0; ; round++) {
        const answer = await attempt(invocation, state)
        if ('entries' in answer) return answer
        const pause = retryMs[round]
        if (pause === undefined) throw new HandlerFailed(answer)
        retries += 1
        await wait(pause)
      }
    },
    act(request) {
      const mine = current
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
  { entries, log }: { entries: OutboxEntry[]; log: ReplyLog },
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
