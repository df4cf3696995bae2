/**
 * From received bytes to messages of the log, or to dead letters with their reason. Pure: the definition, the bytes
 * and the time of arrival decide. A message that lacks its time never gets another one: a guess would move watermarks.
 */
import { createHash } from 'node:crypto'
import { AppError, toMessage } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { NewMessage } from '../store/log.ts'
import { parseCsv, toCsvObject, toCsvValue } from './csv.ts'
import type { StoredStream } from './definition.ts'
import { getPath } from './path.ts'
import { toTime } from './time.ts'

export interface Received {
  bytes: Uint8Array
  headers: JsonObject
  messageId: string | null
  redelivered: boolean
  receivedAt: number
  /** What the source itself says about when, ms UTC: used only where the definition names nothing. */
  timestamp: number | null
}
/** `dead` is the reason why it cannot be used. */
export interface Record {
  message: NewMessage
  dead?: string
}

const maxBytes = 4_194_304
const maxDepth = 64
export const reasonHeader = 'x-suricate-reason'

/** One received message is one record, or one a line (NDJSON, CSV with a heading). */
export function toRecords(stream: StoredStream, received: Received): Record[] {
  const text = new TextDecoder().decode(received.bytes.subarray(0, maxBytes))
  if (received.bytes.length > maxBytes)
    return [toDead(stream, received, text, `The message has ${received.bytes.length} bytes; at most 4 MiB.`)]
  let parts: { body: Json; text: string; dead?: string }[]
  try {
    parts = toParts(stream.format, text)
  } catch (error) {
    return [toDead(stream, received, text, toMessage(error))]
  }
  const single = parts.length === 1
  return parts.map((part, i) => {
    const messageId =
      received.messageId === null || single ? received.messageId : `${received.messageId}#${i}`
    const bytes = single ? received.bytes.length : Buffer.byteLength(part.text)
    const one = { ...received, messageId }
    return part.dead === undefined
      ? toRecord(stream, one, part.body, bytes, part.text)
      : toDead(stream, one, part.text, part.dead)
  })
}

/** A body that is parsed already: an element of a pushed array, a row of a simulator. */
export function toRecord(
  stream: StoredStream,
  received: Received,
  body: Json,
  bytes: number,
  text: string,
): Record {
  const time = toEventTime(stream, received, body)
  if (typeof time === 'string') return toDead(stream, received, text, time)
  const identity = stream.identity ? getPath(body, stream.identity.path) : undefined
  const messageId = received.messageId ?? toText(identity)
  const message: NewMessage = {
    body,
    headers: received.headers,
    key: stream.key ? toText(getPath(body, stream.key.path)) : null,
    eventTime: time,
    receivedAt: received.receivedAt,
    messageId,
    redelivered: received.redelivered,
    definition: stream.definition,
    bytes,
  }
  if (messageId === null) message.hash = toHash(text, received)
  return { message }
}

function toDead(stream: StoredStream, received: Received, text: string, reason: string): Record {
  return {
    dead: reason,
    message: {
      body: text,
      headers: { ...received.headers, [reasonHeader]: reason },
      key: null,
      eventTime: received.receivedAt,
      receivedAt: received.receivedAt,
      messageId: received.messageId,
      redelivered: received.redelivered,
      definition: stream.definition,
      bytes: received.bytes.length,
      ...(received.messageId === null ? { hash: toHash(text, received) } : {}),
    },
  }
}

function toParts(
  format: StoredStream['format'],
  text: string,
): { body: Json; text: string; dead?: string }[] {
  switch (format) {
    case 'json':
      return [{ body: parseJson(text), text }]
    case 'ndjson':
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => {
          try {
            return { body: parseJson(line), text: line }
          } catch (error) {
            return { body: null, text: line, dead: toMessage(error) }
          }
        })
    case 'csv': {
      const [first, ...rest] = parseCsv(text)
      if (!first) throw new AppError('invalid', 'The message is empty.')
      if (rest.length === 0) return [{ body: first.map(toCsvValue), text }]
      return rest.map((fields) => ({ body: toCsvObject(first, fields), text: fields.join(',') }))
    }
    case 'text':
      return [{ body: text, text }]
    case 'msgpack':
    case 'python':
      throw new AppError(
        'unsupported',
        `The format ${format} is not read yet; use json, ndjson, csv or text.`,
      )
  }
}

/** invalid: not JSON, or nested too deep for what comes after. */
export function parseJson(text: string): Json {
  if (text.length > 2 * maxDepth) checkDepth(text)
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new AppError('invalid', `Not JSON: ${toMessage(error).slice(0, 200)}`)
  }
}

function checkDepth(text: string): void {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 92) i++
      else if (c === 34) quoted = false
    } else if (c === 34) quoted = true
    else if (c === 91 || c === 123) {
      if (++depth > maxDepth) throw new AppError('invalid', `The JSON is nested deeper than ${maxDepth}.`)
    } else if (c === 93 || c === 125) depth--
  }
}

/** ms, or the reason why there is none. */
function toEventTime(stream: StoredStream, received: Received, body: Json): number | string {
  const { path, header, unit } = stream.eventTime
  if (path === undefined && header === undefined) return received.timestamp ?? received.receivedAt
  const where = path === undefined ? `header "${header}"` : `field "${path}"`
  const value = path === undefined ? received.headers[header!] : getPath(body, path)
  if (value === undefined || value === null) return `The message has no event time: ${where} is missing.`
  const time = toTime(value, unit)
  if (time === undefined) {
    const wanted = unit === undefined ? 'a time' : unit === 'iso' ? 'an ISO 8601 time' : `a number of ${unit}`
    return `The event time is wrong: ${where} is ${JSON.stringify(value).slice(0, 80)}, not ${wanted}.`
  }
  if (stream.maxFuture !== null && time - received.receivedAt > stream.maxFuture)
    return `The event time lies ${Math.round((time - received.receivedAt) / 1000)} s ahead of arrival; at most ${stream.maxFuture / 1000} s.`
  return time
}

function toText(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1000)
}

/** 16 bytes of SHA-256 over the body and what the source said beside it. */
function toHash(text: string, received: Received): string {
  const beside = `${received.timestamp ?? ''}\n${JSON.stringify(received.headers)}\n`
  return createHash('sha256').update(beside).update(text).digest('hex').slice(0, 32)
}
