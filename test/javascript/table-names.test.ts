import { expect, test } from 'vitest'
import { findTableNames, findVariableNames } from '../../runtime/javascript/table-names.ts'

const names = (sql: string): string[] =>
  findTableNames(sql).map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`))

test.each<[string, string[]]>([
  ['select * from a', ['a']],
  ['FROM a SELECT x', ['a']],
  ['select * from a, b x, "c d" as y', ['a', 'b', 'c d']],
  ['select a, b from t where c in (select d from u), e', ['t', 'u']],
  ['select * from a join b on a.x = b.x left join c using (x, y), d', ['a', 'b', 'c', 'd']],
  ['select * from a natural join b asof join c on a.t > c.t cross join d', ['a', 'b', 'c', 'd']],
  ['select * from (a join b using (x)) join (select * from c) s on true', ['a', 'b', 'c']],
  [
    'select * from streams.readings r join "objects"."history.csv" o on true',
    ['streams.readings', 'objects.history.csv'],
  ],
  ["from 'history.csv'", ['history.csv']],
  ['select extract(year from ts), trim(both from b) from t', ['t']],
  ['select a is distinct from b from t', ['t']],
  ['select * from range(10) r, unnest(xs) u, t', ['t']],
  ['with a as (select * from a), b(x, y) as materialized (from a) select * from a, b, c', ['a', 'c']],
  ['with recursive a as (select 1 union all select * from a join b on true) from a', ['b']],
  ['select * from (with a as (select 1) select * from a) x, a', ['a']],
  ["select 'from x', $$ from y $$, e'a\\' from z' from t -- from u\n/* from v /* from w */ from q */", ['t']],
  ['select "from" from "a""b" limit 3', ['a"b']],
  ['select * from x: t', ['t']],
  ['pivot t on a using sum(b)', ['t']],
  ['summarize t', ['t']],
  ['table t', ['t']],
  ['select * from a union select * from b order by from_x, c', ['a', 'b']],
  ['select 1 where exists (from a) and x', ['a']],
  ['select $1 from t where x > $2', ['t']],
  ['select * from', []],
  ['select * from (((', []],
  ["select 'open from t", []],
  ['', []],
])('findTableNames: %s', (sql, expected) => {
  expect(names(sql)).toEqual(expected)
})

test('findTableNames tells where each name stands', () => {
  const sql = 'select * from a join variables."b" using (x)'
  expect(findTableNames(sql)).toEqual([
    { schema: null, name: 'a', start: 14, end: 15 },
    { schema: 'variables', name: 'b', start: 31, end: 34 },
  ])
})
test('findTableNames reads 200 KB of parentheses, quotes and names in linear time', () => {
  for (const text of ['(', '"', "'", '/*', 'from a,', '$a$', 'with a as (']) {
    const took = (size: number): number => {
      const sql = text.repeat(Math.floor(size / text.length))
      const times = [1, 2, 3].map(() => {
        const begin = process.cpuUsage().user
        findTableNames(sql)
        return (process.cpuUsage().user - begin) / 1000
      })
      return Math.min(...times)
    }
    // four times as much; sixteen would be quadratic
    expect(took(200_000)).toBeLessThan(8 * took(50_000) + 200)
  }
})
test('findVariableNames: names that a variable can have, once each', () => {
  expect(
    findVariableNames(
      'from a join variables.b on true join streams.c on true join "d.csv" on true join a x',
    ).map(({ name }) => name),
  ).toEqual(['a', 'b'])
})
