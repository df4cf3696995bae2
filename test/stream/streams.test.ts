import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamDefinition, type StreamDefinition } from '../../runtime/api/streams.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { AppError } from '../../runtime/error.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { StoredStream } from '../../runtime/stream/definition.ts'
import { openStreams, type Streams } from '../../runtime/stream/streams.ts'

let folder: string
let store: Store
let streams: Streams
const bus = openMemoryBus()
const defined: StoredStream[] = []
const bytes = (text: string): Uint8Array => Buffer.from(text)
const json = 'application/json'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suricate-streams-'))
  store = await openStore({ data: folder })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
  await store.system.createWorkspace({ id: 'w2', name: 'Two', createdAt: 1 })
  streams = openStreams({
    store,
    bus,
    clock: systemClock,
    egress: { resolve: () => Promise.reject(new AppError('refused', 'Not allowed here.')) },
    ingest: {
      define: (_workspace, stream) => {
        defined.push(stream)
      },
      remove: () => Promise.resolve(),
      replay: () => Promise.resolve([]),
      report: () => undefined,
    },
  })
})
afterAll(async () => {
  await streams.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

function define(spec: object): StreamDefinition {
  return streamDefinition.parse({ source: { type: 'http' }, ...spec })
}

describe('push', () => {
  test('one JSON value, an array or lines are stored in order, with time and key', async () => {
    const { id } = await streams.create(
      'w1',
      define({ name: 'temps', eventTime: { path: 'at' }, key: { path: 'host' } }),
    )
    expect(await streams.push('w1', id, bytes('{"at":"2014-02-07 14:55","host":"a","v":1}'), json)).toEqual({
      accepted: 1,
      duplicates: 0,
      deadLetters: 0,
      lastSeq: 1,
    })
    await streams.push('w1', 'temps', bytes('[{"at":1000,"host":"b"},{"at":2000}]'), json)
    expect(
      await streams.push(
        'w1',
        id,
        bytes('{"at":3000}\nnonsense\n{"v":1}\n{"at":4000}\n'),
        'application/x-ndjson',
      ),
    ).toEqual({ accepted: 2, duplicates: 0, deadLetters: 2, lastSeq: 5 })
    const { items } = await streams.messages('w1', id, { fromSeq: 1, limit: 100 })
    expect(items.map((one) => [one.seq, one.eventTime, one.key])).toEqual([
      [1, Date.UTC(2014, 1, 7, 14, 55), 'a'],
      [2, 1000, 'b'],
      [3, 2000, null],
      [4, 3000, null],
      [5, 4000, null],
    ])
    const dead = await streams.deadLetters('w1', id, {})
    expect(dead.items.map((one) => [one.seq, one.raw, one.reason.slice(0, 40)])).toEqual([
      [2, '{"v":1}', 'The message has no event time: field "at'],
      [1, 'nonsense', `Not JSON: Unexpected token 'o', "nonsense`.slice(0, 40)],
    ])
    expect(await streams.get('w1', id)).toMatchObject({
      messages: 5,
      deadLetters: 2,
      state: 'idle',
      lag: null,
    })
  })
  test('what the definition names as identity is stored once', async () => {
    const { id } = await streams.create('w1', define({ name: 'once', identity: { path: 'n' } }))
    const body = bytes(JSON.stringify([{ n: 1 }, { n: 2 }, { n: 1 }]))
    expect(await streams.push('w1', id, body, json)).toEqual({
      accepted: 2,
      duplicates: 1,
      deadLetters: 0,
      lastSeq: 2,
    })
    expect(await streams.push('w1', id, body, json)).toEqual({
      accepted: 0,
      duplicates: 3,
      deadLetters: 0,
      lastSeq: 2,
    })
  })
  test('many at once are all stored, once each', async () => {
    const { id } = await streams.create('w1', define({ name: 'many' }))
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => streams.push('w1', id, bytes(String(i)), json)),
    )
    expect(answers.every((one) => one.accepted === 1)).toBe(true)
    const stored = await streams.fromSeq('w1', id, 1, 1000)
    expect(stored.map((one) => Number(one.body)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => i),
    )
  })
  test('what is not JSON, empty, nested too deep or of another type is refused and stores nothing', async () => {
    const { id } = await streams.create('w1', define({ name: 'strict' }))
    const push = (text: string, type = json) => streams.push('w1', id, bytes(text), type)
    await expect(push('{')).rejects.toThrow('Not JSON')
    await expect(push(' ')).rejects.toThrow('The body is empty')
    await expect(push('['.repeat(10_000))).rejects.toThrow('nested deeper than 64')
    await expect(push('x', 'image/png')).rejects.toThrow('A push of image/png is not read')
    expect(await streams.get('w1', id)).toMatchObject({ messages: 0, deadLetters: 0 })
  })
  test('a time too far ahead is a dead letter and never the highest event time', async () => {
    const { id } = await streams.create('w1', define({ name: 'future', eventTime: { path: 't' } }))
    const now = Date.now()
    await streams.push('w1', id, bytes(JSON.stringify([{ t: now }, { t: now + 2 * 86_400_000 }])), json)
    expect(await streams.get('w1', id)).toMatchObject({ messages: 1, deadLetters: 1, maxEventTime: now })
  })
  test('a paused stream, and one of another workspace, take nothing', async () => {
    const { id, revision } = await streams.create('w1', define({ name: 'paused' }))
    await streams.update('w1', id, { enabled: false }, revision)
    await expect(streams.push('w1', id, bytes('1'), json)).rejects.toThrow('is paused')
    await expect(streams.push('w2', id, bytes('1'), json)).rejects.toThrow('There is no stream')
    await expect(streams.get('w2', 'paused')).rejects.toThrow('There is no stream')
  })
})

describe('reads', () => {
  test('by event time, by arrival, by seq and the last, with pages', async () => {
    const { id } = await streams.create('w1', define({ name: 'reads', eventTime: { path: 't' } }))
    await streams.push('w1', id, bytes(JSON.stringify([5, 3, 4, 1, 2].map((t) => ({ t })))), json)
    const seqs = (items: { seq: number }[]): number[] => items.map((one) => one.seq)
    expect(seqs(await streams.between('w1', 'reads', 2, 5))).toEqual([5, 2, 3])
    expect(seqs(await streams.recent('w1', 'reads', { seconds: 60 }))).toEqual([1, 2, 3, 4, 5])
    expect(seqs(await streams.recent('w1', 'reads', { limit: 2 }))).toEqual([4, 5])
    const pages: number[][] = []
    for (const query of [{ from: 1 }, { fromSeq: 2 }, {}]) {
      let cursor: string | undefined
      do {
        const page = await streams.messages('w1', id, { ...query, limit: 2, ...(cursor ? { cursor } : {}) })
        pages.push(seqs(page.items))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
    }
    expect(pages.filter((one) => one.length > 0)).toEqual([
      [4, 5],
      [2, 3],
      [1],
      [2, 3],
      [4, 5],
      [5, 4],
      [3, 2],
      [1],
    ])
    await expect(streams.messages('w1', id, { from: 'soon', limit: 1 })).rejects.toThrow(
      'from must be a time',
    )
  })
  test('events: the state, then messages as they are stored', async () => {
    const { id } = await streams.create('w1', define({ name: 'live' }))
    const ending = new AbortController()
    const events = streams.events('w1', id, ending.signal)[Symbol.asyncIterator]()
    expect((await events.next()).value).toMatchObject({ event: 'state', data: { id, messages: 0 } })
    await streams.push('w1', id, bytes('[1,2]'), json)
    expect((await events.next()).value).toEqual({
      id: '2',
      event: 'messages',
      data: { type: 'messages', from: 1, to: 2, count: 2 },
    })
    ending.abort()
    expect((await events.next()).done).toBe(true)
  })
})

describe('definitions', () => {
  const amqp = (url: string) => define({ name: 'broker', source: { type: 'amqp', url, queue: 'q' } })

  test('the password is shown as ***, kept for the same host and user, and for no other', async () => {
    const made = await streams.create('w1', amqp('amqp://me:secret@broker.example:5673/v'))
    expect(made.source).toEqual({ type: 'amqp', url: 'amqp://me:***@broker.example:5673/v', queue: 'q' })
    const kept = { type: 'amqp' as const, url: 'amqp://me:***@broker.example:5673/w', queue: 'q' }
    await streams.update('w1', made.id, { source: kept }, made.revision)
    expect((await streams.resolve('w1', made.id)).source).toMatchObject({
      url: 'amqp://me:secret@broker.example:5673/w',
    })
    const stolen = { type: 'amqp' as const, url: 'amqp://me:***@evil.example:5673/w', queue: 'q' }
    await expect(streams.update('w1', made.id, { source: stolen })).rejects.toThrow('Give the password again')
    expect(defined.at(-1)).toMatchObject({ id: made.id, definition: 2 })
  })
  test('a name that exists, an address that is none, and a simulator without a time are refused', async () => {
    await expect(streams.create('w1', define({ name: 'temps' }))).rejects.toMatchObject({ code: 'conflict' })
    await expect(streams.create('w1', amqp('http://x'))).rejects.toThrow('must look like amqp://')
    await expect(
      streams.create('w1', define({ name: 's', source: { type: 'simulator', object: 'o' } })),
    ).rejects.toThrow('A simulator needs eventTime.path')
  })
  test('a stale revision changes nothing; delete takes definition and messages', async () => {
    const made = await streams.create('w1', define({ name: 'gone' }))
    await streams.push('w1', made.id, bytes('1'), json)
    await streams.update('w1', made.id, { lateness: 5 }, made.revision)
    await expect(streams.update('w1', made.id, { lateness: 6 }, made.revision)).rejects.toMatchObject({
      code: 'stale',
    })
    await streams.delete('w1', made.id)
    await expect(streams.get('w1', made.id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await store.in('w1').log.head(made.id)).nextSeq).toBe(1)
  })
  test('a stream that a deployment uses is kept', async () => {
    const { id } = await streams.create('w1', define({ name: 'used' }))
    await store.in('w1').insert('deployments', [
      {
        id: 'dep_1',
        name: 'Watch',
        state: 'running',
        inputs: [{ stream: id }],
        createdAt: 1,
        updatedAt: 1,
      },
    ])
    await expect(streams.delete('w1', id)).rejects.toThrow('The deployment "Watch" uses this stream')
  })
  test('test of an address that egress refuses says so', async () => {
    expect(await streams.test('w1', amqp('amqp://127.0.0.1'))).toEqual({
      ok: false,
      detail: 'Not allowed here.',
      messages: null,
      consumers: null,
      queueType: null,
      sample: [],
    })
  })
})
