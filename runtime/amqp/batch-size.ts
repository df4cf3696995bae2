/**
 * How many messages one commit takes at most. The rate is batch by commit time: slow commits of full batches ask for
 * larger ones.
 */
export const batchSizes = { least: 500, most: 4000 }
const slowMs = 50
const fastMs = 20

/** The next size, after a commit of `count` messages that took `ms`. */
export function adaptBatch(size: number, count: number, ms: number): number {
  if (count >= size && ms > slowMs) return Math.min(size * 2, batchSizes.most)
  if (ms < fastMs) return Math.max(Math.floor(size / 2), batchSizes.least)
  return size
}
