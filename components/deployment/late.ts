/** Figures of messages that no window took. */
import type { LateMessage } from '../../runtime/api/deployments.ts'

/** ms behind the watermark, or ahead of arrival; null where event time stood nowhere yet. */
export function toLateBy({ reason, eventTime, receivedAt, watermark }: LateMessage): number | null {
  if (reason === 'future') return eventTime - receivedAt
  return watermark === null ? null : watermark - eventTime
}

/** Event times from the first to the last, both ends in it. Those ahead of their arrival have no place in it. */
export function toStretch(items: LateMessage[]): { from: number; to: number } | null {
  const times = items.filter(({ reason }) => reason === 'late').map(({ eventTime }) => eventTime)
  return times.length === 0 ? null : { from: Math.min(...times), to: Math.max(...times) + 1 }
}
