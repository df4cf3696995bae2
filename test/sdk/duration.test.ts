import { describe, expect, test } from 'vitest'
import { toMilliseconds, toTime } from '../../runtime/sdk/duration.ts'

describe('toMilliseconds', () => {
  test.each([
    [250, 250],
    ['30 s', 30_000],
    ['5min', 300_000],
    ['1 h', 3_600_000],
    ['1.5 h', 5_400_000],
    ['1 d', 86_400_000],
  ])('%j is %d ms', (given, ms) => expect(toMilliseconds(given)).toBe(ms))
  test.each(['', '5', 'soon', '-1 s', '1 y', -5, NaN, Infinity])('%j is refused', (given) =>
    expect(() => toMilliseconds(given)).toThrow(expect.objectContaining({ code: 'invalid' })),
  )
})

describe('toTime', () => {
  test.each([
    [12.7, 12],
    ['1391784900000', 1_391_784_900_000],
    ['2014-02-07T14:55:00Z', 1_391_784_900_000],
    ['2014-02-07 14:55:00', 1_391_784_900_000],
    ['2014-02-07 14:55', 1_391_784_900_000],
    ['2014-02-07T15:55:00+01:00', 1_391_784_900_000],
    ['2014-02-07T15:55:00.000000+0100', 1_391_784_900_000],
    ['2014-02-07', 1_391_731_200_000],
  ])('%j is %d', (given, ms) => expect(toTime(given)).toBe(ms))
  test.each(['', 'yesterday', '2014-13-40', '07/02/2014', NaN])('%j is refused', (given) =>
    expect(() => toTime(given)).toThrow(expect.objectContaining({ code: 'invalid' })),
  )
})
