/**
 * What every source of the ingest process does with the log: wait until it can be written, write in place until it
 * is written, keep the lease, and note in the sub-log `ID/session` whether a session is open, so that a process that
 * comes after a kill knows of it. That note is also the proof that the store can be written before a session opens.
 */
import { pause } from '../amqp/consumer.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Head, MessageLog } from '../store/log.ts'
import type { Record } from './record.ts'
import { createLogWriter, leaseMs, renewMs, toShares, type Prepared, type Written } from './writer.ts'

export interface DurableCounters {
  duplicates: number
  deadLetters: number
  stored: number
  retries: number
}
export interface Durable {
  readonly counters: DurableCounters
  /** Holds the lease and has noted the session when it resolves; `notes` are those of the session before. */
  ready(signal: AbortSignal, notes?: JsonObject): Promise<{ clean: boolean; head: Head; notes: JsonObject }>
  /** Resolves when stored; rejects when the stream is another's (fenced) or by the signal (cancelled). */
  write(
    records: Record[],
    source: Json | undefined,
    signal: AbortSignal,
    /** What was written before waits for the same acknowledgement. */
    goesOn?: boolean,
  ): Promise<Written>
  /** Between two writes of the source, what it did not bring: for each group what of it was new. */
  insert(groups: Record[][], signal: AbortSignal): Promise<Written[]>
  /** Notes that the session ended with nothing left unacknowledged. */
  settled(notes?: JsonObject): Promise<void>
  commitMs(): { p50: number; p99: number }
  close(): Promise<void>
}

const heldPollMs = 50
const heldTries = 100
const keptTimes = 512
const minRetryMs = 50
const maxRetryMs = 1000

export function createDurable(deps: {
  log: MessageLog
  stream: string
  owner: string
  clock: Clock
  onStored(written: Written): void
  /** The store refuses: what people see while it lasts; null when it works again. */
  onTrouble(message: string | null): void
}): Durable {
  const { log, stream, clock } = deps
  const writer = createLogWriter(deps)
  const sessionLog = `${stream}/session`
  const counters: DurableCounters = { duplicates: 0, deadLetters: 0, stored: 0, retries: 0 }
  const times: number[] = []
  let acked = 0
  let lastSeq = 0
  const renewal = setInterval(() => {
    if (writer.held) writer.acquire().catch(() => undefined) // an append says what is wrong
  }, renewMs)

  async function inPlace<T>(signal: AbortSignal, work: () => Promise<T | undefined>): Promise<T> {
    let wait = minRetryMs
    let troubled = false
    for (;;) {
      if (signal.aborted) throw new AppError('cancelled', 'The stream was stopped.')
      let trouble = 'Another worker holds this stream; it is taken over when its lease ends.'
      try {
        const result = await work()
        if (result !== undefined) {
          if (troubled) deps.onTrouble(null)
          return result
        }
      } catch (error) {
        if (isAppError(error, 'fenced')) throw error
        trouble = `The store cannot be written, trying again: ${toMessage(error)}`
      }
      counters.retries++
      troubled = true
      deps.onTrouble(trouble)
      await pause(wait, signal)
      wait = Math.min(wait * 2, maxRetryMs)
    }
  }
  /** One batch at a time: the next seq and the known ids are those after the one before. */
  let turn: Promise<unknown> = Promise.resolve()
  function write(
    records: Record[],
    more: { source?: Json; ackedSeq: number },
    signal: AbortSignal,
  ): Promise<{ written: Written; batch: Prepared }> {
    const mine = turn.then(async () => {
      const batch = writer.prepare(records, more)
      const started = performance.now()
      const written = await inPlace(signal, () => writer.commit(batch))
      times.push(performance.now() - started)
      if (times.length > keptTimes) times.shift()
      lastSeq = Math.max(lastSeq, written.lastSeq)
      return { written, batch }
    })
    turn = mine.catch(() => writer.invalidate())
    return mine
  }
  async function note(open: boolean, notes: JsonObject): Promise<void> {
    const now = clock.now()
    const lease = await log.lease(stream, deps.owner, now, leaseMs)
    if (!lease) throw new AppError('fenced', 'Another worker holds this stream.')
    const body = { open, notes }
    const { lastSeq: seq } = await log.append(sessionLog, lease, {
      messages: [
        {
          body,
          headers: {},
          key: null,
          eventTime: now,
          receivedAt: now,
          messageId: null,
          redelivered: false,
          definition: 0,
          bytes: 0,
        },
      ],
    })
    if (seq % 64 === 0) await log.trim(sessionLog, seq)
  }
  return {
    counters,
    async ready(signal, wanted) {
      return inPlace(signal, async () => {
        const head = await writer.acquire()
        if (!head) return undefined
        const before = (await log.last(sessionLog, 1))[0]?.body
        const clean = !isJsonObject(before) || before.open !== true
        const notes = isJsonObject(before) && isJsonObject(before.notes) ? before.notes : {}
        await note(true, wanted ?? notes)
        // `acked` is what this process acknowledged; a killed one left what its last batch carried.
        await writer.setAcknowledged(clean ? head.nextSeq - 1 : Math.max(acked, head.ackedSeq))
        return { clean, head, notes }
      })
    },
    async write(records, source, signal, goesOn = false) {
      if (!goesOn) acked = Math.max(acked, lastSeq)
      const more = { ackedSeq: acked, ...(source === undefined ? {} : { source }) }
      const { written } = await write(records, more, signal)
      counters.duplicates += written.duplicates
      counters.deadLetters += written.deadLetters
      counters.stored += written.accepted
      if (written.accepted + written.deadLetters > 0) deps.onStored(written)
      return written
    },
    async insert(groups, signal) {
      // a source that was started just now has its lease in a moment
      for (let tries = 0; !writer.held && tries < heldTries; tries++) await pause(heldPollMs, signal)
      if (!writer.held) throw new AppError('unavailable', 'Another process writes to this stream now.')
      const { written, batch } = await write(groups.flat(), { ackedSeq: acked }, signal)
      counters.stored += written.accepted
      deps.onStored(written)
      return toShares(written, batch.outcomes, groups)
    },
    async settled(notes) {
      acked = lastSeq
      await note(false, notes ?? {})
    },
    commitMs() {
      const sorted = times.toSorted((a, b) => a - b)
      const at = (q: number): number =>
        Math.round((sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)] ?? 0) * 10) / 10
      return { p50: at(0.5), p99: at(0.99) }
    },
    async close() {
      clearInterval(renewal)
      await turn
      await writer.release()
    },
  }
}
