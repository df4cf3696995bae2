import { describe, expect, test } from 'vitest'
import type { Lease, Message, MessageLog, NewMessage } from '../../runtime/store/log.ts'
import type { Subject } from './conformance.ts'

export function newMessage(n: number, more: Partial<NewMessage> = {}): NewMessage {
  return {
    body: { n },
    headers: {},
    key: null,
    eventTime: 1_000 + n,
    receivedAt: 2_000 + n,
    messageId: `m${n}`,
    redelivered: false,
    definition: 1,
    bytes: 10,
    ...more,
  }
}
const many = (from: number, count: number): NewMessage[] =>
  Array.from({ length: count }, (_, i) => newMessage(from + i))
const seqs = (messages: Message[]): number[] => messages.map(({ seq }) => seq)
const fenced = (work: Promise<unknown>): Promise<void> =>
  expect(work).rejects.toMatchObject({ name: 'AppError', code: 'fenced' })

async function lease(log: MessageLog, stream: string, owner: string, now = 0): Promise<Lease> {
  const taken = await log.lease(stream, owner, now, 1_000)
  if (!taken) throw new Error(`${owner} did not get the lease`)
  return taken
}

export function logCases(subject: Subject): void {
  describe('log: leases', () => {
    test('one owner at a time; a takeover grows the epoch, the same owner keeps it', async () => {
      const { log } = subject.in()
      expect(await log.lease('s', 'a', 0, 1_000)).toEqual({ owner: 'a', epoch: 1, until: 1_000 })
      expect(await log.lease('s', 'b', 999, 1_000)).toBeUndefined()
      expect(await log.lease('s', 'a', 500, 1_000)).toEqual({ owner: 'a', epoch: 1, until: 1_500 })
      expect(await log.lease('s', 'b', 1_500, 1_000)).toEqual({ owner: 'b', epoch: 2, until: 2_500 })
      expect(await log.lease('s', 'a', 2_000, 1_000)).toBeUndefined()
    })
    test('a released lease is free at once and fences its owner', async () => {
      const { log } = subject.in()
      const old = await lease(log, 's', 'a')
      await log.append('s', old, { messages: many(1, 2) })
      await log.release('s', old)
      await fenced(log.append('s', old, { messages: many(3, 1) }))
      expect(await log.lease('s', 'b', 1, 1_000)).toEqual({ owner: 'b', epoch: 2, until: 1_001 })
      await log.release('s', old)
      expect(await log.lease('s', 'c', 2, 1_000)).toBeUndefined()
    })
    test('an old owner stores nothing and the numbers stay dense', async () => {
      const { log } = subject.in()
      const other = (await subject.another()).in('fencing').log
      const mine = subject.store().in('fencing').log
      const a = await lease(mine, 's', 'a')
      await mine.append('s', a, { messages: many(1, 3) })
      const b = await lease(other, 's', 'b', 5_000)
      await fenced(mine.append('s', a, { messages: many(4, 3) }))
      expect(await other.append('s', b, { messages: many(10, 2) })).toEqual({ firstSeq: 4, lastSeq: 5 })
      await fenced(mine.append('s', a, { messages: many(4, 3) }))
      const c = await lease(mine, 's', 'c', 9_000)
      const d = await lease(other, 's', 'd', 19_000)
      await fenced(mine.append('s', c, { messages: many(4, 3) }))
      expect(await other.append('s', d, { messages: many(20, 1) })).toEqual({ firstSeq: 6, lastSeq: 6 })
      expect((await mine.read('s', 1, 100)).map(({ messageId }) => messageId)).toEqual([
        'm1',
        'm2',
        'm3',
        'm10',
        'm11',
        'm20',
      ])
      expect(seqs(await mine.read('s', 1, 100))).toEqual([1, 2, 3, 4, 5, 6])
      expect(await log.read('s', 1, 100)).toEqual([])
    })
    test('an owner who slept through a takeover and a trim stores nothing', async () => {
      const mine = subject.store().in('asleep').log
      const other = (await subject.another()).in('asleep').log
      const a = await lease(mine, 's', 'a')
      await mine.append('s', a, { messages: many(1, 3) })
      const b = await lease(other, 's', 'b', 5_000)
      for (let i = 0; i < 3; i++) await other.append('s', b, { messages: many(4 + i * 2, 2) })
      await other.trim('s', 8)
      await fenced(mine.append('s', a, { messages: many(4, 2) }))
      expect(seqs(await other.read('s', 1, 10))).toEqual([8, 9])
      expect(await other.append('s', b, { messages: many(10, 1) })).toEqual({ firstSeq: 10, lastSeq: 10 })
    })
    test('the same owner goes on in another process', async () => {
      const other = (await subject.another()).in('successor').log
      const mine = subject.store().in('successor').log
      const a = await lease(mine, 's', 'a')
      await mine.append('s', a, { messages: many(1, 2) })
      const again = await lease(other, 's', 'a', 10)
      expect(again.epoch).toBe(a.epoch)
      expect(await other.append('s', again, { messages: many(3, 2) })).toEqual({ firstSeq: 3, lastSeq: 4 })
      expect(await mine.append('s', a, { messages: many(5, 2) })).toEqual({ firstSeq: 5, lastSeq: 6 })
      expect(seqs(await mine.read('s', 1, 10))).toEqual([1, 2, 3, 4, 5, 6])
    })
    test('a sub-log takes the lease of its stream, until that is taken over', async () => {
      const { log } = subject.in()
      const a = await lease(log, 's', 'a')
      expect(await log.append('s/dead', a, { messages: many(1, 2) })).toEqual({ firstSeq: 1, lastSeq: 2 })
      expect(await log.append('s/dead', a, { messages: many(3, 1) })).toEqual({ firstSeq: 3, lastSeq: 3 })
      const b = await lease(log, 's', 'b', 5_000)
      await fenced(log.append('s/dead', a, { messages: many(4, 1) }))
      expect(await log.append('s/dead', b, { messages: many(4, 1) })).toEqual({ firstSeq: 4, lastSeq: 4 })
      expect(await log.head('s')).toMatchObject({ firstSeq: 1, nextSeq: 1 })
    })
    test('a sub-log can have a lease of its own', async () => {
      const { log } = subject.in()
      await lease(log, 's', 'ingest')
      const own = await lease(log, 's/late', 'processing')
      expect(await log.append('s/late', own, { messages: many(1, 1) })).toEqual({ firstSeq: 1, lastSeq: 1 })
    })
    test('an append without a lease is fenced', async () => {
      const { log } = subject.in()
      await fenced(log.append('s', { owner: 'a', epoch: 1, until: 9 }, { messages: many(1, 1) }))
    })
  })

  describe('log: reads', () => {
    test('a message comes back whole', async () => {
      const { log } = subject.in()
      const message = newMessage(1, {
        body: ['é\u{1F600}', { $a: null, 'b.c': [1, -2.5e-7] }],
        headers: { 'x-a': 1, list: ['b'] },
        key: 'host-1',
        eventTime: -5,
        messageId: null,
        redelivered: true,
        definition: 7,
        bytes: 123,
        hash: 'ab'.repeat(16),
      })
      const held = await lease(log, 's', 'a')
      await log.append('s', held, { messages: [message, newMessage(2, { body: 'text' })] })
      expect(await log.read('s', 1, 10)).toEqual([
        { ...message, seq: 1 },
        { ...newMessage(2, { body: 'text' }), seq: 2 },
      ])
    })
    test('head follows the batches, and carries what the source gave', async () => {
      const { log } = subject.in()
      const empty = {
        firstSeq: 1,
        nextSeq: 1,
        bytes: 0,
        lastReceivedAt: null,
        maxEventTime: null,
        ackedSeq: 0,
        source: null,
      }
      expect(await log.head('s')).toEqual(empty)
      const held = await lease(log, 's', 'a')
      expect(await log.head('s')).toEqual(empty)
      await log.append('s', held, { messages: many(1, 3), ackedSeq: 2, source: { offset: 7 } })
      await log.append('s', held, { messages: [newMessage(0)] })
      const head = {
        firstSeq: 1,
        nextSeq: 5,
        bytes: 40,
        lastReceivedAt: 2_000,
        maxEventTime: 1_003,
        ackedSeq: 2,
        source: { offset: 7 },
      }
      expect(await log.head('s')).toEqual(head)
      expect(await log.append('s', held, { messages: [], ackedSeq: 4, source: 'x' })).toEqual({
        firstSeq: 5,
        lastSeq: 4,
      })
      expect(await log.head('s')).toEqual({ ...head, ackedSeq: 4, source: 'x' })
      expect(await log.append('s', held, { messages: many(9, 1) })).toEqual({ firstSeq: 5, lastSeq: 5 })
      expect(await log.head('s')).toEqual({
        ...head,
        nextSeq: 6,
        bytes: 50,
        lastReceivedAt: 2_009,
        maxEventTime: 1_009,
        ackedSeq: 4,
        source: 'x',
      })
    })
    test('by seq, newest first, by arrival, by event time', async () => {
      const { log } = subject.in()
      const held = await lease(log, 's', 'a')
      const times = [5, 3, 9, 3, 1, 8, 2, 2]
      for (let i = 0; i < times.length; i += 3)
        await log.append('s', held, {
          messages: times
            .slice(i, i + 3)
            .map((t, j) => newMessage(i + j, { eventTime: t, receivedAt: 100 + i + j })),
        })
      expect(seqs(await log.read('s', 3, 4))).toEqual([3, 4, 5, 6])
      expect(seqs(await log.read('s', 9, 4))).toEqual([])
      expect(seqs(await log.last('s', 5))).toEqual([8, 7, 6, 5, 4])
      expect(seqs(await log.readByArrival('s', { from: 102, to: 106, limit: 10 }))).toEqual([3, 4, 5, 6])
      expect(seqs(await log.readByArrival('s', { from: 102, to: 106, limit: 2, afterSeq: 3 }))).toEqual([
        4, 5,
      ])
      expect(seqs(await log.readByEventTime('s', { from: 2, to: 9, limit: 10 }))).toEqual([7, 8, 2, 4, 1, 6])
      expect(seqs(await log.readByEventTime('s', { from: 2, to: 9, limit: 2 }))).toEqual([7, 8])
      const after = { eventTime: 3, seq: 2 }
      expect(seqs(await log.readByEventTime('s', { from: 2, to: 9, limit: 2, after }))).toEqual([4, 1])
    })
    test('identities newest first, rates by bucket of arrival', async () => {
      const { log } = subject.in()
      const held = await lease(log, 's', 'a')
      await log.append('s', held, {
        messages: [newMessage(1), newMessage(2, { messageId: null, hash: 'f0' })],
      })
      await log.append('s', held, { messages: [newMessage(13, { bytes: 5 })] })
      expect(await log.identities('s', 1, 10)).toEqual([
        { seq: 3, messageId: 'm13', hash: null },
        { seq: 2, messageId: null, hash: 'f0' },
        { seq: 1, messageId: 'm1', hash: null },
      ])
      expect(await log.identities('s', 2, 1)).toEqual([{ seq: 3, messageId: 'm13', hash: null }])
      expect(await log.rates('s', 2_000, 2_100, 10)).toEqual([
        { at: 2_000, count: 2, bytes: 20 },
        { at: 2_010, count: 1, bytes: 5 },
      ])
      expect(await log.rates('s', 2_002, 2_013, 10)).toEqual([{ at: 2_000, count: 1, bytes: 10 }])
    })
    test('a batch of 12 MB of bodies arrives, and a read ends near 8 MB', async () => {
      const { log } = subject.in()
      const held = await lease(log, 's', 'a')
      const body = 'x'.repeat(1_200_000)
      await log.append('s', held, { messages: many(1, 10).map((message) => ({ ...message, body })) })
      await log.append('s', held, { messages: many(11, 2) })
      const read = await log.read('s', 1, 100)
      expect(read.length).toBeGreaterThanOrEqual(6)
      let next = (read.at(-1)?.seq ?? 0) + 1
      const rest = await log.read('s', next, 100)
      next = (rest.at(-1)?.seq ?? next - 1) + 1
      const all = [...read, ...rest, ...(await log.read('s', next, 100))]
      expect(seqs(all)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
      expect(all.slice(0, 10).every((message) => message.body === body)).toBe(true)
    })
    test('limits and ranges that are none are invalid', async () => {
      const { log } = subject.in()
      for (const work of [
        () => log.read('s', 1, 0),
        () => log.read('s', 1, 5_001),
        () => log.last('s', 1_001),
        () => log.read('s', 1.5, 1),
        () => log.readByArrival('s', { from: Number.NaN, to: 1, limit: 1 }),
        () => log.lease('a/b/c', 'x', 0, 1),
        () => log.lease('', 'x', 0, 1),
      ])
        await expect(work()).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  describe('log: trim and drop', () => {
    test('trim takes what is before a seq; numbers go on', async () => {
      const { log } = subject.in()
      const held = await lease(log, 's', 'a')
      for (let i = 0; i < 3; i++) await log.append('s', held, { messages: many(1 + i * 4, 4) })
      await log.trim('s', 5)
      expect(await log.head('s')).toMatchObject({ firstSeq: 5, nextSeq: 13, bytes: 80 })
      await log.trim('s', 7)
      expect(seqs(await log.read('s', 1, 100))).toEqual([7, 8, 9, 10, 11, 12])
      expect(await log.head('s')).toMatchObject({ firstSeq: 7, bytes: 60 })
      expect(seqs(await log.readByEventTime('s', { from: 0, to: 9e9, limit: 2 }))).toEqual([7, 8])
      expect(seqs(await log.readByArrival('s', { from: 0, to: 9e9, limit: 2 }))).toEqual([7, 8])
      expect((await log.identities('s', 1, 100)).length).toBe(6)
      expect(await log.rates('s', 0, 9e9, 1e9)).toEqual([{ at: 0, count: 6, bytes: 60 }])
      await log.trim('s', 100)
      expect(await log.head('s')).toEqual({
        firstSeq: 13,
        nextSeq: 13,
        bytes: 0,
        lastReceivedAt: 2_012,
        maxEventTime: 1_012,
        ackedSeq: 0,
        source: null,
      })
      expect(await log.last('s', 10)).toEqual([])
      expect(await log.append('s', held, { messages: many(1, 1) })).toEqual({ firstSeq: 13, lastSeq: 13 })
    })
    test('drop takes the stream and its sub-logs, not its neighbours', async () => {
      const { log } = subject.in()
      for (const stream of ['s', 's/dead', 's2', 's-a/late']) {
        const held = await lease(log, stream, 'a')
        await log.append(stream, held, { messages: many(1, 1) })
      }
      await log.drop('s')
      const left = await Promise.all(
        ['s', 's/dead', 's2', 's-a/late'].map((stream) => log.read(stream, 1, 10)),
      )
      expect(left.map((messages) => messages.length)).toEqual([0, 0, 1, 1])
      expect((await lease(log, 's', 'b')).epoch).toBe(1)
    })
  })
}
