/**
 * One session of an App view: a pinned version in a kernel of its own. All cells run in document order when asked to;
 * after that an input runs what depends on it. What waits is a set, so a cell that is asked for many times while
 * another runs, runs once. Where the kernel was lost, everything runs again instead of a part that has no variables.
 */
import type { App, AppState } from '../api/apps.ts'
import { toMessage } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import { checkParameters, fillParameters } from '../notebook/parameters.ts'
import { findDependents, toProgram } from '../notebook/program.ts'
import { toSource } from '../notebook/source.ts'
import type { PinnedNotebook } from '../project/notebooks.ts'
import { Kernel, type KernelDeps } from '../run/kernel.ts'
import { kernelEvents } from '../run/kernel-events.ts'
import type { RunEvent } from '../run/run-events.ts'
import { createSessionOutputs } from './outputs.ts'
import { createRate } from './rate.ts'
import { toAppCells, toAppEvent, toAppOutput } from './view.ts'

export interface SessionOptions {
  id: string
  workspace: string
  version: PinnedNotebook
  /** null: a member's own. */
  share: string | null
  digest: string
  endsAt: number
}

export class AppSession {
  readonly options: SessionOptions
  /** Pages that follow it now. */
  followers = 0
  readonly #kernel: Kernel
  readonly #outputs = createSessionOutputs()
  readonly #now: () => number
  readonly #runs
  readonly #changes
  readonly #waiting = new Set<string>()
  readonly #order: string[]
  #values: JsonObject = {}
  #working = false
  #closed = false
  #progress: AppState = { state: 'idle', done: 0, total: 0, error: null }

  constructor(deps: Omit<KernelDeps, 'outputs' | 'notebooks'>, options: SessionOptions) {
    this.options = options
    const { id, workspace, version } = options
    const { name, kind, project, cells } = version
    this.#now = () => deps.now()
    this.#runs = createRate(10, 0.5, this.#now)
    this.#changes = createRate(60, 20, this.#now)
    this.#order = cells.filter((cell) => toSource(cell) !== undefined).map((cell) => cell.id)
    this.#kernel = new Kernel(
      { ...deps, outputs: this.#outputs, notebooks: { cells: () => Promise.resolve(cells) } },
      {
        id,
        workspace,
        notebook: { id: version.notebook, name, kind, version: version.version },
        project,
        lastSeq: 0,
      },
    )
  }
  get usedAt(): number {
    return this.#kernel.usedAt
  }
  get busy(): boolean {
    return this.#working
  }
  async view(): Promise<App> {
    const { id, version, endsAt } = this.options
    const { outputs } = await kernelEvents.snapshot(this.#kernel, this.#outputs, 0)
    return {
      id,
      name: version.name,
      version: version.version,
      parameters: version.parameters,
      values: this.#values,
      cells: toAppCells(version.cells),
      outputs: outputs.items.map(toAppOutput),
      lastSeq: outputs.lastSeq,
      progress: this.#progress,
      endsAt,
    }
  }
  run(parameters: JsonObject): AppState {
    this.#runs.take('The app was run many times within a short time.')
    const { parameters: schema, complete } = this.options.version
    if (complete) checkParameters(schema, parameters)
    else fillParameters(schema, parameters)
    this.#values = parameters
    this.#ask(this.#order)
    return this.#progress
  }
  setInput(id: string, given: Json): { id: string; value: Json } {
    this.#changes.take('Inputs were changed many times within a short time.')
    const { cell, value } = this.#kernel.setInput(id, given)
    const dependents = cell === null ? [] : findDependents(toProgram(this.options.version.cells), [cell])
    const lost = this.#kernel.dead || this.#kernel.view.lost !== null
    if (dependents.length > 0) this.#ask(lost ? this.#order : dependents)
    return { id, value }
  }
  interrupt(): AppState {
    this.#waiting.clear()
    this.#kernel.interrupt()
    return this.#progress
  }
  async *events(lastSeq: number, signal: AbortSignal): AsyncIterable<RunEvent> {
    this.followers += 1
    try {
      yield { event: 'app', data: this.#progress }
      const open = (): boolean => !this.#closed
      for await (const event of kernelEvents.follow(this.#kernel, this.#outputs, lastSeq, signal, open)) {
        const told = toAppEvent(event)
        if (told) yield told
      }
    } finally {
      this.followers -= 1
    }
  }
  close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.clear()
    this.#kernel.close(reason)
    this.#tell({ state: 'idle', error: { cell: null, message: reason } })
  }

  #tell(change: Partial<AppState>): void {
    this.#progress = { ...this.#progress, ...change }
    this.#kernel.feed.push({ event: 'app', data: this.#progress })
  }
  #ask(cells: readonly string[]): void {
    for (const cell of cells) if (this.#order.includes(cell)) this.#waiting.add(cell)
    if (!this.#working) void this.#work()
    else this.#tell({ total: this.#progress.done + 1 + this.#waiting.size })
  }
  async #work(): Promise<void> {
    this.#working = true
    let done = 0
    try {
      this.#tell({ state: 'running', done, total: this.#waiting.size, error: null })
      for (;;) {
        const next = this.options.version.cells.find(({ id }) => this.#waiting.has(id))
        if (!next || this.#closed) break
        this.#waiting.delete(next.id)
        const execution = this.#kernel.execute({
          source: next.source,
          cell: next.id,
          parameters: this.#values,
        })
        await execution.finished
        const { state, error } = execution.view
        done += 1
        if (state !== 'ok') {
          this.#waiting.clear()
          this.#tell({ error: { cell: next.id, message: error?.message ?? 'It was stopped.' } })
        }
        this.#tell({ done, total: done + this.#waiting.size })
      }
    } catch (error) {
      this.#waiting.clear()
      this.#tell({ error: { cell: null, message: toMessage(error) } })
    } finally {
      this.#working = false
      this.#tell({ state: 'idle' })
    }
  }
}
