/**
 * The variables of a kernel as they were last read. They are read when somebody asks while nothing runs, once between
 * two executions; while the kernel works, the last known are told, and that they are old.
 */
import type { Variable } from '../sandbox/port.ts'

export interface Known {
  items: (Omit<Variable, 'cell'> & { cell: string | null })[]
  /** When they were read; null: never. */
  at: number | null
  /** False: something has run since, or runs now. */
  live: boolean
}

export class KnownVariables {
  readonly #now: () => number
  #items: Variable[] = []
  #at: number | null = null
  #reading: Promise<void> | undefined
  #live = false
  #changes = 0

  constructor(now: () => number) {
    this.#now = now
  }
  /** Something ran. */
  change(): void {
    this.#changes += 1
    this.#live = false
    this.#reading = undefined
  }
  /** They are gone. */
  clear(): void {
    this.change()
    this.#items = []
    this.#at = null
  }
  async get(read: (() => Promise<Variable[] | undefined>) | undefined): Promise<Known> {
    if (!this.#live && read) await (this.#reading ??= this.#read(read))
    return { items: this.#items, at: this.#at, live: this.#live }
  }
  async #read(read: () => Promise<Variable[] | undefined>): Promise<void> {
    const changes = this.#changes
    const found = await read()
    if (changes !== this.#changes) return
    this.#reading = undefined
    if (!found) return
    this.#items = found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    this.#at = this.#now()
    this.#live = true
  }
}
