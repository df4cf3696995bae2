/** What the kernel holds, for the Markdown cells that show it: read again whenever something has run. */
import { createContext, useContext, useEffect, useMemo } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { useApi } from '../ui/api.ts'
import type { KernelControl } from './kernel.ts'

const none: ReadonlyMap<string, string> = new Map()
export const ValuesContext = createContext<ReadonlyMap<string, string>>(none)
export const useValues = (): ReadonlyMap<string, string> => useContext(ValuesContext)

/** Name -> preview. Nothing is asked for while no Markdown cell shows a value. */
export function useKernelValues(kernel: KernelControl, cells: readonly Cell[]): ReadonlyMap<string, string> {
  const { kernel: now, cells: runs } = kernel.session
  const wanted = useMemo(
    () => cells.some((cell) => cell.type === 'markdown' && cell.source.includes('${')),
    [cells],
  )
  const alive = now !== null && now.state !== 'dead' && wanted
  const { data, refetch } = useApi(
    'findVariables',
    { params: { id: now?.id ?? '' }, query: { limit: 1000 } },
    { enabled: alive, placeholderData: (before: unknown) => before },
  )
  const idle = now?.state === 'idle'
  // an end is told by the answer to a call too, before any event of the kernel
  const ended = useMemo(
    () =>
      Object.values(runs)
        .map(({ state, execution }) => (state === 'running' || state === 'queued' ? '' : execution))
        .join(' '),
    [runs],
  )
  useEffect(() => {
    if (idle && wanted) void refetch()
  }, [now, idle, wanted, ended, refetch])
  return useMemo(
    () => (alive && data ? new Map(data.items.map(({ name, preview }) => [name, preview])) : none),
    [alive, data],
  )
}
