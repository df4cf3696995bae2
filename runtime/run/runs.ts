/**
 * Runs: recorded in the store, queued and executed in this process, at most so many at once. A run belongs to its
 * process by a lease that is renewed while it waits or runs; when a process dies, its queued runs go on elsewhere and its
 * running ones are failed with that reason. Few round trips: one insert, the outputs, one update.
 */
import type { Logger } from 'pino'
import type { Run } from '../api/runs.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Json, JsonObject } from '../json.ts'
import { checkParameters, fillParameters } from '../notebook/parameters.ts'
import { named } from '../project/missing.ts'
import type { Notebooks, PinnedNotebook } from '../project/notebooks.ts'
import type { Limits, Sandboxes } from '../sandbox/port.ts'
import type { CreateHost, HostContext } from '../sdk/context.ts'
import { toTime } from '../sdk/duration.ts'
import type { Document, Filter, Page, Store } from '../store/port.ts'
import { claimRun } from './claim.ts'
import { Job } from './job.ts'
import { openOutputs } from './outputs.ts'
import { toChanging, toRun, toRunDocument, toRunRecord } from './run-document.ts'
import type { RunEvent } from './run-events.ts'
import { runEvents } from './run-events.ts'
import type { RunRecord } from './run-state.ts'
import { apply, isFinal } from './run-state.ts'
import type { ActionRecorder, PassThrough, Stretch } from './services.ts'
import { createSlots } from './slots.ts'
import { openWake, within } from './wake.ts'

const leaseMs = 15_000
const renewMs = 5_000

export interface RunsDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  sandboxes: Sandboxes
  createHost: CreateHost
  notebooks: Notebooks
  actions: ActionRecorder
  passThrough: PassThrough
  config: Pick<Config, 'SURICATE_RUNS_AT_ONCE' | 'SURICATE_PRICE_CPU_HOUR' | 'SURICATE_PRICE_GB_HOUR'>
  /** Of a job; default: 300 s of CPU, 900 s of wall time. */
  limits?: Partial<Limits>
}
export interface RunSpec {
  /** Of a run that must be made once: when it is there already, it is answered. */
  id?: string
  parameters?: JsonObject
  version?: number | undefined
  from?: number | string | undefined
  to?: number | string | undefined
  /** In place of from and to: numbers of one stream. */
  range?: { stream: string; fromSeq: number; toSeq: number }
  /** A deployment: what the host answered it is answered again. */
  answers?: string | undefined
  /** In place of all of them: the instant at which this action fired. */
  action?: string | undefined
  trigger: Run['trigger']
}
export interface RunQuery {
  notebook?: string | undefined
  state?: Run['state'] | undefined
  projects?: string[] | null
  limit?: number | undefined
  cursor?: string | undefined
}
export interface Runs {
  create(workspace: string, notebook: string, spec: RunSpec): Promise<Run>
  /** The run is refused; for the record. */
  skip(workspace: string, notebook: string, spec: RunSpec, reason: string): Promise<Run>
  /** With its outputs; as it is when the seconds have passed. */
  wait(workspace: string, id: string, seconds: number, signal: AbortSignal): Promise<Run>
  find(workspace: string, query: RunQuery): Promise<Page<Run>>
  /** With its outputs. */
  get(workspace: string, id: string): Promise<Run>
  /** Without. */
  head(workspace: string, id: string): Promise<Run>
  cancel(workspace: string, id: string): Promise<Run>
  events(workspace: string, id: string, lastSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>
  nest(
    context: HostContext,
    name: string,
    parameters: JsonObject,
    signal: AbortSignal,
  ): Promise<{ run: string; result: Json }>
  /** Takes over what dead processes left; also done every few seconds. */
  recover(): Promise<void>
  close(): Promise<void>
}

export function openRuns(deps: RunsDeps): Runs {
  const { store, bus, clock, log, notebooks, config } = deps
  const owner = newId('exec')
  const outputs = openOutputs({ store })
  const slots = createSlots(config.SURICATE_RUNS_AT_ONCE)
  const jobs = new Map<string, Job>()
  const prices = { cpuHour: config.SURICATE_PRICE_CPU_HOUR, gbHour: config.SURICATE_PRICE_GB_HOUR }
  const jobDeps = {
    store,
    bus,
    log,
    outputs,
    prices,
    owner,
    execute: {
      sandboxes: deps.sandboxes,
      createHost: deps.createHost,
      actions: deps.actions,
      passThrough: deps.passThrough,
      limits: { cpuMs: 300_000, wallMs: 900_000, ...deps.limits },
      now: () => clock.now(),
    },
  }
  /** What begins each job that may still wait for a slot. */
  const waiting = new Map<string, () => void>()
  let closed = false

  function toStretch(version: PinnedNotebook, spec: RunSpec): Stretch | null {
    if (version.kind !== 'processing') return null
    const { from, to, range, answers, action } = spec
    if (action !== undefined) return { action }
    if (range) return range
    if (from === undefined || to === undefined)
      throw new AppError(
        'invalid',
        'A run of a processing notebook needs from and to, a stretch of event time, or an action.',
      )
    const stretch = { from: toTime(from), to: toTime(to), ...(answers !== undefined && { answers }) }
    if (stretch.from < stretch.to) return stretch
    throw new AppError('invalid', 'from must lie before to.', { path: 'from' })
  }
  function toRecord(
    version: PinnedNotebook,
    parameters: JsonObject,
    { id, trigger }: Pick<RunSpec, 'id' | 'trigger'>,
  ): RunRecord {
    const now = clock.now()
    return {
      id: id ?? newId('run', now),
      notebook: { id: version.id, version: version.version, name: version.name },
      project: version.project,
      state: 'queued',
      parameters,
      trigger,
      result: null,
      error: null,
      receipt: null,
      progress: null,
      createdAt: now,
      startedAt: null,
      endedAt: null,
      cancelled: false,
    }
  }
  const lease = (): { leaseOwner: string; leaseUntil: number } => ({
    leaseOwner: owner,
    leaseUntil: clock.now() + leaseMs,
  })

  /** Executes now or when a slot is free; `insert` makes the record durable in the state it has by then. */
  async function enqueue(job: Job, insert: () => Promise<unknown>): Promise<void> {
    const id = job.record.id
    const begun = Promise.withResolvers<void>()
    const begin = (): void => {
      job.start()
      begun.resolve()
    }
    jobs.set(id, job)
    waiting.set(id, begin)
    slots.take(job.depth, begin)
    const recorded = insert()
    void perform(job, begun.promise, recorded)
    try {
      await recorded
    } catch (error) {
      // A run that has no record must not execute.
      if (slots.forget(job.depth, begin)) forget(id)
      else job.lose()
      throw error
    }
  }
  function forget(id: string): void {
    jobs.delete(id)
    waiting.delete(id)
  }
  async function perform(job: Job, begun: Promise<void>, recorded: Promise<unknown>): Promise<void> {
    await begun
    try {
      const durable = recorded.then(() => job.save())
      await Promise.all([job.perform(durable), durable])
    } catch (error) {
      log.error({ err: error, run: job.record.id }, 'a run could not be recorded')
      job.lose()
      await job.end().catch(() => undefined)
    } finally {
      forget(job.record.id)
      slots.release(job.depth)
    }
  }

  async function prepare(
    workspace: string,
    id: string,
    spec: RunSpec,
  ): Promise<{ version: PinnedNotebook; run: RunRecord; stretch: Stretch | null }> {
    const version = await notebooks.versionFor(workspace, id, spec.version)
    const parameters = spec.parameters ?? {}
    if (version.complete) checkParameters(version.parameters, parameters)
    else fillParameters(version.parameters, parameters)
    return { version, run: toRecord(version, parameters, spec), stretch: toStretch(version, spec) }
  }
  async function submit(workspace: string, id: string, spec: RunSpec, depth: number): Promise<Job> {
    if (closed) throw new AppError('unavailable', 'Suricate is shutting down.')
    const { version, run, stretch } = await prepare(workspace, id, spec)
    const job = new Job(jobDeps, { workspace, run, version, depth, stretch })
    await enqueue(job, () => {
      const document = toRunDocument(job.record, depth, stretch as unknown as Json, lease())
      job.saved()
      return store.in(workspace).insert('runs', [document])
    })
    bus.publish(workspace, { topic: `runs/${run.id}`, data: { id: run.id, state: job.record.state, seq: 0 } })
    return job
  }
  const read = (workspace: string, id: string): Promise<Document> =>
    named('run', id, store.in(workspace).get('runs', id))
  async function maybeRun(workspace: string, id: string | undefined): Promise<Run | undefined> {
    if (id === undefined) return undefined
    const document = await store.in(workspace).maybe('runs', id)
    return document && toRun(toRunRecord(document))
  }
  const mine = (workspace: string, id: string): Job | undefined => {
    const job = jobs.get(id)
    return job?.workspace === workspace ? job : undefined
  }
  const live = (job: Job): Run => ({ ...job.view, outputs: job.outputs() })

  const runs: Runs = {
    async create(workspace, notebook, spec) {
      const known = await maybeRun(workspace, spec.id)
      if (known) return known
      try {
        return (await submit(workspace, notebook, spec, 0)).view
      } catch (error) {
        // Another process was quicker.
        const made = isAppError(error, 'conflict') ? await maybeRun(workspace, spec.id) : undefined
        if (made) return made
        throw error
      }
    },
    async skip(workspace, notebook, spec, reason) {
      const known = await maybeRun(workspace, spec.id)
      if (known) return known
      const { run } = await prepare(workspace, notebook, spec)
      const skipped: RunRecord = {
        ...run,
        state: 'skipped',
        endedAt: run.createdAt,
        error: { name: 'Skipped', message: reason },
      }
      await store
        .in(workspace)
        .insert('runs', [toRunDocument(skipped, 0, null, { leaseOwner: '', leaseUntil: 0 })])
      bus.publish(workspace, { topic: `runs/${run.id}`, data: { id: run.id, state: 'skipped', seq: 0 } })
      return toRun(skipped)
    },
    async wait(workspace, id, seconds, signal) {
      const job = mine(workspace, id)
      if (job) {
        await within(job.finished, seconds * 1000, signal)
        return live(job)
      }
      const wake = openWake(bus, workspace, `runs/${id}`)
      const until = clock.now() + seconds * 1000
      try {
        for (;;) {
          const run = await runs.get(workspace, id)
          const left = until - clock.now()
          if (isFinal(run.state) || left <= 0 || signal.aborted) return run
          await wake.next(Math.min(left, 1000), signal)
        }
      } finally {
        wake.close()
      }
    },
    async find(workspace, { notebook, state, projects, limit = 100, cursor }) {
      const filter: Filter = {
        ...(notebook ? { notebook } : {}),
        ...(state ? { state } : {}),
        ...(projects ? { project: { $in: projects } } : {}),
      }
      const page = await store
        .in(workspace)
        .find('runs', { filter, sort: '-createdAt', limit, ...(cursor ? { cursor } : {}) })
      const items = page.items.map(
        (document) => mine(workspace, document.id)?.view ?? toRun(toRunRecord(document)),
      )
      return { items, nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      const job = mine(workspace, id)
      if (job) return live(job)
      const record = toRunRecord(await read(workspace, id))
      return { ...toRun(record), outputs: (await outputs.find(workspace, id)).items }
    },
    async head(workspace, id) {
      return mine(workspace, id)?.view ?? toRun(toRunRecord(await read(workspace, id)))
    },
    async cancel(workspace, id) {
      const job = mine(workspace, id)
      if (!job) {
        const record = toRunRecord(await read(workspace, id))
        if (isFinal(record.state)) return toRun(record)
        throw new AppError(
          'conflict',
          'The run belongs to another process. Try again when its lease has ended.',
        )
      }
      const begin = waiting.get(id)
      const effects = job.cancel()
      if (!effects.includes('finish')) {
        await within(job.finished, 5000)
        return job.view
      }
      if (begin) slots.forget(job.depth, begin)
      await job.end()
      forget(id)
      return job.view
    },
    events: (workspace, id, lastSeq, signal) =>
      runEvents({ bus, runs, outputs, job: () => mine(workspace, id) }, workspace, id, lastSeq, signal),
    async nest(context, name, parameters, signal) {
      const notebook = await notebooks.resolve(context.workspace, name)
      const trigger: Run['trigger'] = {
        type: 'notebook',
        id: context.run ?? context.kernel ?? context.notebook.id,
      }
      const job = await submit(context.workspace, notebook.id, { parameters, trigger }, context.depth + 1)
      const stop = (): void => {
        runs.cancel(job.workspace, job.record.id).catch(() => undefined)
      }
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        const run = await job.finished
        if (run.state === 'succeeded') return { run: run.id, result: run.result }
        const code =
          run.state === 'timed_out' ? 'timeout' : run.state === 'cancelled' ? 'cancelled' : 'conflict'
        throw new AppError(
          code,
          `The notebook "${name}" ${run.state}: ${run.error?.message ?? ''} (${run.id})`,
        )
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    async recover() {
      while (!closed) {
        const now = clock.now()
        const claim = { owner, now, until: now + leaseMs }
        const lost = await claimRun(store, 'running', claim)
        if (lost) await fail(lost.workspace, apply(toRunRecord(lost.document), { type: 'lost', at: now }).run)
        const left = await claimRun(store, 'queued', claim)
        if (left) await goOnOrFail(left.workspace, left.document)
        if (!lost && !left) return
      }
    },
    async close() {
      closed = true
      clearInterval(timer)
      const open = [...jobs.values()]
      // First, or the end of one would start the next.
      const queued = open.filter(({ record, depth }) => slots.forget(depth, waiting.get(record.id)))
      for (const workspace of new Set(queued.map((job) => job.workspace)))
        await store
          .in(workspace)
          .updateMany('runs', { leaseOwner: owner, state: 'queued' }, { set: { leaseUntil: 0 } })
      for (const job of open) {
        if (queued.includes(job)) continue
        job.lose()
        await job.end().catch((error: unknown) => log.error({ err: error }, 'a run could not be ended'))
      }
      jobs.clear()
    },
  }

  async function fail(workspace: string, run: RunRecord): Promise<void> {
    const query = { filter: { id: run.id, leaseOwner: owner } }
    const patch = { set: toChanging(run), unset: ['leaseOwner', 'leaseUntil'] }
    await store.in(workspace).findAndUpdate('runs', query, patch)
    bus.publish(workspace, { topic: `runs/${run.id}`, data: { id: run.id, state: run.state, seq: 0 } })
  }
  /** What nothing can execute any more fails, so that it does not stand before the others for ever. */
  async function goOnOrFail(workspace: string, document: Document): Promise<void> {
    try {
      await goOn(workspace, document)
    } catch (error) {
      if (!isAppError(error, 'not-found')) throw error
      const reason = { name: 'NotFound', message: error.message }
      const run = { ...toRunRecord(document), state: 'failed' as const, error: reason, endedAt: clock.now() }
      await fail(workspace, run)
    }
  }
  async function goOn(workspace: string, document: Document): Promise<void> {
    if (jobs.has(document.id)) return
    const run = toRunRecord(document)
    const version = await notebooks.versionFor(workspace, run.notebook.id, run.notebook.version)
    const pinned = { ...version, id: run.notebook.id, name: run.notebook.name, project: run.project }
    const stretch = (document['range'] ?? null) as unknown as Stretch | null
    const depth = (document['depth'] as number | undefined) ?? 0
    const job = new Job(jobDeps, { workspace, run, version: pinned, depth, stretch })
    await enqueue(job, () => job.save())
  }

  const timer = setInterval(() => {
    renew().catch((error: unknown) => log.warn({ err: error }, 'leases of runs could not be renewed'))
  }, renewMs)
  timer.unref()
  async function renew(): Promise<void> {
    for (const workspace of new Set([...jobs.values()].map((job) => job.workspace)))
      await store
        .in(workspace)
        .updateMany('runs', { leaseOwner: owner, state: { $in: ['queued', 'running'] } }, { set: lease() })
    if (!closed) await runs.recover()
  }
  return runs
}
