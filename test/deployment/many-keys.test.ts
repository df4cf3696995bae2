import { expect, test } from 'vitest'
import type { CommitStore } from '../../runtime/store/log.ts'
import { openTemporaryStore, workspace } from '../action/opened.ts'
import { openProcess, type Step } from './process.ts'

const keyCount = 10_000

test('10,000 keys in 12 windows each: a commit after 1% of them changed writes those alone', async () => {
  const temporary = await openTemporaryStore()
  try {
    const commits: CommitStore = temporary.store.in(workspace).commits
    const lease = (await commits.lease('many', 'me', 0, 3_600_000))!
    const window = { type: 'hopping', size: 12_000, hop: 1000 } as const
    const handler = { streams: ['a'], options: { window }, run: (() => null) as never }
    const { run, processor } = openProcess([handler])
    const part = (from: number, to: number): Step[] =>
      Array.from({ length: to - from }, (_, i) => ({ at: 1, ts: 12_000, key: `k${from + i}` }))
    const written: number[] = []
    for (const [number, steps] of [part(0, keyCount), part(0, 100), part(100, 200)].entries()) {
      await run(steps, 'kept')
      const changes = processor.take()
      written.push(Object.keys(changes.state).length)
      await commits.commit({
        deployment: 'many',
        lease,
        number: number + 1,
        offsets: { a: number },
        ...changes,
      })
    }
    // a window with its items for each key
    expect(written).toEqual([keyCount, 100, 100].map((keys) => keys * 12))
    expect((await commits.head('many'))?.number).toBe(3)
  } finally {
    await temporary.remove()
  }
}, 120_000)
