import { expect, test } from 'vitest'
import { toFormat, toMediaType } from '../../runtime/object/format.ts'
import { findNames, toCandidates } from '../../runtime/object/reference.ts'

test.each<[string, string[]]>([
  ['select * from "history.csv"', ['select', 'from', 'history.csv']],
  ['from "a ""b"".csv" join \'it\'\'s.json\'', ['from', 'a "b".csv', 'join', "it's.json"]],
  ['-- "no"\nfrom x /* "nor" this */ where y', ['from', 'x', 'where', 'y']],
  ['from мощность, 数据', ['from', 'мощность', '数据']],
  ['from "open', ['from']],
  ['from x /* open "y"', ['from', 'x']],
  ['', []],
])('findNames(%s)', (sql, names) => {
  expect(findNames(sql)).toEqual(names)
})
test('findNames is bounded in number and time', () => {
  const begin = performance.now()
  expect(findNames('"'.repeat(100_000))).toEqual([])
  expect(findNames("/*'".repeat(30_000)).length).toBeLessThanOrEqual(300)
  expect(findNames(Array.from({ length: 20_000 }, (_, i) => `n${i}`).join(' ')).length).toBe(300)
  expect(performance.now() - begin).toBeLessThan(1000)
})
test('toCandidates begins with the name itself', () => {
  expect(toCandidates('history').slice(0, 2)).toEqual(['history', 'history.csv'])
})
test.each<[string, string, string, string]>([
  ['a.CSV', 'application/octet-stream', '', 'text/csv'],
  ['a.csv', 'application/json', '', 'text/csv'],
  ['a.jsonl', '', '', 'application/x-ndjson'],
  ['a', 'text/csv; charset=utf-8', '', 'text/csv'],
  ['a', 'application/x-www-form-urlencoded', '', 'application/octet-stream'],
  ['a', '', 'PAR1', 'application/vnd.apache.parquet'],
  ['a.xyz', 'text/html<script>', '', 'application/octet-stream'],
])('toMediaType(%s, %s, %s) is %s', (name, said, head, mediaType) => {
  expect(toMediaType(name, said, Buffer.from(head))).toBe(mediaType)
})
test('toFormat knows tables only', () => {
  expect(['text/csv', 'application/json', 'image/png'].map(toFormat)).toEqual(['csv', 'json', undefined])
})
