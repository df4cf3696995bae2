/**
 * A variable of the notebook as a table for SQL: a table, a data frame, rows (objects of any depth, or plain values) or
 * an object of columns that are equally long. Whole numbers stay whole, a Date is a time, what differs within a column
 * is JSON. What is no table is told by what it is.
 */
import type { Json, JsonObject } from '../../json.ts'
import type { Column, ColumnType } from '../../sdk/interface.ts'
import { toTable } from './display.ts'
import { toJson } from './json.ts'
import { GuestTable } from './table.ts'

export const maxColumns = 1000

/** The table; or, in words, what the value is instead. */
export function toRelation(value: unknown): GuestTable | string {
  if (value === null) return 'null'
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (value instanceof GuestTable) return value
  if (Array.isArray(value)) return fromRows(value)
  if (value instanceof Map || value instanceof Set) return fromRows([...value.values()])
  const frame = value as { columnNames?: unknown; objects?: unknown }
  if (typeof frame.columnNames === 'function' && typeof frame.objects === 'function')
    return fromRows((frame.objects as () => unknown[])())
  return toTable(value) ?? fromColumns(value as { [name: string]: unknown })
}

function fromRows(rows: unknown[]): GuestTable | string {
  if (rows.length === 0) return 'an empty array, which has no columns'
  if (!rows.every(isRow)) {
    if (rows.some((row) => typeof row === 'function')) return 'an array of functions'
    return build(rows.length, [['value', rows]])
  }
  const names = new Map<string, true>()
  for (const row of rows) {
    for (const name of Object.keys(row)) names.set(name, true)
    if (names.size > maxColumns) return `an array of objects with more than ${maxColumns} different keys`
  }
  if (names.size === 0) return 'an array of empty objects'
  const columns = [...names.keys()].map((name): [string, unknown[]] => [name, rows.map((row) => row[name])])
  return build(rows.length, columns)
}
function isRow(row: unknown): row is { [name: string]: unknown } {
  return typeof row === 'object' && row !== null && !Array.isArray(row) && !(row instanceof Date)
}

function fromColumns(value: { [name: string]: unknown }): GuestTable | string {
  const columns = Object.entries(value)
  const isColumn = ([, column]: [string, unknown]): boolean =>
    Array.isArray(column) || (ArrayBuffer.isView(column) && !(column instanceof DataView))
  if (columns.length === 0 || !columns.every(isColumn)) return 'an object that is no table'
  if (columns.length > maxColumns) return `an object of more than ${maxColumns} columns`
  const lengths = new Set(columns.map(([, column]) => (column as unknown[]).length))
  if (lengths.size > 1) return 'an object of columns that differ in length'
  return build([...lengths][0]!, columns as [string, unknown[]][])
}

function build(rows: number, columns: [string, ArrayLike<unknown>][]): GuestTable {
  const made = columns.map(([name, values]) => ({ name, ...toColumn(values) }))
  return GuestTable.fromColumns(
    {
      names: made.map(({ name }) => name),
      types: made.map(({ type }) => type),
      rows,
    },
    made.map(({ data }) => data),
  )
}

interface Typed {
  type: ColumnType
  data: Column
}
function toColumn(values: ArrayLike<unknown>): Typed {
  if (values instanceof Float64Array) return { type: 'number', data: values }
  if (values instanceof Int32Array) return { type: 'integer', data: values }
  if (values instanceof BigInt64Array) return { type: 'bigint', data: values }
  if (ArrayBuffer.isView(values)) {
    const numbers = values as unknown as ArrayLike<number | bigint>
    const isSmall =
      values instanceof Int8Array || values instanceof Int16Array || values instanceof Uint16Array
    return isSmall || values instanceof Uint8Array || values instanceof Uint8ClampedArray
      ? { type: 'integer', data: Int32Array.from(numbers as ArrayLike<number>) }
      : { type: 'number', data: Float64Array.from(numbers, Number) }
  }
  const all = values as unknown[]
  const kinds = new Set<string>()
  let missing = false
  let whole = true
  for (const value of all) {
    if (value === null || value === undefined) missing = true
    else kinds.add(value instanceof Date ? 'date' : typeof value)
    if (typeof value === 'number' && (value | 0) !== value) whole = false
  }
  const [kind] = kinds
  if (kinds.size === 1)
    switch (kind) {
      case 'number':
        return whole && !missing
          ? { type: 'integer', data: Int32Array.from(all as number[]) }
          : { type: 'number', data: Float64Array.from(all, (value) => (value as number | null) ?? NaN) }
      case 'bigint':
        if (!missing && (all as bigint[]).every((value) => BigInt.asIntN(64, value) === value))
          return { type: 'bigint', data: BigInt64Array.from(all as bigint[]) }
        break
      case 'boolean':
        return {
          type: 'boolean',
          data: Uint8Array.from(all, (value) => (value === null || value === undefined ? 2 : value ? 1 : 0)),
        }
      case 'date':
        return {
          type: 'time',
          data: Float64Array.from(all, (value) => (value instanceof Date ? value.getTime() : NaN)),
        }
      case 'string':
        return { type: 'text', data: all.map((value) => (value as string | null) ?? null) }
      default:
    }
  return { type: 'json', data: all.map((value): Json | JsonObject => toJson(value ?? null)) }
}
