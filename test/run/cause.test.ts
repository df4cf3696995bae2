import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Cause,
  checkChain,
  matchesPattern,
  maxChain,
  planMissed,
  toFiringId,
} from '../../runtime/run/cause.ts'
import { matches } from '../../runtime/run/trigger-stream.ts'

const now = 1_000_000
const cause = (at: number, chain?: number): Cause => ({
  key: `k ${at}`,
  at,
  trigger: { type: 'run', ...(chain ? { chain } : {}) },
})
const said = (plans: ReturnType<typeof planMissed>): string[] =>
  plans.map(({ cause: { at }, skip }) => `${at}${skip === undefined ? '' : ' passed'}`)

describe('planMissed', () => {
  const causes = [100_000, 200_000, 300_000, now - 1000].map((at) => cause(at))
  test.each([
    ['skip', 10, ['100000 passed', '200000 passed', '300000 passed', '999000']],
    ['once', 10, ['100000 passed', '200000 passed', '300000', '999000']],
    ['all', 10, ['100000', '200000', '300000', '999000']],
    ['all', 2, ['100000 passed', '200000', '300000', '999000']],
  ] as const)('%s, at most %i', (missed, missedLimit, expected) => {
    expect(said(planMissed(causes, { missed, missedLimit }, now, 'last'))).toEqual(expected)
  })
  test('nothing is left out, and what is on time always fires', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: now }), { maxLength: 40 }),
        fc.constantFrom('skip', 'once', 'all'),
        fc.integer({ min: 1, max: 10 }),
        (times, missed, missedLimit) => {
          const given = times.toSorted((a, b) => a - b).map((at) => cause(at))
          const plans = planMissed(given, { missed: missed as 'all', missedLimit }, now, 'first')
          expect(plans.map((plan) => plan.cause)).toEqual(given)
          const fired = plans.filter(({ skip }) => skip === undefined).map((plan) => plan.cause.at)
          const late = given.filter(({ at }) => now - at > 60_000).length
          const most = { skip: 0, once: 1, all: missedLimit }[missed as 'all']
          expect(fired.length).toBe(given.length - late + Math.min(late, most))
        },
      ),
    )
  })
})
test('checkChain: so many runs may lead to one another', () => {
  expect(checkChain(cause(1, maxChain)).skip).toBeUndefined()
  expect(checkChain(cause(1, maxChain + 1)).skip).toBe(
    '6 runs led to one another by triggers; 5 are allowed.',
  )
})
test('toFiringId: the same for the same trigger and cause, another for any other', () => {
  expect(toFiringId('trg_1', 'a')).toBe(toFiringId('trg_1', 'a'))
  expect(new Set([toFiringId('trg_1', 'a'), toFiringId('trg_1', 'b'), toFiringId('trg_2', 'a')]).size).toBe(3)
})
describe('matchesPattern', () => {
  test.each([
    ['*.csv', 'a.csv', true],
    ['*.csv', 'a.csv.gz', false],
    ['day-*-*.csv', 'day-1-2.csv', true],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['plain', 'plain', true],
    [undefined, 'anything', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected)
  })
  test('agrees with the same as a regular expression', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
        expect(matchesPattern(pattern, name)).toBe(expression.test(name))
      }),
      { numRuns: 1000 },
    )
  })
})
describe('a message', () => {
  const body = { cpu: 95, host: 'web-1', disk: { free: 3 }, tags: ['a'], ok: true }
  test.each([
    [{ path: 'cpu', is: 'above', value: 90 }, true],
    [{ path: 'cpu', is: 'below', value: 90 }, false],
    [{ path: 'disk.free', is: 'equal', value: 3 }, true],
    [{ path: 'host', is: 'contains', value: 'web' }, true],
    [{ path: 'tags', is: 'contains', value: 'a' }, true],
    [{ path: 'ok', is: 'there' }, true],
    [{ path: 'none', is: 'there' }, false],
    [{ path: 'host', is: 'above', value: 1 }, false],
  ] as const)('matches %j: %s', (match, expected) => {
    expect(matches(match, body)).toBe(expected)
  })
})
