/**
 * SQL over objects, in a child process without secrets (workers/table.ts), ended by SIGKILL at its limit of time or
 * memory. One prepared statement of type SELECT, over exactly the files that it names.
 */
import type { Readable } from 'node:stream'
import type { JsonObject } from '../json.ts'

export interface TableFile {
  /** The name in SQL, in `schema` or without one. */
  name: string
  schema?: string
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
/** A table that is no file of its own. It is known in its schema and, where `plain`, without one too. */
interface NamedTable {
  schema: string
  name: string
  plain: boolean
}
/** Columns that come with the query. */
export interface LoadedTable extends NamedTable {
  columns: ColumnData[]
  rows: number
}
/** JSON objects in lines, of several files; the lines' keys are not the names of the columns. */
export interface LinesTable extends NamedTable {
  paths: string[]
  columns: { key: string; name: string; type: string; as: 'value' | 'time' }[]
  /** Lines whose first column is less are not there. */
  from: number
}
export interface TableQuery {
  workspace: string
  sql: string
  parameters: (string | number | boolean | null)[]
  files: TableFile[]
  loaded?: LoadedTable[]
  lines?: LinesTable[]
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
/** What of a table is looked at, and in which order; rows that are equal keep the order of the file. */
export interface TableView {
  sort: { column: string; down: boolean } | null
  /** All hold. */
  filters: TableFilter[]
}
export interface TableFilter {
  column: string
  is: 'contains' | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'missing' | 'present'
  /** Times as ms UTC. */
  value?: string | number | boolean | undefined
}
/** A file as what is written next to it reads. */
export interface TableExport {
  workspace: string
  file: TableFile
  view: TableView
  /** Of the columns, in their order, as they are called in what is written. */
  names: string[]
  format: 'csv' | 'parquet'
}
export interface Tables {
  query(query: TableQuery): Promise<TableResult>
  /** Some rows of a view, and how many it has. The child keeps the order of the views it was asked for last. */
  page(query: {
    workspace: string
    file: TableFile
    view: TableView
    offset: number
    limit: number
    signal?: AbortSignal
  }): Promise<TableResult & { total: number }>
  /** Columns as Parquet; `take` gets the bytes as they are made, and fails when they do. */
  store<T>(
    table: { columns: ColumnData[]; rows: number },
    workspace: string,
    take: (bytes: Readable) => Promise<T>,
  ): Promise<T>
  export<T>(wanted: TableExport, take: (bytes: Readable) => Promise<T>): Promise<T>
  /** Rows and columns; invalid (with the line) when the file is not what it says. */
  inspect(file: TableFile, workspace: string): Promise<Inspection>
  profile(file: TableFile, workspace: string): Promise<ColumnProfile[]>
  close(): Promise<void>
}
