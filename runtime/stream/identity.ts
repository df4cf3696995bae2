/**
 * Which messages were stored already. Message ids are unique per stream: two generations of a million, so that the
 * last million is always known. Hashes serve messages without an id, and only those that the broker flags as
 * redelivered: they are compared, in order, with what was stored but not acknowledged when the last session ended.
 * One acknowledgement covers a batch, so either the whole batch comes back from its first message on, or none of it:
 * the first that differs tells that the broker had the acknowledgement, and that what follows are facts of their own.
 */
import { createFingerprints } from './fingerprints.ts'

export interface Identities {
  isKnown(id: string): boolean
  /** Whether it was not known yet. */
  add(id: string): boolean
  /** Whether a redelivered message with this hash was stored, being the next of those in question. */
  takeHash(hash: string): boolean
  /** Stored, perhaps not acknowledged, in order: what the next session may bring again. */
  setUnacknowledged(hashes: string[]): void
}

export function createIdentities(generation = 1_000_000): Identities {
  let young = createFingerprints()
  let old = createFingerprints()
  let unacknowledged: string[] = []
  let next = 0
  return {
    isKnown: (id) => young.has(id) || old.has(id),
    add(id) {
      const isNew = young.add(id) && !old.has(id)
      if (young.size >= generation) {
        const oldest = old
        old = young
        young = oldest
        young.clear()
      }
      return isNew
    },
    takeHash(hash) {
      const repeated = next < unacknowledged.length && unacknowledged[next] === hash
      next = repeated ? next + 1 : unacknowledged.length
      return repeated
    },
    setUnacknowledged(hashes) {
      unacknowledged = hashes
      next = 0
    },
  }
}
