/**
 * Reads messages of a session's streams into its processor, merged by arrival, and says how a handler's failure ends
 * the deployment: after what came before the message was done again and committed. Where a stream has nothing to read, a message of another waits a moment for what arrived before it.
 */
import type { Clock } from '../clock.ts'
import type { Message, MessageLog } from '../store/log.ts'
import { type Buffered, pickFirst } from './arrival.ts'
import { HandlerFailed, type MessagePlace } from './handler.ts'
import type { PinnedNotebook } from './ports.ts'
import { streamsOf } from './input.ts'
import { describe, type Session } from './session.ts'

/** For the person: the deployment has failed with this text. */
export class Failed extends Error {}
/** A handler failed for good at this message; messages before it may not be committed yet. */
export class StepFailed extends Error {
  readonly stream: string
  readonly seq: number
  constructor(stream: string, seq: number, message: string) {
    super(message)
    this.stream = stream
    this.seq = seq
  }
}
export interface Steps {
  /** Messages from where the session is, up to `until`; how many there were. 0: nothing is to be done now. */
  read(onMessage?: () => Promise<void>, until?: { stream: string; seq: number }): Promise<number>
  /** The arrival clock, as far as nothing older can still come; true where it did something. */
  tick(): Promise<boolean>
  /** Batch handlers get what was read. */
  flush(): Promise<void>
}

/** Where the read ends that begins at `seq`: reads meet at multiples of their size, so that batches are cut alike. */
export function toCut(seq: number, size: number): number {
  return (Math.floor(seq / size) + 1) * size
}

export interface StepOptions {
  session: Session
  notebook: Pick<PinnedNotebook, 'cells'>
  log: MessageLog
  clock: Clock
  limit: number
  /** How long a message waits for older ones of other streams, and the arrival clock for messages. */
  orderMs: number
  tickMs: number
  signal: AbortSignal
}
interface Reading extends Buffered {
  messages: Message[]
  /** Since when its next message has been there. */
  seenAt: number
  /** The log had nothing more when it was last read. */
  atHead: boolean
}

export function createSteps(options: StepOptions): Steps {
  const { session, notebook, log, clock, limit, signal } = options
  const { offsets, processor } = session
  const names = new Map(session.inputs.flatMap(streamsOf).map(({ id, name }) => [id, name]))
  const readings: Reading[] = Object.keys(offsets).map((stream) => ({
    stream,
    messages: [],
    next: 0,
    seenAt: 0,
    atHead: false,
  }))

  async function fill(reading: Reading): Promise<void> {
    if (reading.next < reading.messages.length) return
    const from = offsets[reading.stream] ?? 1
    const found = await log.read(reading.stream, from, limit)
    const cut = toCut(found[0]?.seq ?? from, limit)
    reading.messages = found.filter(({ seq }) => seq < cut)
    reading.next = 0
    reading.seenAt = clock.now()
    reading.atHead = found.length === 0
  }
  /** Whether what arrived before it has come, as far as one can wait. */
  function isNext({ seenAt }: Reading, { receivedAt }: Message): boolean {
    const now = clock.now()
    return (
      readings.every(({ atHead }) => !atHead) ||
      now - receivedAt >= options.orderMs ||
      now - seenAt >= options.orderMs
    )
  }
  const fail = (error: unknown, here?: MessagePlace): never => {
    if (!(error instanceof HandlerFailed)) throw error
    const { stream, seq } = error.at ?? here ?? {}
    const text = describe(error.error, notebook)
    if (stream === undefined || seq === undefined) throw new Failed(text)
    throw new StepFailed(stream, seq, `${text} at message ${seq} of "${names.get(stream)}"`)
  }
  return {
    async read(onMessage, until) {
      for (const reading of readings) await fill(reading)
      let count = 0
      while (!signal.aborted) {
        const first = pickFirst(readings) as Reading | undefined
        const message = first?.messages[first.next]
        if (!first || !message || (readings.length > 1 && !isNext(first, message))) break
        const { stream } = first
        if (stream === until?.stream && message.seq >= until.seq) return 0
        await processor
          .add(message, stream)
          .catch((error: unknown) => fail(error, { stream, seq: message.seq }))
        offsets[stream] = message.seq + 1
        first.next += 1
        count += 1
        await onMessage?.()
        if (first.next < first.messages.length) continue
        if (readings.length === 1) break
        await processor.flush(stream).catch((error: unknown) => fail(error))
        await fill(first)
        if (count >= limit) break
      }
      return count
    },
    async tick() {
      const to = clock.now() - options.tickMs
      if (!processor.isTickDue(to)) return false
      // it may be that something waits to be read, which arrived before
      if (readings.some(({ messages, next }) => next < messages.length)) return false
      await processor.tick(to).catch((error: unknown) => fail(error))
      return processor.dirty
    },
    async flush() {
      await processor.flush().catch((error: unknown) => fail(error))
    },
  }
}
