/**
 * The outputs of one execution while it lives: numbers them, resolves what replaces or extends an earlier one, holds
 * them for live readers, and writes them behind in batches. `close` makes everything durable. What was replaced before
 * it was written is never written; numbers stay dense, only their contents go. Bounded: a cell's own budget times the cells
 * of a notebook would fill the memory of this process, so what is beyond is told once and dropped.
 */
import type { Output } from '../api/runs.ts'
import type { GuestOutput } from '../sandbox/port.ts'
import { appendData } from '../notebook/output.ts'
import type { OutputStore } from './outputs.ts'

const flushMs = 500
/** Of all outputs together. */
const maxBytes = 64 * 1024 * 1024

export interface JournalOptions {
  outputs: OutputStore
  workspace: string
  owner: string
  /** null: the outputs of all cells lie together. */
  cell: string | null
  /** The number before the first. */
  after: number
  now(): number
  onOutput(output: Output): void
  onError(error: unknown): void
}

export class Journal {
  readonly #options: JournalOptions
  readonly #items = new Map<number, Output>()
  readonly #byId = new Map<string, number>()
  readonly #sizes = new Map<number, number>()
  #bytes = 0
  #full = false
  #unsaved: number[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #failed: unknown
  #last: number
  readonly startedAt: number

  constructor(options: JournalOptions) {
    this.#options = options
    this.startedAt = options.now()
    this.#last = options.after
  }
  /** Of what it holds. */
  get bytes(): number {
    return this.#bytes
  }
  get firstSeq(): number {
    return this.#options.after + 1
  }
  get lastSeq(): number {
    return this.#last
  }
  /** After `seq`, in order; without what was replaced. */
  items(after = 0): Output[] {
    return [...this.#items.values()].filter((output) => output.seq > after)
  }
  has(cell: string | null, kind: Output['kind']): boolean {
    return this.items().some((output) => output.cell === cell && output.kind === kind)
  }
  add(given: GuestOutput): Output {
    const { cell, kind, data, id, append } = given
    const key = id === undefined ? undefined : `${cell ?? ''}\n${id}`
    const earlier = key === undefined ? undefined : this.#items.get(this.#byId.get(key) ?? 0)
    const before = earlier ? (this.#sizes.get(earlier.seq) ?? 0) : 0
    const size = JSON.stringify(data).length + (append ? before : 0)
    if (this.#bytes - before + size > maxBytes && kind !== 'error' && data !== full) {
      if (!this.#full) {
        this.#full = true
        return this.add({ cell, kind: 'stderr', data: full })
      }
      return { seq: this.#last, cell, kind, data, at: this.#options.now() }
    }
    const output: Output = {
      seq: ++this.#last,
      cell,
      kind,
      data: earlier && append ? appendData(earlier.data, data) : data,
      ...(earlier ? { replaces: earlier.seq } : {}),
      at: this.#options.now(),
    }
    if (earlier) {
      this.#items.delete(earlier.seq)
      this.#sizes.delete(earlier.seq)
    }
    this.#sizes.set(output.seq, size)
    this.#bytes += size - before
    if (key !== undefined) this.#byId.set(key, output.seq)
    this.#items.set(output.seq, output)
    this.#unsaved.push(output.seq)
    this.#options.onOutput(output)
    this.#timer ??= setTimeout(() => void this.#flush(), flushMs)
    return output
  }
  #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(async () => {
      const { outputs, workspace, owner, cell } = this.#options
      const items = this.#unsaved.flatMap((seq) => this.#items.get(seq) ?? [])
      const held = this.#unsaved
      this.#unsaved = []
      if (items.length === 0) return
      try {
        await outputs.insert(workspace, owner, cell, items, this.#last)
        this.#failed = undefined
      } catch (error) {
        this.#unsaved = [...held, ...this.#unsaved]
        this.#failed = error
        this.#options.onError(error)
      }
    })
    return this.#writing
  }
  /** What is not written yet never will be. */
  drop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#unsaved = []
  }
  /** Rejects with the store's error when they could not be written. */
  async close(): Promise<void> {
    await this.#flush()
    if (this.#failed !== undefined) throw this.#failed
  }
}

const full = {
  'text/plain': `The outputs were cut here: together they have more than ${maxBytes / 1024 / 1024} MB. Show less, or save it as objects.\n`,
}
