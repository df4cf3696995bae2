import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addAll, merge, newSketch, quantile } from '../../../runtime/stream/digest/sketch.ts'

const qs = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]
const exact = (sorted: number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))]!
/** Repeatable numbers in (0, 1]. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 1) / 4_294_967_296
  }
}

describe('a sketch', () => {
  const next = random(7)
  const series = {
    uniform: Array.from({ length: 20_000 }, () => next() * 1000),
    'with a long tail': Array.from({ length: 20_000 }, () => 1 / next() ** 0.7),
    'on both sides of zero': Array.from({ length: 20_000 }, () => (next() - 0.5) * 50),
    'of few values': Array.from({ length: 5000 }, () => Math.floor(next() * 4)),
    constant: Array.from({ length: 100 }, () => 42),
  }
  test.each(Object.keys(series))('%s: every quantile within 1%% of the exact one', (name) => {
    const values = series[name as keyof typeof series]
    const sketch = addAll(newSketch(), values)
    const sorted = values.toSorted((a, b) => a - b)
    for (const q of qs) {
      const wanted = exact(sorted, q)
      expect(Math.abs(quantile(sketch, q)! - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 0.01 + 1e-9)
    }
    expect([sketch.count, sketch.min, sketch.max]).toEqual([values.length, sorted[0], sorted.at(-1)])
  })
  test('parts merge into what the whole would have been, in any order', () => {
    const number = fc.integer({ min: -1000, max: 1000 })
    fc.assert(
      fc.property(fc.array(number), fc.array(number), (a, b) => {
        const whole = addAll(newSketch(), [...a, ...b])
        expect(merge(addAll(newSketch(), b), addAll(newSketch(), a))).toEqual(whole)
        expect(addAll(addAll(newSketch(), a), b)).toEqual(whole)
      }),
    )
  })
  test('is bounded, and then gives up the smallest values alone', () => {
    const values = Array.from({ length: 5000 }, (_, i) => 1.02 ** (i - 2500))
    const sketch = addAll(newSketch(), values)
    expect(sketch.above.length).toBe(400)
    expect(quantile(sketch, 0.99)! / values[Math.floor(0.99 * 4999)]!).toBeCloseTo(1, 1)
    expect(sketch.count).toBe(5000)
  })
  test('has no place for what is no number, and no quantile without one', () => {
    expect(addAll(newSketch(), [NaN, Infinity])).toEqual(newSketch())
    expect(quantile(newSketch(), 0.5)).toBeUndefined()
  })
})
