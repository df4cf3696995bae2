/**
 * SQL over objects, in a child process without secrets (workers/table.ts), ended by SIGKILL at its limit of time or
 * memory. One prepared statement of type SELECT, over exactly the files that it names.
 */
import type { JsonObject } from '../json.ts'

export interface TableFile {
  /** The name in SQL. */
  name: string
  /** A local file, readable for the child. */
  path: string
  format: TableFormat
  /** What `inspect` answered for these bytes, so that nothing is guessed twice. */
  read?: JsonObject | null
}
export type TableFormat = 'csv' | 'json' | 'ndjson' | 'parquet'
export interface Inspection {
  rows: number
  columns: { name: string; type: ColumnData['type']; native: string }[]
  /** How the file is read: for `TableFile.read`. */
  read: JsonObject | null
}
export interface ColumnData {
  name: string
  type: 'number' | 'integer' | 'bigint' | 'boolean' | 'time' | 'text' | 'json'
  /** number: Float64Array bytes (missing is NaN); time: Float64Array of ms UTC; integer: Int32Array, only without
   * nulls; bigint: BigInt64Array, only without nulls; boolean: Uint8Array, 2 is missing; text and json: UTF-8 JSON array. */
  data: Uint8Array
}
export interface TableResult {
  columns: ColumnData[]
  rows: number
  /** True when `maxRows` cut it. */
  truncated: boolean
}
export interface TableQuery {
  workspace: string
  sql: string
  parameters: (string | number | boolean | null)[]
  files: TableFile[]
  maxRows?: number
  timeoutMs?: number
  memoryMb?: number
  signal?: AbortSignal
}
export interface ColumnProfile {
  name: string
  type: ColumnData['type']
  /** DuckDB's own name of the type. */
  native: string
  missing: number
  distinct: number | null
  min: string | number | null
  max: string | number | null
  mean: number | null
  /** Equal-width bins of a numeric or time column, or the most frequent values of a text column. */
  histogram: { from: number; to: number; count: number }[] | { value: string; count: number }[]
}
export interface Tables {
  query(query: TableQuery): Promise<TableResult>
  /** Rows and columns; invalid (with the line) when the file is not what it says. */
  inspect(file: TableFile, workspace: string): Promise<Inspection>
  profile(file: TableFile, workspace: string): Promise<ColumnProfile[]>
  close(): Promise<void>
}
