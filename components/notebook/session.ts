/**
 * What the page knows of a notebook's kernel: its state, the state of each cell, and the outputs. Pure: events of the
 * kernel (and the page's own starts) go in, the next state comes out. A cell that runs again keeps its old outputs,
 * dimmed, until the first new one.
 */
import type {
  Execution,
  ExecutionSummary,
  Kernel,
  Output,
  Receipt,
  UserError,
} from '../../runtime/api/runs.ts'
import { inputMime } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'
import { errorMime } from '../../runtime/notebook/output.ts'

export type CellState = 'idle' | 'queued' | 'running' | 'ok' | 'error'
export interface CellRun {
  state: CellState
  execution: string | null
  outputs: Output[]
  /** The outputs are of an earlier execution. */
  old: boolean
  /** While it runs: the last number before it began. */
  since: number
  error: UserError | null
  receipt: Receipt | null
  startedAt: number | null
  /** What made the variables that the kernel holds of this cell, and when that began. */
  source: string | null
  ranAt: number | null
}
export interface Session {
  kernel: Kernel | null
  cells: Record<string, CellRun>
  lastSeq: number
}
export type SessionEvent =
  | { type: 'loaded'; items: Output[]; lastSeq: number }
  | { type: 'kernel'; kernel: Kernel | null }
  | { type: 'queued'; cells: string[] }
  /** These wait no longer; without `cells` none does. */
  | { type: 'dequeued'; cells?: string[] }
  | { type: 'started'; cell: string; execution: string | null; at: number; source?: string }
  /** What the kernel holds, as it tells a page that comes to it. */
  | { type: 'executed'; items: ExecutionSummary[] }
  | { type: 'output'; output: Output }
  /** An input has another value; `cell` shows it, and is as if it had run `at` then. */
  | { type: 'input'; id: string; value: Json; cell?: string | null; at?: number }
  | {
      type: 'ended'
      cell: string
      execution: string
      ok: boolean
      error: UserError | null
      receipt: Receipt | null
      source?: string | null
      at?: number | null
    }
  /** The kernel holds nothing any more; the outputs stay. */
  | { type: 'forgotten' }
  | { type: 'cleared' }

export const emptySession: Session = { kernel: null, cells: {}, lastSeq: 0 }
const idle: CellRun = {
  state: 'idle',
  execution: null,
  outputs: [],
  old: false,
  since: 0,
  error: null,
  receipt: null,
  startedAt: null,
  source: null,
  ranAt: null,
}

export function applySession(session: Session, event: SessionEvent): Session {
  const of = (cell: string): CellRun => session.cells[cell] ?? idle
  const put = (cell: string, run: CellRun): Session => ({
    ...session,
    cells: { ...session.cells, [cell]: run },
  })
  switch (event.type) {
    case 'loaded': {
      const cells: Record<string, CellRun> = {}
      for (const output of event.items) {
        if (output.cell === null) continue
        const { source, ranAt } = of(output.cell)
        const before = cells[output.cell] ?? { ...idle, state: 'ok' as const, source, ranAt }
        const error = toError(output)
        cells[output.cell] = {
          ...before,
          outputs: [...before.outputs, output],
          ...(error ? { state: 'error' as const, error } : {}),
        }
      }
      for (const [id, run] of Object.entries(session.cells))
        if (run.state === 'running' || run.state === 'queued') {
          const { state, execution, since } = run
          const found = cells[id] ?? { ...run, outputs: [] }
          const made = found.outputs.filter(({ seq }) => seq > since)
          const old = state === 'running' && made.length === 0
          const outputs = made.length > 0 && state === 'running' ? made : found.outputs
          cells[id] = { ...found, state, execution, since, old, outputs }
        } else if (run.source !== null && !cells[id]) cells[id] = { ...run, outputs: [] }
      return { ...session, cells, lastSeq: event.lastSeq }
    }
    case 'kernel': {
      const died = event.kernel?.state === 'dead' && session.kernel?.state !== 'dead'
      if (!died) {
        const other = event.kernel !== null && event.kernel.id !== session.kernel?.id
        const lost = new Set(event.kernel?.lost?.cells)
        const cells =
          lost.size === 0
            ? session.cells
            : mapRuns(session.cells, (run, id) =>
                lost.has(id) && run.state !== 'running' ? { ...run, source: null, ranAt: null } : run,
              )
        const lastSeq = other ? event.kernel!.lastSeq : session.lastSeq
        return { ...session, kernel: event.kernel, cells, lastSeq }
      }
      return { ...session, kernel: event.kernel, cells: mapRuns(session.cells, stop) }
    }
    case 'queued': {
      const cells = { ...session.cells }
      for (const id of event.cells) cells[id] = { ...of(id), state: 'queued' }
      return { ...session, cells }
    }
    case 'dequeued':
      return {
        ...session,
        cells: mapRuns(session.cells, (run, cell) =>
          run.state === 'queued' && (event.cells?.includes(cell) ?? true)
            ? { ...run, state: run.error ? 'error' : run.outputs.length > 0 ? 'ok' : 'idle' }
            : run,
        ),
      }
    case 'executed': {
      const cells = { ...session.cells }
      for (const { cell, source, at, state, receipt, execution } of event.items) {
        if (cell === null) continue
        const before = of(cell)
        const known = before.state === 'running' || before.state === 'queued'
        const ended = isEnded(state) ? (state === 'ok' ? ('ok' as const) : ('error' as const)) : before.state
        cells[cell] = known
          ? { ...before, source, ranAt: at }
          : { ...before, state: ended, receipt, execution, source, ranAt: at }
      }
      return { ...session, cells }
    }
    case 'started': {
      const before = of(event.cell)
      // Told twice: by the answer to the page's own call and by the kernel's events, in any order.
      if (event.execution !== null && before.execution === event.execution) return session
      if (event.execution !== null && before.state === 'running' && before.execution === null)
        return put(event.cell, { ...before, execution: event.execution })
      return put(event.cell, {
        ...before,
        state: 'running',
        execution: event.execution,
        old: true,
        since: session.lastSeq,
        error: null,
        receipt: null,
        startedAt: event.at,
        ...(event.source === undefined ? {} : { source: event.source, ranAt: event.at }),
      })
    }
    case 'output': {
      const { output } = event
      if (output.seq <= session.lastSeq && output.replaces === undefined) return session
      const lastSeq = Math.max(session.lastSeq, output.seq)
      if (output.cell === null) return { ...session, lastSeq }
      const before = of(output.cell)
      const outputs = before.old ? [output] : [...before.outputs, output]
      const error = toError(output)
      return { ...put(output.cell, { ...before, outputs, old: false, ...(error ? { error } : {}) }), lastSeq }
    }
    case 'input': {
      const cells = mapRuns(session.cells, (run, cell) => ({
        ...run,
        outputs: run.outputs.some((output) => isInput(output, event.id))
          ? run.outputs.map((output) => (isInput(output, event.id) ? withInput(output, event.value) : output))
          : run.outputs,
        ...(cell === event.cell && event.at !== undefined && run.ranAt !== null ? { ranAt: event.at } : {}),
      }))
      return { ...session, cells }
    }
    case 'ended': {
      const before = of(event.cell)
      const other = before.execution !== null && before.execution !== event.execution
      if (before.state === 'running' && other) return session
      const outputs = before.old ? [] : before.outputs
      return put(event.cell, {
        ...before,
        outputs,
        old: false,
        execution: event.execution,
        state: event.ok ? 'ok' : 'error',
        error: event.ok ? null : (event.error ?? before.error),
        receipt: event.receipt,
        startedAt: null,
        ...(event.source === undefined ? {} : { source: event.source, ranAt: event.at ?? null }),
      })
    }
    case 'forgotten':
      return {
        ...session,
        cells: mapRuns(session.cells, (run) => ({ ...run, source: null, ranAt: null })),
      }
    case 'cleared':
      return { ...session, cells: {} }
  }
}

/** What has run in the kernel that lives, for the question what is stale. */
export function toExecuted(session: Session): Map<string, { source: string; at: number }> {
  const executed = new Map<string, { source: string; at: number }>()
  if (session.kernel === null || session.kernel.state === 'dead') return executed
  for (const [id, { source, ranAt }] of Object.entries(session.cells))
    if (source !== null && ranAt !== null) executed.set(id, { source, at: ranAt })
  return executed
}

function mapRuns(
  cells: Record<string, CellRun>,
  change: (run: CellRun, cell: string) => CellRun,
): Record<string, CellRun> {
  return Object.fromEntries(Object.entries(cells).map(([id, run]) => [id, change(run, id)]))
}
function stop(run: CellRun): CellRun {
  return run.state === 'running' || run.state === 'queued'
    ? { ...run, state: 'error', old: false, startedAt: null, source: null, ranAt: null }
    : { ...run, source: null, ranAt: null }
}
function toError(output: Output): UserError | undefined {
  const error = output.data[errorMime]
  return typeof error === 'object' && error !== null && !Array.isArray(error)
    ? (error as unknown as UserError)
    : undefined
}
function isInput(output: Output, id: string): boolean {
  return (output.data[inputMime] as { id?: unknown } | undefined)?.id === id
}
function withInput(output: Output, value: Json): Output {
  return {
    ...output,
    data: { ...output.data, [inputMime]: { ...(output.data[inputMime] as object), value } },
  }
}
export function isEnded(state: Execution['state']): boolean {
  return state !== 'queued' && state !== 'running'
}
