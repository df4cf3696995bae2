/** What a store must give for digests: the same cases on both. */
import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../../runtime/api/streams.ts'
import { openMemoryBus } from '../../../runtime/bus/memory.ts'
import type { Event } from '../../../runtime/bus/port.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Json } from '../../../runtime/json.ts'
import type { NewMessage } from '../../../runtime/store/log.ts'
import type { Store } from '../../../runtime/store/port.ts'
import type { StoredStream } from '../../../runtime/stream/definition.ts'
import { openDigests, type Digests } from '../../../runtime/stream/digest/digests.ts'
import { findNotes, putNote, type LetterNote } from '../../../runtime/stream/letter/note.ts'
import type { Rollup } from '../../../runtime/stream/digest/rollup.ts'

const at = Date.UTC(2026, 0, 1, 10)
let made = 0

export function digestCases(name: string, newStore: () => Store): void {
  let now = at
  const clock = { now: () => now } as Clock
  const bus = openMemoryBus()
  const open = (): Digests =>
    openDigests({
      store: newStore(),
      bus,
      clock,
      log: { warn: () => undefined },
      workspaces: () => Promise.resolve([]),
      timer: false,
    })
  const newStream = (more = {}): StoredStream => ({
    ...streamDefinition.parse({ name: 's', source: { type: 'http' }, ...more }),
    id: `digest-${++made}`,
    type: 'http',
    definition: 1,
    enabled: true,
    createdAt: 1,
    revision: 1,
  })
  async function append(
    stream: StoredStream,
    bodies: { body: Json; at: number; received?: number }[],
    name = stream.id,
  ) {
    const { log } = newStore().in('w1')
    const lease = (await log.lease(stream.id, 'me', at, 10_000))!
    const messages = bodies.map(({ body, at: eventTime, received }): NewMessage => ({
      body,
      headers: {},
      key: null,
      eventTime,
      receivedAt: received ?? at,
      messageId: null,
      redelivered: false,
      definition: 1,
      bytes: 10,
    }))
    for (let i = 0; i < messages.length; i += 500)
      await log.append(name, lease, { messages: messages.slice(i, i + 500) })
  }
  const counts = (page: { items: Rollup[] }) =>
    page.items.map(({ start, count, bytes }) => [start - at, count, bytes])

  describe(`digests on ${name}`, () => {
    test('rollups by minute and hour of event time, late messages too, the same when it all happens again', async () => {
      const stream = newStream()
      const digests = open()
      const rows = Array.from({ length: 3000 }, (_, i) => ({
        body: { v: i, deep: { w: -i } },
        at: at + i * 100,
      }))
      await append(stream, rows)
      await digests.follow('w1', stream)
      await append(stream, [
        { body: { v: 10_000 }, at: at + 5 },
        { body: 'text', at: at - 5 },
      ])
      await digests.follow('w1', stream)
      const minutes = await digests.rollups('w1', stream.id, { unit: 'minute', limit: 100 })
      const expected = [[-60_000, 1, 10], [0, 601, 6010], ...[1, 2, 3, 4].map((i) => [i * 60_000, 600, 6000])]
      expect(counts(minutes)).toEqual(expected)
      const hours = await digests.rollups('w1', stream.id, { unit: 'hour', limit: 100 })
      expect(counts(hours)).toEqual([
        [-3_600_000, 1, 10],
        [0, 3001, 30_010],
      ])
      expect(
        hours.items[1]!.fields.map(({ path, sketch }) => [path, sketch.count, sketch.min, sketch.max]),
      ).toEqual([
        ['v', 3001, 0, 10_000],
        ['deep.w', 3000, -2999, 0],
      ])
      // A crash after the rollups and before the place: everything is looked at once more.
      await newStore().in('w1').delete('digests', { id: stream.id })
      await digests.follow('w1', stream)
      expect(counts(await digests.rollups('w1', stream.id, { unit: 'minute', limit: 100 }))).toEqual(expected)
      const part = await digests.rollups('w1', stream.id, {
        unit: 'minute',
        from: at,
        to: at + 120_000,
        limit: 1,
      })
      expect([counts(part), part.nextCursor !== null]).toEqual([[[0, 601, 6010]], true])
    })
    test('two at the same work count everything once', async () => {
      const stream = newStream()
      await append(
        stream,
        Array.from({ length: 1500 }, (_, i) => ({ body: i, at: at + i * 1000 })),
      )
      const [one, two] = [open(), open()]
      await Promise.all([one.follow('w1', stream), two.follow('w1', stream)])
      await append(stream, [{ body: 1, at }])
      await Promise.all([two.follow('w1', stream), one.follow('w1', stream)])
      await one.follow('w1', stream)
      const { items } = await one.rollups('w1', stream.id, { unit: 'hour', limit: 10 })
      expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(1501)
      expect((await one.schema('w1', stream.id))!.schema.observed).toBe(1501)
    })
    test('drift is told on the bus, and kept', async () => {
      const stream = newStream()
      const digests = open()
      const told: Event[] = []
      const end = bus.subscribe('w1', `streams/${stream.id}`, (event) => told.push(event))
      await append(
        stream,
        Array.from({ length: 150 }, () => ({ body: { 'a.b': 1, $x: 2 }, at })),
      )
      await append(stream, [{ body: { 'a.b': 'one', $x: 2 }, at }])
      await digests.follow('w1', stream)
      end()
      const detail = 'The field "a.b" was integer, now also string.'
      const drift = { kind: 'type', path: 'a.b', seq: 151, at, detail }
      expect(told.map((event) => event.data)).toEqual([{ ...drift, type: 'drift' }])
      expect((await digests.schema('w1', stream.id))!.schema.drift).toEqual([drift])
    })
    test('rollups go 90 days after they were last written', async () => {
      const stream = newStream()
      await append(stream, [{ body: 1, at: Date.UTC(1969, 6, 20) }])
      const digests = open()
      const left = async (after: number) => {
        now = at + after * 86_400_000
        await digests.follow('w1', stream)
        return counts(await digests.rollups('w1', stream.id, { unit: 'hour', limit: 10 })).length
      }
      const seen = [await left(0), await left(89), await left(91)]
      now = at
      expect(seen).toEqual([1, 1, 0])
    })
    test('retention by age and by size keeps what a deployment at work has not read', async () => {
      const store = newStore().in('w1')
      const stream = newStream({ retention: { ageMs: 3_600_000, bytes: null } })
      const old = Array.from({ length: 1000 }, (_, i) => ({ body: i, at, received: at - 7_200_000 }))
      await append(stream, [...old, ...Array.from({ length: 1000 }, (_, i) => ({ body: i, at }))])
      const first = async () => (await store.log.head(stream.id)).firstSeq
      const id = `dep-${stream.id}`
      await store.insert('deployments', [{ id, state: 'running' }])
      const lease = (await store.commits.lease(id, 'me', at, 10_000))!
      const commit = { deployment: id, lease, clocks: null, state: {}, rows: [], outbox: [] }
      await store.commits.commit({ ...commit, number: 1, offsets: { [stream.id]: 501 } })
      const digests = open()
      await digests.follow('w1', stream)
      expect(await first()).toBe(501)
      await store.commits.commit({ ...commit, number: 2, offsets: { [stream.id]: 2001 } })
      await digests.follow('w1', stream)
      expect(await first()).toBe(1001)
      await digests.follow('w1', { ...stream, retention: { ageMs: null, bytes: 5000 } })
      expect(await first()).toBeGreaterThanOrEqual(1450)
      await store.delete('deployments', { id })
    })
    test('dead letters are kept as long as messages, and go with the notes of their replays', async () => {
      const store = newStore().in('w1')
      const stream = newStream({ retention: { ageMs: 3_600_000, bytes: null } })
      await append(stream, [{ body: 0, at }])
      const dead = `${stream.id}/dead`
      const received = [at - 7_200_000, at - 3_700_000, at - 3_500_000, at]
      await append(
        stream,
        received.map((one) => ({ body: 'x', at: one, received: one })),
        dead,
      )
      const note: LetterNote = {
        state: 'failed',
        at,
        definition: 1,
        reason: 'r',
        seq: null,
        ids: [],
        from: 0,
      }
      for (const letter of [1, 2, 3]) await putNote(store, stream.id, letter, note, undefined)
      await open().follow('w1', stream)
      expect((await store.log.read(dead, 1, 10)).map(({ seq }) => seq)).toEqual([3, 4])
      expect([...(await findNotes(store, stream.id, [1, 2, 3])).keys()]).toEqual([3])
      expect(await putNote(store, stream.id, 1, note, { revision: 1 })).toBeUndefined()
      await open().follow('w1', { ...stream, retention: { ageMs: null, bytes: 10 } })
      expect((await store.log.read(dead, 1, 10)).map(({ seq }) => seq)).toEqual([4])
      expect(await findNotes(store, stream.id, [1, 2, 3])).toEqual(new Map())
    })
  })
}
