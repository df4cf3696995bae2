/**
 * CloudEvents 1.0 over HTTP: structured, binary and batched. The data is the message, the attributes its headers with
 * `ce-` before their names; source and id together are the message id, so that an event sent again is stored once, and
 * `time` counts where the stream's definition names no time of its own. github.com/cloudevents/spec
 */
import { AppError, toMessage } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { StoredStream } from './definition.ts'
import { parseJson } from './format/json.ts'
import { toDead, toRecord, toRecords, type Received, type Record } from './record.ts'
import { parseTime } from './time.ts'

export type Headers = { [name: string]: string }
const required = ['id', 'source', 'type'] as const

export function isCloudEvent(mediaType: string, headers: Headers): boolean {
  return mediaType.startsWith('application/cloudevents') || headers['ce-specversion'] !== undefined
}

/** invalid: not a CloudEvent; of a batch each event that is none becomes a dead letter. */
export function toCloudRecords(
  stream: StoredStream,
  bytes: Uint8Array,
  mediaType: string,
  headers: Headers,
  receivedAt: number,
): Record[] {
  const received: Received = {
    bytes,
    headers: {},
    messageId: null,
    redelivered: false,
    receivedAt,
    timestamp: null,
  }
  if (!mediaType.startsWith('application/cloudevents'))
    return toBinary(stream, received, mediaType, toAttributes(headers))
  if (!mediaType.endsWith('json'))
    throw new AppError('unsupported', `CloudEvents are read as JSON, not as ${mediaType}.`)
  const parsed = parseJson(new TextDecoder().decode(bytes))
  if (!mediaType.startsWith('application/cloudevents-batch')) return toStructured(stream, received, parsed)
  if (!Array.isArray(parsed)) throw new AppError('invalid', 'A batch of CloudEvents is a JSON array.')
  return parsed.flatMap((event) => {
    try {
      return toStructured(stream, received, event)
    } catch (error) {
      return toDead(stream, { ...received, format: 'cloudevent' }, JSON.stringify(event), toMessage(error))
    }
  })
}

function toStructured(stream: StoredStream, received: Received, event: Json): Record[] {
  if (!isJsonObject(event)) throw new AppError('invalid', 'A CloudEvent is a JSON object.')
  const { data, data_base64: base64, ...attributes } = event
  const own = toReceived(received, attributes)
  if (typeof base64 === 'string') {
    const bytes = Buffer.from(base64, 'base64')
    return toData(stream, { ...own, bytes }, String(attributes.datacontenttype ?? ''))
  }
  const body = data ?? null
  const raw = JSON.stringify(body)
  const json = { ...own, bytes: Buffer.from(raw), format: 'json' }
  return [toRecord(stream, json, body, Buffer.byteLength(raw), raw)]
}
function toBinary(
  stream: StoredStream,
  received: Received,
  mediaType: string,
  attributes: JsonObject,
): Record[] {
  return toData(
    stream,
    toReceived(received, { ...attributes, ...(mediaType === '' ? {} : { datacontenttype: mediaType }) }),
    mediaType,
  )
}
/** By the media type of the data, else by the stream's own format. */
function toData(stream: StoredStream, received: Received, mediaType: string): Record[] {
  if (received.bytes.length === 0) return [toRecord(stream, { ...received, format: 'json' }, null, 0, 'null')]
  const type = mediaType.split(';')[0]!.trim().toLowerCase()
  const format = type.endsWith('json') ? 'json' : /msgpack/.test(type) ? 'msgpack' : undefined
  if (format === undefined) return toRecords(stream, received)
  return toRecords({ ...stream, format }, { ...received, format })
}

function toReceived(received: Received, attributes: JsonObject): Received {
  if (attributes.specversion !== '1.0')
    throw new AppError(
      'invalid',
      `A CloudEvent has specversion "1.0", not ${JSON.stringify(attributes.specversion ?? null).slice(0, 40)}.`,
    )
  for (const name of required)
    if (typeof attributes[name] !== 'string' || attributes[name] === '')
      throw new AppError('invalid', `The CloudEvent has no ${name}.`)
  const { time, source, id } = attributes
  const timestamp = typeof time === 'string' ? parseTime(time) : undefined
  if (time !== undefined && timestamp === undefined)
    throw new AppError('invalid', `The time of the CloudEvent is not one of RFC 3339.`)
  return {
    ...received,
    messageId: `${String(source)} ${String(id)}`.slice(0, 1000),
    timestamp: timestamp ?? null,
    headers: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
  }
}
/** Header values are percent-encoded where they are not plain ASCII. */
function toAttributes(headers: Headers): JsonObject {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('ce-'))
      .map(([name, value]) => [name.slice(3), decode(value)]),
  )
}
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
