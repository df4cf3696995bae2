/** The message log of a workspace on SQLite: packs messages into flat rows for the worker thread, and back. */
import type { JsonObject, Json } from '../../json.ts'
import type { Head, Message, MessageLog, NewMessage } from '../log.ts'
import { checkBatch, checkInteger, checkLimit, checkRange, checkStream, checkTtl } from '../message.ts'
import { newNumbers, newTexts, readNumbers } from './messages.ts'
import { packRows, readRows, type PackedRows } from './packing.ts'
import type { LogMethods, Thread } from './thread.ts'

export function openSqliteLog(thread: Thread<LogMethods>, workspace: string): MessageLog {
  return {
    async lease(stream, owner, now, ttlMs) {
      checkTtl(owner, now, ttlMs)
      return thread.call('logLease', workspace, checkStream(stream), owner, now, ttlMs)
    },
    release: (stream, lease) => thread.call('logRelease', workspace, stream, lease),
    async append(stream, lease, { messages, ackedSeq, source }) {
      checkBatch(messages)
      let bytes = 0
      let lastReceivedAt: number | null = null
      let maxEventTime: number | null = null
      for (const message of messages) {
        bytes += message.bytes
        lastReceivedAt = message.receivedAt
        maxEventTime = Math.max(maxEventTime ?? message.eventTime, message.eventTime)
      }
      return thread.call('logAppend', workspace, checkStream(stream), lease, pack(messages), {
        ...(ackedSeq === undefined ? {} : { ackedSeq }),
        ...(source === undefined ? {} : { source: JSON.stringify(source) }),
        bytes,
        lastReceivedAt,
        maxEventTime,
      })
    },
    async head(stream) {
      const found = await thread.call('logHead', workspace, stream)
      if (!found)
        return {
          firstSeq: 1,
          nextSeq: 1,
          bytes: 0,
          lastReceivedAt: null,
          maxEventTime: null,
          ackedSeq: 0,
          source: null,
        }
      const [firstSeq, nextSeq, bytes, lastReceivedAt, maxEventTime, ackedSeq, source] = found
      return {
        firstSeq,
        nextSeq,
        bytes,
        lastReceivedAt,
        maxEventTime,
        ackedSeq,
        source: JSON.parse(source as string) as Json,
      } as Head
    },
    async read(stream, fromSeq, limit) {
      checkLimit(limit, 5_000)
      checkInteger(fromSeq, 'fromSeq')
      return unpack(await thread.call('logRead', workspace, stream, fromSeq, limit))
    },
    async readByArrival(stream, range) {
      checkRange(range)
      return unpack(await thread.call('logByArrival', workspace, stream, range))
    },
    async readByEventTime(stream, range) {
      checkRange(range)
      return unpack(await thread.call('logByEventTime', workspace, stream, range))
    },
    async last(stream, limit) {
      checkLimit(limit, 1_000)
      return unpack(await thread.call('logLast', workspace, stream, limit))
    },
    async identities(stream, fromSeq, limit) {
      checkLimit(limit, 1_000_000)
      const found = await thread.call('logIdentities', workspace, stream, fromSeq, limit)
      return (found as [number, string | null, string | null][]).map(([seq, messageId, hash]) => ({
        seq,
        messageId,
        hash,
      }))
    },
    async rates(stream, from, to, bucketMs) {
      checkInteger(from, 'from')
      checkInteger(to, 'to')
      checkLimit(bucketMs, Number.MAX_SAFE_INTEGER)
      const found = await thread.call('logRates', workspace, stream, from, to, bucketMs)
      return (found as [number, number, number][]).map(([at, count, bytes]) => ({ at, count, bytes }))
    },
    async trim(stream, beforeSeq) {
      checkInteger(beforeSeq, 'beforeSeq')
      await thread.call('logTrim', workspace, stream, beforeSeq)
    },
    drop: (stream) => thread.call('logDrop', workspace, stream),
  }
}
/** `flags` holds the definition's version above one bit for `redelivered`. */
function pack(messages: NewMessage[]): PackedRows {
  return packRows(messages, { numbers: newNumbers, texts: newTexts }, (message, numbers, at, put) => {
    const { messageId, hash = null, key, headers, body, json } = message
    numbers[at] = message.eventTime
    numbers[at + 1] = message.receivedAt
    numbers[at + 2] = message.bytes
    numbers[at + 3] = message.definition * 2 + (message.redelivered ? 1 : 0)
    put(messageId)
    put(hash)
    put(key)
    put(isEmpty(headers) ? null : JSON.stringify(headers))
    put(json ?? JSON.stringify(body))
  })
}
function unpack(packed: PackedRows): Message[] {
  const { numbers } = packed
  const messages: Message[] = []
  readRows(packed, readNumbers, (row) => {
    const { at } = row
    const messageId = row.text()
    const hash = row.text()
    const key = row.text()
    const headers = row.text()
    const flags = numbers[at + 4]!
    messages.push({
      seq: numbers[at]!,
      body: JSON.parse(row.text()!) as Json,
      headers: headers === null ? {} : (JSON.parse(headers) as JsonObject),
      key,
      eventTime: numbers[at + 1]!,
      receivedAt: numbers[at + 2]!,
      messageId,
      redelivered: flags % 2 === 1,
      definition: Math.floor(flags / 2),
      bytes: numbers[at + 3]!,
      ...(hash === null ? {} : { hash }),
    })
  })
  return messages
}
function isEmpty(headers: JsonObject): boolean {
  for (const _ in headers) return false
  return true
}
