import { describe, expect, test } from 'vitest'
import { findQueries, toResultName } from '../../runtime/notebook/query.ts'

describe('findQueries', () => {
  test('a SQL cell is one query, with what is bound', () => {
    const source = '-- name: rows\nselect *\nfrom t where v > ${limit}'
    expect(findQueries({ type: 'sql', source })).toEqual([
      {
        sql: '-- name: rows\nselect *\nfrom t where v > $1',
        key: 'select * from t where v > $1',
        tagEnd: 0,
        start: 0,
        end: source.length,
        values: [{ start: source.indexOf('limit'), end: source.indexOf('limit') + 5 }],
      },
    ])
  })
  test('templates of a TypeScript cell, with braces inside what is bound', () => {
    const source =
      'const a = await sql`select ${f({ x: 1 })}`\nconst b = sql `select \\`1\\``\nmysql`no`; db.sql`no`'
    expect(
      findQueries({ type: 'typescript', source }).map(({ sql, values }) => [sql, values.length]),
    ).toEqual([
      ['select $1', 1],
      ['select `1`', 0],
    ])
  })
  test('nothing in an empty cell, an open template and other cells', () => {
    expect(findQueries({ type: 'sql', source: ' \n' })).toEqual([])
    expect(findQueries({ type: 'typescript', source: 'sql`select ' })).toEqual([])
    expect(findQueries({ type: 'markdown', source: 'sql`select 1`' })).toEqual([])
  })
})
test('toResultName: the name of the first line and its place, else _', () => {
  expect(toResultName('-- name: rows\nselect 1')).toEqual({ name: 'rows', at: 9 })
  expect(toResultName('select 1')).toEqual({ name: '_' })
})
