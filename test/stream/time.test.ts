import { describe, expect, test } from 'vitest'
import { parseCsv, toCsvObject } from '../../runtime/stream/csv.ts'
import { getPath } from '../../runtime/stream/path.ts'
import { parseTime, toTime } from '../../runtime/stream/time.ts'

describe('parseTime', () => {
  test.each([
    ['2014-02-07 14:55:00', '2014-02-07T14:55:00Z'],
    ['2014-02-07T14:55', '2014-02-07T14:55:00Z'],
    ['2014-02-07', '2014-02-07T00:00:00Z'],
    ['2014-02-07T14:55:00.123456Z', '2014-02-07T14:55:00.123Z'],
    ['2014-02-07 14:55:00,5', '2014-02-07T14:55:00.500Z'],
    ['2014-02-07T14:55:00+02:00', '2014-02-07T12:55:00Z'],
    ['2014-02-07T14:55:00 -0530', '2014-02-07T20:25:00Z'],
    ['2014-02-07 14:55:00 UTC', '2014-02-07T14:55:00Z'],
    ['1969-12-31 23:59:59', '1969-12-31T23:59:59Z'],
    ['2016-02-29', '2016-02-29T00:00:00Z'],
  ])('%s is %s: without a zone it is UTC', (text, iso) => {
    expect(parseTime(text)).toBe(new Date(iso).getTime())
  })
  test.each([
    'noon',
    '',
    '2014-02-30',
    '2014-13-01',
    '2014-02-07 24:00',
    '2014-02-07T14:60',
    '07.02.2014',
    '2014-02-07T14:55+25:00',
  ])('%s is not a time', (text) => {
    expect(parseTime(text)).toBeUndefined()
  })
})

describe('toTime', () => {
  test('by unit, from numbers and from text that is one', () => {
    const ms = 1_391_784_900_123
    expect([
      toTime(ms),
      toTime(String(ms)),
      toTime(ms / 1000, 's'),
      toTime('1391784900.123', 's'),
      toTime(ms * 1000, 'us'),
      toTime('1391784900123456789', 'ns'),
      toTime('2014-02-07T14:55:00.123Z', 'iso'),
      toTime('2014-02-07T14:55:00.123Z', 's'),
      toTime(-1.5),
    ]).toEqual([ms, ms, ms, ms, ms, ms, ms, ms, -2])
  })
  test('what is no time is undefined', () => {
    expect(
      [true, null, undefined, {}, [], Infinity, 1e17, 'x'].map((value) => toTime(value as never)),
    ).toEqual(Array.from({ length: 8 }, () => undefined))
    expect(toTime(5, 'iso')).toBeUndefined()
  })
})

describe('parseCsv', () => {
  test('quotes, doubled quotes, line breaks inside them, CRLF, empty fields', () => {
    expect(parseCsv('\ufeffa,b\r\n"x, ""y""\nz",\n\n1,2')).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', ''],
      ['1', '2'],
    ])
  })
  test('a quote that never ends is refused', () => {
    expect(() => parseCsv('a\n"b')).toThrow('A quote in line 2 never ends.')
  })
  test('numbers become numbers, empty null, the rest text', () => {
    expect(toCsvObject(['a', 'b', 'c', 'd', 'e'], ['1.5', '', '007', '1e3'])).toEqual({
      a: 1.5,
      b: null,
      c: '007',
      d: 1000,
      e: null,
    })
  })
})

describe('getPath', () => {
  const body = { a: { b: [{ c: 1 }] }, 'x.y': 2, n: null }
  test.each([
    ['a.b[0].c', 1],
    ['$.a.b[0].c', 1],
    ['x.y', 2],
    ['n', null],
    ['a.b[1].c', undefined],
    ['a.constructor', undefined],
    ['n.x', undefined],
  ])('%s is %s', (path, value) => {
    expect(getPath(body, path)).toBe(value)
  })
  test('of a text there is none', () => {
    expect(getPath('text', 'length')).toBeUndefined()
  })
})
