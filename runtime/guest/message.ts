/**
 * What crosses between the bootstrap and the main isolate of the child. Out: `post(kind, ...)`, copied by value. In:
 * `enter(command, ...)`, one function of which the main isolate holds the only reference.
 */
import type { GuestError, Limits } from '../sandbox/port.ts'

export type GuestLimits = Pick<
  Limits,
  | 'hostCallsInFlight'
  | 'argumentBytes'
  | 'resultBytes'
  | 'messagesPerSecond'
  | 'outputBytes'
  | 'lineBytes'
  | 'outputItems'
  | 'richBytes'
> & {
  /** The cell that runs. */
  cell?: string
}

/**
 * call: id, name, JSON of the arguments, bytes. output: 0, '', JSON of a GuestOutput without its cell.
 * timer: id, '', milliseconds. untimer: id. done: cell's number, '', JSON of a Done. handled: 0, '', JSON of HandlerResult[].
 * step: which handler call of the batch the calls after this are of. variables: number, '', JSON of the variables.
 */
export type PostKind = 'call' | 'step' | 'output' | 'timer' | 'untimer' | 'done' | 'handled' | 'variables'
export type Post = (kind: PostKind, id: number, name: string, text: string, parts?: Uint8Array[]) => void

/** How an execution ended by itself. The error's frames are still those of the compiled text. */
export interface Done {
  status: 'ok' | 'error'
  value?: string
  /** JSON text of the value. */
  json?: string
  error?: RawError
}
export interface RawError extends Pick<GuestError, 'name' | 'message' | 'thrown'> {
  stack: string
}

/** What the parent binds an isolate to. */
export interface GuestSettings {
  kind: 'analytics' | 'processing'
  parameters: string
  /** Of the cells of a processing notebook; the real one where there is none. */
  clock?: { now: number; seed: number }
  limits: GuestLimits
}

export type Enter = (
  command: 'bind' | 'toolkit' | 'module' | 'run' | 'handle' | 'deliver' | 'fire' | 'variables' | 'abort',
  ...given: unknown[]
) => unknown
