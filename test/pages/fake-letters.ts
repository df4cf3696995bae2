/** Dead letters for the pages' tests: 120, of which those that are no JSON fail again; a replay does ten at a time. */
import type { DeadLetter, LetterResult } from '../../runtime/api/letters.ts'
import { page, type Answers } from './fake-answer.ts'
import { newMessage } from './fake-data.ts'

const total = 120
const atOnce = 10

export function createLetters(now: number, full: boolean): { count: number; answers: Answers } {
  const letters: DeadLetter[] = Array.from({ length: full ? total : 0 }, (_, i) => {
    const unreadable = i % 6 === 0
    return {
      ...newMessage(i + 1, now - (total - i) * 1000),
      body: null,
      reason: unreadable
        ? `Not JSON: Unexpected token '<', "<html>${i}" is not valid JSON`
        : 'The message has no event time: field "timestamp" is missing.',
      raw: unreadable ? `<html>${i}` : `{"value": ${i}}`,
      encoding: 'utf-8' as const,
      replay: null,
    }
  })
  const isOpen = (one: DeadLetter): boolean => one.replay?.state !== 'replayed'
  let seq = 9_120
  function replay(one: DeadLetter): LetterResult {
    const state = one.raw.startsWith('<') ? 'failed' : 'replayed'
    const reason = state === 'failed' ? one.reason : null
    if (isOpen(one))
      one.replay = { state, at: Date.now(), definition: 2, seq: reason === null ? ++seq : null, reason }
    return { letter: one.seq, state, reason, seq: one.replay?.seq ?? null }
  }
  const answers: Answers = {
    findDeadLetters({ query }) {
      const wanted = (query.reason ?? '').toLowerCase()
      const limit = Number(query.limit ?? 50)
      const found = letters
        .filter((one) => (query.open !== 'true' || isOpen(one)) && one.reason.toLowerCase().includes(wanted))
        .filter((one) => one.seq < Number(query.cursor ?? Infinity))
        .toReversed()
      const items = found.slice(0, limit)
      return { ...page(items), nextCursor: found.length > limit ? String(items.at(-1)!.seq) : null }
    },
    async replayDeadLetters({ body }) {
      await new Promise((resolve) => setTimeout(resolve, 30))
      if (Array.isArray(body.seqs))
        return {
          results: letters.filter((one) => (body.seqs as number[]).includes(one.seq)).map(replay),
          next: null,
        }
      const rest = letters.filter((one) => one.seq >= Number(body.from ?? 1) && isOpen(one))
      const some = rest.filter(({ reason }) =>
        reason.toLowerCase().includes(String(body.reason).toLowerCase()),
      )
      return { results: some.slice(0, atOnce).map(replay), next: some[atOnce]?.seq ?? null }
    },
  }
  return { count: letters.length, answers }
}
