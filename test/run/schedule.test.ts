import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkZone, nextTime, nextTimes, timesUntil, toDay } from '../../runtime/run/schedule.ts'

const at = (text: string): number => Date.parse(text)
const told = (times: number[]): string[] => times.map((time) => new Date(time).toISOString().slice(0, 16))
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
]
const anyTime = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) })
const anyCron = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }))
    .map(([m, h]) => `${m} ${h} * * *`),
  fc.integer({ min: 0, max: 59 }).map((m) => `${m} * * * *`),
  fc.constantFrom(
    '*/15 * * * *',
    '*/30 2 * * *',
    '30 1,2,3 * * *',
    '0 9 * * 1-5',
    '0 0 1 * *',
    '*/20 * * * * *',
  ),
)

describe('the times of a schedule where clocks change', () => {
  test.each([
    [
      'a time in the gap comes when the gap ends',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'a time that comes twice is taken once',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'every hour goes on over the gap',
      '0 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:30Z',
      ['2026-03-29T01:00', '2026-03-29T02:00'],
    ],
    [
      'every hour goes on over the fold',
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'],
    ],
    [
      'steps of minutes in the fold come in both hours',
      '*/30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:00', '2026-10-25T00:30', '2026-10-25T01:00', '2026-10-25T01:30', '2026-10-26T01:00'],
    ],
    [
      'steps of minutes in the gap do not come',
      '*/30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-30T00:00'],
    ],
    [
      'a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T16:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    [
      'a gap at midnight',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00', '2026-03-09T06:30'],
    ],
  ])('%s', (_title, cron, zone, from, expected) => {
    expect(told(nextTimes(cron, zone, at(from), expected.length))).toEqual(expected)
  })
})

describe('any schedule', () => {
  test('its times grow, and each comes after the instant that was asked for', () => {
    fc.assert(
      fc.property(anyCron, fc.constantFrom(...zones), anyTime, (cron, zone, from) => {
        const times = nextTimes(cron, zone, from, 6)
        const all = [from, ...times]
        return times.length === 6 && times.every((time, i) => time > all[i]!)
      }),
      { numRuns: 300 },
    )
  })
  test('asked from any instant between two of its times, it answers the second', () => {
    fc.assert(
      fc.property(
        anyCron,
        fc.constantFrom(...zones),
        anyTime,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (cron, zone, from, part) => {
          const [first, second] = nextTimes(cron, zone, from, 2) as [number, number]
          const between = first + Math.floor((second - first - 1) * part)
          expect(nextTime(cron, zone, between)).toBe(second)
        },
      ),
      { numRuns: 300 },
    )
  })
  test('once a day comes once on each date of its zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 23 }),
        fc.constantFrom(...zones),
        anyTime,
        (minute, hour, zone, from) => {
          const days = nextTimes(`${minute} ${hour} * * *`, zone, from, 400).map((time) => toDay(time, zone))
          expect(new Set(days).size).toBe(400)
          const span = (Date.parse(days[399]!) - Date.parse(days[0]!)) / 86_400_000
          expect(span).toBe(399)
        },
      ),
      { numRuns: 20 },
    )
  })
  test('what was missed is all of its times until now, or the newest of them', () => {
    fc.assert(
      fc.property(
        anyCron,
        fc.constantFrom(...zones),
        anyTime,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (cron, zone, from, count, limit) => {
          const times = nextTimes(cron, zone, from, count + 1)
          const missed = timesUntil({ cron, zone }, times[0]!, times[count]! - 1, limit)
          expect(missed).toEqual({ times: times.slice(0, count).slice(-limit), more: count > limit })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('timesUntil', () => {
  test('of a month of seconds answers the newest without walking through all', () => {
    const now = Date.UTC(2026, 1, 1)
    const { times, more } = timesUntil({ cron: '* * * * * *', zone: 'UTC' }, Date.UTC(2026, 0, 1), now, 3)
    expect({ times, more }).toEqual({ times: [now - 2000, now - 1000, now], more: true })
  })
})
describe('what is no schedule', () => {
  test.each([
    ['soon', 'UTC', 'spec.cron'],
    ['61 * * * *', 'UTC', 'spec.cron'],
    ['* * * * *', 'Mars/Base', 'spec.zone'],
  ])('%s in %s is refused with its field', (cron, zone, path) => {
    expect(() => nextTime(cron, zone, 0)).toThrow(
      expect.objectContaining({ code: 'invalid', details: { path } }),
    )
  })
  test('a zone that is not known is refused; a date that never comes answers nothing', () => {
    expect(() => checkZone('Mars/Base')).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(nextTime('0 0 30 2 *', 'UTC', 0)).toBeNull()
  })
  test('toDay is the date on the zone’s clocks', () => {
    const late = at('2026-03-28T23:30Z')
    expect(['UTC', 'Europe/Berlin', 'America/New_York'].map((zone) => toDay(late, zone))).toEqual([
      '2026-03-28',
      '2026-03-29',
      '2026-03-28',
    ])
  })
})
