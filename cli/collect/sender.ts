/**
 * Where readings go. Both ways keep a bounded buffer while the other side is away, and drop the oldest when it is full:
 * a reading is worth little when it is old, and a collector must not weigh on the machine that it looks at.
 */
import { ApiError, type Client } from '../../runtime/api/client.ts'
import { isUnreachable } from '../fault.ts'

export interface Sender {
  send(message: object): void
  /** What became of the messages so far. */
  readonly told: { sent: number; dropped: number }
  /** After what waits was sent, or after five seconds. */
  close(): Promise<void>
}
export const maxWaiting = 2000
const maxBatch = 200
const pauseMs = { first: 200, most: 5000 }
const closeMs = 5000

/** One push at a time; what comes meanwhile goes with the next one. */
export function openHttpSender(
  client: Client,
  stream: () => Promise<string>,
  onProblem: (text: string) => void,
): Sender {
  const told = { sent: 0, dropped: 0 }
  const stop = new AbortController()
  let waiting: { text: string }[] = []
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    let pause = pauseMs.first
    while (waiting.length > 0 && !stop.signal.aborted) {
      const batch = waiting.slice(0, maxBatch)
      try {
        const id = await stream()
        const raw = `${batch.map(({ text }) => text).join('\n')}\n`
        const mediaType = 'application/x-ndjson'
        await client.call('pushMessages', { params: { id }, raw, mediaType, signal: stop.signal })
        told.sent += batch.length
        waiting = waiting.filter((one) => !batch.includes(one))
        pause = pauseMs.first
      } catch (error) {
        if (stop.signal.aborted) return
        if (!isPassing(error)) {
          told.dropped += batch.length
          waiting = waiting.filter((one) => !batch.includes(one))
        }
        onProblem(error instanceof ApiError ? error.problem.detail : 'The server does not answer.')
        await new Promise((done) => setTimeout(done, pause))
        pause = Math.min(pause * 2, pauseMs.most)
      }
    }
  }
  function kick(): void {
    running ??= drain().finally(() => {
      running = undefined
      if (waiting.length > 0 && !stop.signal.aborted) kick()
    })
  }
  return {
    told,
    send(message) {
      waiting.push({ text: JSON.stringify(message) })
      if (waiting.length > maxWaiting) {
        waiting.shift()
        told.dropped++
      }
      kick()
    },
    async close() {
      const timer = setTimeout(() => stop.abort(), closeMs)
      await running
      clearTimeout(timer)
      stop.abort()
    },
  }
}
function isPassing(error: unknown): boolean {
  return (
    isUnreachable(error) ||
    (error instanceof ApiError && [408, 429, 500, 502, 503, 504].includes(error.problem.status))
  )
}
