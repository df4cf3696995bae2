/** A figure as the table behind it: for who cannot see the picture, and for who wants the numbers. Pure. */
import type { tableOutput } from '../../runtime/api/runs.ts'
import type { z } from 'zod'
import type { Json } from '../../runtime/json.ts'
import type { Data, Figure } from './figure.ts'

const maxRows = 100_000
const axes = [
  'x',
  'y',
  'z',
  'r',
  'theta',
  'labels',
  'values',
  'open',
  'high',
  'low',
  'close',
  'text',
] as const

export function toFigureTable(figure: Figure): z.output<typeof tableOutput> {
  const traces = figure.data.map((trace, i) => ({ name: toName(trace, i), columns: toColumns(trace) }))
  const lists = toShared(traces) ?? toLong(traces)
  const length = Math.max(0, ...lists.map((list) => list.values.length))
  const names = lists.map((list) => list.name)
  const rows = Array.from({ length: Math.min(maxRows, length) }, (_, row) =>
    Object.fromEntries(lists.map(({ name, values }) => [name, (values[row] ?? null) as Json])),
  )
  const types = Object.fromEntries(lists.map(({ name, values }) => [name, toType(values)]))
  return { names, types, length, rows }
}
interface Named {
  name: string
  values: readonly unknown[]
}
interface Trace {
  name: string
  columns: Named[]
}

function toName(trace: Data, index: number): string {
  return typeof trace.name === 'string' && trace.name !== '' ? trace.name : `series ${index + 1}`
}
function toColumns(trace: Data): Named[] {
  if (trace.type === 'table') return toCells(trace)
  const given = axes.flatMap((axis): Named[] => {
    const values = trace[axis]
    return Array.isArray(values) ? [{ name: axis, values }] : []
  })
  const z = given.find((column) => column.name === 'z')
  return z && Array.isArray(z.values[0]) ? toCellsOfGrid(given, z.values as unknown[][]) : given
}
/** A heat map: a row for each of its cells. */
function toCellsOfGrid(given: Named[], z: unknown[][]): Named[] {
  const axis = (name: string, index: number): unknown =>
    given.find((column) => column.name === name)?.values[index] ?? index
  const places = z.flatMap((row, j) =>
    Array.isArray(row) ? row.map((value, i) => [i, j, value] as const) : [],
  )
  return [
    { name: 'x', values: places.map(([i]) => axis('x', i)) },
    { name: 'y', values: places.map(([, j]) => axis('y', j)) },
    { name: 'z', values: places.map(([, , value]) => value) },
  ]
}
function toCells(trace: Data): Named[] {
  const part = (name: string): unknown[] => {
    const found = (trace[name] as { values?: unknown } | undefined)?.values
    return Array.isArray(found) ? found : []
  }
  return part('cells').map((values, i) => ({
    name: String(part('header')[i] ?? `column ${i + 1}`),
    values: Array.isArray(values) ? values : [],
  }))
}

/** One x for all series: a column for each of them. */
function toShared(traces: Trace[]): Named[] | undefined {
  if (traces.length === 1) return traces[0]!.columns
  const [first] = traces
  const x = first?.columns.find((column) => column.name === 'x')?.values
  if (!x) return undefined
  const same = traces.every(({ columns }) => {
    const other = columns.find((column) => column.name === 'x')?.values
    return columns.length === 2 && other?.length === x.length && other.every((value, i) => value === x[i])
  })
  const names = new Set(traces.map((trace) => trace.name))
  if (!same || names.size < traces.length || names.has('x')) return undefined
  return [
    { name: 'x', values: x },
    ...traces.map(({ name, columns }) => ({
      name,
      values: columns.find((column) => column.name !== 'x')!.values,
    })),
  ]
}
function toLong(traces: Trace[]): Named[] {
  const names = [...new Set(traces.flatMap((trace) => trace.columns.map((column) => column.name)))]
  const lengths = traces.map(({ columns }) => Math.max(0, ...columns.map((column) => column.values.length)))
  const series = traces.flatMap(({ name }, i) => Array.from({ length: lengths[i]! }, () => name))
  return [
    { name: 'series', values: series },
    ...names.map((name) => ({
      name,
      values: traces.flatMap(({ columns }, i) => {
        const values = columns.find((column) => column.name === name)?.values ?? []
        return Array.from({ length: lengths[i]! }, (_, row) => values[row] ?? null)
      }),
    })),
  ]
}
function toType(values: readonly unknown[]): string {
  const some = values.filter((value) => value !== null && value !== undefined)
  return some.length > 0 && some.every((value) => typeof value === 'number') ? 'number' : 'text'
}
