/**
 * Kernels: one for each notebook, in this process. They start when asked for, end when idle or too many, and a dead one
 * stays known with its reason until it is started again or deleted. Live events come from each kernel's feed, what was
 * before from the store.
 */
import type { Logger } from 'pino'
import type { Execution, ExecutionSummary, Kernel as KernelView, VariablePage } from '../api/runs.ts'
import type { InputChanged } from '../api/inputs.ts'
import type { Person } from '../api/presence.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Json } from '../json.ts'
import { maxSourceBytes } from '../notebook/notebook.ts'
import { findDependents, toProgram } from '../notebook/program.ts'
import type { OutputTables } from '../output/tables.ts'
import { toMissing } from '../project/missing.ts'
import type { Notebooks } from '../project/notebooks.ts'
import type { Limits, Sandboxes } from '../sandbox/port.ts'
import type { CreateHost } from '../sdk/context.ts'
import type { Page, Store } from '../store/port.ts'
import type { ExecutionSpec } from './execution.ts'
import { Kernel } from './kernel.ts'
import { kernelEvents } from './kernel-events.ts'
import { openOutputs } from './outputs.ts'
import type { RunEvent } from './run-events.ts'
import type { ActionRecorder } from './services.ts'
import { type PageQuery, toPage } from './page.ts'
import { within } from './wake.ts'

const perWorkspace = 3
const maxQueued = 2000
const maxDead = 200
const idleMinutes = { shared: 15, single: 480 }
/** Where several users share the machine: nobody keeps a kernel for ever by touching it. */
const maxAgeMs = 8 * 3_600_000
const sweepMs = 30_000

export interface KernelsDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  sandboxes: Sandboxes
  createHost: CreateHost
  notebooks: Notebooks
  actions: ActionRecorder
  outputTables: Pick<OutputTables, 'retire' | 'forget'>
  config: Pick<
    Config,
    | 'SURICATE_SINGLE_USER'
    | 'SURICATE_KERNEL_IDLE_MINUTES'
    | 'SURICATE_PRICE_CPU_HOUR'
    | 'SURICATE_PRICE_GB_HOUR'
  >
  /** Of a cell; default: 30 s of CPU and 120 s of wall time, none of both for a single user. */
  limits?: Partial<Limits>
}
export interface Kernels {
  /** The notebook's kernel, started when it is not there. */
  open(workspace: string, notebook: string): Promise<KernelView>
  get(workspace: string, id: string): KernelView
  /** Of which notebook and project. */
  place(workspace: string, id: string): { notebook: string; project: string }
  /** Those that live; of one notebook the dead one too. */
  find(
    workspace: string,
    projects?: string[] | null,
    query?: PageQuery & { notebook?: string | undefined },
  ): Page<KernelView>
  count(workspace: string): number
  /** Waits up to `seconds`; the execution as it is then. A dead kernel starts again. */
  execute(
    workspace: string,
    id: string,
    spec: ExecutionSpec,
    seconds?: number,
    signal?: AbortSignal,
  ): Promise<Execution>
  /** Of each cell the last one that began, in the order that cells first ran. */
  executions(workspace: string, id: string, query?: PageQuery): Page<ExecutionSummary>
  /** By name; as they were last read while the kernel works. */
  variables(workspace: string, id: string, query?: PageQuery): Promise<VariablePage>
  /** Changes an input; nothing runs. */
  setInput(workspace: string, id: string, input: { id: string; value: Json }): Promise<InputChanged>
  /** Ends what runs and drops what waits; resolves when that is over, or after some seconds. */
  interrupt(workspace: string, id: string): Promise<KernelView>
  restart(workspace: string, id: string): Promise<KernelView>
  shutDown(workspace: string, id: string): Promise<void>
  /** Who has the notebook open: its kernel's followers hear of it. */
  tellPresence(workspace: string, notebook: string, people: Person[]): void
  /** The kernel of a notebook that is deleted. */
  forget(workspace: string, notebook: string): void
  /** What a page shows: of the last execution of each cell. */
  outputs(workspace: string, notebook: string): ReturnType<ReturnType<typeof openOutputs>['find']>
  events(workspace: string, id: string, lastSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>
  /** Ends kernels that have been idle too long; also done twice a minute. */
  sweep(): void
  close(): Promise<void>
}

export function openKernels(deps: KernelsDeps): Kernels {
  const { store, bus, clock, log, notebooks, config } = deps
  const single = config.SURICATE_SINGLE_USER
  const outputs = openOutputs({ store, outputTables: deps.outputTables })
  const kernels = new Map<string, Kernel>()
  const opening = new Map<string, Promise<Kernel>>()
  const present = new Map<string, Person[]>()
  const kernelDeps = {
    bus,
    log,
    sandboxes: deps.sandboxes,
    createHost: deps.createHost,
    notebooks,
    actions: deps.actions,
    outputs,
    prices: { cpuHour: config.SURICATE_PRICE_CPU_HOUR, gbHour: config.SURICATE_PRICE_GB_HOUR },
    limits: { ...(single ? { cpuMs: Infinity, wallMs: Infinity } : {}), ...deps.limits },
    now: () => clock.now(),
  }
  const of = (workspace: string): Kernel[] =>
    [...kernels.values()].filter((kernel) => kernel.options.workspace === workspace)
  const living = (workspace: string): Kernel[] => of(workspace).filter((kernel) => !kernel.dead)
  const get = (workspace: string, id: string): Kernel => {
    const kernel = kernels.get(id)
    if (kernel?.options.workspace !== workspace) throw toMissing('kernel', id)
    return kernel
  }
  function checkRoom(workspace: string): void {
    const count = living(workspace).length
    if (single || count < perWorkspace) return
    throw new AppError('limit', `This workspace has ${count} kernels, the limit. Shut one down first.`)
  }
  async function start(workspace: string, id: string): Promise<Kernel> {
    const notebook = await notebooks.get(workspace, id)
    const { name, kind, project } = notebook
    const known = of(workspace).find((kernel) => kernel.options.notebook.id === id)
    if (known && !known.dead) return known
    checkRoom(workspace)
    if (known) known.options = { ...known.options, notebook: { id, name, kind }, project }
    const kernel = known ?? (await create(workspace, { id, name, kind }, project))
    kernel.open()
    return kernel
  }
  async function create(
    workspace: string,
    notebook: { id: string; name: string; kind: 'analytics' | 'processing' },
    project: string,
  ): Promise<Kernel> {
    const { items, lastSeq } = await outputs.find(workspace, notebook.id)
    const id = newId('krn', clock.now())
    const kernel = new Kernel(kernelDeps, { id, workspace, notebook, project, lastSeq })
    kernel.inputs.restore(items)
    const people = present.get(`${workspace}/${notebook.id}`)
    if (people) kernel.people = people
    kernels.set(id, kernel)
    return kernel
  }
  function prune(): void {
    const dead = [...kernels].filter(([, kernel]) => kernel.dead)
    for (const [id] of dead.slice(0, Math.max(0, dead.length - maxDead))) kernels.delete(id)
  }

  const service: Kernels = {
    async open(workspace, notebook) {
      const key = `${workspace}/${notebook}`
      const known = opening.get(key) ?? start(workspace, notebook).finally(() => opening.delete(key))
      opening.set(key, known)
      return (await known).view
    },
    get: (workspace, id) => get(workspace, id).view,
    place(workspace, id) {
      const { notebook, project } = get(workspace, id).options
      return { notebook: notebook.id, project }
    },
    find(workspace, projects = null, query = {}) {
      const { notebook } = query
      const found = of(workspace)
        .filter(({ dead, options }) => (notebook === undefined ? !dead : options.notebook.id === notebook))
        .filter(({ options }) => projects === null || projects.includes(options.project))
      return toPage(
        found.map((kernel) => kernel.view),
        query,
      )
    },
    count: (workspace) => living(workspace).length,
    async execute(workspace, id, spec, seconds = 0, signal) {
      const kernel = get(workspace, id)
      if (Buffer.byteLength(spec.source) > maxSourceBytes)
        throw new AppError('too-large', 'A cell has at most 256 KB.', { path: 'source' })
      if (kernel.dead) checkRoom(workspace)
      if (kernel.queued >= maxQueued)
        throw new AppError('limit', `${maxQueued} executions wait for this kernel, the limit.`)
      const execution = kernel.execute(spec)
      if (seconds > 0) await within(execution.finished, seconds * 1000, signal)
      return execution.view
    },
    executions: (workspace, id, query) => toPage(get(workspace, id).summaries, query),
    async variables(workspace, id, query) {
      const { items, at, live } = await get(workspace, id).variables()
      return { ...toPage(items, query), at, live }
    },
    async setInput(workspace, id, input) {
      const kernel = get(workspace, id)
      const { cell, value } = kernel.setInput(input.id, input.value)
      const { cells } = await notebooks.get(workspace, kernel.options.notebook.id)
      const dependents = cell === null ? [] : findDependents(toProgram(cells), [cell])
      return { id: input.id, value, cell, dependents }
    },
    async interrupt(workspace, id) {
      const kernel = get(workspace, id)
      const running = kernel.executions.filter((execution) => !execution.done)
      kernel.interrupt()
      await within(Promise.all(running.map((execution) => execution.finished)), 5000)
      return kernel.view
    },
    async restart(workspace, id) {
      const kernel = get(workspace, id)
      if (kernel.dead) checkRoom(workspace)
      const { id: notebook, ...rest } = kernel.options.notebook
      const { name, kind, project } = await notebooks.get(workspace, notebook)
      kernel.options = { ...kernel.options, project, notebook: { id: notebook, ...rest, name, kind } }
      kernel.restart()
      return kernel.view
    },
    async shutDown(workspace, id) {
      const kernel = get(workspace, id)
      kernel.close('It was shut down.')
      kernels.delete(id)
      await within(kernel.settled, 5000)
    },
    tellPresence(workspace, notebook, people) {
      const key = `${workspace}/${notebook}`
      if (people.length > 0) present.set(key, people)
      else present.delete(key)
      for (const kernel of of(workspace)) if (kernel.options.notebook.id === notebook) kernel.people = people
    },
    forget(workspace, notebook) {
      deps.outputTables.forget(workspace, notebook)
      for (const kernel of of(workspace)) {
        if (kernel.options.notebook.id !== notebook) continue
        kernel.close('Its notebook was deleted.')
        kernels.delete(kernel.options.id)
      }
    },
    outputs: async (workspace, notebook) => {
      const kernel = of(workspace).find((candidate) => candidate.options.notebook.id === notebook)
      if (!kernel) return outputs.find(workspace, notebook)
      return (await kernelEvents.snapshot(kernel, outputs, 0)).outputs
    },
    events: (workspace, id, lastSeq, signal) =>
      kernelEvents.follow(get(workspace, id), outputs, lastSeq, signal, () => kernels.has(id)),
    sweep() {
      const minutes = config.SURICATE_KERNEL_IDLE_MINUTES ?? idleMinutes[single ? 'single' : 'shared']
      const limit = minutes === 0 ? Infinity : minutes * 60_000
      for (const kernel of kernels.values()) {
        const idle = clock.now() - kernel.usedAt
        if (!kernel.dead && !kernel.busy && idle > limit)
          kernel.close(`It was idle for ${Math.round(idle / 60_000)} minutes and was shut down.`)
        else if (!kernel.dead && !single && minutes !== 0 && clock.now() - kernel.startedAt > maxAgeMs)
          kernel.close('It was older than 8 hours, the limit, and was shut down.')
      }
      prune()
    },
    async close() {
      clearInterval(timer)
      const open = [...kernels.values()].filter((kernel) => !kernel.dead)
      for (const kernel of open) kernel.close('Suricate was stopped.')
      await within(Promise.all(open.map((kernel) => kernel.settled)), 5000)
      kernels.clear()
    },
  }
  const timer = setInterval(() => service.sweep(), sweepMs)
  timer.unref()
  return service
}
