/** What a stream has for a trigger: a stretch of so many messages or of so much time, or each message that matches. */
import type { StreamMatch } from '../api/triggers.ts'
import type { Json } from '../json.ts'
import type { Head, Message } from '../store/log.ts'
import { getPath } from '../stream/path.ts'
import type { Cause } from './cause.ts'
import type { TriggerSpec } from './trigger-document.ts'

type StreamSpec = TriggerSpec & { type: 'stream' }
/** Looked through in one pass. */
const maxScanned = 5000
/** Of one run by time: more than that is left for the next. */
const maxStretch = 1_000_000

export interface Found {
  causes: Cause[]
  nextSeq: number
  /** There is more already. */
  more: boolean
  /** Messages that retention took before they were looked at. */
  lost: number
}

/** At most `room` causes from `nextSeq` on. `read` answers messages by seq. */
export async function findInStream(
  spec: StreamSpec,
  head: Head,
  nextSeq: number,
  place: { room: number; now: number; read: (fromSeq: number, limit: number) => Promise<Message[]> },
): Promise<Found> {
  const first = Math.max(nextSeq, head.firstSeq)
  const lost = first - nextSeq
  if (place.room === 0) return { causes: [], nextSeq, more: false, lost: 0 }
  if (spec.match) {
    const found = await findMatches(spec, spec.match, head, first, place)
    return { ...found, lost }
  }
  const causes: Cause[] = []
  let from = first
  while (causes.length < place.room) {
    const there = head.nextSeq - from
    const count = spec.everyMessages ?? Math.min(there, maxStretch)
    if (count < 1 || there < count) break
    const at = head.lastReceivedAt ?? place.now
    causes.push(toCause(spec.stream, from, from + count - 1, at > 0 ? at : place.now))
    from += count
    if (spec.everySeconds !== undefined) break
  }
  return { causes, nextSeq: from, more: false, lost }
}

async function findMatches(
  spec: StreamSpec,
  match: StreamMatch,
  head: Head,
  first: number,
  { room, read }: { room: number; read: (fromSeq: number, limit: number) => Promise<Message[]> },
): Promise<Omit<Found, 'lost'>> {
  const causes: Cause[] = []
  let from = first
  let scanned = 0
  while (from < head.nextSeq && scanned < maxScanned) {
    const messages = await read(from, 500)
    if (messages.length === 0) break
    for (const { seq, body, receivedAt } of messages) {
      if (matches(match, body)) {
        if (causes.length >= room) return { causes, nextSeq: from, more: false }
        causes.push(toCause(spec.stream, seq, seq, receivedAt))
      }
      from = seq + 1
      scanned++
    }
  }
  return { causes, nextSeq: from, more: from < head.nextSeq }
}

export function matches({ path, is, value }: StreamMatch, body: Json): boolean {
  const found = getPath(body, path)
  if (found === undefined || found === null) return false
  switch (is) {
    case 'there':
      return true
    case 'equal':
      return found === value
    case 'above':
      return typeof found === 'number' && found > Number(value)
    case 'below':
      return typeof found === 'number' && found < Number(value)
    case 'contains':
      return Array.isArray(found) ? found.some((one) => one === value) : String(found).includes(String(value))
  }
}

function toCause(stream: string, from: number, to: number, at: number): Cause {
  return {
    key: `stream ${stream} ${from}-${to}`,
    at,
    trigger: { type: 'stream', stream, from, to },
    range: { stream, fromSeq: from, toSeq: to },
    offered: { stream, from, to },
  }
}
