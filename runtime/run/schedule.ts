/**
 * When a schedule is due: five or six fields of cron in a time zone. A local time that a change of clocks leaves out
 * comes when the gap ends, if the schedule names one time of the day; one that comes twice is taken the first time.
 * A schedule with a list or step of minutes goes by the clock on the wall instead: nothing in a gap, twice in a fold.
 */
import { Cron } from 'croner'
import { AppError, toMessage } from '../error.ts'

/** Of a schedule that was not looked at for long: looked through one by one, at most so many. */
const maxSteps = 2000

function toCron(cron: string, zone: string): Cron {
  return new Cron(cron, { timezone: zone, paused: true, mode: '5-or-6-parts' })
}
/** Strictly after, ms UTC; null: never again. invalid: no schedule, or no zone. */
export function nextTime(cron: string, zone: string, after: number): number | null {
  try {
    return toCron(cron, zone).nextRun(new Date(after))?.getTime() ?? null
  } catch (error) {
    const why = toMessage(error)
    const path = /zone/i.test(why) ? 'spec.zone' : 'spec.cron'
    throw new AppError('invalid', `"${cron}" in ${zone} is no schedule: ${why}`, { path })
  }
}
export function nextTimes(cron: string, zone: string, after: number, count: number): number[] {
  const times: number[] = []
  for (
    let at = nextTime(cron, zone, after);
    at !== null && times.length < count;
    at = nextTime(cron, zone, at)
  )
    times.push(at)
  return times
}
/** The times from `first`, itself one, to now, oldest first: the newest `limit`, and whether there were more. */
export function timesUntil(
  { cron, zone }: { cron: string; zone: string },
  first: number,
  now: number,
  limit: number,
): { times: number[]; more: boolean } {
  const schedule = toCron(cron, zone)
  const times: number[] = []
  let at: number | undefined = first
  for (let step = 0; at !== undefined && at <= now; step++) {
    if (step >= maxSteps) {
      const newest = schedule.previousRuns(limit, new Date(now + 1))
      return { times: newest.map((time) => time.getTime()).reverse(), more: true }
    }
    times.push(at)
    at = schedule.nextRun(new Date(at))?.getTime()
  }
  return { times: times.slice(-limit), more: times.length > limit }
}

/** invalid: the zone is not known. */
export function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    throw new AppError('invalid', `"${zone}" is no time zone; UTC or Europe/Berlin would be.`, {
      path: 'spec.zone',
    })
  }
}
/** The date of an instant where the zone's clocks are: 2026-03-29. */
export function toDay(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })
  return parts.format(new Date(at))
}
