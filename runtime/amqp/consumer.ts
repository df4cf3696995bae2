/**
 * A supervised consumer: sessions one after the other until stopped. A message is acknowledged after `write` resolved
 * and at no other time; a write that fails keeps session, channel and batch, for every ended session raises the
 * delivery count of the whole prefetch and a quorum queue with a limit then drops it. For the same reason no session
 * opens before `ready`, and the first after an unclean end begins with a prefetch of 1 and doubles it with each commit.
 */
import { isAppError } from '../error.ts'
import { openConnection, type ConnectionOptions } from './connection.ts'
import type { Delivery } from './delivery.ts'
import { isMisconfigured, toFault } from './fault.ts'
import { runSession, type ConsumerCounters, type SessionOptions } from './session.ts'

export type ConsumerState = 'starting' | 'consuming' | 'backoff' | 'misconfigured' | 'stopped'
export interface ConsumerOptions {
  connection: ConnectionOptions
  source: SessionOptions['source']
  /** Waits until the store can be written, and takes it; `clean`: the session before ended with everything acknowledged. */
  ready(signal: AbortSignal): Promise<{ clean: boolean; offset: number | null }>
  /**
   * Resolves when the batch is durable. It is called while the batch before is written, and stores nothing before
   * `turn`. It retries by itself; it rejects when the stream is no longer ours.
   */
  write(batch: Delivery[], signal: AbortSignal, turn: Promise<void>): Promise<void>
  /** After a graceful end: everything delivered was acknowledged. */
  settled(): Promise<void>
  onState(state: ConsumerState, error: string | null): void
  random?: () => number
}
export interface Consumer {
  readonly counters: ConsumerCounters
  /** Cancels, flushes, acknowledges, closes. */
  stop(): Promise<void>
}

export function openConsumer(options: ConsumerOptions): Consumer {
  const random = options.random ?? Math.random
  const stopping = new AbortController()
  const counters: ConsumerCounters = {
    delivered: 0,
    redelivered: 0,
    sessions: 0,
    reconnects: 0,
    unacknowledged: 0,
    maxDeliveryCount: 0,
    prefetch: 0,
    batch: 0,
    queueDepth: -1,
  }
  async function supervise(): Promise<void> {
    let attempt = 0
    while (!stopping.signal.aborted) {
      try {
        options.onState('starting', null)
        const { clean, offset } = await options.ready(stopping.signal)
        if (stopping.signal.aborted) break
        const connection = await openConnection(options.connection)
        const graceful = await runSession(connection, {
          ...options,
          counters,
          clean,
          offset,
          stopping: stopping.signal,
          onConsuming() {
            if (counters.sessions++ > 0) counters.reconnects++
            attempt = 0
            options.onState('consuming', null)
          },
        })
        if (graceful) await options.settled()
      } catch (error) {
        if (stopping.signal.aborted) break
        attempt++
        const wrong = isMisconfigured(error)
        // A broker that starts up says "not found" for a moment: slow comes by repetition.
        const cap = wrong ? Math.min(30_000, 1000 * 2 ** attempt) : Math.min(15_000, 200 * 2 ** attempt)
        options.onState(wrong ? 'misconfigured' : 'backoff', toFault(error))
        await pause(isAppError(error, 'fenced') ? 500 : cap * (0.5 + random() / 2), stopping.signal)
      }
      counters.unacknowledged = 0
    }
    options.onState('stopped', null)
  }
  const done = supervise()
  return {
    counters,
    stop() {
      stopping.abort()
      return done
    },
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
