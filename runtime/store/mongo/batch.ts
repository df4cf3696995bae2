/**
 * A batch of the message log as one document. Numbers lie in typed arrays and texts in JSON, because a field per
 * message costs ten times as much to write. What the head needs (bytes, highest event time, source) is carried on
 * from batch to batch, so that it changes in the same write. A batch without messages is a fence (log.ts).
 */
import type { Json, JsonObject } from '../../json.ts'
import type { Message, NewMessage } from '../log.ts'
import { Binary } from './database.ts'
import type { LeaseHead } from './lease.ts'

/** A stream's lease, and the oldest seq that is kept. */
export interface LogHead extends LeaseHead {
  firstSeq: number
  /** Of the owner of `ID` that writes `ID/dead` or `ID/late`. */
  parentEpoch?: number
}
/** What a batch carries on from those before it. */
export interface Carried {
  /** Of all messages up to and with this batch. */
  total: number
  maxEventTime: number | null
  lastReceivedAt: number | null
  ackedSeq: number
  source: string
}
export interface Batch extends Carried {
  _id: string
  /** workspace/stream */
  k: string
  epoch: number
  first: number
  last: number
  n: number
  minEt: number | null
  maxEt: number | null
  minAt: number | null
  maxAt: number | null
  /** Float64Array of eventTime, receivedAt and bytes, n of each. */
  numbers: Binary
  /** JSON: [messageId, hash] of each. */
  names: string
  /** JSON: [body, headers, key, flags] of each; empty when it is in a file of the bucket `logBodies` named `file`. */
  bodies: string
  file?: string
}
export const noneCarried: Carried = {
  total: 0,
  maxEventTime: null,
  lastReceivedAt: null,
  ackedSeq: 0,
  source: 'null',
}
export function batchId(key: string, first: number): string {
  return `${key}#${String(first).padStart(16, '0')}`
}
export function toFence(key: string, first: number, epoch: number, carried: Carried): Batch {
  const empty = {
    minEt: null,
    maxEt: null,
    minAt: null,
    maxAt: null,
    numbers: new Binary(),
    names: '[]',
    bodies: '[]',
  }
  return { _id: batchId(key, first), k: key, epoch, first, last: first - 1, n: 0, ...empty, ...carried }
}
export function toBatch(
  key: string,
  first: number,
  epoch: number,
  before: Carried,
  messages: NewMessage[],
  more: { ackedSeq?: number | undefined; source?: string | undefined },
): Batch {
  const n = messages.length
  const numbers = new Float64Array(n * 3)
  const names: [string | null, string | null][] = []
  const bodies: [Json, JsonObject, string | null, number][] = []
  let { total, maxEventTime, lastReceivedAt } = before
  for (const [i, message] of messages.entries()) {
    numbers[i] = message.eventTime
    numbers[n + i] = message.receivedAt
    numbers[2 * n + i] = message.bytes
    names.push([message.messageId, message.hash ?? null])
    bodies.push([
      message.body,
      message.headers,
      message.key,
      message.definition * 2 + (message.redelivered ? 1 : 0),
    ])
    total += message.bytes
    lastReceivedAt = message.receivedAt
    maxEventTime = Math.max(maxEventTime ?? message.eventTime, message.eventTime)
  }
  const eventTimes = numbers.subarray(0, n)
  const arrivals = numbers.subarray(n, 2 * n)
  return {
    _id: batchId(key, first),
    k: key,
    epoch,
    first,
    last: first + n - 1,
    n,
    minEt: Math.min(...eventTimes),
    maxEt: Math.max(...eventTimes),
    minAt: Math.min(...arrivals),
    maxAt: Math.max(...arrivals),
    numbers: new Binary(Buffer.from(numbers.buffer)),
    names: JSON.stringify(names),
    bodies: JSON.stringify(bodies),
    total,
    maxEventTime,
    lastReceivedAt,
    ackedSeq: more.ackedSeq ?? before.ackedSeq,
    source: more.source ?? before.source,
  }
}
export function toNumbers(batch: Pick<Batch, 'numbers' | 'n'>): Float64Array {
  const bytes = batch.numbers.value()
  const copy = new Float64Array(batch.n * 3)
  new Uint8Array(copy.buffer).set(bytes.subarray(0, copy.byteLength))
  return copy
}
export function toNames(batch: Pick<Batch, 'names'>): [string | null, string | null][] {
  return JSON.parse(batch.names) as [string | null, string | null][]
}
/** Those with seq >= floor. */
export function toMessages(batch: Batch, bodies: string, floor: number): Message[] {
  const { n, first } = batch
  const numbers = toNumbers(batch)
  const names = toNames(batch)
  const parsed = JSON.parse(bodies) as [Json, JsonObject, string | null, number][]
  return parsed
    .map(([body, headers, key, flags], i): Message => {
      const [messageId = null, hash = null] = names[i] ?? []
      return {
        seq: first + i,
        body,
        headers,
        key,
        eventTime: numbers[i] ?? 0,
        receivedAt: numbers[n + i] ?? 0,
        messageId,
        redelivered: flags % 2 === 1,
        definition: Math.floor(flags / 2),
        bytes: numbers[2 * n + i] ?? 0,
        ...(hash === null ? {} : { hash }),
      }
    })
    .filter((message) => message.seq >= floor)
}
