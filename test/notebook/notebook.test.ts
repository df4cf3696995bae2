import { describe, expect, test } from 'vitest'
import {
  deleteCell,
  insertCell,
  isSameCells,
  moveCell,
  toCells,
  toLabel,
  updateCell,
} from '../../runtime/notebook/notebook.ts'
import { toSource } from '../../runtime/notebook/source.ts'
import { appendData, collapse } from '../../runtime/notebook/output.ts'

const cell = (id: string, source = '') => ({ id, type: 'typescript' as const, source })
const abc = ['a', 'b', 'c'].map((id) => cell(id))

describe('toCells', () => {
  test('fills ids and types', () => {
    let n = 0
    expect(toCells([{ source: '1' }, { id: 'x', type: 'sql', source: '2' }], () => `n${++n}`)).toEqual([
      { id: 'n1', type: 'typescript', source: '1' },
      { id: 'x', type: 'sql', source: '2' },
    ])
  })
  test('refuses too many, too large and repeated cells, naming the cell', () => {
    const make = (cells: { id?: string; source: string }[]) => () => toCells(cells, () => `n${Math.random()}`)
    expect(make(Array.from({ length: 2001 }, () => ({ source: '' })))).toThrow('at most 2000 cells')
    expect(make([{ source: '' }, { source: 'é'.repeat(140_000) }])).toThrow('Cell 2 has 280000 bytes')
    expect(make([{ source: '€'.repeat(100_000) }])).toThrow('Cell 1 has 300000 bytes')
    expect(make(Array.from({ length: 40 }, () => ({ source: 'x'.repeat(250_000) })))).toThrow('8 MB together')
    expect(
      make([
        { id: 'x', source: '' },
        { id: 'x', source: '' },
      ]),
    ).toThrow('Cell 2 has the id "x"')
  })
})

describe('cell operations', () => {
  const ids = (cells: { id: string }[]): string => cells.map(({ id }) => id).join('')
  test('insert, delete, update and move leave the given cells alone', () => {
    expect(ids(insertCell(abc, 1, cell('x')))).toBe('axbc')
    expect(ids(deleteCell(abc, 'b'))).toBe('ac')
    expect(ids(moveCell(abc, 'a', 2))).toBe('bca')
    expect(ids(moveCell(abc, 'x', 2))).toBe('abc')
    expect(updateCell(abc, 'b', { source: '1' })[1]).toEqual(cell('b', '1'))
    expect(ids(abc)).toBe('abc')
  })
  test('isSameCells compares ids, types, sources and order; toLabel counts from 1', () => {
    expect(isSameCells(abc, structuredClone(abc))).toBe(true)
    expect(isSameCells(abc, moveCell(abc, 'a', 1))).toBe(false)
    expect(isSameCells(abc, updateCell(abc, 'c', { type: 'sql' }))).toBe(false)
    expect([toLabel(abc, 'b'), toLabel(abc, 'x')]).toEqual(['2', undefined])
  })
})

describe('toSource', () => {
  test('Markdown and empty SQL do not execute, TypeScript does as it is', () => {
    expect(toSource({ type: 'markdown', source: '# a' })).toBe(undefined)
    expect(toSource({ type: 'sql', source: ' \n' })).toBe(undefined)
    expect(toSource({ type: 'typescript', source: 'a' })).toBe('a')
  })
  test('SQL becomes one tagged call on the same lines, named by its first line', () => {
    expect(toSource({ type: 'sql', source: 'select 1' })).toBe('const _ = await sql`select 1`\n_')
    expect(toSource({ type: 'sql', source: '-- name: history\nselect *\nfrom "a"' })).toBe(
      'const history = await sql`-- name: history\nselect *\nfrom "a"`\nhistory',
    )
  })
  test('what would end the text is escaped, what stands in ${} is an expression', () => {
    expect(toSource({ type: 'sql', source: "select '`\\' where x > ${f({ a: `b` })} and $1" })).toBe(
      "const _ = await sql`select '\\`\\\\' where x > ${f({ a: `b` })} and $1`\n_",
    )
  })
})

describe('collapse', () => {
  const output = (seq: number, replaces?: number) => ({
    seq,
    cell: 'a',
    kind: 'display' as const,
    data: {},
    at: 0,
    ...(replaces ? { replaces } : {}),
  })
  test('a replacement takes the place of what it replaces, also along a chain', () => {
    const list = [output(1), output(2), output(3, 1), output(4), output(5, 3)]
    expect(collapse(list).map(({ seq }) => seq)).toEqual([5, 2, 4])
    expect(collapse([output(2), output(5, 3)]).map(({ seq }) => seq)).toEqual([2, 5])
  })
})

describe('appendData', () => {
  const plotly = 'application/vnd.plotly.v1+json'
  const table = 'application/vnd.suricate.table+json'
  test('text goes on, points join their traces, rows their table, anything else is replaced', () => {
    expect(
      appendData({ 'text/plain': 'a', 'application/json': 1 }, { 'text/plain': 'b', 'application/json': 2 }),
    ).toEqual({
      'text/plain': 'ab',
      'application/json': 2,
    })
    expect(
      appendData(
        { [plotly]: { data: [{ y: [1], name: 'n' }, { y: [9] }], layout: { title: 'T' } } },
        { [plotly]: { data: [{ y: [2, 3] }], layout: { width: 3 } } },
      ),
    ).toEqual({
      [plotly]: { data: [{ y: [1, 2, 3], name: 'n' }, { y: [9] }], layout: { title: 'T', width: 3 } },
    })
    expect(
      appendData(
        { [table]: { names: ['a'], length: 1, rows: [{ a: 1 }] } },
        { [table]: { names: ['a'], length: 1, rows: [{ a: 2 }] } },
      ),
    ).toEqual({ [table]: { names: ['a'], length: 2, rows: [{ a: 1 }, { a: 2 }] } })
  })
})
