import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  apply,
  type FiringOperation,
  type FiringRecord,
  type FiringRules,
  isLive,
  toPause,
} from '../../runtime/run/firing-state.ts'

const waiting: FiringRecord = { state: 'waiting', attempts: [], reason: null, nextAt: 0, endedAt: null }
const rules = (overlap: FiringRules['overlap'], attempts = 1): FiringRules => ({
  overlap,
  retries: { attempts, backoffSeconds: 10 },
})
const run = (firing: FiringRecord, operations: FiringOperation[], by: FiringRules) => {
  let state = { firing, effects: [] as string[] }
  for (const operation of operations) state = apply(state.firing, operation, by)
  return state
}
const started: FiringOperation = { type: 'started', run: 'run_1', at: 1000 }
const failed = (at: number): FiringOperation => ({
  type: 'ended',
  state: 'failed',
  error: 'boom',
  replaced: false,
  at,
})

describe('a firing that finds its turn taken', () => {
  const busy: FiringOperation = { type: 'busy', holder: 'run_0', at: 500 }
  test.each([
    [
      'skip',
      {
        ...waiting,
        state: 'skipped',
        reason: 'The run before, run_0, has not ended.',
        nextAt: null,
        endedAt: 500,
      },
      ['skip', 'release'],
    ],
    ['queue', { ...waiting, nextAt: 10_500 }, []],
    ['replace', { ...waiting, nextAt: 1500 }, ['evict']],
  ] as const)('%s', (overlap, firing, effects) => {
    expect(apply(waiting, busy, rules(overlap))).toEqual({ firing, effects })
  })
})
describe('attempts', () => {
  const first = { run: 'run_1', state: 'failed', error: 'boom', startedAt: 1000, endedAt: 2000 }
  test('a failed one is followed by the next after a pause; the last asks for the failure notebook', () => {
    const retrying = run(waiting, [started, failed(2000)], rules('queue', 2))
    expect(retrying).toEqual({
      firing: { ...waiting, state: 'retrying', attempts: [first], nextAt: 12_000 },
      effects: [],
    })
    const last = run(
      retrying.firing,
      [{ type: 'started', run: 'run_2', at: 12_000 }, failed(13_000)],
      rules('queue', 2),
    )
    expect(last).toEqual({
      firing: {
        state: 'failed',
        attempts: [
          first,
          { run: 'run_2', state: 'failed', error: 'boom', startedAt: 12_000, endedAt: 13_000 },
        ],
        reason: 'boom',
        nextAt: null,
        endedAt: 13_000,
      },
      effects: ['failure', 'release'],
    })
  })
  test('pauses double, up to an hour', () => {
    const retries = { attempts: 10, backoffSeconds: 600 }
    expect([2, 3, 4, 5, 6].map((number) => toPause(retries, number) / 60_000)).toEqual([10, 20, 40, 60, 60])
  })
  test('a cancelled run is not tried again; a succeeded one ends; one that cannot be made fails', () => {
    const ended = (state: 'cancelled' | 'succeeded', replaced = false): FiringOperation => ({
      type: 'ended',
      state,
      error: null,
      replaced,
      at: 2000,
    })
    const of = (operations: FiringOperation[]) => {
      const { firing, effects } = run(waiting, operations, rules('queue', 3))
      return [firing.state, firing.attempts.length, effects]
    }
    expect(of([started, ended('cancelled')])).toEqual(['cancelled', 1, ['release']])
    expect(of([started, ended('cancelled', true)])).toEqual(['replaced', 1, ['release']])
    expect(of([started, ended('succeeded', true)])).toEqual(['succeeded', 1, ['release']])
    expect(of([{ type: 'refused', error: 'no', at: 1 }])).toEqual(['failed', 1, ['failure', 'release']])
  })
})
test('replace: what runs is cancelled, what waits ends; drop: what waits alone', () => {
  const of = (operations: FiringOperation[]) => {
    const { firing, effects } = run(waiting, operations, rules('replace', 2))
    return [firing.state, effects]
  }
  expect(of([{ type: 'replace', at: 1 }])).toEqual(['replaced', ['release']])
  expect(of([started, { type: 'replace', at: 2000 }])).toEqual(['running', ['cancel']])
  expect(of([started, failed(2000), { type: 'replace', at: 3000 }])).toEqual(['replaced', ['release']])
  expect(of([{ type: 'drop', reason: 'off', at: 1 }])).toEqual(['skipped', ['release']])
  expect(of([started, { type: 'drop', reason: 'off', at: 2000 }])).toEqual(['running', []])
})
test('whatever happens: attempts stay in their bound, what ended never changes, its turn is left once', () => {
  const anyOperation: fc.Arbitrary<FiringOperation> = fc.constantFrom(
    started,
    failed(5000),
    { type: 'ended', state: 'succeeded', error: null, replaced: false, at: 6000 },
    { type: 'busy', holder: 'x', at: 10 },
    { type: 'replace', at: 20 },
    { type: 'drop', reason: 'off', at: 30 },
    { type: 'refused', error: 'no', at: 40 },
  )
  fc.assert(
    fc.property(
      fc.array(anyOperation, { maxLength: 30 }),
      fc.constantFrom('skip', 'queue', 'replace'),
      fc.integer({ min: 1, max: 4 }),
      (operations, overlap, attempts) => {
        let firing = waiting
        let released = 0
        for (const operation of operations) {
          // The service starts only what waits or is to be tried again.
          if ((operation.type === 'started' || operation.type === 'refused') && firing.state === 'running')
            continue
          const next = apply(firing, operation, rules(overlap as 'skip', attempts))
          if (!isLive(firing.state)) expect(next).toEqual({ firing, effects: [] })
          released += next.effects.filter((effect) => effect === 'release').length
          firing = next.firing
        }
        expect(firing.attempts.length).toBeLessThanOrEqual(attempts)
        expect(released).toBe(isLive(firing.state) ? 0 : 1)
        expect(firing.endedAt === null).toBe(isLive(firing.state))
      },
    ),
    { numRuns: 500 },
  )
})
