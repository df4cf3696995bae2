/** Quantiles by linear interpolation between order statistics (numpy's default, method 7 of Hyndman and Fan, 1996). */
import { toVector, type Numbers } from './matrix.ts'
import { checkFraction } from './option.ts'

export function quantile(values: Numbers, q: number): number {
  return ofSorted(toVector(values, 'values').slice().sort(), checkFraction(q, 'q'))
}

export function median(values: Numbers): number {
  return quantile(values, 0.5)
}

function ofSorted(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  const share = place - below
  // From the nearer side, as numpy does, so that both ends are exact.
  return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
}
