/** A result as what figures and the tables behind them need: slices, a grid, and nothing of how they are drawn. Pure. */
import type { Bucket } from '../../runtime/api/probe-message.ts'
import type { Distribution, Result } from './result.ts'

export interface Slice {
  name: string
  value: number
}
export interface PieChoice {
  id: string
  label: string
  unit: 'cores' | 'bytes' | 'bytes/s' | 'count'
}
const ofProcesses: readonly (PieChoice & { field: 'cpu' | 'memory' | 'read' | 'written' })[] = [
  { id: 'cpu', label: 'CPU', unit: 'cores', field: 'cpu' },
  { id: 'memory', label: 'Memory', unit: 'bytes', field: 'memory' },
  { id: 'read', label: 'Read from disk', unit: 'bytes/s', field: 'read' },
  { id: 'written', label: 'Written to disk', unit: 'bytes/s', field: 'written' },
]
const maxSlices = 9

export function findPieChoices(result: Result): PieChoice[] {
  const maps = [...result.counts.keys()].map((name): PieChoice => ({ id: name, label: name, unit: 'count' }))
  return result.processes.length > 0 ? [...ofProcesses, ...maps] : maps
}
/** Largest first; processes of one name are one slice. */
export function findSlices(result: Result, choice: string): Slice[] {
  const field = ofProcesses.find(({ id }) => id === choice)?.field
  const sums = new Map<string, number>(field ? [] : result.counts.get(choice))
  if (field)
    for (const one of result.processes) sums.set(one.name, (sums.get(one.name) ?? 0) + (one[field] ?? 0))
  return [...sums]
    .map(([name, value]) => ({ name: name || 'all', value }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
}
/** What a pie can show: the rest is one slice. */
export function toPie(slices: readonly Slice[]): Slice[] {
  if (slices.length <= maxSlices + 1) return [...slices]
  const rest = slices.slice(maxSlices).reduce((sum, { value }) => sum + value, 0)
  return [...slices.slice(0, maxSlices), { name: `${slices.length - maxSlices} others`, value: rest }]
}

export interface Grid {
  times: number[]
  /** Low to high. */
  buckets: string[]
  /** By bucket, by time. */
  counts: number[][]
}
/** Buckets between the lowest and the highest that occurred, also empty ones between, so that the scale is even. */
export function toGrid(distribution: Distribution, key: string): Grid {
  const columns = distribution.columns.get(key) ?? []
  const seen = new Map<string, Bucket>()
  for (const { buckets } of columns) for (const one of buckets) seen.set(toLabel(one), one)
  const all = fill([...seen.values()], distribution.scale).map(toLabel)
  const row = new Map(all.map((label, index) => [label, index]))
  const counts = all.map(() => columns.map(() => 0))
  columns.forEach(({ buckets }, column) => {
    for (const one of buckets) {
      const line = counts[row.get(toLabel(one))!]!
      line[column] = (line[column] ?? 0) + one.count
    }
  })
  return { times: columns.map(({ at }) => at), buckets: all, counts }
}
const maxRows = 80
function fill(seen: readonly Bucket[], scale: Distribution['scale']): Bucket[] {
  const sorted = seen.toSorted((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity))
  const filled: Bucket[] = []
  for (const one of sorted) {
    const last = filled.at(-1)
    for (let to = last?.to ?? null; to !== null && one.from !== null && to < one.from;) {
      const width = scale === 'log2' ? Math.max(1, to) : to - (filled.at(-1)!.from ?? to - 1)
      if (filled.length >= maxRows || width <= 0 || to + width > one.from) break
      filled.push({ from: to, to: to + width, count: 0 })
      to += width
    }
    filled.push(one)
  }
  return filled
}
export function toLabel({ from, to }: Pick<Bucket, 'from' | 'to'>): string {
  if (from === null) return `below ${short(to ?? 0)}`
  if (to === null) return `${short(from)} and more`
  return to === from + 1 && from < 2 ? short(from) : `${short(from)} to ${short(to)}`
}
/** 1,024 is 1 Ki: powers of two stay short. */
function short(value: number): string {
  for (const [size, unit] of [
    [2 ** 40, 'Ti'],
    [2 ** 30, 'Gi'],
    [2 ** 20, 'Mi'],
    [2 ** 10, 'Ki'],
  ] as const)
    if (value >= size && value % size === 0) return `${value / size} ${unit}`
  return value.toLocaleString('en')
}
