/**
 * Where notebooks execute: a child process each, with nothing worth stealing in it (SANDBOX.md's design). A Sandbox is
 * one kernel: one isolate with one context whose variables live from cell to cell. User faults never reject: they
 * are the status of the Execution. A sandbox that died stays dead (`state`), with the reason the parent recorded.
 * Host calls are bound to this child's handle by `host`; the child sends names and arguments, never an identity.
 */
import type { Json, JsonObject } from '../json.ts'

/** Each field has the default of the limits table; every breach is an error that names the limit. */
export interface Limits {
  sourceBytes: number
  compileMs: number
  /** Infinity where the single-user mode has no limit. */
  cpuMs: number
  wallMs: number
  heapMb: number
  rssMb: number
  hostCallsInFlight: number
  hostCallsPerSecond: number
  hostCallsBurst: number
  argumentBytes: number
  resultBytes: number
  messagesPerSecond: number
  outputBytes: number
  lineBytes: number
  outputItems: number
  richBytes: number
}

/** A host function's answer: JSON, and binary frames that arrive in the guest as Uint8Array by transfer. */
export interface HostAnswer {
  value: Json
  binary?: Uint8Array[]
}
export interface HostCall {
  binary: Uint8Array[]
  /** Aborted by interrupt, by the cell's end and by the sandbox's death. */
  signal: AbortSignal
  /** The cell that calls; null from a handler. */
  cell: string | null
  /** Which of the calls given to Sandbox.handle calls; 0 from a cell. */
  step: number
}
/** Resolves, or rejects with an AppError, whose code and message the guest sees; any other error is `internal`. */
export type HostFunction = (args: Json[], call: HostCall) => Promise<HostAnswer>
export type HostTable = { readonly [name: string]: HostFunction }

export type OutputKind = 'stdout' | 'stderr' | 'display' | 'result' | 'progress' | 'error'
export interface GuestOutput {
  cell: string | null
  kind: OutputKind
  /** MIME bundle. `text/plain` for stdout and stderr; an error has `application/vnd.suricate.error+json`. */
  data: { [mime: string]: Json }
  /** Replaces (or with `append` extends) the earlier output of this cell with the same id. */
  id?: string
  append?: boolean
}
export interface GuestError {
  name: string
  message: string
  /** The id of the cell and the user's own line and column, both from 1; undefined when not in a cell. */
  cell?: string
  line?: number
  column?: number
  /** The user's frames only, one a line: `at name (cell 2:3:14)`. */
  stack?: string
  /** What was thrown, as text, where it was no Error. */
  thrown?: string
}
export type ExecutionStatus = 'ok' | 'error' | 'timeout' | 'memory' | 'killed'
export interface Execution {
  status: ExecutionStatus
  /** text/plain of the cell's value (rules of the hostile runner); undefined when there is none. */
  value?: string
  /** The value as JSON where it is JSON (bounded by resultBytes), for a run's result. */
  json?: Json
  error?: GuestError
  receipt: Receipt
  /** True when the variables survived. */
  alive: boolean
}
export interface Receipt {
  cpuMs: number
  wallMs: number
  peakBytes: number
  messages: number
  bytes: number
}

/** What a variable of the notebook is, told without running any of its code. */
export interface Variable {
  name: string
  /** `number`, `array`, `Table`, `DataFrame`, `Float64Array`, `function`, a class's name. */
  type: string
  /** `1000 × 3`, `12`, `5 keys`, `80 characters`; null where there is none. */
  shape: string | null
  /** An estimate; null where it took too long. */
  bytes: number | null
  preview: string
  /** The id of the cell that declared it last. */
  cell: string
}

/** One call of a handler that a cell registered with streams.on. */
export interface HandlerCall {
  handler: string
  /** The message clock for Date, ms; and the seed of Math.random. */
  now: number
  seed: number
  /** What the handler gets first: {key, window, messages}, or {key, message}, or {messages}. */
  input: JsonObject
  /**
   * Its state for this key; `{}` when there is none yet. Returned whole if it changed. `{ after }`: as the call at that
   * place of the same list, before this one, left it.
   */
  state: { value: Json } | { after: number }
}
export interface HandlerResult {
  status: ExecutionStatus
  row?: Json
  state?: Json
  error?: GuestError
}

export interface SandboxOptions {
  workspace: string
  limits?: Partial<Limits>
  host: HostTable
  onOutput(output: GuestOutput): void
  /** Once, when the child ended for any reason but close(). */
  onDeath?(reason: string): void
  /** Values that `parameters(...)` merges over its defaults. */
  parameters?: JsonObject
  /** In a processing notebook Date is the message clock, Math.random is seeded, act.* outside handlers is refused. */
  kind?: 'analytics' | 'processing'
  /** Of a processing notebook: Date and the seed of Math.random in its cells, which then give the same each time. */
  clock?: { now: number; seed: number }
}
export interface Sandbox {
  readonly state: 'ready' | 'busy' | 'dead'
  readonly pid: number
  /** One at a time; a second call waits for the first. `cell` names it in errors; `label` is what people see (`3`). */
  execute(cell: { id: string; label: string; source: string }, limits?: Partial<Limits>): Promise<Execution>
  /**
   * Runs the calls one after the other, in order; stops after the first that is not ok, or earlier: where a call leaves
   * work behind, which ends before the next one begins, and where a megabyte has gone in or a few have come out. What
   * was left has no result. CPU and wall are per batch.
   */
  handle(
    calls: HandlerCall[],
    limits?: Partial<Limits>,
  ): Promise<{ results: HandlerResult[]; receipt: Receipt; alive: boolean }>
  /** Of the cells that ran, when what runs has ended; undefined when they could not be read. */
  variables(): Promise<Variable[] | undefined>
  /** Rejects pending host calls; a second later SIGKILL if the cell still runs. Resolves when it ended. */
  interrupt(): Promise<{ alive: boolean }>
  usage(): { rssBytes: number; cpuMs: number }
  close(): Promise<void>
}
export interface Sandboxes {
  /** From the prewarmed pool; a warm child of the same workspace may serve with a fresh isolate. */
  open(options: SandboxOptions): Promise<Sandbox>
  /** What each wrapper's probe said; `mode` is what children run under. */
  readonly wrappers: { mode: 'uid' | 'user-namespace' | 'none'; missing: string[] }
  close(): Promise<void>
}
