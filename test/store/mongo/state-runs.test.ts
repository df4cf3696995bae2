import { afterAll, describe, expect, test } from 'vitest'
import { openMongoDatabase } from '../../../runtime/store/mongo/database.ts'
import { createStateMerge } from '../../../runtime/store/mongo/state-merge.ts'
import { compareKeys, fanOut, findMerge, replaceRuns } from '../../../runtime/store/mongo/state-run.ts'
import { openStateRuns, stateRuns } from '../../../runtime/store/mongo/state-runs.ts'
import { useMongo } from '../../mongo.ts'
import type { StateRun } from '../../../runtime/store/mongo/version.ts'

const mongo = await useMongo()
const db = mongo && openMongoDatabase(mongo.uri, mongo.database)
afterAll(async () => {
  await db?.close()
  await mongo?.close()
})
const run = (id: string, level = 0): StateRun => ({ id, level })

test('compareKeys is the order of code points', () => {
  const keys = ['', 'a', 'a\u0001', 'ab', 'b', 'é', '\uE000', '\uFFFD', '😀', '😀a']
  const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(keys.toReversed().toSorted(compareKeys)).toEqual(sorted)
})

describe('findMerge', () => {
  test('nothing while there are few of each size', () => {
    expect(findMerge([run('c'), run('b', 1), run('a', 2)], 2)).toBe(null)
  })
  test('the newest size that has enough, and whether something lies below', () => {
    const runs = [run('e'), run('d', 1), run('c', 1), run('b', 2), run('a', 2)]
    expect(findMerge(runs, 2)).toEqual({ runs: runs.slice(1, 3), oldest: false })
    expect(findMerge(runs.toSpliced(1, 2), 2)).toEqual({ runs: runs.slice(3), oldest: true })
  })
})

test('replaceRuns takes neighbours that are still there, and nothing else', () => {
  const runs = [run('d'), run('c'), run('b'), run('a', 1)]
  expect(replaceRuns(runs, { run: run('m', 1), of: runs.slice(1, 3) })).toEqual([
    run('d'),
    run('m', 1),
    run('a', 1),
  ])
  expect(replaceRuns(runs, { run: null, of: runs.slice(1, 3) })).toEqual([run('d'), run('a', 1)])
  expect(replaceRuns(runs, { run: run('m', 1), of: [run('d'), run('b')] })).toBe(undefined)
  expect(replaceRuns([], { run: run('m', 1), of: runs })).toBe(undefined)
})

describe.skipIf(!db)('runs on a server (skipped without one)', () => {
  const p = 'w/d'
  const countParts = (): Promise<number> => db!.collection(stateRuns).countDocuments()

  test('what many commits wrote is read page by page, merged or not; what is not named goes', async () => {
    const runs = openStateRuns(db!)
    const merge = createStateMerge(p, runs)
    const expected = new Map<string, number>()
    let head: StateRun[] = []
    let merged = 0
    for (let n = 0; n < 3 * fanOut * fanOut; n++) {
      const state = new Map<string, string | null>()
      for (let i = 0; i < 40; i++) {
        const key = `key ${(n * 31 + i * 17) % 500}`
        const isGone = (n + i) % 5 === 0
        state.set(key, isGone ? null : String(n))
        if (isGone) expected.delete(key)
        else expected.set(key, n)
      }
      const made = await runs.write(p, [...state])
      const below = await merge.apply(head)
      if (below.length < head.length) merged++
      head = made ? [made, ...below] : below
      merge.committed(head, true)
      if (n % 3 === 0) await merge.idle()
    }
    await merge.idle()
    expect(merged).toBeGreaterThan(fanOut)
    expect(head.length).toBeLessThan(4 * fanOut)

    // another process, which has nothing in memory
    const other = openStateRuns(db!)
    const seen: [string, unknown][] = []
    for (let after: string | null = null; ;) {
      const page: { key: string; value: unknown }[] = (await other.page(p, head, after, 97))!
      seen.push(...page.map(({ key, value }): [string, unknown] => [key, value]))
      after = page.at(-1)?.key ?? null
      if (page.length < 97) break
    }
    expect(seen).toEqual([...expected].toSorted(([a], [b]) => compareKeys(a, b)))

    await other.write(p, [['nobody knows', '1']])
    const before = await countParts()
    // a later owner writes already: nothing of it goes
    await other.sweep(p, [], () => Promise.resolve(false))
    await other.sweep(p, [...head, ...(await merge.spare())], () => Promise.resolve(true))
    expect(await countParts()).toBeLessThan(before)
    expect((await other.page(p, head, null, 1000))!.length).toBe(expected.size)
    await other.delete(p, head)
    expect(await openStateRuns(db!).page(p, head, null, 10)).toBe(undefined)
  }, 60_000)

  test('a large state lies in parts, and merging drops what was removed', async () => {
    const runs = openStateRuns(db!)
    const all = Array.from({ length: 3000 }, (_, i): [string, string] => [`k${i}`, '1'])
    const first = (await runs.write(p, all))!
    const second = (await runs.write(
      p,
      all.map(([key]) => [key, null]),
    ))!
    expect(await countParts()).toBeGreaterThan(5)
    expect(await runs.page(p, [second, first], null, 10)).toEqual([])
    expect(await runs.merge(p, [second, first], true)).toBe(null)
    const kept = (await runs.merge(p, [second, first], false))!
    expect(await runs.page(p, [kept, first], 'k5', 10)).toEqual([])
    expect((await runs.page(p, [first, kept], 'k5', 2))!.map(({ key }) => key)).toEqual(['k50', 'k500'])
    await runs.sweep(p, [], () => Promise.resolve(true))
    expect(await countParts()).toBe(0)
  }, 60_000)

  test('what a later owner writes while an earlier one sweeps stays, before and after the lease is looked at', async () => {
    const late = openStateRuns(db!)
    const next = openStateRuns(db!)
    const left = (await late.write(p, [['a', '1']]))!
    let during = left
    await late.sweep(p, [], async () => {
      during = (await next.write(p, [['b', '2']]))!
      return true
    })
    const before = (await next.write(p, [['c', '3']]))!
    await late.sweep(p, [], () => Promise.resolve(false))
    const read = openStateRuns(db!)
    expect([
      await read.page(p, [left], null, 10),
      await read.page(p, [during], null, 10),
      await read.page(p, [before], null, 10),
    ]).toEqual([undefined, [{ key: 'b', value: 2 }], [{ key: 'c', value: 3 }]])
    await late.sweep(p, [], () => Promise.resolve(true))
  }, 60_000)
})
