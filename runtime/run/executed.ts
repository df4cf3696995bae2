/**
 * Which sources made the variables that a kernel holds now, by cell: a page tells from it which cells are stale, also
 * after a reload. When the sandbox goes, the cells that ran in it are lost, with the reason, until each has run again.
 * Bounded: of sources beyond 32 MB together the oldest are forgotten, and their cells then have no source.
 */
const maxBytes = 32 * 1024 * 1024

export interface Ran {
  /** null: nothing of the cell is in the kernel's memory. */
  source: string | null
  /** When it began. */
  at: number | null
}
export interface Lost {
  reason: string
  cells: string[]
}

export class Executed {
  readonly #ran = new Map<string, { source: string; at: number }>()
  readonly #lost = new Set<string>()
  #bytes = 0
  #reason = ''

  begin(cell: string | null, source: string, at: number): void {
    if (cell === null) return
    this.#forget(cell)
    this.#lost.delete(cell)
    this.#ran.set(cell, { source, at })
    this.#bytes += source.length
    for (const oldest of this.#ran.keys()) {
      if (this.#bytes <= maxBytes) break
      this.#forget(oldest)
    }
  }
  of(cell: string | null): Ran {
    return (cell === null ? undefined : this.#ran.get(cell)) ?? { source: null, at: null }
  }
  /** Something that it gives has changed: what uses it is behind. */
  touch(cell: string | null, at: number): void {
    const ran = cell === null ? undefined : this.#ran.get(cell)
    if (ran) ran.at = at
  }
  /** The variables are gone. */
  lose(reason: string): void {
    this.#reason = reason
    for (const cell of this.#ran.keys()) this.#lost.add(cell)
    this.#ran.clear()
    this.#bytes = 0
  }
  /** What is to be run again, in the order it ran; null when there is nothing. */
  get lost(): Lost | null {
    return this.#lost.size === 0 ? null : { reason: this.#reason, cells: [...this.#lost] }
  }
  #forget(cell: string): void {
    this.#bytes -= this.#ran.get(cell)?.source.length ?? 0
    this.#ran.delete(cell)
  }
}
