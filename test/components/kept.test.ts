import { describe, expect, test } from 'vitest'
import { findKept, forget, keep, settle } from '../../components/notebook/kept.ts'
import type { Cell } from '../../runtime/api/notebooks.ts'

const cell = (id: string, source = id): Cell => ({ id, type: 'typescript', source })
function memory(): Storage {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage
}

describe('keep and findKept', () => {
  const kept = { cells: [cell('a', 'mine')], base: [cell('a')], at: 5 }
  test('what is kept of a notebook is found until it is forgotten, and of that notebook alone', () => {
    const storage = memory()
    keep(storage, 'n1', kept)
    expect([findKept(storage, 'n1'), findKept(storage, 'n2')]).toEqual([kept, undefined])
    forget(storage, 'n1')
    expect(findKept(storage, 'n1')).toBe(undefined)
  })
  test('what is too large is not kept; what is no draft, or no JSON, is not found', () => {
    const storage = memory()
    keep(storage, 'n1', { ...kept, cells: [cell('a', 'x'.repeat(2_000_001))] })
    expect(findKept(storage, 'n1')).toBe(undefined)
    storage.setItem('suricate.unsaved.n1', '{"cells":[{"id":"a"}],"base":[],"at":1}')
    expect(findKept(storage, 'n1')).toBe(undefined)
    storage.setItem('suricate.unsaved.n1', '{')
    expect(findKept(storage, 'n1')).toBe(undefined)
  })
  test('a store that is full or closed costs nothing', () => {
    const closed = {
      getItem: () => {
        throw new Error('denied')
      },
      setItem: () => {
        throw new Error('full')
      },
      removeItem: () => {
        throw new Error('denied')
      },
    }
    keep(closed, 'n1', kept)
    forget(closed, 'n1')
    expect(findKept(closed, 'n1')).toBe(undefined)
  })
})

describe('settle', () => {
  const cells = [cell('a'), cell('b', 'mine, typed on'), cell('c')]
  const both = { id: 'b', mine: cell('b', 'mine'), theirs: cell('b', 'theirs') }
  test('mine stays with what was typed since, theirs takes its place, both stand in order', () => {
    expect(settle(cells, both, 'mine', 'n')).toEqual(cells)
    expect(settle(cells, both, 'theirs', 'n')).toEqual([cell('a'), cell('b', 'theirs'), cell('c')])
    expect(settle(cells, both, 'both', 'n')).toEqual([cells[0], cells[1], cell('n', 'theirs'), cells[2]])
  })
  test('one side deleted it: that side deletes it, the other keeps it', () => {
    const mineGone = { id: 'b', mine: null, theirs: cell('b', 'theirs') }
    const theirsGone = { id: 'b', mine: cell('b', 'mine'), theirs: null }
    const without = [cells[0], cells[2]]
    expect(settle(cells, mineGone, 'mine', 'n')).toEqual(without)
    expect(settle(cells, theirsGone, 'theirs', 'n')).toEqual(without)
    expect(settle(cells, theirsGone, 'mine', 'n')).toEqual(cells)
    expect(settle(cells, mineGone, 'both', 'n')).toEqual(cells)
  })
})
