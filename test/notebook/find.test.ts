import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { findMatches, maxMatches, replaceMatches, type FindQuery } from '../../runtime/notebook/find.ts'

const cell = (id: string, source: string): Cell => ({ id, type: 'typescript', source })
const query = (text: string, more: Partial<FindQuery> = {}): FindQuery => ({
  text,
  regex: false,
  matchCase: false,
  wholeWord: false,
  ...more,
})
const cells = [
  cell('a', 'const rows = 1\nconst Rows2 = rows + $x'),
  cell('b', 'no hit'),
  cell('c', '  rows.map()'),
]
const places = (text: string, more?: Partial<FindQuery>): string[] =>
  findMatches(cells, query(text, more)).matches.map((match) => `${match.cell}${match.line}:${match.column}`)

describe('findMatches', () => {
  test('tells cell, place and the line around', () => {
    expect(findMatches(cells, query('ROWS', { wholeWord: true })).matches[1]).toEqual({
      cell: 'a',
      start: 29,
      end: 33,
      line: 2,
      column: 15,
      excerpt: { before: 'const Rows2 = ', text: 'rows', after: ' + $x' },
    })
    expect(findMatches(cells, query('rows')).matches.at(-1)!.excerpt).toEqual({
      before: '',
      text: 'rows',
      after: '.map()',
    })
  })
  test('case, whole words and expressions narrow what is found', () => {
    expect(places('rows')).toEqual(['a1:7', 'a2:7', 'a2:15', 'c1:3'])
    expect(places('rows', { matchCase: true })).toEqual(['a1:7', 'a2:15', 'c1:3'])
    expect(places('rows', { wholeWord: true })).toEqual(['a1:7', 'a2:15', 'c1:3'])
    expect(places('^const (\\w+)', { regex: true })).toEqual(['a1:1', 'a2:1'])
    expect(places('x', { wholeWord: true })).toEqual([])
  })
  test('signs of expressions are text without the switch', () => {
    expect(places('map()')).toEqual(['c1:8'])
    expect(places('$x')).toEqual(['a2:22'])
  })
  test('nothing is found by an empty query or an empty match; a wrong expression is told', () => {
    expect(findMatches(cells, query(''))).toEqual({ matches: [], more: false, error: null })
    expect(findMatches(cells, query('z*', { regex: true })).matches).toEqual([])
    expect(findMatches(cells, query('(', { regex: true })).error).toContain('Unterminated group')
  })
  test('stops at the bound and says so', () => {
    const found = findMatches([cell('a', 'x'.repeat(maxMatches + 5))], query('x'))
    expect([found.matches.length, found.more]).toEqual([maxMatches, true])
  })
})

describe('replaceMatches', () => {
  const sources = (text: string, by: string, more: Partial<FindQuery> = {}) => {
    const done = replaceMatches(cells, query(text, more), by, null)
    return [done.count, ...done.cells.map(({ source }) => source)]
  }
  test('replaces all, leaving the other cells as they are', () => {
    expect(sources('rows', 'lines', { wholeWord: true })).toEqual([
      3,
      'const lines = 1\nconst Rows2 = lines + $x',
      'no hit',
      '  lines.map()',
    ])
    expect(replaceMatches(cells, query('rows'), 'x', null).cells[1]).toBe(cells[1])
  })
  test('plain text is put as it is; an expression knows its groups', () => {
    expect(sources('map', '$&$1')[3]).toBe('  rows.$&$1()')
    expect(sources('(?<name>\\w+)\\.(map)', '$2(<$<name>>) $$ $& $9', { regex: true })[3]).toBe(
      '  map(<rows>) $ rows.map $9()',
    )
  })
  test('replaces one alone', () => {
    const [, second] = findMatches(cells, query('rows')).matches
    const done = replaceMatches(cells, query('rows'), 'X', second!)
    expect([done.count, done.cells[0]!.source]).toEqual([1, 'const rows = 1\nconst X2 = rows + $x'])
  })
  test('nothing is replaced by a wrong expression', () => {
    expect(replaceMatches(cells, query('(', { regex: true }), 'x', null)).toEqual({ cells, count: 0 })
  })
})
