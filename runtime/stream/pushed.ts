/** What a push over HTTP holds, by its media type. */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import { isCloudEvent, toCloudRecords, type Headers } from './cloud-events.ts'
import type { StoredStream } from './definition.ts'
import { parseJson } from './format/json.ts'
import { toRecord, toRecords, type Received, type Record } from './record.ts'

/** What curl -d and fetch say of a body when nobody names it: then the stream's own format counts. */
const unnamed = ['', 'text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']

/** One JSON value, an array, lines, CloudEvents, or the stream's own format. invalid: what is not readable at all. */
export function toPushed(
  stream: StoredStream,
  bytes: Uint8Array,
  mediaType: string,
  receivedAt: number,
  headers: Headers = {},
): Record[] {
  const type = mediaType.split(';')[0]!.trim().toLowerCase()
  if (isCloudEvent(type, headers)) return toCloudRecords(stream, bytes, type, headers, receivedAt)
  const received: Received = {
    bytes,
    headers: {},
    messageId: null,
    redelivered: false,
    receivedAt,
    timestamp: null,
  }
  if (bytes.every((byte) => byte === 32 || (byte >= 9 && byte <= 13)))
    throw new AppError('invalid', 'The body is empty; send JSON, an array or NDJSON.')
  const isUnnamed = unnamed.includes(type)
  const readAs = (format: StoredStream['format']): Record[] =>
    toRecords({ ...stream, format }, { ...received, format })
  if (/ndjson|jsonl|json-lines/.test(type)) return readAs('ndjson')
  if (/msgpack/.test(type)) return readAs('msgpack')
  if (type === 'text/csv') return readAs('csv')
  if (isUnnamed && stream.format !== 'json') return toRecords(stream, received)
  if (!isUnnamed && !type.endsWith('json'))
    throw new AppError(
      'unsupported',
      `A push of ${type} is not read; send application/json or application/x-ndjson.`,
    )
  const toOne = (body: Json): Record => {
    const own = JSON.stringify(body)
    const one = { ...received, bytes: Buffer.from(own), format: 'json' }
    return toRecord(stream, one, body, Buffer.byteLength(own), own)
  }
  const body = parseJson(new TextDecoder().decode(bytes))
  return Array.isArray(body) ? body.map(toOne) : [toOne(body)]
}
