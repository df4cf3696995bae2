/** What of a stream's log may go: beyond its age by arrival, or beyond its size. */
import type { Head, MessageLog } from '../../store/log.ts'

export interface Retention {
  ageMs: number | null
  bytes: number | null
}

/** By size: of messages that differ much, those that were too large may be the first. */
const mostAtOnce = 0.5

/**
 * The first seq to keep. `needed` holds it back: the first that somebody still has to read. By size it goes by the
 * average of what is there, and comes nearer each time.
 */
export async function findKept(
  log: Pick<MessageLog, 'readByArrival'>,
  stream: string,
  head: Head,
  retention: Retention,
  now: number,
  needed: number,
): Promise<number> {
  let from = head.firstSeq
  const count = head.nextSeq - head.firstSeq
  if (retention.ageMs !== null && count > 0) {
    const [young] = await log.readByArrival(stream, { from: now - retention.ageMs, to: now + 1, limit: 1 })
    from = Math.max(from, young?.seq ?? head.nextSeq)
  }
  if (retention.bytes !== null && head.bytes > retention.bytes && count > 0)
    from = Math.max(
      from,
      head.firstSeq + Math.ceil(Math.min(1 - retention.bytes / head.bytes, mostAtOnce) * count),
    )
  return Math.min(from, needed, head.nextSeq)
}

/** Bytes that the retention will come to hold at this rate; null: without an end. */
export function toProjected(retention: Retention, bytesPerDay: number): number | null {
  const byAge = retention.ageMs === null ? null : (bytesPerDay * retention.ageMs) / 86_400_000
  const limits = [byAge, retention.bytes].filter((one) => one !== null)
  return limits.length === 0 ? null : Math.round(Math.min(...limits))
}
