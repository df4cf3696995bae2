import { expect, test } from 'vitest'
import { toFigureTable } from '../../../components/output/figure-table.ts'

const table = (data: Record<string, unknown>[]) => {
  const { names, rows, length, types } = toFigureTable({ data, layout: {} })
  return { names, types, length, rows: rows.map((row) => names.map((name) => row[name])) }
}
test('one series has its axes as columns', () => {
  expect(table([{ x: ['a', 'b'], y: [1, null], name: 'v' }])).toEqual({
    names: ['x', 'y'],
    types: { x: 'text', y: 'number' },
    length: 2,
    rows: [
      ['a', 1],
      ['b', null],
    ],
  })
})
test('series over one x have a column each', () => {
  expect(
    table([
      { x: [1, 2], y: [3, 4], name: 'p' },
      { x: [1, 2], y: [5, 6] },
    ]),
  ).toMatchObject({
    names: ['x', 'p', 'series 2'],
    rows: [
      [1, 3, 5],
      [2, 4, 6],
    ],
  })
})
test('other series lie below each other', () => {
  expect(
    table([
      { x: [1], y: [3], name: 'p' },
      { labels: ['q'], values: [7], type: 'pie' },
    ]),
  ).toMatchObject({
    names: ['series', 'x', 'y', 'labels', 'values'],
    rows: [
      ['p', 1, 3, null, null],
      ['series 2', null, null, 'q', 7],
    ],
  })
})
test('a heat map has a row for each cell, a table trace its cells', () => {
  expect(
    table([
      {
        type: 'heatmap',
        x: ['a', 'b'],
        z: [
          [1, 2],
          [3, 4],
        ],
      },
    ]),
  ).toMatchObject({
    names: ['x', 'y', 'z'],
    rows: [
      ['a', 0, 1],
      ['b', 0, 2],
      ['a', 1, 3],
      ['b', 1, 4],
    ],
  })
  const trace = {
    type: 'table',
    header: { values: ['h', 'i'] },
    cells: {
      values: [
        [1, 2],
        [3, 4],
      ],
    },
  }
  expect(table([trace])).toMatchObject({
    names: ['h', 'i'],
    rows: [
      [1, 3],
      [2, 4],
    ],
  })
})
test('a figure without anything is an empty table', () => {
  expect(table([])).toEqual({ names: ['series'], types: { series: 'text' }, length: 0, rows: [] })
})
