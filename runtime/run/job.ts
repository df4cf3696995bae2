/**
 * One run that this process owns, queued or running: its record, its outputs and its end. The pure machine of
 * run-state.ts decides, this performs: every change is written under the lease, so that a process that was taken for
 * dead cannot overwrite what became of its run.
 */
import type { Logger } from 'pino'
import type { Output, Run } from '../api/runs.ts'
import type { Bus } from '../bus/port.ts'
import type { JsonObject } from '../json.ts'
import { errorMime, progressMime } from '../notebook/output.ts'
import type { PinnedNotebook } from '../project/notebooks.ts'
import type { GuestOutput } from '../sandbox/port.ts'
import { toCost } from '../sdk/cost.ts'
import type { Prices } from '../sdk/services.ts'
import type { Store } from '../store/port.ts'
import type { ExecuteDeps } from './execute.ts'
import { execute, toErrorOutput } from './execute.ts'
import { Journal } from './journal.ts'
import type { OutputStore } from './outputs.ts'
import { toChanging, toRun } from './run-document.ts'
import type { RunEffect, RunOperation, RunRecord } from './run-state.ts'
import { apply, isFinal } from './run-state.ts'
import type { Stretch } from './services.ts'

export interface JobDeps {
  store: Store
  bus: Bus
  log: Logger
  outputs: OutputStore
  execute: ExecuteDeps
  prices: Prices
  owner: string
}
export interface JobOptions {
  workspace: string
  run: RunRecord
  version: PinnedNotebook
  depth: number
  stretch: Stretch | null
}

export class Job {
  readonly workspace: string
  readonly depth: number
  readonly finished: Promise<Run>
  readonly #deps: JobDeps
  readonly #options: JobOptions
  readonly #journal: Journal
  readonly #abort = new AbortController()
  #finish!: (run: Run) => void
  #run: RunRecord
  #saved = true

  constructor(deps: JobDeps, options: JobOptions) {
    this.#deps = deps
    this.#options = options
    this.#run = options.run
    this.workspace = options.workspace
    this.depth = options.depth
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    this.#journal = new Journal({
      outputs: deps.outputs,
      workspace: options.workspace,
      owner: options.run.id,
      cell: null,
      after: 0,
      now: () => deps.execute.now(),
      onOutput: (output) => this.#publish(output),
      onError: (error) => deps.log.error({ err: error, run: options.run.id }, 'outputs could not be written'),
    })
  }
  get record(): RunRecord {
    return this.#run
  }
  get view(): Run {
    return toRun(this.#run)
  }
  get lastSeq(): number {
    return this.#journal.lastSeq
  }
  outputs(after = 0): Output[] {
    return this.#journal.items(after)
  }
  /** The record is being inserted as it is now. */
  saved(): void {
    this.#saved = true
  }

  /** Now running, though not yet written: for the record's first insert. */
  start(): void {
    this.#apply({ type: 'start', at: this.#deps.execute.now() })
  }
  /** Writes what changed since the record was inserted. */
  async save(): Promise<boolean> {
    if (this.#saved) return true
    this.#saved = true
    const changed = await this.#deps.store.in(this.workspace).findAndUpdate(
      'runs',
      { filter: { id: this.#run.id, leaseOwner: this.#deps.owner } },
      {
        set: toChanging(this.#run),
        ...(isFinal(this.#run.state) ? { unset: ['leaseOwner', 'leaseUntil'] } : {}),
      },
    )
    return changed !== undefined
  }
  cancel(): RunEffect[] {
    return this.#apply({ type: 'cancel', at: this.#deps.execute.now() })
  }
  /** The process ends; the run with it. */
  lose(): void {
    this.#abort.abort()
    this.#apply({ type: 'lost', at: this.#deps.execute.now() })
  }

  /** `recorded`: the record is durable, without which no cell executes. */
  async perform(recorded: Promise<unknown>): Promise<void> {
    const { workspace, version, depth, stretch } = this.#options
    const ended = await execute(this.#deps.execute, {
      workspace,
      run: this.#run,
      version,
      depth,
      stretch,
      signal: this.#abort.signal,
      recorded,
      onOutput: (output) => this.#onOutput(output),
    })
    if (isFinal(this.#run.state)) return
    const { outcome, result, error, receipt, packages } = ended
    const failed = error && version.cells[Number(error.cell) - 1]
    if (error && !this.#journal.items().some((output) => output.kind === 'error'))
      this.#onOutput(toErrorOutput(failed?.id ?? null, error))
    const cost = toCost(this.#deps.prices, receipt)
    await this.#settle(() =>
      this.#apply({
        type: 'end',
        at: this.#deps.execute.now(),
        outcome,
        result,
        error,
        receipt: { ...receipt, cost, ...(packages ? { packages } : {}) },
      }),
    )
  }
  /** Outputs first, then the end, then the answer: whoever sees the end can read all of it. */
  async #settle(operate: () => RunEffect[]): Promise<void> {
    await this.#journal.close()
    operate()
    await this.save()
    this.#publish()
    this.#finish(this.view)
  }
  /** For a run that ended, but not by executing here to its end. */
  async end(): Promise<void> {
    await this.#settle(() => [])
  }

  #onOutput(output: GuestOutput): void {
    if (isFinal(this.#run.state)) return
    const added = this.#journal.add(output)
    const progress = added.kind === 'progress' ? added.data[progressMime] : undefined
    if (progress) this.#apply({ type: 'progress', progress: progress as NonNullable<Run['progress']> })
  }
  #apply(operation: RunOperation): RunEffect[] {
    const { run, effects } = apply(this.#run, operation)
    if (run !== this.#run) this.#saved = false
    this.#run = run
    if (effects.includes('interrupt')) this.#abort.abort()
    if (effects.includes('publish') && !isFinal(run.state)) this.#publish()
    return effects
  }
  #publish(output?: Output): void {
    const { id, state, notebook } = this.#run
    const data: JsonObject = { id, state, notebook: notebook.id, seq: this.#journal.lastSeq }
    if (output?.kind === 'error') data['error'] = output.data[errorMime] ?? null
    this.#deps.bus.publish(this.workspace, { topic: `runs/${id}`, data })
  }
}
