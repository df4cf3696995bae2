/** Times as people and machines write them. Text without a zone is UTC: `new Date(text)` takes the machine's zone. */
import type { Json } from '../json.ts'

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/

/** ms UTC of an ISO 8601 text; undefined when it is not one, or names a day that does not exist. */
export function parseTime(text: string): number | undefined {
  const match = pattern.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const days = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (Number(year) < 100) days.setUTCFullYear(Number(year))
  if (days.getUTCMonth() !== Number(month) - 1 || days.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const ms =
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 +
    Number(fraction.slice(0, 3).padEnd(3, '0'))
  let shift = 0
  if (/^[+-]/.test(zone)) {
    const digits = zone.slice(1).replace(':', '')
    const hours = Number(digits.slice(0, 2))
    const minutes = Number(digits.slice(2) || '0')
    if (hours > 18 || minutes > 59) return undefined
    shift = (hours * 60 + minutes) * 60_000 * (zone.startsWith('-') ? -1 : 1)
  }
  return days.getTime() + ms - shift
}

export type TimeUnit = 'ms' | 's' | 'us' | 'ns' | 'iso'
const toMs = {
  ms: (value: number) => value,
  // Through microseconds: 1391784900.123 s is not quite 1391784900123 ms in binary.
  s: (value: number) => Math.round(value * 1e6) / 1000,
  us: (value: number) => value / 1000,
  ns: (value: number) => value / 1e6,
}
/** Outside of what Date can hold. */
const limit = 8.64e15

/** Without a unit a number is ms and a text ISO 8601, or a number of ms. undefined: not a time. */
export function toTime(value: Json | undefined, unit?: TimeUnit): number | undefined {
  if (typeof value === 'string') {
    const text = value.trim()
    if (unit === 'iso' || !/^-?\d+(\.\d+)?$/.test(text)) return parseTime(text)
    if (unit === 'ns' && /^-?\d+$/.test(text)) return inRange(Number(BigInt(text) / 1_000_000n))
    return inRange(toMs[unit ?? 'ms'](Number(text)))
  }
  if (typeof value !== 'number' || unit === 'iso') return undefined
  return inRange(toMs[unit ?? 'ms'](value))
}

function inRange(ms: number): number | undefined {
  return Math.abs(ms) <= limit ? Math.floor(ms) : undefined
}
