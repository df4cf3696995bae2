/**
 * A line of syslog: RFC 5424 (with structured data), or what RFC 3164 found in use. That has no year and no zone: it is
 * taken as UTC in the year that brings it nearest to its arrival. Severities and facilities have the RFC's names.
 */
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import { parseTime } from '../time.ts'
import { months } from './access-log.ts'

const severities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']
const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )
const newer = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (?=[-[])/
const older = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)(?:\.\d+)? (\S+) ([^:[\s]{1,200})(?:\[(\d+)\])?: ?/

export interface Syslog {
  body: JsonObject
  timestamp: number | null
}

export function parseSyslog(line: string, receivedAt: number): Syslog {
  const head = /^<(\d{1,3})>/.exec(line)
  const priority = head ? Number(head[1]) : undefined
  if (priority !== undefined && priority > 191)
    throw new AppError('invalid', `The priority of a syslog line is 0 to 191, not ${priority}.`)
  const rest = line.slice(head?.[0].length ?? 0)
  const level: JsonObject =
    priority === undefined
      ? {}
      : { facility: facilities[priority >> 3] ?? null, severity: severities[priority & 7] ?? null }
  const found = parseNewer(rest) ?? parseOlder(rest, receivedAt)
  if (!found)
    throw new AppError(
      'invalid',
      `Not syslog (RFC 5424 or 3164): ${JSON.stringify(line.slice(0, 80))}, expected such as <34>1 2026-01-31T12:00:00Z host app - - - text.`,
    )
  return { body: { ...level, ...found.body }, timestamp: found.timestamp }
}

function parseNewer(text: string): Syslog | undefined {
  const match = newer.exec(text)
  if (!match) return undefined
  const [all, time, host, app, process, id] = match
  const timestamp = time === '-' ? null : parseTime(time!)
  if (timestamp === undefined)
    throw new AppError('invalid', `The time of the syslog line is not one of RFC 3339: ${time!.slice(0, 40)}`)
  const { data, end } = parseData(text, all.length)
  const message = text.slice(end).replace(/^ (?:\ufeff)?/, '')
  return {
    timestamp,
    body: {
      time: timestamp === null ? null : new Date(timestamp).toISOString(),
      host: absent(host),
      app: absent(app),
      process: absent(process),
      id: absent(id),
      data,
      message,
    },
  }
}

/** Structured data: `-`, or elements such as [id name="value"], where ] " and \ are escaped. */
function parseData(text: string, start: number): { data: JsonObject; end: number } {
  if (text[start] === '-') return { data: {}, end: start + 1 }
  const data: [string, Json][] = []
  const element = /\[([^ =\]"]{1,200})/y
  const parameter = / ([^ =\]"]{1,200})="((?:[^"\\]|\\.)*)"/y
  let at = start
  for (;;) {
    element.lastIndex = at
    const opened = element.exec(text)
    if (!opened) break
    at = element.lastIndex
    const fields: [string, string][] = []
    for (;;) {
      parameter.lastIndex = at
      const found = parameter.exec(text)
      if (!found) break
      at = parameter.lastIndex
      fields.push([found[1]!, found[2]!.replaceAll(/\\(["\\\]])/g, '$1')])
    }
    if (text[at] !== ']')
      throw new AppError('invalid', `The structured data of the syslog line is broken at ${at}.`)
    at++
    data.push([opened[1]!, Object.fromEntries(fields)])
  }
  return { data: Object.fromEntries(data), end: at }
}

function parseOlder(text: string, receivedAt: number): Syslog | undefined {
  const match = older.exec(text)
  if (!match) return undefined
  const [all, name, day, clock, host, app, process] = match
  const month = months.indexOf(name!) / 3
  if (!Number.isInteger(month) || month < 0) return undefined
  const year = new Date(receivedAt).getUTCFullYear()
  const times = [year - 1, year, year + 1].flatMap((one) => {
    const time = `${one}-${String(month + 1).padStart(2, '0')}-${day!.trim().padStart(2, '0')}T${clock}Z`
    return parseTime(time) ?? []
  })
  const [timestamp] = times.toSorted((a, b) => Math.abs(a - receivedAt) - Math.abs(b - receivedAt))
  if (timestamp === undefined) return undefined
  return {
    timestamp,
    body: {
      time: new Date(timestamp).toISOString(),
      host: host!,
      app: app!,
      process: process ?? null,
      message: text.slice(all.length),
    },
  }
}

function absent(field: string | undefined): string | null {
  return field === undefined || field === '-' ? null : field
}
