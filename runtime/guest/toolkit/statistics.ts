/**
 * What danfojs takes of mathjs, for lists of numbers, in its place: that package makes thousands of typed functions
 * when it is loaded. Variance and deviation are of a sample (n - 1), the mode is a list, as there.
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('Cannot calculate the mean of an empty array')
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('Cannot calculate the median of an empty array')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function mode<Value>(values: readonly Value[]): Value[] {
  if (values.length === 0) throw new Error('Cannot calculate the mode of an empty array')
  const counts = new Map<Value, number>()
  let most = 0
  for (const value of values) {
    const count = (counts.get(value) ?? 0) + 1
    counts.set(value, count)
    if (count > most) most = count
  }
  return [...counts].filter(([, count]) => count === most).map(([value]) => value)
}

export function variance(values: readonly number[]): number {
  if (values.length === 0) throw new Error('Cannot calculate the variance of an empty array')
  if (values.length === 1) return 0
  const center = mean(values)
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1)
}

export function std(values: readonly number[]): number {
  return Math.sqrt(variance(values))
}
