/** Reads of a stream's log, a page at a time, and the stream of live events. */
import type { message, Stream } from '../api/streams.ts'
import type { z } from 'zod'
import { pause } from '../amqp/consumer.ts'
import type { Bus } from '../bus/port.ts'
import { AppError } from '../error.ts'
import type { Message, MessageLog } from '../store/log.ts'
import type { Page } from '../store/port.ts'
import { toTime } from './time.ts'

export type MessageView = z.input<typeof message>

const readMax = 5000
const byteBudget = 32_000_000

export function toMessageView(one: Message): MessageView {
  const { seq, body, headers, key, eventTime, receivedAt, messageId } = one
  return { seq, body, headers, key, eventTime, receivedAt, messageId }
}

/** invalid when it is not a time. */
export function checkTime(value: number | string, name: string): number {
  const time = toTime(value)
  if (time === undefined)
    throw new AppError(
      'invalid',
      `${name} must be a time: ms since 1970, or ISO 8601 text such as 2014-02-07T14:55Z.`,
      {
        path: name,
      },
    )
  return time
}

/** By event time in [from, to), all pages together, up to `limit` messages and 32 MB. */
export async function readBetween(
  log: MessageLog,
  stream: string,
  range: { from: number; to: number; limit: number; after?: { eventTime: number; seq: number } },
): Promise<Message[]> {
  const found: Message[] = []
  let bytes = 0
  let after = range.after
  while (found.length < range.limit && bytes < byteBudget) {
    const page = await log.readByEventTime(stream, {
      from: range.from,
      to: range.to,
      limit: Math.min(range.limit - found.length, readMax),
      ...(after ? { after } : {}),
    })
    if (page.length === 0) break
    for (const one of page) {
      found.push(one)
      bytes += one.bytes
    }
    const last = page.at(-1)!
    after = { eventTime: last.eventTime, seq: last.seq }
  }
  return found
}

/** The newest `limit` that arrived in [from, to), oldest first; of large ones the newest 32 MB. */
export async function readRecent(
  log: MessageLog,
  stream: string,
  range: { from: number; to: number; limit: number },
): Promise<Message[]> {
  const newest = await log.last(stream, Math.min(range.limit, 1000))
  const within = (one: Message): boolean => one.receivedAt >= range.from && one.receivedAt < range.to
  if (range.limit <= 1000 || newest.length < 1000) return newest.filter(within).reverse()
  const first = Math.max(1, newest[0]!.seq - range.limit + 1)
  const found: Message[] = []
  let bytes = 0
  for (let seq = first; ;) {
    const page = await log.read(stream, seq, readMax)
    if (page.length === 0) break
    const wanted = page.filter(within)
    found.push(...wanted)
    bytes = dropOldest(found, bytes + sizeOf(wanted))
    seq = page.at(-1)!.seq + 1
  }
  return found.slice(-range.limit)
}
const sizeOf = (messages: Message[]): number => messages.reduce((sum, { bytes }) => sum + bytes, 0)
/** Oldest first: those beyond 32 MB go, so that large messages cannot fill the memory. What is left, in bytes. */
function dropOldest(messages: Message[], bytes: number): number {
  let left = bytes
  let gone = 0
  while (left > byteBudget && gone < messages.length - 1) left -= messages[gone++]!.bytes
  messages.splice(0, gone)
  return left
}

export interface MessagesQuery {
  from?: number | string
  to?: number | string
  fromSeq?: number
  limit: number
  cursor?: string
}
/** By event time with `from` or `to`, by seq with `fromSeq`, else the last, newest first. */
export async function readPage(
  log: MessageLog,
  stream: string,
  query: MessagesQuery,
): Promise<Page<MessageView>> {
  const { limit } = query
  const place = query.cursor === undefined ? undefined : toPlace(query.cursor)
  if (query.from !== undefined || query.to !== undefined) {
    const from = query.from === undefined ? -8.64e15 : checkTime(query.from, 'from')
    const to = query.to === undefined ? 8.64e15 : checkTime(query.to, 'to')
    const after = place && { eventTime: place[0] ?? 0, seq: place[1] ?? 0 }
    const items = await readBetween(log, stream, { from, to, limit, ...(after ? { after } : {}) })
    const last = items.at(-1)
    return page(items, items.length === limit && last ? [last.eventTime, last.seq] : undefined)
  }
  if (query.fromSeq !== undefined) {
    const items = await log.read(stream, place?.[0] ?? query.fromSeq, limit)
    const last = items.at(-1)
    const { nextSeq } = await log.head(stream)
    return page(items, last && last.seq + 1 < nextSeq ? [last.seq + 1] : undefined)
  }
  return readBackwards(log, stream, limit, place?.[0])
}
/** Newest first; a place is the seq to go on below. */
export async function readBackwards(
  log: MessageLog,
  stream: string,
  limit: number,
  below: number | undefined,
): Promise<Page<MessageView>> {
  const items = await lastBelow(log, stream, limit, below)
  const { firstSeq } = await log.head(stream)
  const oldest = items.at(-1)
  return page(items, oldest && oldest.seq > firstSeq ? [oldest.seq] : undefined)
}
export async function lastBelow(
  log: MessageLog,
  stream: string,
  limit: number,
  below: number | undefined,
): Promise<Message[]> {
  if (below === undefined) return log.last(stream, Math.min(limit, 1000))
  const from = Math.max(1, below - limit)
  const items: Message[] = []
  let bytes = 0
  for (let seq = from; seq < below;) {
    const part = await log.read(stream, seq, below - seq)
    if (part.length === 0) break
    const wanted = part.filter((one) => one.seq < below)
    items.push(...wanted)
    bytes = dropOldest(items, bytes + sizeOf(wanted))
    seq = part.at(-1)!.seq + 1
  }
  return items.reverse()
}

function page(items: Message[], next: number[] | undefined): Page<MessageView> {
  return { items: items.map(toMessageView), nextCursor: next ? next.join('.') : null }
}
export function toPlace(cursor: string): number[] {
  const place = cursor.split('.').map(Number)
  if (!place.every(Number.isSafeInteger))
    throw new AppError('invalid', 'The cursor is not one of this list.', { path: 'cursor' })
  return place
}

export interface LiveEvent {
  id: string
  event: string
  data: unknown
}
const maxQueued = 100
/** Between two events of messages: what came meanwhile is one. */
const messagesMs = 250

/** `messages` and `state` events of a stream; first its state as it is. A reader that is slow loses the oldest. */
export async function* followStream(
  bus: Bus,
  workspace: string,
  first: Stream,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  const queue: ({ type?: string } | MessagesEvent)[] = []
  let wake: () => void = () => undefined
  let quietUntil = 0
  const unsubscribe = bus.subscribe(workspace, `streams/${first.id}`, (event) => {
    const data = event.data as { type?: string }
    const last = queue.at(-1)
    if (isMessages(data) && last && isMessages(last)) {
      queue[queue.length - 1] = { ...last, to: data.to, count: last.count + data.count }
      return
    }
    queue.push(data)
    if (queue.length > maxQueued) queue.shift()
    wake()
  })
  const abort = (): void => wake()
  signal.addEventListener('abort', abort)
  let id = 0
  try {
    yield { id: String(++id), event: 'state', data: first }
    while (!signal.aborted) {
      const [next] = queue
      if (!next) {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted || queue.length > 0) resolve()
        })
        continue
      }
      if (isMessages(next)) {
        await pause(Math.max(0, quietUntil - performance.now()), signal)
        quietUntil = performance.now() + messagesMs
      }
      const data = queue.shift() ?? next
      yield { id: String(++id), event: data.type ?? 'messages', data }
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', abort)
  }
}

interface MessagesEvent {
  type: 'messages'
  from: number
  to: number
  count: number
}
function isMessages(data: { type?: string }): data is MessagesEvent {
  return data.type === 'messages'
}
