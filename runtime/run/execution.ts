/** One execution of a source in a kernel: queued, running, ended. */
import type { Execution, Output } from '../api/runs.ts'
import type { JsonObject } from '../json.ts'
import type { Journal } from './journal.ts'

export interface ExecutionSpec {
  source: string
  cell?: string | undefined
  parameters?: JsonObject | undefined
}

export class KernelExecution {
  readonly id: string
  readonly spec: ExecutionSpec
  readonly finished: Promise<void>
  /** Its end has begun. */
  ending = false
  /** While it runs. */
  journal: Journal | undefined
  #view: Omit<Execution, 'outputs'>
  #outputs: Output[] = []
  #finish!: () => void

  constructor(id: string, spec: ExecutionSpec) {
    this.id = id
    this.spec = spec
    this.#view = { execution: id, state: 'queued', value: null, error: null, receipt: null }
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }
  get cell(): string | null {
    return this.spec.cell ?? null
  }
  get done(): boolean {
    return this.#view.state !== 'queued' && this.#view.state !== 'running'
  }
  /** Without outputs: what the event tells. */
  get summary(): Omit<Execution, 'outputs'> & { cell: string | null } {
    return { ...this.#view, cell: this.cell }
  }
  get view(): Execution {
    return { ...this.#view, outputs: this.journal?.items() ?? this.#outputs }
  }
  /** What is kept of one that has ended: its outputs are in the store, its source is nobody's any more. */
  get kept(): KernelExecution {
    const { cell } = this.spec
    const kept = new KernelExecution(this.id, { source: '', ...(cell === undefined ? {} : { cell }) })
    kept.ending = true
    kept.end(this.#view)
    return kept
  }
  begin(journal: Journal): void {
    this.journal = journal
    this.#view = { ...this.#view, state: 'running' }
  }
  /** All of it is durable. */
  end(ended: Pick<Execution, 'state' | 'value' | 'error' | 'receipt'>): void {
    if (this.done) return
    this.#view = { ...this.#view, ...ended }
    this.#outputs = this.journal?.items() ?? []
    this.journal = undefined
    this.#finish()
  }
}
