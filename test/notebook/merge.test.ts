import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { mergeCells, settleConflicts } from '../../runtime/notebook/merge.ts'
import { findMoved } from '../../runtime/notebook/order.ts'

const cell = (id: string, source = id): Cell => ({ id, type: 'typescript', source })
const cells = (text: string): Cell[] => text.split('').map((id) => cell(id))
const ids = (list: readonly Cell[]): string => list.map(({ id }) => id).join('')
const edit = (list: Cell[], id: string, source: string): Cell[] =>
  list.map((one) => (one.id === id ? { ...one, source } : one))

describe('mergeCells', () => {
  test('keeps both edits of different cells', () => {
    const base = cells('abc')
    expect(mergeCells(base, edit(base, 'a', 'A'), edit(base, 'c', 'C'))).toEqual({
      cells: [cell('a', 'A'), cell('b'), cell('c', 'C')],
      conflicts: [],
    })
  })
  test('tells an edit of the same cell as a conflict, and holds mine', () => {
    const base = cells('ab')
    const merged = mergeCells(base, edit(base, 'a', 'mine'), edit(base, 'a', 'theirs'))
    expect(merged).toEqual({
      cells: [cell('a', 'mine'), cell('b')],
      conflicts: [{ id: 'a', mine: cell('a', 'mine'), theirs: cell('a', 'theirs') }],
    })
    expect(settleConflicts(merged, new Map([['a', 'theirs']]))).toEqual([cell('a', 'theirs'), cell('b')])
  })
  test('the same edit on both sides is none', () => {
    const base = cells('ab')
    expect(mergeCells(base, edit(base, 'a', 'x'), edit(base, 'a', 'x'))).toEqual({
      cells: edit(base, 'a', 'x'),
      conflicts: [],
    })
  })
  test('text and view of one cell are joined; a view is never a conflict', () => {
    const base = cells('a')
    const mine: Cell[] = [{ ...cell('a'), view: { folded: true } }]
    const theirs: Cell[] = [{ ...cell('a', 'A'), metadata: { tags: ['x'] } }]
    expect(mergeCells(base, mine, theirs)).toEqual({
      cells: [{ ...cell('a', 'A'), view: { folded: true }, metadata: { tags: ['x'] } }],
      conflicts: [],
    })
    expect(mergeCells(base, mine, [{ ...cell('a'), view: { codeHidden: true } }]).conflicts).toEqual([])
  })
  test('a cell that one deletes goes, unless the other changed it', () => {
    const base = cells('abc')
    expect(mergeCells(base, cells('ac'), edit(base, 'c', 'C'))).toEqual({
      cells: [cell('a'), cell('c', 'C')],
      conflicts: [],
    })
    const changed = mergeCells(base, cells('ac'), edit(base, 'b', 'B'))
    expect(changed).toEqual({
      cells: [cell('a'), cell('b', 'B'), cell('c')],
      conflicts: [{ id: 'b', mine: null, theirs: cell('b', 'B') }],
    })
    expect(settleConflicts(changed, new Map([['b', 'mine']]))).toEqual(cells('ac'))
    expect(mergeCells(base, edit(base, 'b', 'B'), cells('ac'))).toEqual({
      cells: [cell('a'), cell('b', 'B'), cell('c')],
      conflicts: [{ id: 'b', mine: cell('b', 'B'), theirs: null }],
    })
  })
  test('a cell that one folded and the other deleted goes', () => {
    const folded: Cell[] = [{ ...cell('a'), view: { folded: true } }]
    expect(mergeCells(cells('a'), folded, [])).toEqual({ cells: [], conflicts: [] })
  })
  test.each([
    ['abc', 'axbc', 'abcy', 'axbcy'],
    ['abc', 'abxc', 'abyc', 'abxyc'],
    ['abc', 'xabc', 'yabc', 'xyabc'],
    ['abc', 'cab', 'abcd', 'cabd'],
    ['abc', 'abcd', 'cab', 'cdab'],
    ['abcd', 'bacd', 'abdc', 'badc'],
    ['abc', 'acx', 'ab', 'ax'],
    ['', 'x', 'y', 'xy'],
  ])('of %s, mine %s and theirs %s make %s', (base, mine, theirs, expected) => {
    const merged = mergeCells(cells(base), cells(mine), cells(theirs))
    expect([ids(merged.cells), merged.conflicts]).toEqual([expected, []])
  })
})

const one = fc.record({
  id: fc.constantFrom(...'abcdefgh'.split('')),
  type: fc.constantFrom('typescript' as const, 'markdown' as const),
  source: fc.string({ maxLength: 3 }),
})
const list = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 8 })

describe('for all lists of cells', () => {
  test('merge(base, x, base), merge(base, base, x) and merge(base, x, x) are x', () => {
    fc.assert(
      fc.property(list, list, (base, x) => {
        expect(mergeCells(base, x, base)).toEqual({ cells: x, conflicts: [] })
        expect(mergeCells(base, base, x)).toEqual({ cells: x, conflicts: [] })
        expect(mergeCells(base, x, x)).toEqual({ cells: x, conflicts: [] })
      }),
      { numRuns: 1000 },
    )
  })
  test('edits of disjoint cells are all kept, without a conflict', () => {
    fc.assert(
      fc.property(list, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (base, turns) => {
        const change = (who: boolean) =>
          base.map((cell, i) => (turns[i] === who ? { ...cell, source: `${cell.source}${who}` } : cell))
        expect(mergeCells(base, change(true), change(false))).toEqual({
          cells: base.map((cell, i) => ({ ...cell, source: `${cell.source}${turns[i]}` })),
          conflicts: [],
        })
      }),
    )
  })
  test('nothing that one side wrote is lost: it is in the cells or in a conflict', () => {
    fc.assert(
      fc.property(list, list, list, (base, mine, theirs) => {
        const { cells, conflicts } = mergeCells(base, mine, theirs)
        expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
        const held = JSON.stringify([cells, conflicts])
        for (const side of [mine, theirs])
          for (const cell of side) {
            const before = base.find(({ id }) => id === cell.id)
            if (before?.source === cell.source && before.type === cell.type) continue
            expect(held).toContain(JSON.stringify(cell.source))
          }
      }),
    )
  })
})

test('findMoved(before, after) names as few as explain the new order', () => {
  const moved = (before: string, after: string) => [...findMoved(before.split(''), after.split(''))].join('')
  expect(moved('abcd', 'dabc')).toBe('d')
  expect(moved('abcd', 'bcda')).toBe('a')
  expect(moved('abc', 'xayc')).toBe('')
  expect(moved('abc', 'cba')).toHaveLength(2)
  expect(moved('', '')).toBe('')
})
