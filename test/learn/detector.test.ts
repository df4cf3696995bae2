import { describe, expect, test } from 'vitest'
import { learn } from '../../runtime/learn/learn.ts'
import { erfc } from '../../runtime/learn/erfc.ts'
import { expectClose, readColumn, readLabelled, readReference } from './reference.ts'

const seeds = Array.from({ length: 10 }, (_, seed) => seed)

describe('learn.isolationForest', () => {
  test.each([
    ['38_thyroid', 0.978],
    ['6_cardio', 0.932],
    ['42_WBC', 0.995],
  ])('reaches the AUC of scikit-learn on %s', (name, expected) => {
    const { X, labels } = readLabelled(name)
    const matrix = learn.matrix(X)
    const areas = seeds.map((seed) => {
      const model = learn.isolationForest.fit(matrix, { seed })
      return learn.metrics.rocAuc(labels, learn.isolationForest.score(model, matrix))
    })
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length
    expect(Math.abs(mean - expected)).toBeLessThan(0.01)
  })
  test('the same seed gives the same model, as JSON too', () => {
    const { X } = readLabelled('42_WBC')
    const model = learn.isolationForest.fit(X, { seed: 7, trees: 10, sample: 64 })
    expect(learn.isolationForest.fit(X, { seed: 7, trees: 10, sample: 64 })).toEqual(model)
    const restored = JSON.parse(JSON.stringify(model)) as typeof model
    expect(learn.isolationForest.score(restored, X)).toEqual(learn.isolationForest.score(model, X))
    expect(learn.isolationForest.fit(X, { seed: 8, trees: 10, sample: 64 })).not.toEqual(model)
  })
  test('a lone point scores highest', () => {
    const X = [...Array.from({ length: 60 }, (_, index) => [index % 8, index % 7]), [100, -100]]
    const scores = learn.isolationForest.score(learn.isolationForest.fit(X), X)
    expect(scores.indexOf(Math.max(...scores))).toBe(60)
    expect(scores.every((value) => value > 0 && value <= 1)).toBe(true)
  })
  test('takes constant data and a single row', () => {
    const constant = learn.isolationForest.fit([[1], [1], [1], [1]])
    expectClose(learn.isolationForest.score(constant, [[1], [2]]), [0.5, 0.5])
    expect([...learn.isolationForest.score(learn.isolationForest.fit([[1, 2]]), [[1, 2]])]).toEqual([1])
  })
  test.each([
    [[], {}, 'X is empty; it needs at least one row and column'],
    [[[1, 2], [1]], {}, 'X has 2 columns but row 1 has 1'],
    [[[1, Number.NaN]], {}, 'X holds NaN in row 0, column 1; fill or drop what is missing first'],
    [[[1]], { trees: 0 }, 'trees is 0; it must be a whole number from 1 to 10000'],
    [[[1]], { sample: 1.5 }, 'sample is 1.5; it must be a whole number from 1 to 9007199254740991'],
  ])('refuses %j with %j', (X, options, message) => {
    expect(() => learn.isolationForest.fit(X, options)).toThrow(
      expect.objectContaining({ code: 'invalid', message }),
    )
  })
})

interface Series {
  file: string
  rows: number
  scores: [row: number, score: number][]
  sum: number
}
const gaussian = readReference<{ size: number; step: number; series: Series[] }>('windowed-gaussian')
const files: { [name: string]: string } = {
  'machine_temperature_system_failure.csv':
    'examples/machine-temperature/machine_temperature_system_failure.csv',
}

describe('learn.windowedGaussian', () => {
  test.each(gaussian.series.map((series) => [series.file.split('/').at(-1)!, series] as const))(
    'gives the reference scores of %s',
    (name, series) => {
      const values = readColumn(files[name] ?? `test/data/nab/${name}`, 'value')
      expect(values.length).toBe(series.rows)
      const scores = learn.windowedGaussian.scores(values, gaussian)
      expectClose(
        series.scores.map(([row]) => scores[row]!),
        series.scores.map(([, score]) => score),
      )
      expectClose([scores.reduce((sum, score) => sum + score, 0)], [series.sum])
    },
  )
  test('update goes on from a state that was stored as JSON', () => {
    const values = Float64Array.from({ length: 50 }, (_, index) => Math.sin(index * 12.9898) * 10)
    let state = learn.windowedGaussian.create({ size: 8, step: 3 })
    const scores = values.map((value) => {
      const score = learn.windowedGaussian.update(state, value)
      state = JSON.parse(JSON.stringify(state)) as typeof state
      return score
    })
    expect(scores).toEqual(learn.windowedGaussian.scores(values, { size: 8, step: 3 }))
  })
  test('refuses a step beyond the window and a value that is no number', () => {
    expect(() => learn.windowedGaussian.create({ size: 5, step: 6 })).toThrow('step is 6')
    expect(() => learn.windowedGaussian.update(learn.windowedGaussian.create(), Number.NaN)).toThrow(
      'a value is NaN',
    )
  })
  test('erfc is exact to 13 digits', () => {
    const known: [number, number][] = [
      [0, 1],
      [0.5, 0.4795001221869535],
      [1, 0.15729920705028513],
      [2, 0.004677734981047266],
      [3, 0.00002209049699858544],
      [5, 1.5374597944280349e-12],
      [-1, 1.8427007929497148],
      [30, 0],
    ]
    for (const [x, expected] of known)
      expect(Math.abs(erfc(x) - expected)).toBeLessThanOrEqual(1e-13 * expected)
  })
})

describe('learn.dummy', () => {
  const labels = Array.from({ length: 1_000 }, (_, index) => (index % 10 === 0 ? 1 : 0))
  const X = labels.map((_, index) => [index])
  const flagged = (strategy: 'never' | 'always' | 'random'): number => {
    const scores = learn.dummy.score(learn.dummy.fit(labels, { strategy }), X)
    return learn.threshold.apply(scores, 0.5).reduce((sum, flag) => sum + flag, 0)
  }
  test('flags none, all, or the share it learned', () => {
    expect(flagged('never')).toBe(0)
    expect(flagged('always')).toBe(1_000)
    expect(Math.abs(flagged('random') - 100)).toBeLessThan(30)
  })
  test('knows nothing', () => {
    const area = learn.metrics.rocAuc(labels, learn.dummy.score(learn.dummy.fit(labels), X))
    expect(Math.abs(area - 0.5)).toBeLessThan(0.06)
  })
})
