/**
 * A table inside the isolate, over the binary columns that the host transferred (runtime/table/port.ts has the
 * encoding). Text and JSON columns are parsed when first looked at, rows are made when asked for: a million rows that
 * are only summed cost no objects.
 */
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import type { Column, ColumnType, Table } from '../../sdk/interface.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

export interface TableHead {
  names: string[]
  types: ColumnType[]
  rows: number
  /** Where the host still has it. */
  from?: string
}

/** What a row of the notebook's own may hold. */
type Cell = Json | Date

export class GuestTable implements Table {
  readonly names: string[]
  readonly types: { [column: string]: ColumnType }
  readonly length: number
  readonly #data: Map<string, Uint8Array | Column>
  /** What the host has, while nobody could have changed it here. */
  readonly #source: { from: string | undefined }
  constructor(head: TableHead, data: (Uint8Array | Column)[]) {
    this.names = Object.freeze([...head.names]) as string[]
    this.types = Object.freeze(Object.fromEntries(head.names.map((name, i) => [name, head.types[i]!])))
    this.length = head.rows
    this.#data = new Map(head.names.map((name, i) => [name, data[i]!]))
    this.#encoded = new Set(head.names)
    this.#source = { from: head.from }
    Object.freeze(this)
  }
  readonly #encoded: Set<string>

  static fromRows(rows: readonly { [name: string]: Cell }[]): GuestTable {
    const names = [...new Set(rows.slice(0, 1000).flatMap((row) => Object.keys(row)))]
    const columns = names.map((name) => rows.map((row) => row[name] ?? null))
    const types = columns.map((values) => typeOf(values))
    const data = columns.map((values, i): Column =>
      types[i] === 'number' || types[i] === 'time'
        ? Float64Array.from(values, (value) => (value === null ? NaN : Number(value)))
        : values.map((value) => (value instanceof Date ? toText(value) : value)),
    )
    return GuestTable.fromColumns({ names, types, rows: rows.length }, data)
  }

  /** Columns as `column` answers them. */
  static fromColumns(head: TableHead, columns: Column[]): GuestTable {
    const table = new GuestTable(head, columns)
    table.#encoded.clear()
    return table
  }

  /** Undefined when it was made here, or a column was given out: typed arrays can be written. */
  static sourceOf(table: GuestTable): string | undefined {
    return table.#source.from
  }
  /** The columns as they cross. */
  static toFrames(table: GuestTable): Uint8Array[] {
    return table.names.map((name) => {
      const data = table.#data.get(name)!
      if (table.#encoded.has(name)) return data as Uint8Array
      if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      return encodeUtf8(JSON.stringify(data))
    })
  }
  /** For showing them: nothing is given out. */
  static firstRows(table: GuestTable, count: number): JsonObject[] {
    const { from } = table.#source
    const rows = table.rows(0, count)
    table.#source.from = from
    return rows
  }

  column(name: string): Column {
    const column = this.#read(name)
    this.#source.from = undefined
    return column
  }
  #read(name: string): Column {
    const data = this.#data.get(name)
    if (data === undefined)
      throw new AppError('invalid', `The table has no column "${name}". It has: ${this.names.join(', ')}.`)
    if (!this.#encoded.has(name)) return data as Column
    const column = decodeColumn(this.types[name]!, data as Uint8Array)
    this.#data.set(name, column)
    this.#encoded.delete(name)
    return column
  }
  numbers(name: string): Float64Array {
    const column = this.column(name)
    const type = this.types[name]!
    if (column instanceof Float64Array) return column
    if (column instanceof Int32Array) return Float64Array.from(column)
    if (column instanceof BigInt64Array) return Float64Array.from(column, Number)
    if (column instanceof Uint8Array) return Float64Array.from(column, (value) => (value === 2 ? NaN : value))
    if (column.every((value) => value === null || typeof value === 'number'))
      return Float64Array.from(column as (number | null)[], (value) => value ?? NaN)
    throw new AppError(
      'invalid',
      `The column "${name}" is ${type}, not numeric. Cast it in SQL: "${name}"::double.`,
    )
  }
  row(index: number): JsonObject {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new AppError('invalid', `There is no row ${index}: the table has ${this.length} rows, from 0.`)
    const row: JsonObject = {}
    for (const name of this.names) {
      const cell = toCell(this.#read(name)[index], this.types[name]!)
      if (typeof cell === 'object' && cell !== null) this.#source.from = undefined
      row[name] = cell
    }
    return row
  }
  rows(from = 0, to = this.length): JsonObject[] {
    const rows: JsonObject[] = []
    for (let i = Math.max(0, from); i < Math.min(to, this.length); i++) rows.push(this.row(i))
    return rows
  }
  *[Symbol.iterator](): Iterator<JsonObject> {
    for (let i = 0; i < this.length; i++) yield this.row(i)
  }
  /** What `JSON.stringify` and a run's result get. */
  toJSON(): JsonObject[] {
    return this.rows()
  }
}
Object.freeze(GuestTable.prototype)
Object.freeze(GuestTable)

function decodeColumn(type: ColumnType, bytes: Uint8Array): Column {
  switch (type) {
    case 'number':
    case 'time':
      return new Float64Array(aligned(bytes, 8))
    case 'integer':
      return new Int32Array(aligned(bytes, 4))
    case 'bigint':
      return new BigInt64Array(aligned(bytes, 8))
    case 'boolean':
      return bytes
    case 'text':
    case 'json':
      return JSON.parse(decodeUtf8(bytes)) as Json[]
  }
}
function aligned(bytes: Uint8Array, to: number): ArrayBuffer {
  if (bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength)
    return bytes.buffer as ArrayBuffer
  const end = bytes.byteOffset + bytes.byteLength - (bytes.byteLength % to)
  return bytes.buffer.slice(bytes.byteOffset, end) as ArrayBuffer
}
function toCell(value: unknown, type: ColumnType): Json {
  if (typeof value === 'number') {
    if (type === 'boolean') return value === 2 ? null : value === 1
    return Number.isNaN(value) ? null : value
  }
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return (value ?? null) as Json
}
/** Beside others in its column. */
function toText(date: Date): string | null {
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
function typeOf(values: readonly Cell[]): ColumnType {
  const kinds = new Set(
    values.filter((value) => value !== null).map((value) => (value instanceof Date ? 'date' : typeof value)),
  )
  if (kinds.size === 1 && kinds.has('date')) return 'time'
  if (kinds.size === 1 && kinds.has('number')) return 'number'
  if (kinds.size === 1 && kinds.has('string')) return 'text'
  return 'json'
}

/** RFC 4180, with a header line. */
export function toCsv(table: Table): string {
  const quote = (value: Json): string => {
    const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const cell = (value: Json, name: string): string =>
    table.types[name] === 'time' && typeof value === 'number' ? new Date(value).toISOString() : quote(value)
  const lines = [table.names.map(quote).join(',')]
  for (const row of table) lines.push(table.names.map((name) => cell(row[name] ?? null, name)).join(','))
  return `${lines.join('\n')}\n`
}
