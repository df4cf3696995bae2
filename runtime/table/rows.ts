/** Columns as bytes back to values: for the REST API and for whoever wants rows. Isomorphic. */
import type { Json } from '../json.ts'
import type { ColumnData, TableResult } from './port.ts'

/** Times as ms UTC, missing as null, integers beyond 2^53 as text. */
export function toValues(column: ColumnData): Json[] {
  const { data } = column
  const sized = <T>(
    kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
    size: number,
  ): T => new kind(data.buffer, data.byteOffset, data.byteLength / size)
  switch (column.type) {
    case 'number':
    case 'time':
      return Array.from(sized(Float64Array, 8), (value) => (Number.isFinite(value) ? value : null))
    case 'integer':
      return Array.from(sized(Int32Array, 4))
    case 'bigint':
      return Array.from(sized(BigInt64Array, 8), (value) =>
        Number.isSafeInteger(Number(value)) ? Number(value) : String(value),
      )
    case 'boolean':
      return Array.from(data, (value) => (value === 2 ? null : value === 1))
    case 'text':
    case 'json':
      return JSON.parse(new TextDecoder().decode(data)) as Json[]
  }
}

export interface Rows {
  columns: { name: string; type: string }[]
  rows: Json[][]
  rowCount: number
  truncated: boolean
}
export function toRows(result: TableResult): Rows {
  const columns = result.columns.map(toValues)
  return {
    columns: result.columns.map(({ name, type }) => ({ name, type })),
    rows: Array.from({ length: result.rows }, (_, row) => columns.map((values) => values[row] ?? null)),
    rowCount: result.rows,
    truncated: result.truncated,
  }
}
