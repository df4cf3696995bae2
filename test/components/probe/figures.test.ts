import { describe, expect, test } from 'vitest'
import type { Process } from '../../../runtime/api/probe-message.ts'
import { findPieChoices, findSlices, toGrid, toLabel, toPie } from '../../../components/probe/figures.ts'
import { newResult, type Distribution } from '../../../components/probe/result.ts'

const process = (name: string, cpu: number, read: number | null = null): Process => ({
  pid: 1,
  name,
  cpu,
  memory: 100,
  read,
  written: null,
})
const spread = (
  scale: 'log2' | 'linear',
  ...columns: [number | null, number | null, number][][]
): Distribution => ({
  scale,
  totals: new Map(),
  columns: new Map([
    [
      'read',
      columns.map((buckets, at) => ({
        at,
        buckets: buckets.map(([from, to, count]) => ({ from, to, count })),
      })),
    ],
  ]),
})

describe('slices of a pie', () => {
  const counts = new Map([
    [
      '@reads',
      new Map([
        ['b', 3],
        ['a', 3],
        ['', 9],
        ['z', 0],
      ]),
    ],
  ])
  test('choices: readings of processes where there are some, then the maps of a script', () => {
    expect(findPieChoices({ ...newResult(), counts }).map(({ id }) => id)).toEqual(['@reads'])
    const both = { ...newResult(), counts, processes: [process('node', 1)] }
    expect(findPieChoices(both).map(({ id, unit }) => [id, unit])).toEqual([
      ['cpu', 'cores'],
      ['memory', 'bytes'],
      ['read', 'bytes/s'],
      ['written', 'bytes/s'],
      ['@reads', 'count'],
    ])
  })
  test('of a map: largest first, equal ones by name, nothing that is nothing', () => {
    expect(findSlices({ ...newResult(), counts }, '@reads')).toEqual([
      { name: 'all', value: 9 },
      { name: 'a', value: 3 },
      { name: 'b', value: 3 },
    ])
    expect(findSlices({ ...newResult(), counts }, '@other')).toEqual([])
  })
  test('of processes: those of one name are one; what may not be read is nothing', () => {
    const processes = [process('node', 0.5, 10), process('mongod', 0.7), process('node', 0.4)]
    expect(findSlices({ ...newResult(), processes }, 'cpu')).toEqual([
      { name: 'node', value: 0.9 },
      { name: 'mongod', value: 0.7 },
    ])
    expect(findSlices({ ...newResult(), processes }, 'read')).toEqual([{ name: 'node', value: 10 }])
  })
  test('toPie: ten are ten; of more the rest is one', () => {
    const slices = Array.from({ length: 12 }, (_, i) => ({ name: `p${i}`, value: 12 - i }))
    expect(toPie(slices.slice(0, 10))).toEqual(slices.slice(0, 10))
    expect(toPie(slices)).toEqual([...slices.slice(0, 9), { name: '3 others', value: 6 }])
  })
})

describe('toGrid', () => {
  test('buckets from low to high, counts by time; a key that is not there is empty', () => {
    const given = spread(
      'log2',
      [[4, 8, 2]],
      [
        [2, 4, 1],
        [4, 8, 5],
      ],
    )
    expect(toGrid(given, 'read')).toEqual({
      times: [0, 1],
      buckets: ['2 to 4', '4 to 8'],
      counts: [
        [0, 1],
        [2, 5],
      ],
    })
    expect(toGrid(given, 'write')).toEqual({ times: [], buckets: [], counts: [] })
  })
  test('buckets between that never occurred are there, so that the scale is even', () => {
    expect(
      toGrid(
        spread('log2', [
          [1, 2, 1],
          [8, 16, 1],
        ]),
        'read',
      ).buckets,
    ).toEqual(['1', '2 to 4', '4 to 8', '8 to 16'])
    expect(
      toGrid(
        spread('linear', [
          [0, 10, 1],
          [30, 40, 1],
        ]),
        'read',
      ).buckets,
    ).toEqual(['0 to 10', '10 to 20', '20 to 30', '30 to 40'])
  })
  test('open ends stand outside, and are no width to fill by', () => {
    const given = spread('linear', [
      [null, 0, 3],
      [0, 10, 1],
      [40, null, 2],
    ])
    expect(toGrid(given, 'read').buckets).toEqual([
      'below 0',
      '0 to 10',
      '10 to 20',
      '20 to 30',
      '30 to 40',
      '40 and more',
    ])
  })
  test('a wide gap is not filled without end', () => {
    expect(
      toGrid(
        spread('linear', [
          [0, 1, 1],
          [1e9, 1e9 + 1, 1],
        ]),
        'read',
      ).buckets.length,
    ).toBeLessThanOrEqual(81)
  })
})

test('toLabel: powers of two are short, open ends are told', () => {
  expect(
    (
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [1024, 2048],
        [2 ** 20, 2 ** 21],
        [1000, 2000],
        [null, 0],
        [2 ** 30, null],
      ] as [number | null, number | null][]
    ).map(([from, to]) => toLabel({ from, to })),
  ).toEqual([
    '0',
    '1',
    '2 to 3',
    '1 Ki to 2 Ki',
    '1 Mi to 2 Mi',
    '1,000 to 2,000',
    'below 0',
    '1 Gi and more',
  ])
})
