import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { diffCells, diffLines } from '../../runtime/notebook/diff.ts'

const cell = (id: string, source = id): Cell => ({ id, type: 'typescript', source })

describe('diffCells', () => {
  test('tells what was added, removed, changed and moved, in the order of the later', () => {
    const a = [cell('a'), cell('gone'), cell('b'), cell('c'), cell('d')]
    const b = [cell('d'), cell('a'), cell('new'), cell('b', 'B'), cell('c')]
    expect(diffCells(a, b)).toEqual([
      { kind: 'moved', id: 'd', before: cell('d'), after: cell('d') },
      { kind: 'same', id: 'a', before: cell('a'), after: cell('a') },
      { kind: 'removed', id: 'gone', before: cell('gone'), after: null },
      { kind: 'added', id: 'new', before: null, after: cell('new') },
      { kind: 'changed', id: 'b', before: cell('b'), after: cell('b', 'B') },
      { kind: 'same', id: 'c', before: cell('c'), after: cell('c') },
    ])
  })
  test('of a notebook with itself has only the same; of nothing, only what was added', () => {
    const cells = [cell('a'), cell('b')]
    expect(diffCells(cells, cells).map(({ kind }) => kind)).toEqual(['same', 'same'])
    expect(diffCells([], cells).map(({ kind }) => kind)).toEqual(['added', 'added'])
    expect(diffCells(cells, []).map(({ kind }) => kind)).toEqual(['removed', 'removed'])
  })
})

describe('diffLines', () => {
  test('numbers the lines of both texts', () => {
    expect(diffLines('a\nb\nc', 'a\nB\nc\n')).toEqual([
      { kind: 'same', text: 'a', before: 1, after: 1 },
      { kind: 'removed', text: 'b', before: 2, after: null },
      { kind: 'removed', text: 'c', before: 3, after: null },
      { kind: 'added', text: 'B', before: null, after: 2 },
      { kind: 'added', text: 'c', before: null, after: 3 },
    ])
    expect(diffLines('', 'x')).toEqual([{ kind: 'added', text: 'x', before: null, after: 1 }])
    expect(diffLines('', '')).toEqual([])
  })
  test('two texts of 256 KB without a common line are told within its limit', () => {
    const text = (mark: string) => Array.from({ length: 30_000 }, (_, i) => `${mark}${i}`).join('\n')
    const started = performance.now()
    expect(diffLines(text('a'), text('b'))).toHaveLength(60_000)
    expect(performance.now() - started).toBeLessThan(5000)
  })
  test('holds each text whole', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const lines = diffLines(a.join('\n'), b.join('\n'))
        const left = lines.filter(({ kind }) => kind !== 'added').map((line) => line.text)
        const right = lines.filter(({ kind }) => kind !== 'removed').map((line) => line.text)
        const whole = (list: string[]) => (list.at(-1) === '' ? list.slice(0, -1) : list)
        expect([left, right]).toEqual([whole(a), whole(b)])
      }),
    )
  })
})
