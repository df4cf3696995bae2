/**
 * Quick plots: a table and the names of its columns become Plotly traces. A line over more points than a screen has
 * keeps the lowest and highest of each bucket, so that peaks stay; other forms take every nth point and say so.
 */
import { AppError } from '../../error.ts'
import type { JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import type { PlotOptions, QuickForm, Table } from '../../sdk/interface.ts'
import { GuestTable } from './table.ts'

const maxPoints = 20_000
export interface Figure {
  data: { [key: string]: unknown }[]
  layout: JsonObject
}
export const quickForms = ['line', 'bar', 'scatter', 'histogram', 'box', 'heatmap', 'pie'] as const

/** `given`: a Plotly layout that is laid over the one made here; axes keep what it does not say. */
export function toFigure(form: QuickForm, source: unknown, options: PlotOptions, given: object = {}): Figure {
  const figure = draw(form, source, options)
  const layout = { ...figure.layout, ...(given as JsonObject) }
  for (const axis of ['xaxis', 'yaxis']) {
    const [made, wanted] = [figure.layout[axis], layout[axis]]
    if (isJsonObject(made) && isJsonObject(wanted)) layout[axis] = { ...made, ...wanted }
  }
  return { data: figure.data, layout }
}

function draw(form: QuickForm, source: unknown, options: PlotOptions): Figure {
  const table = toSource(source)
  const names = toNames(form, table, options)
  const layout: JsonObject = options.title ? { title: { text: options.title } } : {}
  const kept = pick(form, table, names.y)
  const values = (name: string): ArrayLike<unknown> => select(table, name, kept)
  if (kept && form !== 'line') layout['annotations'] = [note(kept.length, table.length)]
  if (form === 'pie')
    return { data: [{ type: 'pie', labels: values(names.x!), values: values(names.y[0]!) }], layout }
  if (form === 'heatmap')
    return {
      data: [{ type: 'heatmap', x: values(names.x!), y: values(names.y[0]!), z: values(options.z!) }],
      layout: { ...layout, ...axes(table, names.x, names.y) },
    }
  const data = names.y.flatMap((y) =>
    groups(table, options.by, kept).map((group) => trace(form, table, names.x, y, group)),
  )
  return {
    data,
    layout: {
      ...layout,
      ...axes(table, form === 'histogram' ? names.y[0] : names.x, form === 'histogram' ? [] : names.y),
    },
  }
}

function toSource(source: unknown): Table {
  if (source instanceof GuestTable) return source
  if (Array.isArray(source) && source.every((row) => typeof row === 'object' && row !== null))
    return GuestTable.fromRows(source as JsonObject[])
  if (Array.isArray(source) || ArrayBuffer.isView(source)) {
    const values = Array.from(source as ArrayLike<number>)
    return GuestTable.fromRows(values.map((value, index) => ({ index, value })))
  }
  throw new AppError('invalid', 'A quick plot takes a table, an array of rows or an array of numbers first.')
}

function toNames(
  form: QuickForm,
  table: Table,
  options: PlotOptions,
): { x: string | undefined; y: string[] } {
  const given = options.y === undefined ? [] : Array.isArray(options.y) ? options.y : [options.y]
  const numeric = table.names.filter((name) => ['number', 'integer', 'bigint'].includes(table.types[name]!))
  const single = form === 'histogram' || form === 'box'
  const x = options.x ?? (single ? undefined : table.names.find((name) => !given.includes(name)))
  const y = given.length
    ? given
    : single && options.x
      ? [options.x]
      : numeric.filter((name) => name !== x).slice(0, 8)
  for (const name of [x, ...y, options.z, options.by])
    if (name !== undefined && !table.names.includes(name))
      throw new AppError('invalid', `The table has no column "${name}". It has: ${table.names.join(', ')}.`)
  if (y.length === 0) throw new AppError('invalid', `plot.${form} needs y, the name of a numeric column.`)
  if (form === 'heatmap' && options.z === undefined)
    throw new AppError('invalid', 'plot.heatmap needs x, y and z, the names of columns.')
  return { x: single && !options.y ? undefined : x, y }
}

interface Group {
  name: string | undefined
  rows: number[] | undefined
}
function groups(table: Table, by: string | undefined, kept: number[] | undefined): Group[] {
  if (by === undefined) return [{ name: undefined, rows: kept }]
  const rowsOf = new Map<string, number[]>()
  const column = table.column(by)
  for (const i of kept ?? Array(table.length).keys()) {
    const name = String(column[i])
    const rows = rowsOf.get(name) ?? []
    rows.push(i)
    rowsOf.set(name, rows)
  }
  if (rowsOf.size > 50)
    throw new AppError('invalid', `"${by}" has ${rowsOf.size} values; a plot shows at most 50 groups.`)
  return [...rowsOf].map(([name, rows]) => ({ name, rows }))
}
function trace(
  form: QuickForm,
  table: Table,
  x: string | undefined,
  y: string,
  group: Group,
): { [key: string]: unknown } {
  const name = group.name ?? y
  const yValues = select(table, y, group.rows)
  if (form === 'histogram') return { type: 'histogram', x: yValues, name }
  if (form === 'box')
    return { type: 'box', y: yValues, name, ...(x ? { x: select(table, x, group.rows) } : {}) }
  const base = { x: select(table, x!, group.rows), y: yValues, name }
  if (form === 'bar') return { type: 'bar', ...base }
  return { type: 'scatter', mode: form === 'line' ? 'lines' : 'markers', ...base }
}
function select(table: Table, name: string, rows: number[] | undefined): ArrayLike<unknown> {
  const column = table.column(name) as ArrayLike<unknown>
  return rows ? rows.map((i) => column[i]) : column
}
function axes(table: Table, x: string | undefined, y: string[]): JsonObject {
  const axis = (name: string): JsonObject => ({
    title: { text: name },
    ...(table.types[name] === 'time' ? { type: 'date' } : {}),
  })
  return { ...(x ? { xaxis: axis(x) } : {}), ...(y.length === 1 ? { yaxis: axis(y[0]!) } : {}) }
}
function note(shown: number, all: number): JsonObject {
  return { text: `${shown} of ${all} points`, xref: 'paper', yref: 'paper', x: 1, y: 1.05, showarrow: false }
}

/** The rows to draw; undefined: all. */
function pick(form: QuickForm, table: Table, y: string[]): number[] | undefined {
  if (table.length <= maxPoints || form === 'heatmap' || form === 'pie') return undefined
  if (form !== 'line' || y.length !== 1) {
    const step = Math.ceil(table.length / maxPoints)
    return Array.from({ length: Math.ceil(table.length / step) }, (_, i) => i * step)
  }
  const values = table.numbers(y[0]!)
  const size = Math.ceil(table.length / (maxPoints / 2))
  const rows: number[] = []
  for (let start = 0; start < table.length; start += size) {
    let low = start
    let high = start
    for (let i = start + 1; i < Math.min(start + size, table.length); i++) {
      if (values[i]! < values[low]!) low = i
      if (values[i]! > values[high]!) high = i
    }
    rows.push(Math.min(low, high), ...(low === high ? [] : [Math.max(low, high)]))
  }
  return rows
}
