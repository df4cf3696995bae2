import { describe, expect, test } from 'vitest'
import { learn } from '../../runtime/learn/learn.ts'
import { expectClose, readReference } from './reference.ts'

interface Seeded {
  permutation_20: number[]
  permutation_506_first20: number[]
  random_sample_5: number[]
  standard_normal_5: number[]
  randint_0_100_10: number[]
  'tts_506_0.2_test': number[]
  'tts_506_0.25_test': number[]
}
interface Splits {
  seed0: Seeded
  seed1: Seeded
  seed42: Seeded
  timeseries_split_5_on_23: [trainRows: number, from: number, to: number][]
}
const splits = readReference<Splits>('splits')

describe.each([
  [0, splits.seed0],
  [1, splits.seed1],
  [42, splits.seed42],
])('learn.random(%i)', (seed, expected) => {
  test('permutation gives the order of numpy', () => {
    expect([...learn.random(seed).permutation(20)]).toEqual(expected.permutation_20)
    const order = learn.random(seed).permutation(506)
    expect(Array.from(order.subarray(0, 20))).toEqual(expected.permutation_506_first20)
  })
  test('uniform, normal and integer give the numbers of numpy', () => {
    const list = (draw: () => number, length: number): number[] => Array.from({ length }, draw)
    const uniform = learn.random(seed)
    expectClose(
      list(() => uniform.uniform(), 5),
      expected.random_sample_5,
    )
    const normal = learn.random(seed)
    expectClose(
      list(() => normal.normal(), 5),
      expected.standard_normal_5,
    )
    const random = learn.random(seed)
    expect(list(() => random.integer(100), 10)).toEqual(expected.randint_0_100_10)
  })
  test('split.trainTest gives the split of scikit-learn', () => {
    for (const [share, rows] of [
      [0.2, expected['tts_506_0.2_test']],
      [0.25, expected['tts_506_0.25_test']],
    ] as const) {
      const split = learn.split.trainTest(506, { test: share, seed })
      expect([...split.test]).toEqual(rows)
      expect([...split.train, ...split.test].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 506 }, (_, i) => i),
      )
    }
  })
})

describe('learn.split.trainTest', () => {
  test('takes numbers of rows and keeps the order when told', () => {
    expect(learn.split.trainTest(5, { test: 2, shuffle: false })).toEqual({
      train: Int32Array.of(0, 1, 2),
      test: Int32Array.of(3, 4),
    })
    expect(learn.split.trainTest(6, { test: 2, train: 0.5, shuffle: false })).toEqual({
      train: Int32Array.of(0, 1, 2),
      test: Int32Array.of(3, 4),
    })
  })
  test.each([
    [1, {}, 'n is 1; it must be a whole number from 2 to 9007199254740991'],
    [10, { test: 0 }, 'test is 0; it must be a whole number from 1 to 9'],
    [10, { test: 10 }, 'test is 10; it must be a whole number from 1 to 9'],
    [10, { test: 5, train: 6 }, '6 rows to train and 5 to test do not fit in 10 rows'],
    [10, { seed: -1 }, 'seed is -1; it must be a whole number from 0 to 4294967295'],
  ])('refuses (%i, %j)', (n, options, message) => {
    expect(() => learn.split.trainTest(n, options)).toThrow(
      expect.objectContaining({ code: 'invalid', message }),
    )
  })
})

describe('learn.split.timeSeries', () => {
  test('gives the splits of scikit-learn', () => {
    const found = learn.split.timeSeries(23, { splits: 5 })
    expect(found.map(({ train, test: t }) => [train.length, t[0], t.at(-1)! + 1])).toEqual(
      splits.timeseries_split_5_on_23,
    )
    expect(found.every(({ train }) => train.every((row, index) => row === index))).toBe(true)
  })
  test('leaves a gap and bounds the train part', () => {
    expect(learn.split.timeSeries(9, { splits: 2, test: 2, gap: 1, maxTrain: 3 })).toEqual([
      { train: Int32Array.of(1, 2, 3), test: Int32Array.of(5, 6) },
      { train: Int32Array.of(3, 4, 5), test: Int32Array.of(7, 8) },
    ])
  })
  test('refuses more splits than rows', () => {
    expect(() => learn.split.timeSeries(4, { splits: 5 })).toThrow('test is 0')
    expect(() => learn.split.timeSeries(10, { splits: 5, test: 2 })).toThrow(
      '5 splits with 2 test rows and a gap of 0 need more than 10 rows',
    )
  })
})
