import { useReducer } from 'react'
import type { Row } from '../../runtime/api/deployments.ts'
import { client, useApi } from '../ui/api.ts'
import { useLive } from '../ui/live.ts'

const kept = 1000
/** The newest rows of a deployment, oldest first: read once, then extended as they are committed. */
export function useRows(deployment: string): Row[] {
  const query = useApi(
    'findRows',
    { params: { id: deployment }, query: { limit: kept } },
    { refetchInterval: 15_000 },
  )
  const [live, add] = useReducer((all: Row[], more: Row[]) => [...all, ...more].slice(-kept), [])
  useLive(client.url('getDeploymentEvents', { params: { id: deployment } }), ({ event, data }) => {
    if (event !== 'rows') return
    const rows = (data as { rows?: unknown } | null)?.rows
    if (Array.isArray(rows)) add(rows.filter(isRow))
  })
  const byId = new Map([...(query.data?.items ?? []), ...live].map((row) => [row.id, row]))
  return [...byId.values()].toSorted((a, b) => a.end - b.end || a.pane - b.pane).slice(-kept)
}
function isRow(value: unknown): value is Row {
  const row = value as Partial<Row> | null
  return typeof row?.id === 'string' && typeof row.end === 'number' && typeof row.fields === 'object'
}
