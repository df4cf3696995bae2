/** A dead letter read again, as if it came today: today's definition, yesterday's bytes, headers and arrival. */
import { streamFormat } from '../../api/streams.ts'
import type { Json, JsonObject } from '../../json.ts'
import type { Message, NewMessage } from '../../store/log.ts'
import type { StoredStream } from '../definition.ts'
import {
  cutHeader,
  encodingHeader,
  formatHeader,
  reasonHeader,
  timestampHeader,
  toRecords,
} from '../record.ts'

/** On a message that was a dead letter: the seq that it had among those. */
export const letterHeader = 'x-suricate-dead-letter'
const own = [cutHeader, encodingHeader, formatHeader, reasonHeader, timestampHeader]

/**
 * All its messages, or why there are none: a letter is used as a whole or not at all. The messages arrive now, for the
 * log is in the order of arrival; a time that is measured against arrival is measured against that of the letter.
 * Every message has an id, so that the letter can come in twice and its messages once.
 */
export function readLetter(stream: StoredStream, letter: Message, now: number): NewMessage[] | string {
  const { headers, seq } = letter
  if (headers[cutHeader] === true) return 'Only its first 4 MiB were kept; it has to be sent again.'
  const format = toFormat(headers[formatHeader], stream.format)
  if (format === undefined)
    return `What was sent as ${String(headers[formatHeader])} and is none has to be sent again.`
  const records = toRecords(
    { ...stream, format },
    {
      bytes: toBytes(letter),
      headers: toHeaders(headers),
      messageId: letter.messageId,
      redelivered: false,
      receivedAt: letter.receivedAt,
      timestamp: toNumber(headers[timestampHeader]),
    },
  )
  const at = records.findIndex(({ dead }) => dead !== undefined)
  if (at >= 0) {
    const { dead } = records[at]!
    return records.length === 1 ? dead! : `Event ${at + 1} of ${records.length}: ${dead}`
  }
  return records.map(({ message: { hash: _, ...message } }, i) => ({
    ...message,
    headers: { ...message.headers, [letterHeader]: seq },
    messageId: message.messageId ?? `dead-letter ${seq}#${i}`,
    receivedAt: now,
  }))
}

function toBytes({ body, headers }: Message): Uint8Array {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return Buffer.from(text, headers[encodingHeader] === 'base64' ? 'base64' : 'utf8')
}
function toHeaders(headers: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)))
}
function toFormat(
  sent: Json | undefined,
  otherwise: StoredStream['format'],
): StoredStream['format'] | undefined {
  if (sent === undefined) return otherwise
  return streamFormat.options.find((known) => known === sent)
}
const toNumber = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null)
