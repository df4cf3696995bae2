/** Values in buckets: powers of two as tracing tools quantize, or steps of equal width. Pure; sorted, without empty ones. */
import type { Bucket } from '../../runtime/api/probe-message.ts'

/** [1, 2), [2, 4), [4, 8) …; below 1 is [0, 1), below 0 is one bucket. */
export function quantize(values: readonly number[]): Bucket[] {
  return count(values, (value) => {
    if (value < 0) return [null, 0]
    if (value < 1) return [0, 1]
    const power = 2 ** Math.floor(Math.log2(value))
    return [power, power * 2]
  })
}
export function quantizeLinear(values: readonly number[], step: number): Bucket[] {
  return count(values, (value) => {
    const from = Math.floor(value / step) * step
    return [from, from + step]
  })
}
function count(
  values: readonly number[],
  toBucket: (value: number) => [from: number | null, to: number],
): Bucket[] {
  const buckets = new Map<number | null, Bucket>()
  for (const value of values) {
    const [from, to] = toBucket(value)
    const bucket = buckets.get(from) ?? { from, to, count: 0 }
    bucket.count += 1
    buckets.set(from, bucket)
  }
  return [...buckets.values()].toSorted((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity))
}
