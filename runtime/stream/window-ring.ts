/**
 * Entries of a key in the order of arrival, of which the oldest go: what sliding and count windows look back on. Saved
 * as `w 0 KEY` and chunks `i 0 CHUNK KEY`, where an entry keeps its chunk for life, so that a commit writes the chunks
 * that changed.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { badState, toKeyText } from './windows.ts'

const chunkSize = 64

export interface Ring<E, M extends JsonObject> {
  readonly key: string | null
  /** What else is saved of the key. */
  meta: M
  /** Position of the first entry since the key was first heard. */
  base: number
  entries: E[]
  /** Chunks that were saved, from this one on. */
  savedFrom: number
  dirty: Set<number>
}

export class Rings<E extends Json, M extends JsonObject> {
  readonly all = new Map<string | null, Ring<E, M>>()
  readonly #changed = new Set<Ring<E, M>>()
  readonly #gone: Ring<E, M>[] = []

  of(key: string | null, first: () => M): Ring<E, M> {
    let ring = this.all.get(key)
    if (!ring) {
      ring = { key, meta: first(), base: 0, entries: [], savedFrom: 0, dirty: new Set() }
      this.all.set(key, ring)
    }
    return ring
  }
  push(ring: Ring<E, M>, entry: E): void {
    ring.entries.push(entry)
    this.touch(ring, ring.entries.length - 1)
  }
  /** The entry at this index changed. */
  touch(ring: Ring<E, M>, index: number): void {
    ring.dirty.add(Math.floor((ring.base + index) / chunkSize))
    this.#changed.add(ring)
  }
  /** The first `count` entries go. */
  shift(ring: Ring<E, M>, count: number): void {
    if (count === 0) return
    ring.entries.splice(0, count)
    ring.base += count
    this.#changed.add(ring)
  }
  delete(ring: Ring<E, M>): void {
    this.all.delete(ring.key)
    this.#changed.delete(ring)
    this.#gone.push(ring)
  }

  changes(): { [stateKey: string]: Json | null } {
    const result: { [stateKey: string]: Json | null } = {}
    const clear = (ring: Ring<E, M>, below: number): void => {
      for (; ring.savedFrom < below; ring.savedFrom++)
        result[`i 0 ${ring.savedFrom} ${toKeyText(ring.key)}`] = null
    }
    for (const ring of this.#gone.splice(0)) {
      result[`w 0 ${toKeyText(ring.key)}`] = null
      clear(ring, Math.ceil((ring.base + ring.entries.length) / chunkSize))
    }
    for (const ring of this.#changed) {
      const { base, entries } = ring
      const key = toKeyText(ring.key)
      const first = Math.floor(base / chunkSize)
      clear(ring, first)
      result[`w 0 ${key}`] = { ...ring.meta, base, length: entries.length }
      for (const chunk of ring.dirty) {
        const from = Math.max(chunk * chunkSize - base, 0)
        const part = entries.slice(from, (chunk + 1) * chunkSize - base)
        if (chunk >= first && part.length > 0) result[`i 0 ${chunk} ${key}`] = [base + from, ...part]
      }
      ring.dirty.clear()
    }
    this.#changed.clear()
    return result
  }

  /** invalid: an entry that no `changes` made, or a key whose entries are not all there. */
  restore(state: Iterable<[string, Json]>, isMeta: (saved: JsonObject) => saved is M): void {
    const chunks: { stateKey: string; key: string | null; chunk: number; items: Json[] }[] = []
    const lengths = new Map<Ring<E, M>, number>()
    for (const [stateKey, value] of state) {
      const match = /^(?:w 0|i 0 (\d+)) (?:-|=([\s\S]*))$/.exec(stateKey)
      const key = match?.[2] ?? null
      if (!match) badState(stateKey)
      if (match[1] !== undefined) {
        if (!Array.isArray(value)) badState(stateKey)
        chunks.push({ stateKey, key, chunk: Number(match[1]), items: value })
        continue
      }
      if (!isJsonObject(value)) badState(stateKey)
      const { base, length, ...meta } = value
      if (typeof base !== 'number' || typeof length !== 'number' || !isMeta(meta)) badState(stateKey)
      const ring = this.of(key, () => meta)
      ring.base = base
      ring.savedFrom = Math.floor(base / chunkSize)
      lengths.set(ring, length)
    }
    chunks.sort((a, b) => a.chunk - b.chunk)
    for (const { stateKey, key, items } of chunks) {
      const ring = this.all.get(key)
      const [first, ...entries] = items
      if (!ring || typeof first !== 'number') badState(stateKey)
      // What went from the front may still lie in the chunk.
      const skip = Math.max(ring.base - first, 0)
      if (Math.max(first, ring.base) !== ring.base + ring.entries.length) badState(stateKey)
      for (const entry of entries.slice(skip)) ring.entries.push(entry as E)
    }
    for (const [ring, length] of lengths)
      if (ring.entries.length !== length) badState(`w 0 ${toKeyText(ring.key)}`)
  }
}
