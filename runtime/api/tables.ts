/** Tables that outputs show: more rows than the output itself holds. */
import { z } from 'zod'
import { columnProfile, tableResult } from './objects.ts'
import { id, idParams, operation, time } from './operation.ts'

export const outputTable = z.object({
  id,
  /** The run, or the notebook whose kernel it is. */
  owner: id,
  notebook: id,
  cell: z.string().nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.number().int(),
  bytes: z.number().int(),
  createdAt: time,
})
export type OutputTable = z.infer<typeof outputTable>

export const filterKind = z.enum(['contains', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'missing', 'present'])
export const columnFilter = z.object({
  column: z.string().max(10_000),
  is: filterKind,
  value: z.union([z.string().max(10_000), z.number(), z.boolean()]).optional(),
})
export type ColumnFilter = z.infer<typeof columnFilter>
export const columnFilters = z.array(columnFilter).max(50)

/** Filters are a JSON list, because a query has text alone. */
const viewQuery = z.object({
  sort: z.string().max(10_000).optional().describe('the name of a column'),
  order: z.enum(['asc', 'desc']).default('asc'),
  filter: z
    .string()
    .max(20_000)
    .optional()
    .describe(
      'JSON: [{"column", "is": contains|eq|ne|lt|le|gt|ge|missing|present, "value"}], all of which hold',
    ),
})

export const tableOperations = {
  getTable: operation({
    method: 'get',
    path: '/tables/{id}',
    tag: 'tables',
    summary: 'A table that an output shows',
    scope: 'read',
    params: idParams,
    response: outputTable,
  }),
  getTableRows: operation({
    method: 'get',
    path: '/tables/{id}/rows',
    tag: 'tables',
    summary: 'A page of its rows, sorted and filtered; rowCount is of all that hold',
    scope: 'read',
    params: idParams,
    query: viewQuery.extend({
      offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: tableResult,
  }),
  getTableProfile: operation({
    method: 'get',
    path: '/tables/{id}/profile',
    tag: 'tables',
    summary: 'A profile of every column',
    scope: 'read',
    params: idParams,
    response: z.object({ rows: z.number().int(), columns: z.array(columnProfile) }),
  }),
  getTableContent: operation({
    method: 'get',
    path: '/tables/{id}/content',
    tag: 'tables',
    summary: 'Download as CSV or Parquet, sorted and filtered',
    scope: 'read',
    params: idParams,
    query: viewQuery.extend({ format: z.enum(['csv', 'parquet']).default('csv') }),
    produces: ['text/csv', 'application/vnd.apache.parquet'],
  }),
}
