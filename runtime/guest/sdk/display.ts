/** What a value looks like as an output: a MIME bundle with `text/plain` always, and the richest form it has. */
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import { toJson } from './json.ts'
import type { Kept } from './keep.ts'
import { GuestTable } from './table.ts'

export type Bundle = { [mime: string]: Json }
export const tableMime = 'application/vnd.suricate.table+json'
export const plotlyMime = 'application/vnd.plotly.v1+json'
export const shownRows = 100
/** Beyond it a table is no result of a run: as JSON it has more than 1 MB. */
const maxJsonCells = 200_000
const maxJsonText = 200_000

export function toBundle(value: unknown, inspect: (value: unknown) => string): Bundle {
  if (typeof value !== 'object' || value === null) return { 'text/plain': inspect(value) }
  const table = value instanceof GuestTable ? value : toTable(value)
  if (table) return tableBundle(table)
  if (isFigure(value)) return figureBundle(value)
  const bundle: Bundle = { 'text/plain': inspect(value) }
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return bundle
  const json = maybeJson(value)
  if (json !== undefined) bundle['application/json'] = json
  return bundle
}

export function tableBundle(table: GuestTable, kept: Kept = {}): Bundle {
  const rows = toJson(GuestTable.firstRows(table, shownRows))
  const size = `table ${toGrouped(table.length)} x ${table.names.length}`
  return {
    [tableMime]: { names: [...table.names], types: { ...table.types }, length: table.length, rows, ...kept },
    'text/plain': `${size}: ${table.names.join(', ')}`.slice(0, 2000),
  }
}

/** `12,345` of a whole number. toLocaleString loads its tables first, which takes an isolate tens of ms. */
function toGrouped(whole: number): string {
  return String(whole).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

export function figureBundle(figure: { data: unknown; layout?: unknown }): Bundle {
  const data = toJson(figure.data) as Json[]
  const kinds = data.map((trace) => (isJsonObject(trace) ? String(trace['type'] ?? 'scatter') : '?'))
  return {
    [plotlyMime]: { data, layout: toJson(figure.layout ?? {}) },
    'text/plain': `plot: ${kinds.join(', ')}`.slice(0, 2000),
  }
}

/** Too large to be looked at as JSON. */
export function isHeavy(value: unknown): boolean {
  return value instanceof GuestTable && value.length * value.names.length > maxJsonCells
}
/** The table that a value is shown as, where it has more rows than are shown. */
export function toLongTable(value: unknown): GuestTable | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const table = toTable(value)
  return table && table.length > shownRows ? table : undefined
}

/** A Table, a danfo DataFrame or Series, or an array of flat objects. */
export function toTable(value: object): GuestTable | undefined {
  if (value instanceof GuestTable) return value
  if (Array.isArray(value)) {
    const rows = value.length > 0 && value.slice(0, 100).every(isFlat)
    return rows ? GuestTable.fromRows(value as { [name: string]: Json | Date }[]) : undefined
  }
  const frame = value as {
    columns?: unknown
    values?: unknown
    shape?: unknown
    index?: unknown
    dtypes?: unknown
  }
  if (!Array.isArray(frame.shape) || !Array.isArray(frame.values) || !Array.isArray(frame.dtypes))
    return undefined
  const index = Array.isArray(frame.index) ? frame.index : []
  const names = (Array.isArray(frame.columns) ? frame.columns : ['0']).map(String)
  const wide = frame.shape.length === 2
  const rows = frame.values.map((row: unknown, i) => {
    const cells = wide && Array.isArray(row) ? row : [row]
    const named = names.map((name, j): [string, Json] => [name, toJson(cells[j])])
    return Object.fromEntries(wide ? named : [['index', toJson(index[i] ?? i)] as [string, Json], ...named])
  })
  return GuestTable.fromRows(rows)
}
function isFlat(row: unknown): boolean {
  if (typeof row !== 'object' || row === null || Object.getPrototypeOf(row) !== Object.prototype) return false
  const values = Object.values(row)
  return (
    values.length > 0 &&
    values.every((cell) => typeof cell !== 'object' || cell === null || cell instanceof Date)
  )
}
function isFigure(value: object): value is { data: JsonObject[]; layout?: JsonObject } {
  const { data, layout } = value as { data?: unknown; layout?: unknown }
  if (!Array.isArray(data) || data.length === 0 || data.length > 1000) return false
  const traces = data.every((trace) => typeof trace === 'object' && trace !== null && !Array.isArray(trace))
  const first = data[0] as { [key: string]: unknown }
  const drawn = ['x', 'y', 'z', 'values', 'lat', 'r'].some((axis) => axis in first)
  return traces && drawn && (layout === undefined || typeof layout === 'object')
}
function maybeJson(value: object): Json | undefined {
  try {
    const json = toJson(value)
    return JSON.stringify(json).length <= maxJsonText ? json : undefined
  } catch {
    return undefined // shown as text alone
  }
}
