import { describe, expect, test } from 'vitest'
import type { Commit, CommitStore, Lease } from '../../runtime/store/log.ts'
import type { Subject } from './conformance.ts'

export function newCommit(
  deployment: string,
  lease: Lease,
  number: number,
  more: Partial<Commit> = {},
): Commit {
  return {
    deployment,
    lease,
    number,
    offsets: { s: number * 10 },
    clocks: { watermark: number },
    state: {},
    rows: [],
    outbox: [],
    ...more,
  }
}
const row = (id: string, end: number, n: number, pane = 0): Commit['rows'][number] => ({
  id,
  key: id,
  start: end - 10,
  end,
  pane,
  at: n,
  fields: { n },
})
const entry = (id: string): Commit['outbox'][number] => ({ id, kind: 'webhook', at: 5, body: { to: id } })
const fenced = (work: Promise<unknown>): Promise<void> =>
  expect(work).rejects.toMatchObject({ name: 'AppError', code: 'fenced' })
async function lease(commits: CommitStore, owner: string, now = 0): Promise<Lease> {
  const taken = await commits.lease('d', owner, now, 1_000)
  if (!taken) throw new Error(`${owner} did not get the lease`)
  return taken
}
const idsOf = (rows: { id: string }[]): string[] => rows.map(({ id }) => id)

export function commitCases(subject: Subject): void {
  describe('commits', () => {
    test('nothing is there before the first', async () => {
      const { commits } = subject.in()
      await lease(commits, 'a')
      expect(await commits.head('d')).toBeUndefined()
      expect(await commits.state('d', null, 10)).toEqual([])
      expect(await commits.rows('d', { limit: 10 })).toEqual([])
      expect(await commits.outbox({ limit: 10 })).toEqual([])
    })
    test('state, rows and outbox follow the commits', async () => {
      const { commits } = subject.in()
      const a = await lease(commits, 'a')
      await commits.commit(
        newCommit('d', a, 1, {
          state: { x: [1], y: { $z: 'é' }, z: 0 },
          rows: [row('r1', 20, 1), row('r2', 10, 1)],
          outbox: [entry('o1'), entry('o2')],
        }),
      )
      await commits.commit(
        newCommit('d', a, 2, {
          state: { x: null, y: false },
          rows: [row('r2', 10, 2, 1), row('r3', 30, 1)],
          outbox: [entry('o3'), entry('o1')],
        }),
      )
      expect(await commits.head('d')).toEqual({ number: 2, offsets: { s: 20 }, clocks: { watermark: 2 } })
      expect(await commits.state('d', null, 10)).toEqual([
        { key: 'y', value: false },
        { key: 'z', value: 0 },
      ])
      expect(await commits.state('d', 'y', 10)).toEqual([{ key: 'z', value: 0 }])
      expect(await commits.rows('d', { limit: 10 })).toEqual([
        row('r2', 10, 2, 1),
        row('r1', 20, 1),
        row('r3', 30, 1),
      ])
      expect(await commits.outbox({ limit: 10 })).toEqual(
        ['o1', 'o2', 'o3'].map((id) => ({ ...entry(id), deployment: 'd' })),
      )
      await commits.settle('d', ['o1', 'o9'])
      expect(idsOf(await commits.outbox({ deployment: 'd', limit: 1 }))).toEqual(['o2'])
      expect(await commits.outbox({ deployment: 'e', limit: 1 })).toEqual([])
    })
    test('rows by end, start and id, both ways, in pages', async () => {
      const { commits } = subject.in()
      const a = await lease(commits, 'a')
      const rows = [row('b', 20, 1), row('a', 20, 1), row('c', 10, 1), row('e', 30, 1), row('d', 30, 1)]
      await commits.commit(newCommit('d', a, 1, { rows }))
      expect(idsOf(await commits.rows('d', { limit: 10 }))).toEqual(['c', 'a', 'b', 'd', 'e'])
      expect(idsOf(await commits.rows('d', { limit: 3, newest: true }))).toEqual(['e', 'd', 'b'])
      expect(idsOf(await commits.rows('d', { from: 20, to: 30, limit: 10 }))).toEqual(['a', 'b'])
      const after = { end: 20, start: 10, id: 'a' }
      expect(idsOf(await commits.rows('d', { limit: 2, after }))).toEqual(['b', 'd'])
      expect(idsOf(await commits.rows('d', { limit: 2, after, newest: true }))).toEqual(['c'])
    })
    test('rows that others took the place of go with the commit, and may come again', async () => {
      const { commits } = subject.in()
      const a = await lease(commits, 'a')
      const [left, right, merged] = [row('s', 20, 1), row('t', 40, 1), row('m', 40, 2)]
      const gone = [left, right].map(({ id, start, end }) => ({ id, start, end }))
      await commits.commit(newCommit('d', a, 1, { rows: [left, right] }))
      await commits.commit(newCommit('d', a, 2, { rows: [merged], gone }))
      expect(await commits.rows('d', { limit: 10 })).toEqual([merged])
      await fenced(commits.commit(newCommit('d', a, 2, { gone: [{ id: 'm', start: 30, end: 40 }] })))
      await commits.commit(newCommit('d', a, 3, { rows: [left], gone: [{ id: 'x', start: 0, end: 1 }] }))
      expect(await commits.rows('d', { limit: 10 })).toEqual([left, merged])
      expect(await commits.rows('d', { limit: 1, newest: true })).toEqual([merged])
      await commits.commit(newCommit('d', a, 4, { gone: [{ id: 'm', start: 30, end: 40 }] }))
      expect(await commits.rows('d', { limit: 10 })).toEqual([left])
    })
    test('a wrong number or an old lease is fenced and changes nothing', async () => {
      const { commits } = subject.in()
      const a = await lease(commits, 'a')
      await fenced(commits.commit(newCommit('d', a, 2)))
      await commits.commit(newCommit('d', a, 1, { state: { k: 1 } }))
      await fenced(commits.commit(newCommit('d', a, 1, { state: { k: 2 } })))
      const b = await lease(commits, 'b', 5_000)
      expect(b.epoch).toBe(a.epoch + 1)
      await fenced(commits.commit(newCommit('d', a, 2, { state: { k: 3 }, outbox: [entry('o')] })))
      await commits.commit(newCommit('d', b, 2, { state: { l: 4 } }))
      expect(await commits.state('d', null, 10)).toEqual([
        { key: 'k', value: 1 },
        { key: 'l', value: 4 },
      ])
      expect(await commits.outbox({ limit: 10 })).toEqual([])
      await commits.release('d', b)
      await fenced(commits.commit(newCommit('d', b, 3)))
    })
    test('deployments and workspaces keep to themselves; drop takes one', async () => {
      const store = subject.in()
      const other = subject.in()
      for (const { commits } of [store, other])
        for (const deployment of ['d', 'e']) {
          const held = await commits.lease(deployment, 'a', 0, 1_000)
          if (held)
            await commits.commit(
              newCommit(deployment, held, 1, {
                state: { k: deployment },
                rows: [row('r', 1, 1)],
                outbox: [entry('o')],
              }),
            )
        }
      await store.commits.drop('d')
      expect(await store.commits.head('d')).toBeUndefined()
      expect(await store.commits.state('d', null, 1)).toEqual([])
      expect(await store.commits.rows('d', { limit: 1 })).toEqual([])
      expect((await store.commits.outbox({ limit: 9 })).map((one) => one.deployment)).toEqual(['e'])
      expect((await other.commits.outbox({ limit: 9 })).map((one) => one.deployment)).toEqual(['d', 'e'])
      const again = await lease(store.commits, 'b')
      await store.commits.commit(newCommit('d', again, 1, { state: { n: 1 } }))
      expect(await store.commits.state('d', null, 9)).toEqual([{ key: 'n', value: 1 }])
    })
    test('a commit of 2,000 keys and rows is whole', async () => {
      const { commits } = subject.in()
      const a = await lease(commits, 'a')
      const keys = Array.from({ length: 2_000 }, (_, i) => `k${String(i).padStart(4, '0')}`)
      await commits.commit(
        newCommit('d', a, 1, {
          state: Object.fromEntries(keys.map((key) => [key, 1])),
          rows: keys.map((key, i) => row(key, i, 1)),
        }),
      )
      await commits.commit(
        newCommit('d', a, 2, {
          state: Object.fromEntries(keys.map((key) => [key, 2])),
          rows: keys.map((key, i) => row(key, i, 2)),
        }),
      )
      const first = await commits.state('d', null, 1_000)
      const rest = await commits.state('d', first.at(-1)?.key ?? null, 1_000)
      expect([...first, ...rest]).toEqual(keys.map((key) => ({ key, value: 2 })))
      expect((await commits.rows('d', { limit: 5_000 })).map((one) => one.fields['n'])).toEqual(
        keys.map(() => 2),
      )
    })
  })
}
