/**
 * One kernel: a notebook's live session in a sandbox. kernel-state.ts decides, this performs; what happened is told in
 * the feed. Outputs are numbered through all sandboxes of the notebook, and kept for the last execution of each cell.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Cell } from '../api/notebooks.ts'
import type { ExecutionSummary, Kernel as KernelView } from '../api/runs.ts'
import type { Person } from '../api/presence.ts'
import type { Bus } from '../bus/port.ts'
import { isAppError, toMessage } from '../error.ts'
import { newId } from '../id.ts'
import type { Json, JsonObject } from '../json.ts'
import { toLabel } from '../notebook/notebook.ts'
import { toSource } from '../notebook/source.ts'
import type { GuestOutput, Limits, Receipt, Sandbox, Sandboxes } from '../sandbox/port.ts'
import { toCost } from '../sdk/cost.ts'
import type { CreateHost, HostContext, Lineage } from '../sdk/context.ts'
import type { Prices } from '../sdk/services.ts'
import { toErrorOutput, toUserError } from './execute.ts'
import { Executed } from './executed.ts'
import { type ExecutionSpec, KernelExecution } from './execution.ts'
import { Feed } from './feed.ts'
import { KernelInputs } from './inputs.ts'
import { Journal } from './journal.ts'
import {
  apply,
  type KernelEffect,
  type KernelOperation,
  type KernelState,
  newKernel,
} from './kernel-state.ts'
import { type Known, KnownVariables } from './known-variables.ts'
import type { OutputStore } from './outputs.ts'
import type { ActionRecorder } from './services.ts'
import { type Ended, Settlement } from './settlement.ts'

/** The face's own (runtime/guest/sdk/parameters.ts), the first that is registered. */
const parametersHandler = 'handler-1'
/** Of runtime/guest/sdk/ui.ts, the second. */
const inputsHandler = 'handler-2'
const keepInputsMs = 500

export interface KernelDeps {
  bus: Bus
  log: Logger
  sandboxes: Sandboxes
  createHost: CreateHost
  /** What a cell's type and place are taken from. */
  notebooks: { cells(workspace: string, id: string): Promise<Cell[]> }
  actions: ActionRecorder
  outputs: OutputStore
  prices: Prices
  limits: Partial<Limits>
  now(): number
}
export interface KernelOptions {
  id: string
  workspace: string
  /** Without a version it is what the notebook is now. */
  notebook: { id: string; name: string; kind: 'analytics' | 'processing'; version?: number }
  project: string
  lastSeq: number
}

export class Kernel {
  options: KernelOptions
  readonly feed = new Feed()
  readonly inputs = new KernelInputs()
  /** When something last happened. */
  usedAt: number
  readonly #deps: KernelDeps
  readonly #executions = new Map<string, KernelExecution>()
  /** Of each cell, the last one that began. */
  readonly #last = new Map<string | null, KernelExecution>()
  readonly #executed = new Executed()
  readonly #variables: KnownVariables
  #people: Person[] = []
  #state: KernelState = newKernel
  #sandbox: Sandbox | undefined
  #generation = 0
  #startedAt: number
  #lastSeq: number
  #parameters: JsonObject = {}
  #death: string | undefined
  /** The execution that was interrupted, perhaps before it had reached its sandbox. */
  #interrupted: string | null = null
  #bound: HostContext | undefined
  #keeping: NodeJS.Timeout | undefined
  readonly #settlement: Settlement

  constructor(deps: KernelDeps, options: KernelOptions) {
    this.#deps = deps
    this.#variables = new KnownVariables(() => deps.now())
    this.options = options
    this.#lastSeq = options.lastSeq
    this.#startedAt = this.usedAt = deps.now()
    const { workspace, notebook } = options
    this.#settlement = new Settlement({
      outputs: deps.outputs,
      workspace,
      owner: notebook.id,
      onSettled: (execution, ended) => this.#tellEnd(execution, ended),
      onError: (error) => deps.log.error({ err: error, notebook: notebook.id }, 'outputs could not be kept'),
    })
  }
  get view(): KernelView {
    const { state, reason, current } = this.#state
    return {
      id: this.options.id,
      notebook: this.options.notebook.id,
      state,
      reason,
      execution: current,
      cell: (current === null ? undefined : this.#executions.get(current)?.cell) ?? null,
      memoryBytes: this.#sandbox?.usage().rssBytes ?? 0,
      startedAt: this.#startedAt,
      lastSeq: this.#lastSeq,
      lost: this.#executed.lost,
    }
  }
  get busy(): boolean {
    return this.#state.state === 'busy' || this.#state.state === 'starting'
  }
  get dead(): boolean {
    return this.#state.state === 'dead'
  }
  /** Of the child that it has now. */
  get startedAt(): number {
    return this.#startedAt
  }
  /** When all that has run is durable. */
  get settled(): Promise<void> {
    return this.#settlement.settled
  }
  get queued(): number {
    return this.#state.queue.length
  }
  /** The last execution of each cell, and the outputs of those that are not in the store yet. */
  get executions(): KernelExecution[] {
    return [...this.#last.values()]
  }
  /** Of each cell, what its last execution came to, and which source of it the variables are from. */
  get summaries(): ExecutionSummary[] {
    return this.executions.map((execution) => this.#toSummary(execution))
  }
  /** Those that only executions without a cell declared have no cell: they are scratch. */
  async variables(): Promise<Known> {
    const sandbox = this.#state.state === 'idle' ? this.#sandbox : undefined
    const known = await this.#variables.get(sandbox && (() => sandbox.variables()))
    return { ...known, items: known.items.map((one) => ({ ...one, cell: this.#toCell(one.cell) })) }
  }
  #toCell(cell: string | null): string | null {
    return this.#last.has(cell) ? cell : null
  }
  get people(): Person[] {
    return this.#people
  }
  set people(people: Person[]) {
    this.#people = people
    this.feed.push({ event: 'presence', data: { people } })
  }
  open(): void {
    this.#apply({ type: 'open' })
  }
  execute(spec: ExecutionSpec): KernelExecution {
    const execution = new KernelExecution(newId('exe', this.#deps.now()), spec)
    this.#executions.set(execution.id, execution)
    this.#tell(execution)
    this.#apply({ type: 'execute', execution: execution.id })
    return execution
  }
  /** The cell that shows it is as if it had run now; the guest learns it before anything else executes. */
  setInput(id: string, given: Json): { cell: string | null; value: Json; at: number } {
    const at = (this.usedAt = this.#deps.now())
    const changed = this.inputs.set(id, given)
    this.#executed.touch(changed.cell, at)
    this.feed.push({ event: 'input', data: { id, ...changed, at } })
    if (this.#state.state === 'idle' && this.#sandbox) this.#guard(this.#sendInputs(this.#sandbox))
    this.#keeping ??= setTimeout(() => this.#guard(this.#keepInputs()), keepInputsMs)
    return { ...changed, at }
  }
  interrupt(): void {
    this.#apply({ type: 'interrupt' })
  }
  restart(): void {
    this.#apply({ type: 'restart' })
  }
  close(reason: string): void {
    this.#apply({ type: 'close', reason })
  }

  #apply(operation: KernelOperation): void {
    this.usedAt = this.#deps.now()
    const { kernel, effects } = apply(this.#state, operation)
    this.#state = kernel
    for (const effect of effects) this.#perform(effect)
  }
  #perform(effect: KernelEffect): void {
    switch (effect.do) {
      case 'open':
        this.#guard(this.#open())
        return
      case 'close': {
        this.#generation += 1
        const sandbox = this.#sandbox
        this.#sandbox = undefined
        this.#variables.clear()
        this.inputs.forgetSent()
        if (this.#keeping) this.#guard(this.#keepInputs())
        this.#executed.lose(this.#state.reason ?? 'It was restarted.')
        sandbox?.close().catch(() => undefined)
        return
      }
      case 'run':
        this.#guard(this.#runSafely(this.#executions.get(effect.execution)!))
        return
      case 'interrupt':
        this.#interrupted = this.#state.current
        this.#sandbox?.interrupt().catch(() => undefined)
        return
      case 'fail':
        this.#guard(this.#fail(this.#executions.get(effect.execution), effect.reason))
        return
      case 'publish':
        return this.#publish()
    }
  }
  #guard(work: Promise<void>): void {
    const { notebook } = this.options
    work.catch((error: unknown) =>
      this.#deps.log.error({ err: error, notebook: notebook.id }, 'a kernel failed outside its sandbox'),
    )
  }
  #publish(): void {
    const { id, workspace } = this.options
    const { state, reason, notebook } = this.view
    // that it begins is told with the end of a cell that is over at once
    this.feed.push({ event: 'kernel', data: this.view }, state === 'busy')
    this.#deps.bus.publish(workspace, { topic: `kernels/${id}`, data: { id, notebook, state, reason } })
  }
  #tell(execution: KernelExecution): void {
    this.feed.push({ event: 'execution', data: this.#toSummary(execution) }, !execution.done)
  }
  #toSummary(execution: KernelExecution): ExecutionSummary {
    return { ...execution.summary, ...this.#executed.of(execution.cell) }
  }

  async #open(): Promise<void> {
    const generation = ++this.#generation
    const { workspace, notebook } = this.options
    this.#startedAt = this.#deps.now()
    this.#death = undefined
    const context = this.#context()
    this.#bound = context
    try {
      const sandbox = await this.#deps.sandboxes.open({
        workspace,
        limits: this.#deps.limits,
        host: this.#deps.createHost(context),
        parameters: this.#parameters,
        kind: notebook.kind,
        onOutput: (output) => this.#onOutput(output),
        onDeath: (reason) => {
          if (generation !== this.#generation) return
          this.#death = reason
          // An execution tells its own end; this is for a kernel that dies while it waits.
          if (this.#state.current === null) this.#apply({ type: 'died', reason })
        },
      })
      if (generation !== this.#generation) return void sandbox.close().catch(() => undefined)
      this.#sandbox = sandbox
      this.#apply({ type: 'opened' })
    } catch (error) {
      if (generation === this.#generation)
        this.#apply({ type: 'died', reason: `The kernel could not start: ${toMessage(error)}` })
    }
  }
  #context(): HostContext {
    const { workspace, notebook, project, id } = this.options
    const place = { id: notebook.id, version: notebook.version ?? 0, name: notebook.name }
    const lineage: Lineage = { objects: [], streams: [] }
    return {
      workspace,
      kind: notebook.kind,
      notebook: place,
      project,
      run: null,
      kernel: id,
      deployment: null,
      parameters: this.#parameters,
      lineage,
      act: (request) => this.#deps.actions.record(workspace, { notebook: place, run: null }, request),
      // Nothing is passed through it here: a run with from and to does that, and a deployment.
      ...(notebook.kind === 'processing' ? { register: () => Promise.resolve() } : {}),
      depth: 0,
      receipt: () => {
        const use = this.#sandbox?.usage()
        return { cpuMs: use?.cpuMs ?? 0, peakBytes: use?.rssBytes ?? 0 }
      },
      declare: () => undefined,
    }
  }
  #onOutput(output: GuestOutput): void {
    const current = this.#state.current
    const execution = current === null ? undefined : this.#executions.get(current)
    if (!execution?.journal) return
    this.inputs.observe(execution.cell, execution.id, output.data)
    execution.journal.add({ ...output, cell: execution.cell })
  }

  /** What fails here failed in this process and not in the notebook: the execution ends, the kernel goes on. */
  async #runSafely(execution: KernelExecution): Promise<void> {
    try {
      await this.#run(execution)
    } catch (error) {
      const { notebook } = this.options
      this.#deps.log.error({ err: error, notebook: notebook.id }, 'an execution failed outside its sandbox')
      const reason = `The cell could not be executed: ${isAppError(error) ? error.message : 'the fault is in the log.'}`
      await this.#fail(execution, reason, 'Internal')
      const alive = this.#sandbox !== undefined && this.#sandbox.state !== 'dead'
      this.#apply({ type: 'ended', execution: execution.id, alive, reason })
    }
  }
  async #run(execution: KernelExecution): Promise<void> {
    const { workspace, notebook } = this.options
    const sandbox = this.#sandbox!
    const journal = new Journal({
      outputs: this.#deps.outputs,
      workspace,
      owner: notebook.id,
      cell: execution.cell,
      after: this.#lastSeq,
      now: () => this.#deps.now(),
      onOutput: (output) => {
        this.#lastSeq = output.seq
        this.feed.push({ id: String(output.seq), event: 'output', data: output })
      },
      onError: (error) =>
        this.#deps.log.error({ err: error, notebook: notebook.id }, 'outputs could not be written'),
    })
    execution.begin(journal)
    this.#variables.change()
    this.#last.set(execution.cell, execution)
    this.#executed.begin(execution.cell, execution.spec.source, this.#deps.now())
    this.#tell(execution)
    const [found] = await Promise.all([
      this.#find(execution),
      this.#setParameters(sandbox, execution.spec),
      this.#sendInputs(sandbox),
    ])
    const none = {
      status: 'ok' as const,
      alive: true,
      receipt: emptyReceipt,
      value: undefined,
      error: undefined,
    }
    const ended =
      found.source === undefined
        ? none
        : this.#interrupted === execution.id
          ? { ...none, status: 'error' as const, error: interrupted }
          : await sandbox.execute({
              id: execution.cell ?? execution.id,
              label: found.label,
              source: found.source,
            })
    const { status, value, receipt, alive } = ended
    const labelOf = status === 'ok' ? undefined : await found.labels()
    if (execution.ending) return
    const error = labelOf ? toUserError(ended, found.label, this.#death, labelOf) : null
    if (error && !journal.has(execution.cell, 'error')) journal.add(toErrorOutput(execution.cell, error))
    const reason = this.#death ?? error?.message ?? 'The kernel ended.'
    const goOn = () => this.#apply({ type: 'ended', execution: execution.id, alive, reason })
    // The next one does not wait for the disk; what ends a kernel is told after its execution.
    const waits = !alive || this.#settlement.isBehind
    const told = { status, value: value ?? null, error, receipt }
    const settled = this.#settle(execution, waits ? { ...told, goOn } : told)
    if (!waits) goOn()
    await settled
  }
  /** For this and the following executions. */
  async #setParameters(sandbox: Sandbox, { parameters }: ExecutionSpec): Promise<void> {
    if (parameters === undefined || isDeepStrictEqual(parameters, this.#parameters)) return
    this.#parameters = parameters
    if (this.#bound) this.#bound.parameters = parameters
    await sandbox.handle([
      {
        handler: parametersHandler,
        now: this.#deps.now(),
        seed: 0,
        input: { parameters },
        state: { value: {} },
      },
    ])
  }
  async #sendInputs(sandbox: Sandbox): Promise<void> {
    const values = this.inputs.takeUnsent()
    if (values === undefined) return
    this.#variables.change()
    await sandbox.handle([
      { handler: inputsHandler, now: this.#deps.now(), seed: 0, input: { values }, state: { value: {} } },
    ])
  }
  /** Into the outputs that are stored; those of a cell that runs follow when it has ended. */
  async #keepInputs(): Promise<void> {
    clearTimeout(this.#keeping)
    this.#keeping = undefined
    const { workspace, notebook } = this.options
    for (const cell of this.inputs.takeUnkept())
      if (this.#last.get(cell)?.journal) this.inputs.keepLater(cell)
      else
        await this.#deps.outputs.change(workspace, notebook.id, cell, (outputs) => this.inputs.apply(outputs))
  }
  #settle(execution: KernelExecution, ended: Ended): Promise<void> {
    const { journal, cell } = execution
    execution.ending = true
    if (journal) this.inputs.settle(cell, execution.id)
    return this.#settlement.add(execution, ended)
  }
  async #tellEnd(execution: KernelExecution, ended: Ended): Promise<void> {
    const { status: state, value, error, receipt } = ended
    const cost = toCost(this.#deps.prices, receipt)
    execution.end({ state, value, error, receipt: { ...receipt, cost } })
    this.#executions.delete(execution.id)
    if (this.#last.get(execution.cell) === execution) this.#last.set(execution.cell, execution.kept)
    this.#tell(execution)
    ended.goOn?.()
    await this.#keepInputs().catch(() => undefined)
  }
  async #fail(execution: KernelExecution | undefined, reason: string, name = 'NotRun'): Promise<void> {
    if (!execution || execution.ending) return
    const error = { name, message: reason }
    await this.#settle(execution, { status: 'killed', value: null, error, receipt: emptyReceipt })
  }
  /** What executes, and what people call it: a cell of the notebook by its place and type, anything else as it is. */
  async #find(execution: KernelExecution): Promise<Found> {
    const { cell, spec } = execution
    const { workspace, notebook } = this.options
    const read = () => this.#deps.notebooks.cells(workspace, notebook.id).catch((): Cell[] => [])
    // Only an error names other cells; what is no cell's own does not wait to know of them.
    const toLabels = (cells: Cell[]) => (id: string) => toLabel(cells, id)
    if (cell === null) return { label: '', source: spec.source, labels: async () => toLabels(await read()) }
    const cells = await read()
    const type = cells.find((candidate) => candidate.id === cell)?.type ?? 'typescript'
    const source = toSource({ type, source: spec.source })
    return { label: toLabel(cells, cell) ?? cell, source, labels: async () => toLabels(cells) }
  }
}

interface Found {
  label: string
  /** Of any cell by its id. */
  labels(this: void): Promise<(cell: string) => string | undefined>
  source: string | undefined
}
const interrupted = { name: 'Interrupted', message: 'The cell was interrupted.' }
const emptyReceipt: Receipt = { cpuMs: 0, wallMs: 0, peakBytes: 0, messages: 0, bytes: 0 }
