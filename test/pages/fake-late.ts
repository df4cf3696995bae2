/** Messages that no window of a deployment took, for the pages' tests: 130, of which every tenth is ahead of its time. */
import type { LateMessage } from '../../runtime/api/deployments.ts'
import { page, type Answers } from './fake-answer.ts'

const live = Date.UTC(2014, 1, 7)
const hour = 3_600_000

export function lateAnswers(now: number, full: boolean): Answers {
  const late = Array.from({ length: full ? 130 : 0 }, (_, i): LateMessage => {
    const isFuture = i % 10 === 9
    const eventTime = isFuture ? now + 48 * hour : live + i * 600_000
    return {
      number: i + 1,
      stream: 'stream-live',
      seq: 400 + i * 3,
      key: null,
      eventTime,
      receivedAt: now - (130 - i) * 1000,
      reason: isFuture ? 'future' : 'late',
      watermark: live + i * 600_000 + 95_000,
      handler: 0,
      body: { timestamp: new Date(eventTime).toISOString(), value: 80 + i },
    }
  })
  return {
    findLateMessages({ query }) {
      const limit = Number(query.limit ?? 100)
      const found = late.filter(({ number }) => number < Number(query.cursor ?? Infinity)).toReversed()
      const items = found.slice(0, limit)
      return { ...page(items), nextCursor: found.length > limit ? String(items.at(-1)!.number) : null }
    },
  }
}
