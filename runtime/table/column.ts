/**
 * A result's column from DuckDB's vectors to the bytes of ColumnData, chunk by chunk and without a JavaScript value for
 * each number or text: which writer a type has, and the writers of what is not numbers in memory.
 */
import { DuckDBTypeId, type DuckDBType, JsonDuckDBValueConverter } from '@duckdb/node-api'
import { bigints, numbers, wideIntegers } from './number.ts'
import type { ColumnData } from './port.ts'
import { createTextWriter } from './text.ts'
import { asBytes, type ColumnWriter, isValid, longs, read, view } from './vector.ts'

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
      return type.alias === 'JSON' ? values(type) : createTextWriter()
    default:
      return values(type)
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
