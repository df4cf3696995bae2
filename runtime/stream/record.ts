/**
 * From received bytes to messages of the log, or to dead letters with their reason. Pure: the definition, the bytes
 * and the time of arrival decide. A message that lacks its time never gets another one: a guess would move watermarks.
 */
import { hash } from 'node:crypto'
import { toMessage } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { NewMessage } from '../store/log.ts'
import type { StoredStream } from './definition.ts'
import { toParts, type Part } from './format/parts.ts'
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
  /** As what it is read, where the sender named something else than the definition does. */
  format?: string
}
/** `dead` is the reason why it cannot be used. */
export interface Record {
  message: NewMessage
  dead?: string
}

const maxBytes = 33_554_432
const maxKeptBytes = 4_194_304
/** A number that read and written again could be another: beyond the range, or -0. Some texts match for nothing. */
const changing = /(?:^|[[:,\s])-0|\d[eE][+-]?\d{3}|\d{200}/
export const reasonHeader = 'x-suricate-reason'
/** `base64` where the raw bytes of a dead letter are no text. */
export const encodingHeader = 'x-suricate-encoding'
/** What else a dead letter needs to be read again: its format, the time that its source gave, whether it is whole. */
export const formatHeader = 'x-suricate-format'
export const timestampHeader = 'x-suricate-timestamp'
export const cutHeader = 'x-suricate-cut'

/** One received message is one record, or one for each line or value that its format has in it. */
export function toRecords(stream: StoredStream, received: Received): Record[] {
  const { bytes } = received
  if (bytes.length > maxBytes) {
    const reason = `The message has ${bytes.length} bytes; at most 32 MiB. Its first 4 MiB are kept.`
    const dead = toDead(stream, received, bytes.subarray(0, maxKeptBytes), reason)
    dead.message.headers[cutHeader] = true
    return [dead]
  }
  let parts: Part[]
  try {
    parts = toParts(stream, bytes, received.receivedAt)
  } catch (error) {
    return [toDead(stream, received, bytes, toMessage(error))]
  }
  if (parts.length === 0) return [toDead(stream, received, bytes, 'The message is empty.')]
  const single = parts.length === 1
  const isJson = stream.format === 'json' || stream.format === 'ndjson'
  return parts.map((part, i) => {
    const messageId =
      received.messageId === null || single ? received.messageId : `${received.messageId}#${i}`
    const own = { ...received, messageId, timestamp: part.timestamp ?? received.timestamp }
    if (part.dead !== undefined) return toDead(stream, own, part.raw, part.dead)
    const record = toRecord(stream, own, part.body, single ? bytes.length : sizeOf(part.raw), part.raw)
    if (isJson && record.dead === undefined && !changing.test(part.raw as string))
      record.message.json = part.raw as string
    return record
  })
}

/** A body that is parsed already: an element of a pushed array, a row of a simulator. */
export function toRecord(
  stream: StoredStream,
  received: Received,
  body: Json,
  bytes: number,
  raw: string | Uint8Array,
): Record {
  const time = toEventTime(stream, received, body)
  if (typeof time === 'string') return toDead(stream, received, raw, time)
  const identity = stream.identity ? getPath(body, stream.identity.path) : undefined
  const messageId = received.messageId ?? toName(identity)
  const message: NewMessage = {
    body,
    headers: received.headers,
    key: stream.key ? toName(getPath(body, stream.key.path)) : null,
    eventTime: time,
    receivedAt: received.receivedAt,
    messageId,
    redelivered: received.redelivered,
    definition: stream.definition,
    bytes,
  }
  if (messageId === null) message.hash = toHash(raw, received)
  return { message }
}

export function toDead(
  stream: StoredStream,
  received: Received,
  raw: string | Uint8Array,
  reason: string,
): Record {
  const { text, encoding } = toText(raw)
  return {
    dead: reason,
    message: {
      body: text,
      headers: {
        ...received.headers,
        [reasonHeader]: reason,
        ...(encoding === undefined ? {} : { [encodingHeader]: encoding }),
        ...(received.format === undefined ? {} : { [formatHeader]: received.format }),
        ...(received.timestamp === null ? {} : { [timestampHeader]: received.timestamp }),
      },
      key: null,
      eventTime: received.receivedAt,
      receivedAt: received.receivedAt,
      messageId: received.messageId,
      redelivered: received.redelivered,
      definition: stream.definition,
      bytes: sizeOf(raw),
      ...(received.messageId === null ? { hash: toHash(raw, received) } : {}),
    },
  }
}
function sizeOf(raw: string | Uint8Array): number {
  return typeof raw === 'string' ? Buffer.byteLength(raw) : raw.length
}
function toText(raw: string | Uint8Array): { text: string; encoding?: 'base64' } {
  if (typeof raw === 'string') return { text: raw }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(raw) }
  } catch {
    return { text: Buffer.from(raw).toString('base64'), encoding: 'base64' }
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

function toName(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1000)
}

/** 16 bytes of SHA-256 over the body and what the source said beside it. */
function toHash(raw: string | Uint8Array, received: Received): string {
  const beside = `${received.timestamp ?? ''}\n${JSON.stringify(received.headers)}\n`
  const all = typeof raw === 'string' ? beside + raw : Buffer.concat([Buffer.from(beside), raw])
  return hash('sha256', all, 'hex').slice(0, 32)
}
