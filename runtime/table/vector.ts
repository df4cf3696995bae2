/** A column of one chunk as DuckDB holds it in memory, and what every writer of columns shares. */
import duckdb from '@duckdb/node-bindings'
import type { DuckDBDataChunk } from '@duckdb/node-api'
import type { ColumnData } from './port.ts'

export interface ColumnWriter {
  /** Bytes taken so far. */
  add(chunk: DuckDBDataChunk, column: number): number
  finish(): { type: ColumnData['type']; parts: Uint8Array[] }
}

export type Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
export function view<T>(
  kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T & { BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T {
  const size = (kind as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT
  return new kind(bytes.buffer, bytes.byteOffset, bytes.byteLength / size)
}
export const asBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

export function longs(bytes: Uint8Array, to: (value: number) => number): Float64Array {
  const halves = view(Int32Array, bytes)
  const out = new Float64Array(halves.length / 2)
  for (let i = 0; i < out.length; i++)
    out[i] = to(halves[2 * i + 1]! * 4_294_967_296 + (halves[2 * i]! >>> 0))
  return out
}

/** Bytes of the vector, and its validity: a bit for each row, or undefined when none is missing. */
export function read(
  chunk: DuckDBDataChunk,
  column: number,
  size: number,
): [Uint8Array, Uint8Array | undefined] {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
  const rows = chunk.rowCount
  const bits = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8)
  const valid = bits as Uint8Array | null
  const missing = valid && hasMissing(valid, rows) ? valid : undefined
  return [duckdb.vector_get_data(vector, rows * size), missing]
}
export const isValid = (bits: Uint8Array, row: number): boolean => (bits[row >> 3]! & (1 << (row & 7))) !== 0
function hasMissing(bits: Uint8Array, rows: number): boolean {
  const whole = rows >> 3
  for (let i = 0; i < whole; i++) if (bits[i] !== 255) return true
  for (let row = whole * 8; row < rows; row++) if (!isValid(bits, row)) return true
  return false
}
