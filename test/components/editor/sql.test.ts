import { expect, test } from 'vitest'
import { suggestSql } from '../../../components/editor/sql.ts'
import type { KnownTable } from '../../../components/editor/language/protocol.ts'

const tables: KnownTable[] = [
  {
    name: 'machine temperature',
    kind: 'object',
    columns: [
      { name: 'at', type: 'time' },
      { name: 'Value', type: 'number' },
    ],
  },
  { name: 'labels', kind: 'variable', columns: [{ name: 'label', type: 'text' }] },
]
/** `|` is the place. */
const suggest = (marked: string) =>
  suggestSql(marked.replace('|', ''), marked.indexOf('|'), tables).map((one) => one.insert)

test('suggestSql: after FROM and JOIN, tables alone', () => {
  const both = ['"machine temperature"', 'labels']
  expect(suggest('select * from |')).toEqual(both)
  expect(suggest('select * from labels left join ma|')).toEqual(both)
  expect(suggest('select * from "mach|')).toEqual(both)
})
test('suggestSql: after a dot, the columns of the table or of its alias', () => {
  expect(suggest('select m.| from "machine temperature" as m')).toEqual(['at', '"Value"'])
  expect(suggest('select labels.la| from labels where true')).toEqual(['label'])
  expect(suggest('select m.| from labels')).toEqual([])
})
test('suggestSql: elsewhere, columns of the named tables first, then functions, keywords and tables', () => {
  const found = suggest('select | from labels')
  expect(found.slice(0, 2)).toEqual(['label', 'count'])
  expect(found).toEqual(expect.arrayContaining(['group by', 'date_trunc', '"machine temperature"']))
  expect(suggest('sel|')[0]).toBe('count')
})
test('suggestSql: a comment is no place, and a name that is a keyword is quoted', () => {
  expect(suggest('-- from |\n')).not.toEqual(['"machine temperature"', 'labels'])
  expect(
    suggestSql('select  from t', 7, [
      { name: 't', kind: 'object', columns: [{ name: 'end', type: 'time' }] },
    ])[0],
  ).toEqual({ label: 'end', insert: '"end"', kind: 'column', detail: 'time' })
})
