import { describe, expect, test } from 'vitest'
import { toProfile } from '../../../components/output/table/profile.ts'
import {
  applyView,
  ask,
  toFilters,
  toQuery,
  turnSort,
  wholeView,
} from '../../../components/output/table/view.ts'
import type { Json } from '../../../runtime/json.ts'

const columns = [
  { name: 'n', type: 'number' },
  { name: 's', type: 'text' },
  { name: 't', type: 'time' },
  { name: 'b', type: 'boolean' },
]
const noon = Date.UTC(2024, 0, 1, 12)
const rows: Json[][] = [
  [2, 'Beta', noon, true],
  [null, null, null, null],
  [10, 'alpha', noon + 1000, false],
  [-1, 'ALPS', 0, true],
]
const asked = (column: string, given: Parameters<typeof ask>[2]) =>
  applyView(rows, columns, ask(wholeView, column, given)).map((row) => row[0])

describe('a view of rows that are here', () => {
  test('sorts up, down and not, what is missing last', () => {
    const up = turnSort(wholeView, 'n')
    const down = turnSort(up, 'n')
    const order = (view: typeof up) => applyView(rows, columns, view).map((row) => row[0])
    expect([order(up), order(down), turnSort(down, 'n').sort]).toEqual([
      [-1, 2, 10, null],
      [10, 2, -1, null],
      null,
    ])
    expect(order(turnSort(down, 's'))).toEqual([-1, 2, 10, null])
  })
  test('filters by what a column has', () => {
    expect(asked('s', { contains: ' alp ' })).toEqual([10, -1])
    expect(asked('n', { from: '0', to: '5' })).toEqual([2])
    expect(asked('t', { from: '2024-01-01 12:00:01' })).toEqual([10])
    expect(asked('t', { to: '2024-01-01' })).toEqual([-1])
    expect(asked('b', { is: 'true' })).toEqual([2, -1])
    expect(asked('n', { is: 'missing' })).toEqual([null])
    expect(asked('n', { is: 'present' })).toEqual([2, 10, -1])
    expect(asked('n', { from: 'x' })).toEqual([])
  })
  test('is a query of REST, and nothing where nothing is asked', () => {
    const view = ask(turnSort(turnSort(wholeView, 'n'), 'n'), 's', { contains: 'a', is: 'present' })
    expect(toQuery(view)).toEqual({
      sort: 'n',
      order: 'desc',
      filter: '[{"column":"s","is":"contains","value":"a"},{"column":"s","is":"present"}]',
    })
    expect([toQuery(wholeView), toFilters(ask(view, 's', { contains: '' }))]).toEqual([{}, []])
  })
})

test('toProfile: counts, range and distribution of each column', () => {
  const [n, s, t, b] = toProfile(columns, rows)
  expect(n).toMatchObject({ name: 'n', missing: 1, distinct: 3, min: -1, max: 10, mean: 11 / 3 })
  expect(n!.histogram.reduce((sum, bin) => sum + bin.count, 0)).toBe(3)
  expect(s).toMatchObject({ min: 'ALPS', max: 'alpha', mean: null, distinct: 3 })
  expect(t).toMatchObject({ min: 0, max: noon + 1000 })
  expect(b!.histogram).toEqual([
    { value: 'true', count: 2 },
    { value: 'false', count: 1 },
  ])
  expect(toProfile(columns, [])[0]).toMatchObject({
    missing: 0,
    distinct: 0,
    min: null,
    max: null,
    histogram: [],
  })
})
