/** Replays dead letters a page at a time, and tells how far it is. What was done stays done when it is stopped. */
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { LetterResult } from '../../runtime/api/letters.ts'
import { client, keyOf, toText } from '../ui/api.ts'

export interface ReplayProgress {
  running: boolean
  replayed: number
  duplicate: number
  failed: number
  /** Of what is still being replayed, and why it did not go on. */
  error: string | null
}
export interface Replay {
  progress: ReplayProgress | null
  /** These, or all that are open with this in their reason. */
  start(what: { seqs: number[] } | { reason: string }): void
  stop(): void
}
const atOnce = 200

export function useReplay(id: string): Replay {
  const queries = useQueryClient()
  const [progress, setProgress] = useState<ReplayProgress | null>(null)
  const stopping = useRef<AbortController>(null)

  async function run(what: { seqs: number[] } | { reason: string }, signal: AbortSignal): Promise<void> {
    let now: ReplayProgress = { running: true, replayed: 0, duplicate: 0, failed: 0, error: null }
    const show = (more: Partial<ReplayProgress>): void => setProgress((now = { ...now, ...more }))
    show({})
    try {
      for await (const results of pages(what, signal))
        show({
          replayed: now.replayed + count(results, 'replayed'),
          duplicate: now.duplicate + count(results, 'duplicate'),
          failed: now.failed + count(results, 'failed') + count(results, 'replaying'),
        })
    } catch (error) {
      if (!signal.aborted) show({ error: toText(error) })
    }
    show({ running: false })
    for (const one of ['findDeadLetters', 'getStream', 'findMessages'] as const)
      void queries.invalidateQueries({ queryKey: keyOf(one) })
  }
  async function* pages(what: { seqs: number[] } | { reason: string }, signal: AbortSignal) {
    const params = { id }
    if ('seqs' in what) {
      for (let at = 0; at < what.seqs.length; at += atOnce) {
        const seqs = what.seqs.slice(at, at + atOnce)
        yield (await client.call('replayDeadLetters', { params, body: { seqs }, signal })).results
      }
      return
    }
    for (let from: number | null = 1; from !== null;) {
      const body = { reason: what.reason, from }
      const answer: { results: LetterResult[]; next: number | null } = await client.call(
        'replayDeadLetters',
        {
          params,
          body,
          signal,
        },
      )
      yield answer.results
      from = answer.next
    }
  }
  return {
    progress,
    start(what) {
      stopping.current?.abort()
      stopping.current = new AbortController()
      void run(what, stopping.current.signal)
    },
    stop: () => stopping.current?.abort(),
  }
}
function count(results: LetterResult[], state: LetterResult['state']): number {
  return results.filter((one) => one.state === state).length
}
