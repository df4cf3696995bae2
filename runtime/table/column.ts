/**
 * A result's column from DuckDB's vectors to the bytes of ColumnData, chunk by chunk and without a JavaScript value for
 * each number: a million doubles are copied, not boxed. 64-bit integers become the narrowest lossless type when the
 * column is complete: integer, number, bigint, or text in a json column where there are nulls beyond 2^53.
 */
import duckdb from '@duckdb/node-bindings'
import {
  type DuckDBDataChunk,
  DuckDBTypeId,
  type DuckDBType,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api'
import type { ColumnData } from './port.ts'
import { createTextWriter } from './text.ts'

export interface ColumnWriter {
  /** Bytes taken so far. */
  add(chunk: DuckDBDataChunk, column: number): number
  finish(): { type: ColumnData['type']; parts: Uint8Array[] }
}

/** The type that a column of this DuckDB type has, as far as that is known without its values. */
export function toColumnType(type: DuckDBType): ColumnData['type'] {
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return 'integer'
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.DECIMAL:
      return 'number'
    case DuckDBTypeId.BOOLEAN:
      return 'boolean'
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'time'
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT:
      return 'json'
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? 'json' : 'text'
    default:
      return 'text'
  }
}

export function createColumnWriter(type: DuckDBType): ColumnWriter {
  switch (type.typeId) {
    case DuckDBTypeId.DOUBLE:
      return numbers('number', 8, (b) => view(Float64Array, b))
    case DuckDBTypeId.FLOAT:
      return numbers('number', 4, (b) => view(Float32Array, b))
    case DuckDBTypeId.TINYINT:
      return numbers('integer', 1, (b) => view(Int8Array, b))
    case DuckDBTypeId.UTINYINT:
      return numbers('integer', 1, (b) => b)
    case DuckDBTypeId.SMALLINT:
      return numbers('integer', 2, (b) => view(Int16Array, b))
    case DuckDBTypeId.USMALLINT:
      return numbers('integer', 2, (b) => view(Uint16Array, b))
    case DuckDBTypeId.INTEGER:
      return numbers('integer', 4, (b) => view(Int32Array, b))
    case DuckDBTypeId.UINTEGER:
      return numbers('integer', 4, (b) => view(Uint32Array, b))
    case DuckDBTypeId.DATE:
      return numbers('time', 4, (b) => new Float64Array(view(Int32Array, b)).map((days) => days * 86_400_000))
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return numbers('time', 8, (b) => longs(b, (value) => Math.floor(value / 1000)))
    case DuckDBTypeId.TIMESTAMP_NS:
      return numbers('time', 8, (b) => longs(b, (value) => Math.floor(value / 1_000_000)))
    case DuckDBTypeId.TIMESTAMP_MS:
      return numbers('time', 8, (b) => longs(b, (value) => value))
    case DuckDBTypeId.TIMESTAMP_S:
      return numbers('time', 8, (b) => longs(b, (value) => value * 1000))
    case DuckDBTypeId.BIGINT:
      return bigints()
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return wideIntegers()
    case DuckDBTypeId.BOOLEAN:
      return booleans()
    case DuckDBTypeId.VARCHAR:
      return type.alias === 'JSON' ? values(type) : createTextWriter(read)
    default:
      return values(type)
  }
}

type Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
function view<T>(
  kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T & { BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T {
  const size = (kind as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT
  return new kind(bytes.buffer, bytes.byteOffset, bytes.byteLength / size)
}
const asBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

function longs(bytes: Uint8Array, to: (value: number) => number): Float64Array {
  const halves = view(Int32Array, bytes)
  const out = new Float64Array(halves.length / 2)
  for (let i = 0; i < out.length; i++)
    out[i] = to(halves[2 * i + 1]! * 4_294_967_296 + (halves[2 * i]! >>> 0))
  return out
}

/** Bytes of the vector, and its validity: a bit for each row, or undefined when none is missing. */
function read(chunk: DuckDBDataChunk, column: number, size: number): [Uint8Array, Uint8Array | undefined] {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
  const rows = chunk.rowCount
  const bits = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8)
  const valid = bits as Uint8Array | null
  const missing = valid && hasMissing(valid, rows) ? valid : undefined
  return [duckdb.vector_get_data(vector, rows * size), missing]
}
const isValid = (bits: Uint8Array, row: number): boolean => (bits[row >> 3]! & (1 << (row & 7))) !== 0
function hasMissing(bits: Uint8Array, rows: number): boolean {
  const whole = rows >> 3
  for (let i = 0; i < whole; i++) if (bits[i] !== 255) return true
  for (let row = whole * 8; row < rows; row++) if (!isValid(bits, row)) return true
  return false
}

function numbers(
  type: 'number' | 'integer' | 'time',
  size: number,
  to: (bytes: Uint8Array) => Numbers,
): ColumnWriter {
  const parts: Float64Array[] = []
  let missing = false
  let wide = type !== 'integer'
  return {
    add(chunk, column) {
      const [bytes, bits] = read(chunk, column, size)
      const part = new Float64Array(to(bytes))
      if (bits) {
        missing = true
        for (let row = 0; row < part.length; row++) if (!isValid(bits, row)) part[row] = NaN
      }
      if (!wide && size === 4) wide = part.some((value) => value > 2_147_483_647)
      parts.push(part)
      return part.byteLength
    },
    finish() {
      if (type === 'integer' && !missing && !wide)
        return { type, parts: parts.map((part) => asBytes(new Int32Array(part))) }
      return { type: type === 'time' ? type : 'number', parts: parts.map(asBytes) }
    },
  }
}

function bigints(): ColumnWriter {
  const parts: { data: Int32Array; bits: Uint8Array | undefined }[] = []
  let missing = false
  let fits32 = true
  let fits53 = true
  return {
    add(chunk, column) {
      const [bytes, bits] = read(chunk, column, 8)
      const data = view(Int32Array, bytes.slice())
      if (bits) missing = true
      for (let i = 0; i < data.length; i += 2) {
        if (bits && !isValid(bits, i >> 1)) continue
        const high = data[i + 1]!
        if (high !== data[i]! >> 31) fits32 = false
        if (high < -2_097_152 || high >= 2_097_152) fits53 = false
      }
      parts.push({ data, bits: bits?.slice() })
      return bytes.byteLength
    },
    finish() {
      if (!missing && fits32)
        return {
          type: 'integer',
          parts: parts.map(({ data }) => {
            const low = new Int32Array(data.length / 2)
            for (let i = 0; i < low.length; i++) low[i] = data[2 * i]!
            return asBytes(low)
          }),
        }
      if (fits53)
        return {
          type: 'number',
          parts: parts.map(({ data, bits }) => {
            const out = longs(asBytes(data), (value) => value)
            if (bits) for (let row = 0; row < out.length; row++) if (!isValid(bits, row)) out[row] = NaN
            return asBytes(out)
          }),
        }
      if (!missing) return { type: 'bigint', parts: parts.map(({ data }) => asBytes(data)) }
      const texts = parts.flatMap(({ data, bits }) =>
        Array.from(new BigInt64Array(data.buffer, data.byteOffset, data.length / 2), (value, row) =>
          bits && !isValid(bits, row) ? null : String(value),
        ),
      )
      return { type: 'json', parts: [Buffer.from(JSON.stringify(texts))] }
    },
  }
}

/** 128-bit and unsigned 64-bit integers, by value: numbers while all are exact as such. */
function wideIntegers(): ColumnWriter {
  const all: (bigint | null)[] = []
  return {
    add(chunk, column) {
      for (const value of chunk.getColumnValues(column)) all.push(value as bigint | null)
      return chunk.rowCount * 24
    },
    finish() {
      const present = all.filter((value) => value !== null)
      const within = (bits: number): boolean => present.every((value) => BigInt.asIntN(bits, value) === value)
      if (present.length === all.length && within(32))
        return { type: 'integer', parts: [asBytes(Int32Array.from(present, Number))] }
      if (within(54))
        return {
          type: 'number',
          parts: [asBytes(Float64Array.from(all, (value) => (value === null ? NaN : Number(value))))],
        }
      if (present.length === all.length && within(64))
        return { type: 'bigint', parts: [asBytes(BigInt64Array.from(present))] }
      const texts = all.map((value) => (value === null ? null : String(value)))
      return { type: 'json', parts: [Buffer.from(JSON.stringify(texts))] }
    },
  }
}

function booleans(): ColumnWriter {
  const parts: Uint8Array[] = []
  return {
    add(chunk, column) {
      const [bytes, bits] = read(chunk, column, 1)
      const part = bytes.slice()
      if (bits) for (let row = 0; row < part.length; row++) if (!isValid(bits, row)) part[row] = 2
      parts.push(part)
      return part.byteLength
    },
    finish: () => ({ type: 'boolean', parts }),
  }
}

/** Everything that is not numbers in memory: decimals, texts, nested values. */
function values(type: DuckDBType): ColumnWriter {
  const kind = toColumnType(type)
  const all: unknown[] = []
  const isJsonText = kind === 'json' && type.typeId === DuckDBTypeId.VARCHAR
  return {
    add(chunk, column) {
      let bytes = 0
      for (const value of chunk.convertColumnValues(column, JsonDuckDBValueConverter)) {
        bytes += typeof value === 'string' ? value.length + 8 : 16
        all.push(isJsonText && typeof value === 'string' ? JSON.parse(value) : value)
      }
      if (kind === 'json' && !isJsonText) bytes += chunk.rowCount * 64
      return bytes
    },
    finish() {
      if (kind === 'number')
        return {
          type: kind,
          parts: [asBytes(Float64Array.from(all, (value) => (value === null ? NaN : Number(value))))],
        }
      const texts = kind === 'json' ? all : all.map((value) => (value === null ? null : toText(value)))
      return { type: kind, parts: [Buffer.from(JSON.stringify(texts))] }
    },
  }
}
const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
