/** What crosses between the runtime and a table child: one command, one event with its id. Binary: a result's columns. */
import { z } from 'zod'
import type { ColumnData, LinesTable, LoadedTable, TableFile, TableView } from './port.ts'

export type TableCommand = { id: number; memoryMb: number; files: TableFile[] } & (
  | {
      type: 'query'
      sql: string
      parameters: (string | number | boolean | null)[]
      maxRows: number
      lines?: LinesTable[]
      /** Their columns are the command's binary, one after the other. */
      loaded?: LoadedHead[]
    }
  | { type: 'inspect' }
  | { type: 'profile' }
  | { type: 'page'; view: TableView; offset: number; limit: number }
  /** The command's binary, columns, goes as Parquet into the pipe. */
  | { type: 'store'; pipe: string; columns: ColumnHead[]; rows: number }
  | { type: 'export'; pipe: string; view: TableView; names: string[]; format: 'csv' | 'parquet' }
)
export type LoadedHead = Omit<LoadedTable, 'columns'> & { columns: ColumnHead[] }
export interface ColumnHead {
  name: string
  type: ColumnData['type']
  bytes: number
}

const columnType = z.enum(['number', 'integer', 'bigint', 'boolean', 'time', 'text', 'json'])
const scalar = z.union([z.string(), z.number()]).nullable()
const inspection = z.object({
  rows: z.number().int().min(0),
  columns: z.array(z.object({ name: z.string(), type: columnType, native: z.string() })).max(2000),
  read: z.record(z.string(), z.json()).nullable(),
})
const profile = z.object({
  name: z.string(),
  type: columnType,
  native: z.string(),
  missing: z.number(),
  distinct: z.number().nullable(),
  min: scalar,
  max: scalar,
  mean: z.number().nullable(),
  histogram: z.union([
    z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })).max(100),
    z.array(z.object({ value: z.string(), count: z.number() })).max(100),
  ]),
})
/** The parent believes nothing of a child that does not fit this. */
export const tableEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), id: z.literal(0) }),
  z.object({
    type: z.literal('result'),
    id: z.number().int(),
    columns: z
      .array(z.object({ name: z.string(), type: columnType, bytes: z.number().int().min(0) }))
      .max(4000),
    rows: z.number().int().min(0),
    truncated: z.boolean(),
    /** Of a page: the rows of the whole view. */
    total: z.number().int().min(0).optional(),
  }),
  z.object({ type: z.literal('written'), id: z.number().int(), rows: z.number().int().min(0) }),
  z.object({ type: z.literal('inspection'), id: z.number().int(), inspection }),
  z.object({ type: z.literal('profile'), id: z.number().int(), columns: z.array(profile).max(2000) }),
  z.object({
    type: z.literal('error'),
    id: z.number().int(),
    code: z.enum(['invalid', 'limit', 'too-large', 'internal']),
    message: z.string().max(4000),
    details: z.record(z.string(), z.json()),
  }),
])
export type TableEvent = z.infer<typeof tableEvent>
