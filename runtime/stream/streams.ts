/**
 * Streams as people, notebooks and deployments see them: definitions, reads of the log, HTTP push, connection tests.
 * Definitions are documents; what is live about them (state, counters) is what the ingest process reported last.
 */
import { randomUUID } from 'node:crypto'
import type { LetterResult } from '../api/letters.ts'
import type { Stream, StreamDefinition } from '../api/streams.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Egress } from '../egress/port.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import { isJsonObject } from '../json.ts'
import type { Head, Message } from '../store/log.ts'
import type { Page, Store } from '../store/port.ts'
import {
  checkDefinition,
  keepPassword,
  maskSource,
  toDefinition,
  toDocument,
  toStoredStream,
  type StoredStream,
} from './definition.ts'
import { createPusher, type PushResult } from './push.ts'
import { toPushed } from './pushed.ts'
import {
  followStream,
  readBetween,
  readPage,
  readRecent,
  toPlace,
  type LiveEvent,
  type MessagesQuery,
  type MessageView,
} from './reading.ts'
import { findLetters, findOpen, type DeadLetterView, type LetterFilter } from './letter/letters.ts'
import { toNoteIds } from './letter/note.ts'
import { replayLetters } from './letter/replay.ts'
import { toRecords, type Record } from './record.ts'
import type { Written } from './writer.ts'
import type { Ingest } from './supervisor.ts'
import { makeDefinedQueue, testDefinition, type ConnectionTest } from './connection-test.ts'
import { toRollupIds } from './digest/digests.ts'
import { viewTime, type TimeView } from './disorder.ts'

export interface Streams {
  find(workspace: string, query?: { limit?: number; cursor?: string }): Promise<Page<Stream>>
  /** By id or name, as REST shows it: without the password. */
  get(workspace: string, idOrName: string): Promise<Stream>
  /** By id or name, as stored. For the engine: nothing of it goes to a client. */
  resolve(workspace: string, idOrName: string): Promise<StoredStream>
  create(workspace: string, definition: StreamDefinition & { enabled?: boolean }): Promise<Stream>
  update(
    workspace: string,
    id: string,
    change: Partial<StreamDefinition> & { enabled?: boolean },
    revision?: number,
  ): Promise<Stream>
  /** conflict while a deployment uses it. */
  delete(workspace: string, id: string): Promise<void>
  test(workspace: string, definition: Unnamed): Promise<ConnectionTest>
  /** Makes the queue that it names, where there is none. */
  makeQueue(workspace: string, definition: Unnamed): Promise<ConnectionTest>
  testSaved(workspace: string, id: string): Promise<ConnectionTest>
  /** Durable when it resolves. */
  push(
    workspace: string,
    idOrName: string,
    body: Uint8Array,
    mediaType: string,
    headers?: { [name: string]: string },
  ): Promise<PushResult>
  /** The same for what `read` makes of a request. */
  pushRecords(
    workspace: string,
    idOrName: string,
    read: (stream: StoredStream, receivedAt: number) => Record[],
  ): Promise<PushResult>
  messages(workspace: string, idOrName: string, query: MessagesQuery): Promise<Page<MessageView>>
  deadLetters(
    workspace: string,
    id: string,
    query: LetterFilter & { limit?: number; cursor?: string },
  ): Promise<Page<DeadLetterView>>
  /** Those, or the next ones that are open with this in their reason. Safe to repeat. */
  replay(
    workspace: string,
    id: string,
    letters: { seqs: number[] } | { reason: string; from: number },
  ): Promise<{ results: LetterResult[]; next: number | null }>
  /** What a definition makes of these bytes. */
  preview(
    workspace: string,
    definition: Omit<StreamDefinition, 'name' | 'source'> & Partial<StreamDefinition>,
    bytes: Uint8Array,
  ): Record[]
  rates(
    workspace: string,
    id: string,
    query: { seconds: number; bucket: number },
  ): Promise<{ at: number; count: number; bytes: number }[]>
  /** Event time against arrival, and disorder, of the newest so many messages. */
  time(workspace: string, id: string, messages: number): Promise<TimeView>
  events(workspace: string, id: string, signal: AbortSignal): AsyncIterable<LiveEvent>
  /** The newest of the last `seconds` by arrival, oldest first. */
  recent(
    workspace: string,
    idOrName: string,
    options?: { seconds?: number; limit?: number },
  ): Promise<Message[]>
  /** By event time in [from, to), oldest first; times in ms. */
  between(workspace: string, idOrName: string, from: number, to: number, limit?: number): Promise<Message[]>
  /** By seq ascending. */
  fromSeq(workspace: string, id: string, seq: number, limit: number): Promise<Message[]>
  head(workspace: string, id: string): Promise<Head>
  close(): Promise<void>
}
/** A definition before it has a name: of a stream that has it, the password is known. */
type Unnamed = Partial<Pick<StreamDefinition, 'name'>> & Omit<StreamDefinition, 'name'>

export interface StreamsDeps {
  store: Store
  bus: Bus
  clock: Clock
  egress: Pick<Egress, 'resolve'>
  ingest: Pick<Ingest, 'define' | 'remove' | 'replay' | 'report'>
}

const rateMs = 10_000
const recentSeconds = 60
const recentLimit = 1000
const betweenLimit = 10_000

export function openStreams(deps: StreamsDeps): Streams {
  const { store, bus, clock, egress, ingest } = deps
  const pusher = createPusher(`push-${randomUUID()}`, clock)

  async function resolve(workspace: string, idOrName: string): Promise<StoredStream> {
    const mine = store.in(workspace)
    const found =
      (await mine.maybe('streams', idOrName)) ??
      (await mine.find('streams', { filter: { name: idOrName }, limit: 1 })).items[0]
    if (!found) throw new AppError('not-found', `There is no stream "${idOrName.slice(0, 200)}".`)
    return toStoredStream(found)
  }
  async function toStream(workspace: string, stored: StoredStream): Promise<Stream> {
    const { log } = store.in(workspace)
    const now = clock.now()
    const [head, dead, rates] = await Promise.all([
      log.head(stored.id),
      log.head(`${stored.id}/dead`),
      log.rates(stored.id, now - rateMs, now + 1, rateMs),
    ])
    const report = ingest.report(workspace, stored.id)
    const perSecond = (field: 'count' | 'bytes'): number =>
      rates.reduce((sum, one) => sum + one[field], 0) / (rateMs / 1000)
    const { id, definition, enabled, createdAt, revision } = stored
    return {
      ...toDefinition(stored),
      id,
      source: maskSource(stored.source),
      definition,
      enabled,
      state: !enabled ? 'paused' : stored.source.type === 'http' ? 'idle' : (report?.state ?? 'starting'),
      lastError: report?.lastError ?? null,
      rate: perSecond('count'),
      byteRate: perSecond('bytes'),
      lag: report?.lag ?? null,
      messages: head.nextSeq - head.firstSeq,
      bytes: head.bytes,
      deadLetters: dead.nextSeq - dead.firstSeq,
      lastReceivedAt: head.lastReceivedAt,
      maxEventTime: head.maxEventTime,
      ingest: report?.counters ?? {},
      createdAt,
      revision,
    }
  }
  async function checkUnused(workspace: string, stream: StoredStream): Promise<void> {
    const filter = { state: { $in: ['starting', 'running', 'paused', 'draining'] } }
    const { items } = await store.in(workspace).find('deployments', { filter, limit: 1000 })
    for (const { name, inputs } of items)
      if (
        Array.isArray(inputs) &&
        inputs.some((input) => isJsonObject(input) && [stream.id, stream.name].includes(String(input.stream)))
      )
        throw new AppError('conflict', `The deployment "${String(name)}" uses this stream; stop it first.`)
  }
  async function toTested(workspace: string, definition: Unnamed): Promise<StreamDefinition> {
    const { name = 'test' } = definition
    const [known] = (await store.in(workspace).find('streams', { filter: { name }, limit: 1 })).items
    const source = keepPassword(definition.source, known && toStoredStream(known).source)
    const whole = { ...definition, source, name }
    checkDefinition(whole)
    return whole
  }
  function tell(workspace: string, id: string, from: number, to: number, count: number): void {
    bus.publish(workspace, { topic: `streams/${id}`, data: { type: 'messages', from, to, count } })
  }
  async function pushRecords(
    workspace: string,
    idOrName: string,
    read: (stream: StoredStream, receivedAt: number) => Record[],
  ): Promise<PushResult> {
    const stream = await resolve(workspace, idOrName)
    if (stream.type !== 'http')
      throw new AppError(
        'conflict',
        `The stream "${stream.name}" gets its messages by ${stream.type}, not by push.`,
      )
    if (!stream.enabled) throw new AppError('conflict', `The stream "${stream.name}" is paused.`)
    const records = read(stream, clock.now())
    const { log } = store.in(workspace)
    const { accepted, duplicates, deadLetters, firstSeq, lastSeq } = await pusher.push(
      stream,
      log,
      workspace,
      records,
    )
    if (accepted > 0) tell(workspace, stream.id, firstSeq, lastSeq, accepted)
    return { accepted, duplicates, deadLetters, lastSeq }
  }
  return {
    resolve,
    async find(workspace, query = {}) {
      const { items, nextCursor } = await store.in(workspace).find('streams', { sort: 'name', ...query })
      return {
        items: await Promise.all(items.map((one) => toStream(workspace, toStoredStream(one)))),
        nextCursor,
      }
    },
    async get(workspace, idOrName) {
      return toStream(workspace, await resolve(workspace, idOrName))
    },
    async create(workspace, { enabled = true, ...definition }) {
      const source = keepPassword(definition.source, undefined)
      checkDefinition({ ...definition, source })
      const now = clock.now()
      const [document] = await store.in(workspace).insert('streams', [
        {
          ...toDocument({ ...definition, source }),
          id: newId('str', now),
          definition: 1,
          enabled,
          createdAt: now,
        },
      ])
      const stored = toStoredStream(document!)
      ingest.define(workspace, stored)
      return toStream(workspace, stored)
    },
    async update(workspace, id, { enabled, ...change }, revision) {
      const before = toStoredStream(await store.in(workspace).get('streams', id))
      const next = { ...toDefinition(before), ...change }
      next.source = keepPassword(next.source, before.source)
      checkDefinition(next)
      if ((before.type === 'http') !== (next.source.type === 'http'))
        throw new AppError('conflict', 'A stream that is pushed to stays one; define another stream.', {
          path: 'source.type',
        })
      const changed = Object.keys(change).length > 0
      const document = await store.in(workspace).update(
        'streams',
        id,
        {
          set: { ...toDocument(next), enabled: enabled ?? before.enabled },
          ...(changed ? { increment: { definition: 1 } } : {}),
        },
        revision,
      )
      const stored = toStoredStream(document)
      ingest.define(workspace, stored)
      bus.publish(workspace, { topic: `streams/${id}`, data: { type: 'state', enabled: stored.enabled } })
      return toStream(workspace, stored)
    },
    async delete(workspace, id) {
      const stored = toStoredStream(await store.in(workspace).get('streams', id))
      await checkUnused(workspace, stored)
      await store.in(workspace).delete('streams', { id })
      if (stored.type === 'http') await pusher.forget(workspace, id)
      else await ingest.remove(workspace, id, true)
      await store.in(workspace).log.drop(id)
      await store.in(workspace).delete('rollups', { id: toRollupIds(id) })
      await store.in(workspace).delete('digests', { id })
      await store.in(workspace).delete('letters', { id: toNoteIds(id) })
      bus.publish(workspace, { topic: `streams/${id}`, data: { type: 'state', state: 'stopped' } })
    },
    test: async (workspace, definition) =>
      testDefinition(store.in(workspace), egress, await toTested(workspace, definition)),
    makeQueue: async (workspace, definition) =>
      makeDefinedQueue(store.in(workspace), egress, await toTested(workspace, definition)),
    async testSaved(workspace, id) {
      const stored = toStoredStream(await store.in(workspace).get('streams', id))
      return testDefinition(store.in(workspace), egress, stored)
    },
    push: (workspace, idOrName, body, mediaType, headers) =>
      pushRecords(workspace, idOrName, (stream, receivedAt) =>
        toPushed(stream, body, mediaType, receivedAt, headers),
      ),
    pushRecords,
    async messages(workspace, idOrName, query) {
      const { id } = await resolve(workspace, idOrName)
      return readPage(store.in(workspace).log, id, query)
    },
    async deadLetters(workspace, id, { limit = 100, cursor, ...filter }) {
      const stream = await resolve(workspace, id)
      const below = cursor === undefined ? undefined : toPlace(cursor)[0]
      return findLetters(store.in(workspace), stream.id, { ...filter, limit, below })
    },
    async replay(workspace, id, letters) {
      const stream = await resolve(workspace, id)
      const mine = store.in(workspace)
      const { seqs, next } =
        'seqs' in letters
          ? { seqs: letters.seqs, next: null }
          : await findOpen(mine, stream.id, letters, letters.from)
      if (seqs.length === 0) return { results: [], next }
      if (stream.type !== 'http') return { results: await ingest.replay(workspace, stream.id, seqs), next }
      const append = (groups: Record[][]): Promise<Written[]> =>
        Promise.all(groups.map((records) => pusher.push(stream, mine.log, workspace, records)))
      const results = await replayLetters({ mine, stream, now: clock.now(), append }, seqs)
      const places = results.flatMap(({ seq }) => (seq === null ? [] : [seq]))
      if (places.length > 0)
        tell(workspace, stream.id, Math.min(...places), Math.max(...places), places.length)
      return { results, next }
    },
    preview(_workspace, definition, bytes) {
      const whole = { name: 'preview', source: { type: 'http' as const }, ...definition }
      checkDefinition(whole)
      const now = clock.now()
      const stream = { id: 'preview', definition: 0, enabled: true, createdAt: now, revision: 1 }
      const received = {
        bytes,
        headers: {},
        messageId: null,
        redelivered: false,
        receivedAt: now,
        timestamp: null,
      }
      return toRecords({ ...whole, ...stream, type: whole.source.type }, received)
    },
    async rates(workspace, id, { seconds, bucket }) {
      const stream = await resolve(workspace, id)
      const now = clock.now()
      return store.in(workspace).log.rates(stream.id, now - seconds * 1000, now + 1, bucket * 1000)
    },
    async time(workspace, id, messages) {
      const { id: stream, outOfOrder, lateness } = await resolve(workspace, id)
      const always = { from: -8.64e15, to: 8.64e15 }
      const arrivals = await readRecent(store.in(workspace).log, stream, { ...always, limit: messages })
      return viewTime(arrivals, { bound: outOfOrder, lateness })
    },
    async *events(workspace, id, signal) {
      const stream = await resolve(workspace, id)
      yield* followStream(bus, workspace, await toStream(workspace, stream), signal)
    },
    async recent(workspace, idOrName, { seconds = recentSeconds, limit = recentLimit } = {}) {
      const { id } = await resolve(workspace, idOrName)
      const now = clock.now()
      return readRecent(store.in(workspace).log, id, { from: now - seconds * 1000, to: now + 1, limit })
    },
    async between(workspace, idOrName, from, to, limit = betweenLimit) {
      const { id } = await resolve(workspace, idOrName)
      return readBetween(store.in(workspace).log, id, { from, to, limit })
    },
    async fromSeq(workspace, id, seq, limit) {
      await store.in(workspace).get('streams', id)
      return store.in(workspace).log.read(id, seq, limit)
    },
    async head(workspace, id) {
      await store.in(workspace).get('streams', id)
      return store.in(workspace).log.head(id)
    },
    close: () => pusher.close(),
  }
}
