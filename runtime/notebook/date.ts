/** A day of the calendar as text, `2024-01-31`: what parameters and inputs of dates hold. Texts compare as days do. */
import type { Json } from '../json.ts'

const form = /^(\d{4})-(\d{2})-(\d{2})$/

export function isDate(value: unknown): value is string {
  if (typeof value !== 'string') return false
  const match = form.exec(value)
  if (!match) return false
  const time = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
  return new Date(time).toISOString().slice(0, 10) === value
}

/** Why it is no date between the two, as the end of a sentence; undefined when it is. */
export function findDateFault(value: Json, from?: Json, to?: Json): string | undefined {
  if (!isDate(value)) return `must be a date such as "2024-01-31", not ${JSON.stringify(value).slice(0, 60)}`
  if (typeof from === 'string' && value < from) return `must be ${from} or later`
  if (typeof to === 'string' && value > to) return `must be ${to} or earlier`
  return undefined
}
