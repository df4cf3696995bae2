/** What the kernel holds, for the Markdown cells that show it: read again whenever something has run. */
import { createContext, useContext, useEffect, useMemo } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { keyOf, useApi } from '../ui/api.ts'
import type { KernelControl } from './kernel.ts'

const none: ReadonlyMap<string, string> = new Map()
export const ValuesContext = createContext<ReadonlyMap<string, string>>(none)
export const useValues = (): ReadonlyMap<string, string> => useContext(ValuesContext)

/** Name -> preview. Nothing is asked for while no Markdown cell shows a value. */
export function useKernelValues(kernel: KernelControl, cells: readonly Cell[]): ReadonlyMap<string, string> {
  const wanted = useMemo(
    () => cells.some((cell) => cell.type === 'markdown' && cell.source.includes('${')),
    [cells],
  )
  const { data, alive } = useVariables(kernel, wanted)
  return useMemo(
    () => (alive && data ? new Map(data.items.map(({ name, preview }) => [name, preview])) : none),
    [alive, data],
  )
}

/** The variables of a kernel that lives, at most 1,000 of them, as they are since something last ran. */
export function useVariables(kernel: KernelControl, wanted = true) {
  const queries = useQueryClient()
  const { kernel: now, cells: runs } = kernel.session
  const alive = now !== null && now.state !== 'dead' && wanted
  const idle = now?.state === 'idle'
  const id = now?.id ?? ''
  const input = useMemo(() => ({ params: { id }, query: { limit: 1000 } }), [id])
  const { data, error, refetch } = useApi('findVariables', input, {
    enabled: false, // what ran says when to ask
    placeholderData: (before: unknown) => before,
  })
  // an end is told by the answer to a call too, before any event of the kernel
  const ended = useMemo(
    () =>
      Object.values(runs)
        .map(({ state, execution }) => (state === 'running' || state === 'queued' ? '' : execution))
        .join(' '),
    [runs],
  )
  useEffect(() => {
    const queryKey = keyOf('findVariables', input)
    if (!alive || (!idle && queries.getQueryData(queryKey))) return
    // A question under way is of before what ran: its answer must not stand for this one's.
    void queries.cancelQueries({ queryKey }).then(() => refetch())
  }, [now, alive, idle, ended, input, queries, refetch])
  return { alive, data, error, refetch }
}
