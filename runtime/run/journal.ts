/**
 * The outputs of one execution while it lives: numbers them, resolves what replaces or extends an earlier one, holds
 * them for live readers, and writes them behind in batches. `close` makes everything durable. What was replaced before
 * it was written is never written; numbers stay dense, only their contents go.
 */
import type { Output } from '../api/runs.ts'
import type { GuestOutput } from '../sandbox/port.ts'
import { appendData } from '../notebook/output.ts'
import type { OutputStore } from './outputs.ts'

const flushMs = 500

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
  #unsaved: number[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #failed: unknown
  #last: number

  constructor(options: JournalOptions) {
    this.#options = options
    this.#last = options.after
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
  add({ cell, kind, data, id, append }: GuestOutput): Output {
    const key = id === undefined ? undefined : `${cell ?? ''}\n${id}`
    const earlier = key === undefined ? undefined : this.#items.get(this.#byId.get(key) ?? 0)
    const output: Output = {
      seq: ++this.#last,
      cell,
      kind,
      data: earlier && append ? appendData(earlier.data, data) : data,
      ...(earlier ? { replaces: earlier.seq } : {}),
      at: this.#options.now(),
    }
    if (earlier) this.#items.delete(earlier.seq)
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
  /** Rejects with the store's error when they could not be written. */
  async close(): Promise<void> {
    await this.#flush()
    if (this.#failed !== undefined) throw this.#failed
  }
}
