/**
 * DDSketch: quantiles of a series within 1% of the true value, in a bounded number of counters, and two sketches merge
 * into what one over both would have been. Counters lie at powers of gamma; beyond 400 of a sign the smallest values
 * share one, so that high quantiles stay exact to the bound.
 * C. Masson, J. E. Rim, H. K. Lee: DDSketch, PVLDB 12(12), 2019.
 */
const accuracy = 0.01
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)
const maxBins = 400
/** Nearer to zero than this is zero: a logarithm of less would need counters without end. */
const tiny = 1e-12

/** JSON as it is stored. Bins are [index, count], by index. */
export interface Sketch {
  count: number
  sum: number
  min: number
  max: number
  zeros: number
  above: [number, number][]
  below: [number, number][]
}

export function newSketch(): Sketch {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, zeros: 0, above: [], below: [] }
}

/** The sketch over what both have seen; a number that is not finite has no place in one. */
export function addAll(sketch: Sketch, values: readonly number[]): Sketch {
  const next = newSketch()
  const above = new Map<number, number>()
  const below = new Map<number, number>()
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    next.count++
    next.sum += value
    if (value < next.min) next.min = value
    if (value > next.max) next.max = value
    const size = Math.abs(value)
    if (size < tiny) next.zeros++
    else {
      const bins = value > 0 ? above : below
      const index = Math.ceil(Math.log(size) / logGamma)
      bins.set(index, (bins.get(index) ?? 0) + 1)
    }
  }
  next.above = [...above].toSorted((a, b) => a[0] - b[0])
  next.below = [...below].toSorted((a, b) => a[0] - b[0])
  return merge(sketch, next)
}

export function merge(a: Sketch, b: Sketch): Sketch {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    zeros: a.zeros + b.zeros,
    above: mergeBins(a.above, b.above),
    below: mergeBins(a.below, b.below),
  }
}
function mergeBins(a: Sketch['above'], b: Sketch['above']): Sketch['above'] {
  const all = new Map(a)
  for (const [index, count] of b) all.set(index, (all.get(index) ?? 0) + count)
  const bins = [...all].toSorted((x, y) => x[0] - y[0])
  const extra = bins.length - maxBins
  if (extra <= 0) return bins
  const shared = bins.slice(0, extra + 1).reduce((sum, [, count]) => sum + count, 0)
  return [[bins[extra]![0], shared], ...bins.slice(extra + 1)]
}

/** The value of rank q (0 to 1); undefined when it has seen none. */
export function quantile(sketch: Sketch, q: number): number | undefined {
  if (sketch.count === 0) return undefined
  const { min, max } = sketch
  let rank = Math.floor(q * (sketch.count - 1))
  const within = (value: number): number => Math.min(Math.max(value, min), max)
  for (const [index, count] of sketch.below.toReversed()) {
    if (rank < count) return within(-toValue(index))
    rank -= count
  }
  if (rank < sketch.zeros) return 0
  rank -= sketch.zeros
  for (const [index, count] of sketch.above) {
    if (rank < count) return within(toValue(index))
    rank -= count
  }
  return max
}
function toValue(index: number): number {
  return (2 * gamma ** index) / (gamma + 1)
}
