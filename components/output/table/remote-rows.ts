/** The rows of a table that the server keeps, a page at a time as they come into view. */
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useDebouncedValue } from '@mantine/hooks'
import { useCallback, useMemo, useState } from 'react'
import type { Json } from '../../../runtime/json.ts'
import { client } from '../../ui/api.ts'
import { toQuery, type View } from './view.ts'

const pageRows = 200

export interface RemoteRows {
  /** Of the view; undefined until it is known. */
  total: number | undefined
  row: (index: number) => Json[] | undefined
  onSeen: (from: number, to: number) => void
  error: unknown
  waiting: boolean
}

export function useRemoteRows(table: string, view: View, first: number): RemoteRows {
  const [seen, setSeen] = useState({ from: 0, to: 0 })
  // quick scrolling passes pages that nobody looks at
  const [settled] = useDebouncedValue(seen, 60)
  const from = Math.floor((first + settled.from) / pageRows)
  const to = Math.floor((first + settled.to) / pageRows)
  const query = useMemo(() => toQuery(view), [view])
  const pages = Array.from({ length: Math.min(8, to - from + 1) }, (_, i) => from + i)
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['tables', 'getTableRows', table, query, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.call('getTableRows', {
          params: { id: table },
          query: { ...query, offset: page * pageRows, limit: pageRows },
          signal,
        }),
      staleTime: Infinity,
      gcTime: 120_000,
      retry: 1,
      placeholderData: keepPreviousData,
    })),
  })
  const [total, setTotal] = useState<number>()
  const known = results.find(({ data, isPlaceholderData }) => data && !isPlaceholderData)?.data?.rowCount
  if (known !== undefined && known !== total) setTotal(known)
  const held = new Map(
    results.map(({ data, isPlaceholderData }, i) => [pages[i]!, isPlaceholderData ? undefined : data]),
  )
  const onSeen = useCallback((a: number, b: number) => setSeen({ from: a, to: b }), [])
  return {
    total,
    row: (index) => {
      const at = first + index
      return held.get(Math.floor(at / pageRows))?.rows[at % pageRows]
    },
    onSeen,
    error: results.find((result) => result.error)?.error,
    waiting: results.some((result) => result.isFetching),
  }
}
