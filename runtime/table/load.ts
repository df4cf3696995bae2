/**
 * Columns as they cross between processes (port.ts has the encoding) into a DuckDB table, 2,048 rows at a time: numbers
 * are copied as memory, texts handed over one by one. A missing number becomes null, a time a timestamp.
 */
import duckdb from '@duckdb/node-bindings'
import { type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { ColumnHead } from './message.ts'
import type { ColumnData } from './port.ts'
import { toIdentifier } from './source.ts'
import { asBytes } from './vector.ts'

type Type = ColumnData['type']
const sqlTypes: { [T in Type]: string } = {
  number: 'DOUBLE',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  time: 'TIMESTAMP',
  text: 'VARCHAR',
  json: 'JSON',
}
const widths: { [T in Type]?: number } = { number: 8, time: 8, bigint: 8, integer: 4, boolean: 1 }
const high = 4_294_967_296
/** Beyond it a timestamp has no microsecond any more. */
const maxMs = 9e15

type Vector = ReturnType<typeof duckdb.data_chunk_get_vector>
/** Writes the rows from `from` to `to` of one column. */
type Writer = (vector: Vector, from: number, to: number) => void

export async function load(
  connection: DuckDBConnection,
  table: string,
  columns: ColumnHead[],
  rows: number,
  binary: Uint8Array,
  schema = 'main',
): Promise<void> {
  const writers: Writer[] = []
  let at = 0
  for (const { name, type, bytes } of columns) {
    const data = binary.subarray(at, (at += bytes))
    const width = widths[type]
    if (width !== undefined && data.byteLength !== width * rows)
      throw new AppError('invalid', `The column "${name}" has not ${rows} values.`)
    writers.push(createWriter(type, data, rows))
  }
  const defined = columns.map(({ name, type }) => `${toIdentifier(name)} ${sqlTypes[type]}`)
  await connection.run(`create table ${toIdentifier(schema)}.${toIdentifier(table)} (${defined.join(', ')})`)
  const appender = await connection.createAppender(table, schema)
  const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i))
  const size = duckdb.vector_size()
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size)
    const chunk = DuckDBDataChunk.create(types, to - from)
    writers.forEach((write, column) => write(duckdb.data_chunk_get_vector(chunk.chunk, column), from, to))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function createWriter(type: Type, data: Uint8Array, rows: number): Writer {
  switch (type) {
    case 'number': {
      const values = new Float64Array(own(data))
      return (vector, from, to) => {
        copy(vector, values.subarray(from, to))
        mark(vector, from, to, (row) => !Number.isNaN(values[row]!))
      }
    }
    case 'time': {
      const values = new Float64Array(own(data))
      const isThere = (row: number): boolean => Math.abs(values[row]!) < maxMs
      return (vector, from, to) => {
        const halves = new Int32Array((to - from) * 2)
        for (let row = from; row < to; row++) {
          const us = isThere(row) ? Math.round(values[row]! * 1000) : 0
          const top = Math.floor(us / high)
          halves[(row - from) * 2] = (us - top * high) | 0
          halves[(row - from) * 2 + 1] = top
        }
        copy(vector, halves)
        mark(vector, from, to, isThere)
      }
    }
    case 'integer':
    case 'bigint': {
      const width = widths[type]!
      return (vector, from, to) => copy(vector, data.subarray(from * width, to * width))
    }
    case 'boolean':
      return (vector, from, to) => {
        copy(
          vector,
          data.subarray(from, to).map((value) => (value === 1 ? 1 : 0)),
        )
        mark(vector, from, to, (row) => data[row] !== 2)
      }
    case 'text':
    case 'json': {
      const values = parse(data, rows)
      const toText = (value: Json): string =>
        type === 'text' && typeof value === 'string' ? value : JSON.stringify(value)
      return (vector, from, to) => {
        for (let row = from; row < to; row++)
          if (values[row] !== null) put(vector, row - from, toText(values[row]!))
        mark(vector, from, to, (row) => values[row] !== null)
      }
    }
  }
}

function parse(data: Uint8Array, rows: number): Json[] {
  const values: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
  if (!Array.isArray(values) || values.length !== rows)
    throw new AppError('invalid', `A text column has not ${rows} values.`)
  return values as Json[]
}
function put(vector: Vector, row: number, text: string): void {
  // a text of C ends at its first NUL
  if (text.includes('\0')) duckdb.vector_assign_string_element_len(vector, row, Buffer.from(text))
  else duckdb.vector_assign_string_element(vector, row, text)
}
function copy(vector: Vector, values: ArrayBufferView): void {
  const bytes = asBytes(values)
  duckdb.copy_data_to_vector(vector, 0, bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}
/** The validity of these rows; nothing to do while none is missing. */
function mark(vector: Vector, from: number, to: number, isThere: (row: number) => boolean): void {
  let bits: Uint8Array | undefined
  for (let row = from; row < to; row++) {
    if (isThere(row)) continue
    bits ??= new Uint8Array(Math.ceil((to - from) / 64) * 8).fill(255)
    const at = row - from
    bits[at >> 3]! &= ~(1 << (at & 7))
  }
  if (!bits) return
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer as ArrayBuffer, 0, bits.byteLength)
}
/** A copy that begins where a typed array may. */
function own(data: Uint8Array): ArrayBuffer {
  return new Uint8Array(data).buffer
}
