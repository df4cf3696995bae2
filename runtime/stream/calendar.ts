/**
 * Units of a local calendar as half-open intervals of instants, by Temporal. A day that a zone's clock change begins
 * or ends inside has 23 or 25 hours; where midnight does not exist the day begins at the first instant after it.
 */
import { AppError } from '../error.ts'
import type { CalendarUnit } from './operator.ts'

export interface Calendar {
  /** The start of the unit that holds the instant. */
  startOf(ts: number): number
  /** The end of the unit that begins there. */
  endOf(start: number): number
}
const cached = 64

/** invalid: a zone that is not known. */
export function createCalendar(unit: CalendarUnit, zone: string): Calendar {
  checkZone(zone)
  const local = (ts: number) => Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone)
  const next = (date: Temporal.PlainDate): Temporal.PlainDate =>
    unit === 'quarter' ? date.add({ months: 3 }) : date.add({ [`${unit}s`]: 1 })
  const first = (date: Temporal.PlainDate): Temporal.PlainDate => {
    switch (unit) {
      case 'week':
        return date.subtract({ days: date.dayOfWeek - 1 })
      case 'month':
        return date.with({ day: 1 })
      case 'quarter':
        return date.with({ day: 1, month: date.month - ((date.month - 1) % 3) })
      case 'year':
        return date.with({ day: 1, month: 1 })
      default:
        return date
    }
  }
  const midnight = (date: Temporal.PlainDate): number => date.toZonedDateTime(zone).epochMilliseconds
  /** The newest first: events stand close together. */
  const known: { start: number; end: number }[] = []
  const find = (ts: number): { start: number; end: number } => {
    const at = known.findIndex(({ start, end }) => ts >= start && ts < end)
    if (at === 0) return known[0]!
    const interval = at > 0 ? known.splice(at, 1)[0]! : make(ts)
    known.unshift(interval)
    if (known.length > cached) known.pop()
    return interval
  }
  const make = (ts: number): { start: number; end: number } => {
    const now = local(ts)
    if (unit === 'hour') {
      const start = ts - now.minute * 60_000 - now.second * 1000 - now.millisecond
      // A change of the clock by half an hour cuts the hour that it falls into.
      const before = now.getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity
      const after = now.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity
      return { start: Math.max(start, before), end: Math.min(start + 3_600_000, after) }
    }
    const date = first(now.toPlainDate())
    return { start: midnight(date), end: midnight(next(date)) }
  }
  return { startOf: (ts) => find(ts).start, endOf: (start) => find(start).end }
}

export function checkZone(zone: string): void {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
  } catch {
    throw new AppError(
      'invalid',
      `There is no time zone "${zone}"; it is an IANA name such as Europe/Berlin.`,
    )
  }
}
