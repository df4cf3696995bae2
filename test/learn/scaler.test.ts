import { describe, expect, test } from 'vitest'
import { learn } from '../../runtime/learn/learn.ts'
import { expectClose, readColumn, readReference } from './reference.ts'

interface Preprocessing {
  X: number[][]
  standard: number[][]
  quantiles_numpy_linear: { [q: string]: number }
}
const reference = readReference<Preprocessing>('preprocessing')
const { ec2_latency } = readReference<{
  ec2_latency: { n: number; median: number; mad: number; p99: number; robust_z_gt_6_count: number }
}>('timeseries')

describe('learn.standardScaler', () => {
  test('transform gives the values of scikit-learn, inverse the input', () => {
    const model = learn.standardScaler.fit(reference.X)
    const scaled = learn.standardScaler.transform(model, reference.X)
    expectClose(scaled.data, reference.standard.flat())
    expectClose(learn.standardScaler.inverse(model, scaled).data, reference.X.flat())
    expect(JSON.parse(JSON.stringify(model))).toEqual(model)
  })
  test('a constant column becomes 0', () => {
    const model = learn.standardScaler.fit([
      [1e9 + 0.1, 1],
      [1e9 + 0.1, 3],
      [1e9 + 0.1, 5],
    ])
    expect(model.scale[0]).toBe(1)
  })
  test('refuses another number of columns', () => {
    const model = learn.standardScaler.fit([[1, 2]])
    expect(() => learn.standardScaler.transform(model, [[1]])).toThrow(
      'X has 1 columns; the model was fitted on 2',
    )
  })
})

describe('learn.quantile', () => {
  test('gives the values of numpy', () => {
    const values = reference.X.map((row) => row[1]!)
    for (const [q, expected] of Object.entries(reference.quantiles_numpy_linear))
      expectClose([learn.quantile(values, Number(q))], [expected])
  })
})

describe('learn.robustZ', () => {
  const values = readColumn('test/data/nab/ec2_request_latency_system_failure.csv', 'value')
  test('finds the outliers of a latency series', () => {
    expect(values.length).toBe(ec2_latency.n)
    const model = learn.robustZ.fit(values)
    expectClose(
      [model.median[0]!, model.mad[0]!, learn.quantile(values, 0.99)],
      [ec2_latency.median, ec2_latency.mad, ec2_latency.p99],
    )
    const scores = learn.robustZ.score(model, values)
    expect(scores.filter((z) => z > 6).length).toBe(ec2_latency.robust_z_gt_6_count)
  })
  test('takes the most deviant column, and the mean deviation where the median one is 0', () => {
    const model = learn.robustZ.fit({ a: [1, 2, 3, 4, 100], b: [0, 0, 0, 0, 10] })
    const sigma = model.mad[1]! * 1.482602218505602
    expectClose([sigma], [2 * Math.sqrt(Math.PI / 2)])
    const scores = learn.robustZ.score(model, [[3, 10]])
    expectClose(scores, [10 / sigma])
    expectClose(learn.robustZ.score({ median: 2, mad: 1 }, [5]), [3 / 1.482602218505602])
    expect(learn.robustZ.fit([[5], [5]])).toEqual({ kind: 'robustZ', median: [5], mad: [1] })
  })
})
