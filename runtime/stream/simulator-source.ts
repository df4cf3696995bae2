/**
 * Replays an object's rows as a stream. The place (round and row) is stored with each batch, so a restart goes on
 * where it was; the event clock is anchored there, and rows that fell due while the store refused come in one go.
 */
import { pause } from '../amqp/consumer.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { isJsonObject } from '../json.ts'
import type { WorkspaceStore } from '../store/port.ts'
import type { StoredStream } from './definition.ts'
import { createDurable } from './durable.ts'
import { getPath } from './path.ts'
import { toRecord, type Record } from './record.ts'
import { shiftTime, toRows, toSeries, toSpeeds, toWallMs, type Position, type Series } from './simulator.ts'
import type { OpenSource, StreamState } from './source.ts'
import { toTime } from './time.ts'

const maxObjectBytes = 268_435_456
const maxBatch = 500
/** Fast replays write in steps of this; slow ones wait for the row. */
const minWaitMs = 50
const maxWaitMs = 1000
const retryMs = 5000

export const openSimulatorSource: OpenSource = (given, deps) => {
  let stream = given
  let state: StreamState = 'starting'
  let lastError: string | null = null
  let trouble: string | null = null
  const stopping = new AbortController()
  const { signal } = stopping
  const durable = createDurable({
    log: deps.store.log,
    stream: given.id,
    owner: deps.owner,
    clock: deps.clock,
    onStored: deps.onStored,
    onTrouble(message) {
      trouble = message
      deps.onChange()
    },
  })
  const setState = (next: StreamState, error: string | null): void => {
    state = next
    lastError = error
    deps.onChange()
  }

  async function play(series: Series, sha256: string): Promise<void> {
    const { head } = await durable.ready(signal)
    const { source } = stream
    if (source.type !== 'simulator') return
    const speeds = toSpeeds(source.speed)
    const place = toPosition(head.source, sha256)
    const dueOf = ({ round, row }: Position): number => series.highest[row]! + round * series.length
    if (place.row >= series.rows.length && source.repeat) next(place)
    const anchor = { event: place.row < series.rows.length ? dueOf(place) : 0, wall: deps.clock.now() }
    setState('consuming', null)
    while (!signal.aborted && place.row < series.rows.length) {
      const now = deps.clock.now()
      const records: Record[] = []
      let wait = maxWaitMs
      const start = place.round
      while (records.length < maxBatch && place.row < series.rows.length && place.round === start) {
        const due = anchor.wall + toWallMs(speeds, anchor.event, dueOf(place))
        if (due > now) {
          wait = due - now
          break
        }
        records.push(toRow(series, place, now))
        place.row++
      }
      if (place.row >= series.rows.length && source.repeat) {
        next(place)
        wait = minWaitMs
      }
      if (records.length > 0) await durable.write(records, { ...place, object: sha256 }, signal)
      if (records.length < maxBatch) await pause(Math.min(Math.max(wait, minWaitMs), maxWaitMs), signal)
    }
    if (!signal.aborted) {
      setState('idle', null)
    }
    await durable.settled()
  }
  function toRow(series: Series, { round, row }: Position, receivedAt: number): Record {
    const path = stream.eventTime.path ?? ''
    const time = series.times[row]
    const body = series.rows[row]!
    const shifted =
      round > 0 && time !== undefined
        ? shiftTime(body, path, time + round * series.length, stream.eventTime.unit)
        : body
    const text = JSON.stringify(shifted)
    const received = {
      bytes: new Uint8Array(),
      headers: {},
      messageId: null,
      redelivered: false,
      receivedAt,
      timestamp: null,
    }
    // A replay may run ahead of the wall clock: that is what it is for.
    return toRecord({ ...stream, maxFuture: null, identity: null }, received, shifted, text.length, text)
  }
  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const { text, sha256, mediaType } = await readObject(deps.store, stream)
        const { from, to } = toRange(stream)
        const timeOf = (row: Parameters<typeof getPath>[0]): number | undefined =>
          toTime(getPath(row, stream.eventTime.path ?? ''), stream.eventTime.unit)
        await play(toSeries(toRows(text, mediaType), timeOf, { from, to }), sha256)
        return
      } catch (error) {
        if (signal.aborted) return
        const wrong = isAppError(error) && ['invalid', 'not-found', 'too-large'].includes(error.code)
        setState(wrong ? 'misconfigured' : 'backoff', toMessage(error))
        await pause(isAppError(error, 'fenced') ? 500 : retryMs, signal)
      }
    }
  }
  const done = run()
  return {
    update(next_: StoredStream) {
      stream = next_
    },
    report() {
      const { p50, p99 } = durable.commitMs()
      return {
        state,
        lastError: trouble ?? lastError,
        lag: null,
        counters: { ...durable.counters, commitP50Ms: p50, commitP99Ms: p99 },
      }
    },
    insert: (groups) => durable.insert(groups, signal),
    async stop() {
      stopping.abort()
      await done
      await durable.close()
    },
  }
}

function next(place: Position): void {
  place.round++
  place.row = 0
}

function toPosition(source: unknown, sha256: string): Position {
  const saved = isJsonObject(source) ? source : {}
  if (saved.object !== sha256 || typeof saved.row !== 'number' || typeof saved.round !== 'number')
    return { round: 0, row: 0 }
  return { round: saved.round, row: saved.row }
}

function toRange(stream: StoredStream): { from: number; to: number } {
  const { source } = stream
  const toBound = (value: number | string | undefined, otherwise: number): number => {
    if (value === undefined) return otherwise
    const time = toTime(value)
    if (time === undefined) throw new AppError('invalid', `"${value}" is not a time.`)
    return time
  }
  return source.type === 'simulator'
    ? { from: toBound(source.from, -Infinity), to: toBound(source.to, Infinity) }
    : { from: -Infinity, to: Infinity }
}

async function readObject(
  store: WorkspaceStore,
  stream: StoredStream,
): Promise<{ text: string; sha256: string; mediaType: string }> {
  const name = stream.source.type === 'simulator' ? stream.source.object : ''
  const found =
    (await store.maybe('objects', name)) ??
    (await store.find('objects', { filter: { name }, limit: 1 })).items[0]
  if (!found) throw new AppError('not-found', `There is no object "${name}" to replay.`)
  const { sha256, mediaType, bytes } = found as unknown as {
    sha256: string
    mediaType: string
    bytes: number
  }
  if (bytes > maxObjectBytes)
    throw new AppError('too-large', `The object "${name}" is larger than the 256 MiB a simulator replays.`)
  const text = new TextDecoder().decode(await store.blobs.bytes(sha256))
  return { text, sha256, mediaType }
}
