/**
 * Drives a notebook's kernel from the page: starts it with the first run, follows its events, runs cells one after
 * another and stops at the first that fails. Outputs come from the server, so a reload or a second tab shows the same.
 */
import { useCallback, useEffect, useReducer, useRef } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Execution, Kernel, Output } from '../../runtime/api/runs.ts'
import { client, showError } from '../ui/api.ts'
import { useLive, type LiveEvent } from '../ui/live.ts'
import { applySession, emptySession, isEnded, type Session } from './session.ts'

export interface KernelControl {
  session: Session
  /** Runs these cells in order; resolves false when one failed or was interrupted. */
  run: (cells: Cell[], parameters: Record<string, unknown>) => Promise<boolean>
  interrupt: () => Promise<void>
  restart: () => Promise<void>
}
type Ended = { cell: string; ok: boolean }

export function useKernel(notebook: string): KernelControl {
  const [session, tell] = useReducer(applySession, emptySession)
  const waiting = useRef(new Map<string, (ended: Ended) => void>())
  const cellOf = useRef(new Map<string, string>())
  const early = useRef(new Map<string, Execution>())
  const queue = useRef(0)
  const kernel = useRef<Kernel | null>(null)

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
      const { items } = await client.call('findKernels', { query: { limit: 1000 } })
      const mine = items.find((one) => one.notebook === notebook && one.state !== 'dead')
      if (mine) attach(mine)
      await load()
      if (!mine) return
      if (mine.cell !== null)
        tell({ type: 'started', cell: mine.cell, execution: mine.execution, at: Date.now() })
    }
    look().catch((error: unknown) => showError(error, 'The outputs could not be read'))
    const back = () => document.visibilityState === 'visible' && void load().catch(() => {})
    document.addEventListener('visibilitychange', back)
    return () => document.removeEventListener('visibilitychange', back)
  }, [notebook, load, attach])

  const end = useCallback((execution: Execution) => {
    const cell =
      cellOf.current.get(execution.execution) ?? (execution as { cell?: string | null }).cell ?? undefined
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
      else if (event === 'kernel') {
        const next = ((data as { kernel?: Kernel }).kernel ?? data) as Kernel
        attach(next)
        if (next.state === 'busy' && next.cell !== null)
          tell({ type: 'started', cell: next.cell, execution: next.execution, at: Date.now() })
        if (next.state === 'dead') failAll()
      } else if (event === 'execution') {
        const execution = (
          (data as { execution?: unknown }).execution instanceof Object
            ? (data as { execution: unknown }).execution
            : data
        ) as Execution
        if (isEnded(execution.state)) end(execution)
      }
    },
    session.lastSeq > 0 ? String(session.lastSeq) : undefined,
  )
  async function open(): Promise<Kernel> {
    if (kernel.current && kernel.current.state !== 'dead') return kernel.current
    const opened = await client.call('openKernel', { params: { id: notebook } })
    attach(opened)
    return opened
  }
  async function runOne(cell: Cell, parameters: Record<string, unknown>): Promise<boolean> {
    const { id } = await open()
    tell({ type: 'started', cell: cell.id, execution: null, at: Date.now() })
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

  return {
    session,
    async run(cells, parameters) {
      const turn = ++queue.current
      const todo = cells.filter((cell) => cell.type !== 'markdown' && cell.source.trim() !== '')
      tell({ type: 'queued', cells: todo.map((cell) => cell.id) })
      let ok = true
      try {
        for (const cell of todo) {
          ok = turn === queue.current && (await runOne(cell, parameters))
          if (!ok) break
        }
      } catch (error) {
        ok = false
        showError(error, 'The cell could not be run')
        await load().catch(() => {})
      }
      if (!ok) tell({ type: 'dequeued' })
      return ok
    },
    async interrupt() {
      queue.current += 1
      tell({ type: 'dequeued' })
      if (kernel.current) attach(await client.call('interruptKernel', { params: { id: kernel.current.id } }))
    },
    async restart() {
      queue.current += 1
      const { id } = await open()
      attach(await client.call('restartKernel', { params: { id } }))
      failAll()
      await load()
    },
  }
}
