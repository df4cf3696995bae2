import { describe, expect, test, vi } from 'vitest'
import { createCommitter, type CommitterOptions } from '../../runtime/deployment/committer.ts'
import { openRecords } from '../../runtime/deployment/records.ts'
import type { Session } from '../../runtime/deployment/session.ts'
import { AppError } from '../../runtime/error.ts'

const session = {
  number: 4,
  offsets: { s: 3 },
  inputs: [],
  processor: {
    flush: () => Promise.resolve(),
    take: () => ({ clocks: null, state: {}, rows: [], gone: [], outbox: [], records: [] }),
    counters: {},
  },
  caller: { receipt: {} },
  records: openRecords(
    { put: () => Promise.reject(new Error('none')), delete: () => Promise.resolve() },
    'd',
    [],
    {
      state: [],
    },
  ),
} as unknown as Session

/** A committer whose store refuses the first `refusals` commits. */
function open(refusals: number) {
  const stop = new AbortController()
  const waits: number[] = []
  const warn = vi.fn()
  const commit = vi.fn(() =>
    commit.mock.calls.length > refusals
      ? Promise.resolve()
      : Promise.reject(new AppError('unavailable', 'The disk is full.')),
  )
  const options = {
    workspace: 'w',
    deployment: 'd',
    store: { commits: { commit }, update: () => Promise.resolve({ id: 'd', revision: 1 }) },
    bus: { publish: () => undefined },
    clock: { now: () => 1_000 },
    control: { tell: () => Promise.resolve() },
    lease: () => ({ owner: 'me', epoch: 1, until: 2_000 }),
    wait: (ms: number) => {
      waits.push(ms)
      if (waits.length === 9) stop.abort()
      return Promise.resolve()
    },
    signal: stop.signal,
    log: { warn },
    takeOutbox: () => Promise.resolve(),
  } as unknown as CommitterOptions
  return { committer: createCommitter(options), commit, waits, warn }
}

describe('commit(session) on a store that refuses it', () => {
  test('tries it again, with longer and longer pauses, and says so each time', async () => {
    const { committer, commit, waits, warn } = open(7)
    const own = { ...session }
    await committer.commit(own)
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000])
    expect(commit).toHaveBeenCalledTimes(8)
    expect(warn.mock.calls).toEqual(
      waits.map(() => [
        { deployment: 'd', commit: 5, reason: 'The disk is full.' },
        'the store refuses a commit, which is tried again',
      ]),
    )
    expect(own.number).toBe(5)
  })
  test('gives it up once the worker ends', async () => {
    const { committer, commit } = open(Infinity)
    await expect(committer.commit({ ...session })).rejects.toMatchObject({ code: 'unavailable' })
    expect(commit).toHaveBeenCalledTimes(10)
  })
})
