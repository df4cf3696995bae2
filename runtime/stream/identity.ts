/**
 * Which messages were stored already. Message ids are unique per stream: two generations of a million, so that the
 * last million is always known. Hashes serve messages without an id, and only those that the broker flags as
 * redelivered: they are compared with what was stored but not acknowledged when the last session ended, each once,
 * because two equal messages are two facts.
 */
export interface Identities {
  isKnown(id: string): boolean
  add(id: string): void
  /** Whether a redelivered message with this hash was stored; a second one needs a second entry. */
  takeHash(hash: string): boolean
  /** Stored, not acknowledged: what the next session may bring again. */
  setUnacknowledged(hashes: Iterable<string>): void
}

export function createIdentities(generation = 1_000_000): Identities {
  let young = new Set<string>()
  let old = new Set<string>()
  let unacknowledged = new Map<string, number>()
  return {
    isKnown: (id) => young.has(id) || old.has(id),
    add(id) {
      young.add(id)
      if (young.size < generation) return
      old = young
      young = new Set()
    },
    takeHash(hash) {
      const count = unacknowledged.get(hash) ?? 0
      if (count > 1) unacknowledged.set(hash, count - 1)
      else unacknowledged.delete(hash)
      return count > 0
    },
    setUnacknowledged(hashes) {
      unacknowledged = new Map()
      for (const hash of hashes) unacknowledged.set(hash, (unacknowledged.get(hash) ?? 0) + 1)
    },
  }
}
