import { AppError } from '../../error.ts'
import type { JsonObject } from '../../json.ts'

// No two neighbours can take the same character, so each line is read once.
const line =
  /^(\S+) (\S+) (\S+) \[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?(?: (.*))?$/
export const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'

/** A line in the common or combined log format (httpd.apache.org/docs/current/logs.html); nginx writes the same. */
export function parseAccessLog(text: string): { body: JsonObject; timestamp: number } {
  const match = line.exec(text)
  const month = match ? months.indexOf(match[5]!) / 3 : -1
  if (!match || !Number.isInteger(month) || month < 0)
    throw new AppError('invalid', `Not a line of an access log: ${JSON.stringify(text.slice(0, 80))}`)
  const [, host, ident, user, day, , year, clock, zone, request, status, bytes, referer, agent, rest] = match
  const offset = `${zone!.slice(0, 3)}:${zone!.slice(3)}`
  const timestamp = Date.parse(`${year}-${String(month + 1).padStart(2, '0')}-${day}T${clock}${offset}`)
  if (Number.isNaN(timestamp))
    throw new AppError('invalid', `The time of the line does not exist: ${day}/${match[5]}/${year}:${clock}`)
  const [method = '', path, protocol] = request!.split(' ')
  const body: JsonObject = {
    host: host!,
    ident: absent(ident),
    user: absent(user),
    time: new Date(timestamp).toISOString(),
    ...(path === undefined ? { request: request! } : { method, path, protocol: protocol ?? null }),
    status: Number(status),
    bytes: bytes === '-' ? 0 : Number(bytes),
  }
  if (agent !== undefined) Object.assign(body, { referer: absent(referer), agent: absent(agent) })
  if (rest !== undefined && rest !== '') body.rest = rest
  return { body, timestamp }
}

function absent(field: string | undefined): string | null {
  return field === undefined || field === '-' ? null : field
}
