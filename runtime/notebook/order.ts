/**
 * Which members of a list were moved: those outside a longest common order of both lists (a longest increasing
 * subsequence, patience sorting, n log n). What was added or taken away is not moved. Pure.
 */
export function findMoved(before: readonly string[], after: readonly string[]): Set<string> {
  const places = new Map(before.map((id, index) => [id, index]))
  const common = after.filter((id) => places.has(id))
  const kept = new Set(longestIncreasing(common.map((id) => places.get(id)!)).map((index) => common[index]!))
  return new Set(common.filter((id) => !kept.has(id)))
}

/** Indexes of a longest increasing subsequence. */
function longestIncreasing(values: readonly number[]): number[] {
  /** ends[k]: the index of the smallest value that ends a subsequence of length k + 1 */
  const ends: number[] = []
  const previous = new Map<number, number>()
  values.forEach((value, index) => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[ends[middle]!]! < value) low = middle + 1
      else high = middle
    }
    if (low > 0) previous.set(index, ends[low - 1]!)
    ends[low] = index
  })
  const found: number[] = []
  for (let at = ends.at(-1); at !== undefined; at = previous.get(at)) found.push(at)
  return found.toReversed()
}
