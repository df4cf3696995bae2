/** Durations and times as people write them in a notebook. */
import { AppError } from '../error.ts'
import type { Duration } from './streaming.ts'

const units: { [unit: string]: number } = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds, whole. invalid: what a duration looks like. */
export function toMilliseconds(duration: Duration): number {
  const match = typeof duration === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/.exec(duration) : null
  const ms = typeof duration === 'number' ? duration : Number(match?.[1]) * (units[match?.[2] ?? ''] ?? NaN)
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms)
  throw new AppError(
    'invalid',
    `${JSON.stringify(duration)} is no duration. Give milliseconds, or text such as '30 s', '5 min', '1 h', '1 d'.`,
  )
}

const dateForm = /^\d{4}-\d{2}-\d{2}$/
const timeForm =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/** ms UTC of a number of ms or of ISO 8601 text; text without a zone is UTC. */
export function toTime(value: number | string): number {
  let ms = typeof value === 'number' ? value : NaN
  if (typeof value === 'string') {
    const text = value.trim()
    const match = timeForm.exec(text)
    if (/^-?\d{1,16}$/.test(text)) ms = Number(text)
    else if (dateForm.test(text)) ms = Date.parse(`${text}T00:00:00Z`)
    else if (match) ms = Date.parse(`${match[1]}T${match[2]!.replace(',', '.')}${toZone(match[3])}`)
  }
  if (Number.isFinite(ms)) return Math.floor(ms)
  throw new AppError(
    'invalid',
    `${JSON.stringify(value)} is no time. Give ms since 1970-01-01 UTC, or ISO 8601 text such as '2014-02-07T14:55:00Z' (UTC without a zone).`,
  )
}
function toZone(zone: string | undefined): string {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}
