/** The profile of rows that are here, in the shape that the server's has. Pure. */
import type { z } from 'zod'
import type { columnProfile } from '../../../runtime/api/objects.ts'
import type { Json } from '../../../runtime/json.ts'
import { type Column, isRanged } from './view.ts'

export type ColumnProfile = z.infer<typeof columnProfile>
const bins = 20

export function toProfile(columns: readonly Column[], rows: readonly Json[][]): ColumnProfile[] {
  return columns.map(({ name, type }, index) => {
    const values = rows.map((row) => row[index] ?? null).filter((value) => value !== null)
    const base = { name, type, native: type, missing: rows.length - values.length }
    const texts = values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
    const distinct = new Set(texts).size
    const numbers = values.filter((value) => typeof value === 'number')
    if (isRanged(type) && numbers.length > 0) {
      const min = numbers.reduce((a, b) => Math.min(a, b))
      const max = numbers.reduce((a, b) => Math.max(a, b))
      const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
      return { ...base, distinct, min, max, mean, histogram: toBins(numbers, min, max) }
    }
    const sorted = texts.toSorted()
    const [min, max] = [sorted[0] ?? null, sorted.at(-1) ?? null]
    return { ...base, distinct, min, max, mean: null, histogram: toFrequent(texts) }
  })
}
function toBins(numbers: number[], min: number, max: number): { from: number; to: number; count: number }[] {
  const width = (max - min) / bins
  if (width === 0) return [{ from: min, to: max, count: numbers.length }]
  const counts = Array.from({ length: bins }, () => 0)
  for (const value of numbers) counts[Math.min(bins - 1, Math.floor((value - min) / width))]! += 1
  return counts.map((count, i) => ({ from: min + i * width, to: min + (i + 1) * width, count }))
}
function toFrequent(texts: string[]): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
    .map(([value, count]) => ({ value: value.slice(0, 200), count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, 10)
}
