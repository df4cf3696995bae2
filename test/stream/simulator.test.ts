import { describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import { shiftTime, toRows, toSeries, toSpeeds, toWallMs } from '../../runtime/stream/simulator.ts'

const timeOf = (row: Json): number | undefined => (row as { t?: number }).t

describe('toRows', () => {
  test('CSV, NDJSON and JSON give the same rows', () => {
    const rows = [
      { t: 1, v: 'x' },
      { t: 2, v: null },
    ]
    expect(toRows('t,v\n1,x\n2,\n', 'text/csv')).toEqual(rows)
    expect(toRows(rows.map((row) => JSON.stringify(row)).join('\n'), 'application/x-ndjson')).toEqual(rows)
    expect(toRows(JSON.stringify(rows), 'application/json')).toEqual(rows)
  })
})

describe('toSeries', () => {
  test('keeps the order, and the highest time so far decides when a row is due', () => {
    const rows: Json[] = [{ t: 10 }, { t: 30 }, { t: 20 }, {}, { t: 40 }]
    expect(toSeries(rows, timeOf, {})).toEqual({
      rows,
      times: [10, 30, 20, undefined, 40],
      highest: [10, 30, 30, 30, 40],
      length: 30 + 20,
    })
  })
  test('a range keeps [from, to); nothing left is refused', () => {
    const rows = [{ t: 10 }, { t: 20 }, { t: 30 }]
    expect(toSeries(rows, timeOf, { from: 20, to: 30 }).rows).toEqual([{ t: 20 }])
    expect(() => toSeries(rows, timeOf, { from: 31 })).toThrow(
      'No row of the object has a readable event time',
    )
  })
})

describe('toWallMs', () => {
  const speeds = toSpeeds([
    { until: '1970-01-01T00:00:10Z', speed: 1000 },
    { until: 20_000, speed: 10 },
    { speed: 1 },
  ])
  test.each([
    [0, 10_000, 10],
    [0, 20_000, 10 + 1000],
    [0, 21_000, 10 + 1000 + 1000],
    [15_000, 20_000, 500],
    [20_000, 20_000, 0],
    [30_000, 31_000, 1000],
  ])('from %i to %i passes in %i ms', (from, to, ms) => {
    expect(toWallMs(speeds, from, to)).toBe(ms)
  })
})

describe('shiftTime', () => {
  const later = Date.UTC(2014, 1, 8)
  test('keeps the form that the time had', () => {
    expect([
      shiftTime({ t: '2014-02-07 00:00:00', v: 1 }, 't', later, undefined),
      shiftTime({ t: '2014-02-07T00:00:00Z' }, 't', later, undefined),
      shiftTime({ t: 5 }, 't', later, 's'),
      shiftTime({ t: 5 }, 't', later, undefined),
      shiftTime([5], 't', later, undefined),
    ]).toEqual([
      { t: '2014-02-08 00:00:00', v: 1 },
      { t: '2014-02-08T00:00:00.000Z' },
      { t: later / 1000 },
      { t: later },
      [5],
    ])
  })
})
