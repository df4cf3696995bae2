/**
 * The simulator's clockwork, pure: which row is due when. Rows keep the order of the object; a row is due when the
 * event clock reaches the highest time so far, so that a row out of order never holds the others. A round begins where
 * the one before ended, shifted by the length of the series and its usual step, so that time never goes back.
 */
import type { speed } from '../api/streams.ts'
import type { z } from 'zod'
import { AppError } from '../error.ts'
import { isJsonObject, type Json } from '../json.ts'
import { parseCsv, toCsvObject } from './csv.ts'
import { parseTime, toTime, type TimeUnit } from './time.ts'
import { parseJson } from './format/json.ts'

export type Speed = z.infer<typeof speed>
export interface Series {
  rows: Json[]
  /** Event time of each row; undefined where it has none. */
  times: (number | undefined)[]
  /** The highest time up to and with each row. */
  highest: number[]
  /** What a round adds to the times of the next. */
  length: number
}
export interface Position {
  round: number
  row: number
}

const maxRows = 5_000_000

/** invalid: not readable as rows, or no row with a time. */
export function toRows(text: string, mediaType: string): Json[] {
  if (/csv/.test(mediaType)) {
    const [names, ...lines] = parseCsv(text, maxRows)
    return lines.map((fields) => toCsvObject(names!, fields))
  }
  if (/ndjson|jsonl/.test(mediaType) || !text.trimStart().startsWith('['))
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseJson)
  const parsed = parseJson(text)
  return Array.isArray(parsed) ? parsed : [parsed]
}

export function toSeries(
  rows: Json[],
  timeOf: (row: Json) => number | undefined,
  range: { from?: number; to?: number },
): Series {
  const { from = -Infinity, to = Infinity } = range
  const kept: Json[] = []
  const times: (number | undefined)[] = []
  const highest: number[] = []
  const steps: number[] = []
  let max = -Infinity
  let min = Infinity
  for (const row of rows) {
    const time = timeOf(row)
    if (time !== undefined && (time < from || time >= to)) continue
    if (time !== undefined && time > max) {
      if (max > -Infinity) steps.push(time - max)
      max = time
    }
    if (time !== undefined && time < min) min = time
    kept.push(row)
    times.push(time)
    highest.push(max)
  }
  if (max === -Infinity) throw new AppError('invalid', 'No row of the object has a readable event time.')
  steps.sort((a, b) => a - b)
  const step = steps[Math.floor(steps.length / 2)] ?? 1000
  return { rows: kept, times, highest, length: max - min + step }
}

export function toSpeeds(speed: Speed): { until: number; speed: number }[] {
  if (typeof speed === 'number') return [{ until: Infinity, speed }]
  return speed.map((part) => {
    const until = part.until === undefined ? Infinity : toTime(part.until)
    if (until === undefined && typeof part.until !== 'number')
      throw new AppError('invalid', `"${part.until}" in the list of speeds is not a time.`)
    return { until: until ?? Infinity, speed: part.speed }
  })
}

/** Wall ms that pass while the event clock goes from one time to another. */
export function toWallMs(speeds: { until: number; speed: number }[], from: number, to: number): number {
  let wall = 0
  let at = from
  for (const part of speeds) {
    if (at >= to) break
    if (part.until <= at) continue
    const end = Math.min(part.until, to)
    wall += (end - at) / part.speed
    at = end
  }
  return wall
}

/** The body with its time moved, in the form it had. */
export function shiftTime(row: Json, path: string, time: number, unit: TimeUnit | undefined): Json {
  if (!isJsonObject(row) || !Object.hasOwn(row, path)) return row
  const old = row[path]
  if (typeof old === 'string' && parseTime(old) !== undefined) {
    const text = new Date(time).toISOString()
    return { ...row, [path]: old.includes('T') ? text : text.slice(0, 19).replace('T', ' ') }
  }
  const factor = { ms: 1, s: 0.001, us: 1000, ns: 1_000_000, iso: 1 }[unit ?? 'ms']
  return { ...row, [path]: time * factor }
}
