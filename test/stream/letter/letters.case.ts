/** What a store must give for the replay of dead letters: the same cases on both. */
import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../../runtime/api/streams.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Json } from '../../../runtime/json.ts'
import type { Store, WorkspaceStore } from '../../../runtime/store/port.ts'
import type { StoredStream } from '../../../runtime/stream/definition.ts'
import { findLetters, findOpen } from '../../../runtime/stream/letter/letters.ts'
import { replayLetters } from '../../../runtime/stream/letter/replay.ts'
import { toRecords, type Received, type Record } from '../../../runtime/stream/record.ts'
import { createLogWriter, toShares, type Written } from '../../../runtime/stream/writer.ts'

const at = Date.UTC(2026, 0, 1, 10)
const clock = { now: () => at } as Clock
let made = 0

export function letterCases(name: string, newStore: () => Store): void {
  const mine = (): WorkspaceStore => newStore().in('w1')
  const newStream = (spec: object = {}): StoredStream => ({
    ...streamDefinition.parse({ name: 's', source: { type: 'http' }, ...spec }),
    id: `letters-${++made}`,
    type: 'http',
    definition: 1,
    enabled: true,
    createdAt: 1,
    revision: 1,
  })
  const changed = (stream: StoredStream, spec: object): StoredStream => ({
    ...stream,
    ...spec,
    definition: stream.definition + 1,
  })
  /** As a process does that was just started: it knows what the log knows. */
  async function write(store: WorkspaceStore, id: string, groups: Record[][]): Promise<Written[]> {
    const writer = createLogWriter({ log: store.log, stream: id, owner: 'me', clock })
    await writer.acquire()
    const batch = writer.prepare(groups.flat())
    const written = await writer.commit(batch)
    await writer.release()
    return toShares(written, batch.outcomes, groups)
  }
  function receive(stream: StoredStream, text: string, more: Partial<Received> = {}): Record[] {
    const bytes = Buffer.from(text)
    const base = { headers: {}, messageId: null, redelivered: false, receivedAt: at - 1000, timestamp: null }
    return toRecords(stream, { bytes, ...base, ...more })
  }
  const replay = (stream: StoredStream, seqs: number[], store = mine()) =>
    replayLetters({ mine: store, stream, now: at, append: (groups) => write(store, stream.id, groups) }, seqs)
  const stored = async (id: string): Promise<[Json, number, string | null][]> =>
    (await mine().log.read(id, 1, 100)).map((one) => [one.body, one.eventTime, one.messageId])
  const views = async (stream: StoredStream, filter = {}) =>
    (await findLetters(mine(), stream.id, { limit: 10, below: undefined, ...filter })).items.map((one) => [
      one.seq,
      one.reason,
      one.replay?.state ?? null,
      one.replay?.seq ?? null,
    ])

  describe(`replay of dead letters on ${name}`, () => {
    test('what reads now is appended once, what fails again stays with its new reason', async () => {
      const stream = newStream({ eventTime: { path: 'at', unit: 's' } })
      const bodies = ['{"t":1}', 'nonsense', '{"t":2}']
      await write(mine(), stream.id, [bodies.flatMap((text) => receive(stream, text))])
      const next = changed(stream, { eventTime: { path: 't', unit: 's' } })
      const results = [
        { letter: 1, state: 'replayed', reason: null, seq: 1 },
        { letter: 2, state: 'failed', reason: expect.stringContaining('Not JSON'), seq: null },
        { letter: 3, state: 'replayed', reason: null, seq: 2 },
        { letter: 9, state: 'failed', reason: 'There is no such dead letter.', seq: null },
      ]
      expect(await replay(next, [3, 1, 2, 9])).toEqual(results)
      expect(await replay(next, [1, 2, 3])).toEqual(results.slice(0, 3))
      expect(await stored(stream.id)).toEqual([
        [{ t: 1 }, 1000, 'dead-letter 1#0'],
        [{ t: 2 }, 2000, 'dead-letter 3#0'],
      ])
      const [first] = await mine().log.read(stream.id, 1, 1)
      expect([first!.receivedAt, first!.definition, first!.headers]).toEqual([
        at,
        2,
        { 'x-suricate-dead-letter': 1 },
      ])
      expect(await views(next)).toEqual([
        [3, 'The message has no event time: field "at" is missing.', 'replayed', 2],
        [2, expect.stringContaining('Not JSON'), 'failed', null],
        [1, 'The message has no event time: field "at" is missing.', 'replayed', 1],
      ])
      expect(await views(next, { open: true })).toEqual([
        [2, expect.stringContaining('Not JSON'), 'failed', null],
      ])
    })

    test('one whose id is in the log is a duplicate; a letter of many events is used as a whole', async () => {
      const stream = newStream({ eventTime: { path: 'at' } })
      const lines = '{"t":1}\n{"t":2}'
      await write(mine(), stream.id, [
        receive(stream, '{"t":1}', { messageId: 'm1' }),
        receive(stream, '{"at":5,"t":1}', { messageId: 'm1' }),
        receive(stream, lines, { messageId: 'm2' }),
        receive(stream, `${lines}\nx`, { messageId: 'm3' }),
      ])
      const next = changed(stream, { eventTime: { path: 't' }, format: 'ndjson' })
      expect(await replay(next, [1, 2, 3])).toEqual([
        { letter: 1, state: 'duplicate', reason: null, seq: null },
        { letter: 2, state: 'replayed', reason: null, seq: 2 },
        { letter: 3, state: 'failed', reason: expect.stringMatching(/^Event 3 of 3: Not JSON/), seq: null },
      ])
      expect(await stored(stream.id)).toEqual([
        [{ at: 5, t: 1 }, 5, 'm1'],
        [{ t: 1 }, 1, 'm2#0'],
        [{ t: 2 }, 2, 'm2#1'],
      ])
    })

    test('all that match a reason, a page at a time, oldest first', async () => {
      const stream = newStream({ eventTime: { path: 'at' } })
      const bodies = Array.from({ length: 450 }, (_, i) => (i % 9 === 0 ? 'x' : `{"t":${i}}`))
      await write(mine(), stream.id, [bodies.flatMap((text) => receive(stream, text))])
      const pages: [number, number | null][] = []
      let from: number | null = 1
      while (from !== null) {
        const { seqs, next } = await findOpen(mine(), stream.id, { reason: 'NO EVENT TIME' }, from)
        await replay(changed(stream, { eventTime: { path: 't' } }), seqs)
        pages.push([seqs.length, next])
        from = next
      }
      expect(pages).toEqual([
        [200, 226],
        [200, null],
      ])
      expect(await findOpen(mine(), stream.id, { reason: 'no event time' }, 1)).toEqual({
        seqs: [],
        next: null,
      })
      expect((await findOpen(mine(), stream.id, {}, 1)).seqs.length).toBe(50)
      expect((await mine().log.head(stream.id)).nextSeq).toBe(401)
    })

    test.each(['before', 'after'] as const)('killed %s any of its writes, then asked again', async (when) => {
      for (let death = 1; ; death++) {
        const stream = newStream({ eventTime: { path: 'at' }, identity: { path: 'id' } })
        const bodies = ['{"t":1,"id":"a"}', '{"t":2}', 'x', '{"t":3,"id":"a","other":"c"}']
        await write(mine(), stream.id, [bodies.flatMap((text) => receive(stream, text))])
        const next = changed(stream, { eventTime: { path: 't' } })
        const dying = toDying(mine(), death, when)
        const all = [1, 2, 3, 4]
        const died = await replay(next, all, dying.store).then(
          () => false,
          (error: unknown) => {
            if (String(error) !== 'Error: killed') throw error
            return true
          },
        )
        if (!died) {
          expect(death).toBeGreaterThan(8)
          return
        }
        // what identifies a message has changed meanwhile
        const later = changed(next, { identity: { path: 'other' } })
        await replay(later, all)
        const again = await replay(later, all)
        expect(again.map(({ state }) => state).filter((state) => state === 'replaying')).toEqual([])
        const bodiesNow = (await stored(stream.id)).map(([body]) => JSON.stringify(body))
        expect([death, new Set(bodiesNow).size]).toEqual([death, bodiesNow.length])
        expect(bodiesNow).toContain(bodies[0])
        expect(bodiesNow).toContain(bodies[1])
        expect(again[2]).toMatchObject({ letter: 3, state: 'failed' })
      }
    })

    test('two at once append once', async () => {
      const stream = newStream({ eventTime: { path: 'at' } })
      const bodies = Array.from({ length: 20 }, (_, i) => `{"t":${i}}`)
      await write(mine(), stream.id, [bodies.flatMap((text) => receive(stream, text))])
      const next = changed(stream, { eventTime: { path: 't' } })
      const seqs = bodies.map((_, i) => i + 1)
      let turn: Promise<unknown> = Promise.resolve()
      const append = (groups: Record[][]): Promise<Written[]> => {
        const mineNow = turn.then(() => write(mine(), stream.id, groups))
        turn = mineNow
        return mineNow
      }
      const deps = { mine: mine(), stream: next, now: at, append }
      await Promise.all([replayLetters(deps, seqs), replayLetters(deps, seqs)])
      expect((await stored(stream.id)).length).toBe(20)
      expect((await replay(next, seqs)).map(({ state }) => state)).toEqual(seqs.map(() => 'replayed'))
    })
  })
}

/** A store whose n-th write is the last: it throws before it, or after it was made. */
function toDying(mine: WorkspaceStore, death: number, when: 'before' | 'after'): { store: WorkspaceStore } {
  let writes = 0
  const dying =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const isLast = ++writes >= death
      if (isLast && (when === 'before' || writes > death)) throw new Error('killed')
      const result = await write(...args)
      if (isLast) throw new Error('killed')
      return result
    }
  const log = { ...mine.log, append: dying(mine.log.append.bind(mine.log)) }
  return {
    store: {
      ...mine,
      log,
      insert: dying(mine.insert.bind(mine)),
      update: dying(mine.update.bind(mine)),
    },
  }
}
