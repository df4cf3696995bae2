/**
 * One stream in the ingest process: its source, and what is told about it. Changes come one after the other; one that
 * touches the source drains it, stops it and starts it anew, any other applies from the next batch on.
 */
import { isDeepStrictEqual } from 'node:util'
import { deleteDeclared, openAmqpSource } from './amqp-source.ts'
import type { StoredStream } from './definition.ts'
import type { LetterResult } from '../api/letters.ts'
import { AppError, isAppError } from '../error.ts'
import type { IngestEvent } from './ingest-port.ts'
import { replayLetters } from './letter/replay.ts'
import type { Record } from './record.ts'
import { openSimulatorSource } from './simulator-source.ts'
import type { Source, SourceDeps, SourceReport } from './source.ts'
import { createLogWriter, toShares, type Written } from './writer.ts'

export interface Runner {
  define(stream: StoredStream): void
  /** Nothing is taken for this reason, until null. */
  hold(reason: string | null): void
  /** Dead letters into the log, by the definition of now. */
  replay(letters: number[]): Promise<LetterResult[]>
  /** Stops; with `purge` the queue that was declared for it goes too. */
  remove(purge: boolean): Promise<void>
}

/** Of messages: whoever processes them waits for it. */
const messagesMs = 5
const tellMs = 250
const reportMs = 1000

export function createRunner(
  workspace: string,
  id: string,
  deps: Omit<SourceDeps, 'onStored' | 'onChange'>,
  send: (event: IngestEvent) => void,
): Runner {
  let current: StoredStream | undefined
  let source: Source | undefined
  let held: string | null = null
  let work: Promise<void> = Promise.resolve()
  let pending: { from: number; to: number; count: number } | undefined
  let timer: NodeJS.Timeout | undefined
  let messagesTimer: NodeJS.Timeout | undefined
  let told: SourceReport | undefined
  let paused: SourceReport = { state: 'paused', lastError: null, lag: null, counters: {} }

  function tell(): void {
    const report = source?.report() ?? paused
    if (isDeepStrictEqual(report, told)) return
    told = report
    send({ type: 'report', workspace, id, report })
  }
  function tellMessages(): void {
    clearTimeout(messagesTimer)
    messagesTimer = undefined
    if (pending) send({ type: 'messages', workspace, id, ...pending })
    pending = undefined
  }
  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    tellMessages()
    tell()
  }
  const soon = (): void => {
    timer ??= setTimeout(flush, tellMs)
  }
  const regularly = setInterval(tell, reportMs)

  async function apply(stream: StoredStream): Promise<void> {
    const before = current
    if (before && stream.revision < before.revision) return // read before the change that came first
    current = stream
    const same =
      before !== undefined &&
      before.enabled &&
      isDeepStrictEqual(before.source, stream.source) &&
      before.eventTime.path === stream.eventTime.path
    if (source && stream.enabled && same && held === null) {
      source.update(stream)
      return
    }
    if (source) {
      await source.stop()
      paused = { ...source.report(), state: 'paused' }
      source = undefined
    }
    paused = { ...paused, lastError: held ?? paused.lastError }
    if (stream.enabled && held === null) source = open(stream)
    flush()
  }
  function onStored({ firstSeq, lastSeq, accepted }: Written): void {
    if (accepted > 0) {
      pending ??= { from: firstSeq, to: lastSeq, count: 0 }
      pending.to = lastSeq
      pending.count += accepted
      messagesTimer ??= setTimeout(tellMessages, messagesMs)
    }
    soon()
  }
  /** Where no source writes: with a lease for this alone. */
  async function insert(groups: Record[][]): Promise<Written[]> {
    const { store, owner, clock } = deps
    const writer = createLogWriter({ log: store.log, stream: id, owner, clock })
    if (!(await writer.acquire())) throw new AppError('unavailable', 'Another process writes to this stream.')
    try {
      const batch = writer.prepare(groups.flat())
      const written = await writer.commit(batch)
      onStored(written)
      return toShares(written, batch.outcomes, groups)
    } finally {
      await writer.release()
    }
  }
  /** After the changes that were asked for before it, and while none is made. */
  function append(groups: Record[][]): Promise<Written[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Written[]>()
    void enqueue(async () => {
      if (source) source.insert(groups).then(resolve, reject)
      else await insert(groups).then(resolve, reject)
    })
    return promise
  }
  function open(stream: StoredStream): Source | undefined {
    const all: SourceDeps = {
      ...deps,
      onChange: soon,
      onStored,
    }
    if (stream.source.type === 'amqp') return openAmqpSource(stream, all)
    if (stream.source.type === 'simulator') return openSimulatorSource(stream, all)
    return undefined
  }
  const enqueue = (step: () => Promise<void>): Promise<void> => {
    work = work.then(step).catch((error: unknown) => {
      send({ type: 'trouble', message: `Stream ${id}: ${error instanceof Error ? error.message : 'failed'}` })
    })
    return work
  }
  return {
    define(stream) {
      void enqueue(() => apply(stream))
    },
    hold(reason) {
      void enqueue(async () => {
        held = reason
        if (current) await apply(current)
      })
    },
    async replay(letters) {
      await enqueue(() => Promise.resolve())
      if (!current) throw new AppError('unavailable', 'The stream is not known here yet; try again.')
      if (held !== null) throw new AppError('unavailable', held)
      const { store: mine, clock } = deps
      try {
        return await replayLetters({ mine, stream: current, now: clock.now(), append }, letters)
      } catch (error) {
        if (!isAppError(error, 'fenced') && !isAppError(error, 'cancelled')) throw error
        throw new AppError(
          'unavailable',
          'The stream changed hands meanwhile; try again.',
          {},
          { cause: error },
        )
      }
    },
    remove(purge) {
      return enqueue(async () => {
        clearInterval(regularly)
        await source?.stop()
        source = undefined
        flush()
        clearTimeout(timer)
        clearTimeout(messagesTimer)
        if (purge && current) await deleteDeclared(current, deps)
      })
    },
  }
}
