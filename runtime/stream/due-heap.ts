/** A binary heap of things by when they are due. An entry may be out of date: the owner looks when it takes it. */
export class DueHeap<V> {
  readonly #entries: { due: number; value: V }[] = []

  get next(): number {
    return this.#entries[0]?.due ?? Infinity
  }
  push(due: number, value: V): void {
    const entries = this.#entries
    let at = entries.length
    entries.push({ due, value })
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (entries[parent]!.due <= due) break
      entries[at] = entries[parent]!
      at = parent
    }
    entries[at] = { due, value }
  }
  /** The next one, where it is due by then. */
  take(by: number): { due: number; value: V } | undefined {
    const entries = this.#entries
    const first = entries[0]
    if (first && first.due > by) return undefined
    const last = entries.pop()
    if (!first || !last) return undefined
    if (entries.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && entries[child + 1]!.due < entries[child]!.due) child++
      if (entries[child]!.due >= last.due) break
      entries[at] = entries[child]!
      at = child
    }
    entries[at] = last
    return first
  }
}
