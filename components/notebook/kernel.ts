/**
 * Drives a notebook's kernel from the page: starts it with the first run, follows its events, runs batches of cells one
 * after another; a batch stops at its first cell that fails. Outputs and what has run come from the server, so a reload
 * or a second tab shows the same.
 */
import { useCallback, useEffect, useReducer, useRef } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Execution, ExecutionSummary, Kernel, Output } from '../../runtime/api/runs.ts'
import type { Json } from '../../runtime/json.ts'
import type { Result } from '../../runtime/api/client.ts'
import { client, showError, useApi } from '../ui/api.ts'
import { useLive, type LiveEvent } from '../ui/live.ts'
import { applySession, emptySession, isEnded, type Session } from './session.ts'

export interface KernelControl {
  session: Session
  /** Runs these cells in order; resolves false when one failed or was interrupted. */
  run: (cells: Cell[], parameters: Record<string, unknown>) => Promise<boolean>
  /** The kernel, started when there is none. */
  open: () => Promise<Kernel>
  interrupt: () => Promise<void>
  restart: () => Promise<void>
}
type Ended = { cell: string; ok: boolean }
interface Batch {
  cells: Cell[]
  parameters: Record<string, unknown>
  cancelled: boolean
  done: (ok: boolean) => void
}

interface Found {
  notebook: string
  at: number
  mine: Promise<Kernel | undefined>
  /** Read after the kernel: its events go on where these end. */
  outputs: Promise<Result<'getNotebookOutputs'>>
}
const freshMs = 5000
let begun: Found | undefined

function find(notebook: string): Found {
  const mine = client.call('findKernels', { query: { notebook, limit: 100 } }).then(({ items }) => {
    const own = items.filter((one) => one.notebook === notebook)
    return own.find((one) => one.state !== 'dead') ?? own[0]
  })
  const outputs = mine.then(() => client.call('getNotebookOutputs', { params: { id: notebook } }))
  outputs.catch(() => undefined) // told where they are awaited
  return { notebook, at: performance.now(), mine, outputs }
}
/** What `useKernel` will ask for first, asked while the notebook itself is on its way; returns how to forget it. */
export function beginKernel(notebook: string): () => void {
  begun = find(notebook)
  return () => {
    begun = undefined
  }
}
function takeBegun(notebook: string): Found {
  const found = begun
  begun = undefined
  return found?.notebook === notebook && performance.now() - found.at < freshMs ? found : find(notebook)
}

export function useKernel(notebook: string): KernelControl {
  const [session, tell] = useReducer(applySession, emptySession)
  const waiting = useRef(new Map<string, (ended: Ended) => void>())
  const cellOf = useRef(new Map<string, string>())
  const early = useRef(new Map<string, Execution | ExecutionSummary>())
  const batches = useRef<Batch[]>([])
  const working = useRef(false)
  const kernel = useRef<Kernel | null>(null)
  /** How often events told of the kernel: an answer that one of them has overtaken is old. */
  const told = useRef(0)
  /** What was there is known; only then something runs, so that it is told from what is new. */
  const ready = useRef<Promise<void>>(Promise.resolve())

  const load = useCallback(async () => {
    const { items, lastSeq } = await client.call('getNotebookOutputs', { params: { id: notebook } })
    tell({ type: 'loaded', items, lastSeq })
  }, [notebook])
  const attach = useCallback((next: Kernel | null) => {
    kernel.current = next
    tell({ type: 'kernel', kernel: next })
  }, [])
  useEffect(() => {
    async function look() {
      const found = takeBegun(notebook)
      const mine = await found.mine
      // before anything is known: the outputs of a cell that runs are of what runs
      if (mine && mine.state !== 'dead' && mine.cell !== null)
        tell({ type: 'started', cell: mine.cell, execution: mine.execution, at: Date.now() })
      if (mine) attach(mine)
      const { items, lastSeq } = await found.outputs
      tell({ type: 'loaded', items, lastSeq })
      if (!mine || mine.state === 'dead') return
      const executions = await client.call('findExecutions', {
        params: { id: mine.id },
        query: { limit: 1000 },
      })
      tell({ type: 'executed', items: executions.items })
    }
    ready.current = look().catch((error: unknown) => showError(error, 'The outputs could not be read'))
    const back = () => document.visibilityState === 'visible' && void load().catch(() => {})
    document.addEventListener('visibilitychange', back)
    return () => document.removeEventListener('visibilitychange', back)
  }, [notebook, load, attach])

  // Another tab may start it: the workspace's events about kernels renew this.
  const found = useApi('findKernels', { query: { notebook, limit: 100 } })
  const living = found.data?.items.find((one) => one.notebook === notebook && one.state !== 'dead')
  useEffect(() => {
    if (!living || (kernel.current !== null && kernel.current.state !== 'dead')) return
    attach(living)
    load().catch(() => {})
  }, [living, attach, load])

  const end = useCallback((execution: Execution | ExecutionSummary) => {
    const summary = 'cell' in execution ? execution : undefined
    const cell = cellOf.current.get(execution.execution) ?? summary?.cell ?? undefined
    const waiter = waiting.current.get(execution.execution)
    // The event can be here before the answer to the call that began the execution.
    if (!waiter && early.current.size < 1000) early.current.set(execution.execution, execution)
    if (cell === undefined) return
    const ok = execution.state === 'ok'
    tell({
      type: 'ended',
      cell,
      execution: execution.execution,
      ok,
      error: execution.error,
      receipt: execution.receipt,
      ...(summary && summary.at !== undefined ? { source: summary.source, at: summary.at } : {}),
    })
    waiter?.({ cell, ok })
    waiting.current.delete(execution.execution)
  }, [])
  const failAll = () => {
    for (const done of waiting.current.values()) done({ cell: '', ok: false })
    waiting.current.clear()
  }

  useLive(
    session.kernel === null || session.kernel.state === 'dead'
      ? null
      : client.url('getKernelEvents', { params: { id: session.kernel.id } }),
    ({ event, data }: LiveEvent) => {
      if (event === 'output')
        tell({ type: 'output', output: ((data as { output?: Output }).output ?? data) as Output })
      else if (event === 'input')
        tell({ type: 'input', ...(data as { id: string; value: Json; cell?: string | null; at?: number }) })
      else if (event === 'kernel') {
        const next = ((data as { kernel?: Kernel }).kernel ?? data) as Kernel
        told.current += 1
        attach(next)
        if (next.state === 'busy' && next.cell !== null)
          tell({ type: 'started', cell: next.cell, execution: next.execution, at: Date.now() })
        if (next.state === 'dead') failAll()
      } else if (event === 'execution') {
        const execution = (
          (data as { execution?: unknown }).execution instanceof Object
            ? (data as { execution: unknown }).execution
            : data
        ) as ExecutionSummary
        if (isEnded(execution.state)) end(execution)
      }
    },
    session.lastSeq > 0 ? String(session.lastSeq) : undefined,
  )
  async function ask(name: 'interruptKernel' | 'restartKernel', id: string): Promise<void> {
    const before = told.current
    const answer = await client.call(name, { params: { id } })
    if (told.current === before) attach(answer)
  }
  async function open(): Promise<Kernel> {
    if (kernel.current && kernel.current.state !== 'dead') return kernel.current
    const opened = await client.call('openKernel', { params: { id: notebook } })
    attach(opened)
    return opened
  }
  async function runOne(cell: Cell, parameters: Record<string, unknown>): Promise<boolean> {
    await ready.current
    const { id } = await open()
    tell({ type: 'started', cell: cell.id, execution: null, at: Date.now(), source: cell.source })
    const answer = await client.call('execute', {
      params: { id },
      query: { wait: 1 },
      body: { source: cell.source, cell: cell.id, parameters: parameters as Record<string, string> },
    })
    cellOf.current.set(answer.execution, cell.id)
    const ended = new Promise<Ended>((resolve) => waiting.current.set(answer.execution, resolve))
    for (const output of answer.outputs)
      tell({ type: 'output', output: { ...output, cell: output.cell ?? cell.id } })
    const before = early.current.get(answer.execution)
    if (isEnded(answer.state)) end(answer)
    else if (before) end(before)
    else tell({ type: 'started', cell: cell.id, execution: answer.execution, at: Date.now() })
    return (await ended).ok
  }

  async function runBatch(batch: Batch): Promise<boolean> {
    try {
      for (const cell of batch.cells)
        if (batch.cancelled || !(await runOne(cell, batch.parameters))) return false
      return true
    } catch (error) {
      showError(error, 'The cell could not be run')
      await load().catch(() => {})
      return false
    }
  }
  async function work(): Promise<void> {
    if (working.current) return
    working.current = true
    for (let batch = batches.current[0]; batch; batch = batches.current[0]) {
      const ok = await runBatch(batch)
      batches.current = batches.current.filter((one) => one !== batch)
      const waiting = new Set(batches.current.flatMap((one) => one.cells.map((cell) => cell.id)))
      const left = batch.cells.map((cell) => cell.id).filter((id) => !waiting.has(id))
      if (!ok) tell({ type: 'dequeued', cells: left })
      batch.done(ok)
    }
    working.current = false
  }
  function cancelAll(): void {
    for (const batch of batches.current) batch.cancelled = true
    tell({ type: 'dequeued' })
  }

  return {
    session,
    run(cells, parameters) {
      const runnable = cells.filter(
        (cell) => cell.type !== 'markdown' && cell.type !== 'raw' && cell.source.trim() !== '',
      )
      if (runnable.length === 0) return Promise.resolve(true)
      tell({ type: 'queued', cells: runnable.map((cell) => cell.id) })
      return new Promise((done) => {
        batches.current.push({ cells: runnable, parameters, cancelled: false, done })
        void work()
      })
    },
    open,
    async interrupt() {
      cancelAll()
      if (kernel.current) await ask('interruptKernel', kernel.current.id)
    },
    async restart() {
      cancelAll()
      const { id } = await open()
      await ask('restartKernel', id)
      failAll()
      tell({ type: 'forgotten' })
      await load()
    },
  }
}
