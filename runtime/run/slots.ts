/**
 * How many runs execute at once. Each depth of nesting has slots of its own: a run that waits for another one keeps its
 * slot, and were they shared, runs that all wait for a nested one would wait for ever.
 */
export interface Slots {
  /** Calls `begin` now or when a slot is free; true when it was now. */
  take(depth: number, begin: () => void): boolean
  release(depth: number): void
  /** What waits for a slot does so no more; false when it did not wait. */
  forget(depth: number, begin: (() => void) | undefined): boolean
  readonly waiting: number
}

export function createSlots(atOnce: number): Slots {
  const used = new Map<number, number>()
  const queues = new Map<number, (() => void)[]>()
  return {
    take(depth, begin) {
      const count = used.get(depth) ?? 0
      if (count >= atOnce) {
        const queue = queues.get(depth) ?? []
        queue.push(begin)
        queues.set(depth, queue)
        return false
      }
      used.set(depth, count + 1)
      begin()
      return true
    },
    release(depth) {
      const next = queues.get(depth)?.shift()
      if (next) next()
      else used.set(depth, Math.max(0, (used.get(depth) ?? 0) - 1))
    },
    forget(depth, begin) {
      const queue = queues.get(depth)
      const index = begin ? (queue?.indexOf(begin) ?? -1) : -1
      if (index >= 0) queue!.splice(index, 1)
      return index >= 0
    },
    get waiting() {
      return [...queues.values()].reduce((sum, queue) => sum + queue.length, 0)
    },
  }
}
