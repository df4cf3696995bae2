import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import {
  findRange,
  insertCells,
  joinCells,
  moveCells,
  putBack,
  shiftCells,
  splitCell,
  takeCells,
  toggleView,
} from '../../runtime/notebook/edit.ts'

const cell = (id: string, source = id, type: Cell['type'] = 'typescript'): Cell => ({ id, type, source })
const all = ['a', 'b', 'c', 'd', 'e'].map((id) => cell(id))
const ids = (cells: readonly { id: string }[] | undefined): string =>
  (cells ?? []).map(({ id }) => id).join('')

describe('findRange', () => {
  test('takes both ends in document order, whichever stands first; nothing where one is gone', () => {
    expect([findRange(all, 'b', 'd'), findRange(all, 'd', 'b'), findRange(all, 'c', 'c')]).toEqual([
      ['b', 'c', 'd'],
      ['b', 'c', 'd'],
      ['c'],
    ])
    expect(findRange(all, 'b', 'x')).toEqual([])
  })
})

describe('splitCell and joinCells', () => {
  test('a cell is cut at the place; the newline there belongs to neither part', () => {
    const cells = [cell('a', 'one\ntwo\nthree'), cell('b')]
    expect(splitCell(cells, 'a', 4, 'n')).toEqual([cell('a', 'one'), cell('n', 'two\nthree'), cell('b')])
    expect(splitCell(cells, 'a', 1, 'n').map(({ source }) => source)).toEqual(['o', 'ne\ntwo\nthree', 'b'])
  })
  test('what was split at a line joins to the same source', () => {
    const cells = [cell('a', 'one\ntwo\nthree'), cell('b')]
    expect(joinCells(splitCell(cells, 'a', 8, 'n'), ['a', 'n'])).toEqual(cells)
  })
  test('the view stays with the first part; the type goes with both', () => {
    const folded: Cell = { ...cell('a', 'x\ny', 'sql'), view: { folded: true } }
    expect(splitCell([folded], 'a', 2, 'n')).toEqual([{ ...folded, source: 'x' }, cell('n', 'y', 'sql')])
  })
  test('joins also cells that do not touch, at the place of the first; different types are refused', () => {
    expect(joinCells(all, ['b', 'd'])).toEqual([cell('a'), cell('b', 'b\nd'), cell('c'), cell('e')])
    expect(joinCells([cell('a'), cell('b', '# b', 'markdown')], ['a', 'b'])).toBe(undefined)
    expect(joinCells(all, ['b'])).toBe(undefined)
  })
})

describe('shiftCells and moveCells', () => {
  test('shift moves each by one place and stops at the edges, in unchanged order', () => {
    expect(ids(shiftCells(all, ['b', 'c'], -1))).toBe('bcade')
    expect(ids(shiftCells(all, ['b', 'c'], 1))).toBe('adbce')
    expect(ids(shiftCells(all, ['a', 'b'], -1))).toBe('abcde')
    expect(ids(shiftCells(all, ['d', 'e'], 1))).toBe('abcde')
    expect(ids(shiftCells(all, ['a', 'c'], -1))).toBe('acbde')
  })
  test('move puts them before the cell at the index, also behind the last', () => {
    expect(ids(moveCells(all, ['a', 'b'], 4))).toBe('cdabe')
    expect(ids(moveCells(all, ['d', 'e'], 0))).toBe('deabc')
    expect(ids(moveCells(all, ['a'], 5))).toBe('bcdea')
    expect(ids(moveCells(all, ['b', 'c'], 2))).toBe('abcde')
  })
})

describe('takeCells and putBack', () => {
  test('what is taken comes back where it was', () => {
    const { cells, removed } = takeCells(all, ['b', 'c', 'e'])
    expect([ids(cells), removed.map(({ index }) => index)]).toEqual(['ad', [1, 2, 4]])
    expect(putBack(cells, removed)).toEqual(all)
  })
  test('it comes back beside what was made meanwhile, and never twice', () => {
    const { cells, removed } = takeCells(all, ['b'])
    expect(ids(putBack(insertCells(cells, 0, [cell('x')]), removed))).toBe('xbacde')
    expect(ids(putBack(all, removed))).toBe('abcde')
    expect(ids(putBack([], takeCells(all, ['c', 'e']).removed))).toBe('ce')
  })
})

describe('toggleView', () => {
  test('turns on where one lacks it, off where all have it, and leaves no empty view behind', () => {
    const on = toggleView(all, ['a', 'b'], 'folded')
    expect(on.slice(0, 3)).toEqual([
      { ...cell('a'), view: { folded: true } },
      { ...cell('b'), view: { folded: true } },
      cell('c'),
    ])
    expect(toggleView(on, ['a', 'c'], 'folded')[2]).toEqual({ ...cell('c'), view: { folded: true } })
    expect(toggleView(on, ['a', 'b'], 'folded')).toEqual(all)
    expect(toggleView(on, ['a'], 'codeHidden')[0]!.view).toEqual({ folded: true, codeHidden: true })
  })
})
