/**
 * The deployment service: what people ask for, and the supervisor that gives each working deployment a worker in one
 * process. Every process looks for deployments without a living lease; so those of a process that died go on elsewhere
 * when its lease ends, and all of them at start.
 */
import type { Deployment, Row } from '../api/deployments.ts'
import { AppError, toMessage } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import { checkParameters, fillParameters } from '../notebook/parameters.ts'
import { toTime } from '../sdk/duration.ts'
import type { Document, Page } from '../store/port.ts'
import { createControl } from './control.ts'
import { findLate, type LateMessage } from './late-log.ts'
import { type DeploymentDeps, defaultLimits } from './ports.ts'
import { dropRecords } from './records.ts'
import { toRowCursor, toRowPlace } from './row-cursor.ts'
import { toDeployment } from './shape.ts'
import type { StartFrom } from './start.ts'
import { type DeploymentOperation, type Phase, working } from './state.ts'
import { startWorker, type Worker } from './worker.ts'

export interface DeploymentSpec {
  notebook: string
  version?: number | undefined
  parameters: JsonObject
  from: StartFrom
  name?: string | undefined
}
export interface Deployments {
  find(
    workspace: string,
    query: { state?: Phase; limit?: number; cursor?: string },
    projects?: string[] | null,
  ): Promise<Page<Deployment>>
  get(workspace: string, id: string): Promise<Deployment>
  /** not-found unless the deployment is of one of the projects; null: all. */
  check(workspace: string, id: string, projects: string[] | null): Promise<void>
  /** `projects`: those in which the token may deploy; null or none: all. */
  create(workspace: string, spec: DeploymentSpec, projects?: string[] | null): Promise<Deployment>
  pause(workspace: string, id: string): Promise<Deployment>
  resume(workspace: string, id: string): Promise<Deployment>
  drain(workspace: string, id: string): Promise<Deployment>
  /** To another process, where there is one: it goes on there from its last commit. */
  move(workspace: string, id: string): Promise<Deployment>
  /** Stops it and forgets its state and rows; committed actions are delivered all the same. */
  delete(workspace: string, id: string): Promise<void>
  rows(
    workspace: string,
    id: string,
    query: { from?: number; to?: number; limit?: number; cursor?: string },
  ): Promise<Page<Row>>
  /** Messages that came too late or too far in the future, newest first: the last 1,000. */
  late(workspace: string, id: string, query: { limit?: number; cursor?: string }): Promise<Page<LateMessage>>
  /** Messages that the running deployments of the workspace have not seen yet. */
  lag(workspace: string): Promise<number>
  /** Whether a deployment that is not stopped names this notebook. */
  uses(workspace: string, notebook: string): Promise<boolean>
  close(): Promise<void>
}

const deleteWaitMs = 10_000

export function openDeployments(deps: DeploymentDeps): Deployments {
  const { store, clock, log } = deps
  const limits = { ...defaultLimits, ...deps.limits }
  const owner = newId('holder', clock.now())
  const control = createControl(deps)
  const workers = new Map<string, Worker>()
  const starting = new Set<string>()
  /** Moved away from here, until when they are left to others. */
  const left = new Map<string, number>()
  let closed = false
  let looking: Promise<void> | undefined

  async function hold(workspace: string, document: Document): Promise<void> {
    const { id } = document
    if (closed || workers.has(id) || starting.has(id) || (left.get(id) ?? 0) > clock.now()) return
    left.delete(id)
    starting.add(id)
    try {
      const lease = await store.in(workspace).commits.lease(id, owner, clock.now(), limits.leaseMs)
      if (!lease || closed) return
      const worker = startWorker(deps, { workspace, document, owner, lease, control, limits })
      workers.set(id, worker)
      void worker.done.then(() => {
        workers.delete(id)
        if (worker.moved) left.set(id, clock.now() + limits.moveMs)
      })
    } finally {
      starting.delete(id)
    }
  }
  async function look(): Promise<void> {
    try {
      for (const { id: workspace } of await store.system.findWorkspaces()) {
        const { items } = await store
          .in(workspace)
          .find('deployments', { filter: { state: { $in: [...working] } }, limit: 1000 })
        for (const document of items) await hold(workspace, document)
      }
    } catch (error) {
      log.warn({ reason: toMessage(error) }, 'deployments cannot be read now')
    }
  }
  const startLook = (): void => {
    if (!closed) looking ??= look().finally(() => (looking = undefined))
  }
  const timer = setInterval(startLook, limits.pollMs * 4)
  timer.unref()
  startLook()

  async function change(workspace: string, id: string, operation: DeploymentOperation): Promise<Deployment> {
    const { document, effects } = await control.apply(workspace, id, operation)
    workers.get(id)?.wake()
    if (effects.some((effect) => effect.type === 'work')) {
      // the worker of an earlier life may be on its way out, or go on
      const worker = workers.get(id)
      if (worker) void worker.done.then(startLook)
      else await hold(workspace, document)
    }
    return toDeployment(store.in(workspace), document)
  }

  /** With what keeps its worker here from going on, also while the store refuses to keep it. */
  async function show(workspace: string, document: Document): Promise<Deployment> {
    const shown = await toDeployment(store.in(workspace), document)
    return { ...shown, lastError: workers.get(document.id)?.trouble ?? shown.lastError }
  }

  return {
    async find(workspace, { state, limit, cursor }, projects) {
      const documents = store.in(workspace)
      const page = await documents.find('deployments', {
        sort: '-createdAt',
        filter: {
          ...(state !== undefined && { state }),
          ...(projects && { project: { $in: projects } }),
        },
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      })
      const items = await Promise.all(page.items.map((document) => show(workspace, document)))
      return { items, nextCursor: page.nextCursor }
    },
    get: async (workspace, id) => show(workspace, await control.get(workspace, id)),
    async check(workspace, id, projects) {
      const { project } = await control.get(workspace, id)
      if (projects && !projects.some((seen) => seen === project))
        throw new AppError('not-found', 'There is no such deployment.')
    },
    async create(workspace, spec, projects) {
      if (typeof spec.from === 'object' && 'eventTime' in spec.from) toTime(spec.from.eventTime)
      const notebook = await deps.notebooks.getVersion(workspace, spec.notebook, spec.version)
      if (projects && !projects.includes(notebook.project))
        throw new AppError('not-found', 'There is no such notebook.')
      if (notebook.kind !== 'processing')
        throw new AppError(
          'conflict',
          `"${notebook.name}" is an analytics notebook. Deploy a processing one.`,
        )
      const { parameters, complete } = notebook
      if (parameters) (complete ? checkParameters : fillParameters)(parameters, spec.parameters)
      const documents = store.in(workspace)
      const alive = await documents.count('deployments', { state: { $in: [...working, 'paused'] } })
      if (alive >= limits.perWorkspace)
        throw new AppError(
          'limit',
          `The workspace has ${alive} deployments; the limit is ${limits.perWorkspace}. Delete one first.`,
        )
      const now = clock.now()
      const [document] = await documents.insert('deployments', [
        {
          id: newId('dep', now),
          name: spec.name ?? notebook.name,
          notebook: notebook.id,
          notebookName: notebook.name,
          version: notebook.version,
          project: notebook.project,
          parameters: spec.parameters,
          from: spec.from,
          state: 'starting',
          lastError: null,
          restarts: 0,
          deaths: 0,
          inputs: [],
          commit: 0,
          counters: {},
          actions: 0,
          receipt: null,
          createdAt: now,
          updatedAt: now,
        },
      ])
      await control.tell(workspace, document!)
      await hold(workspace, document!)
      return toDeployment(documents, document!)
    },
    pause: (workspace, id) => change(workspace, id, { type: 'pause' }),
    resume: (workspace, id) => change(workspace, id, { type: 'resume' }),
    drain: (workspace, id) => change(workspace, id, { type: 'drain' }),
    async move(workspace, id) {
      const { document } = await control.apply(workspace, id, { type: 'move' })
      const set = { movedAt: Math.max(clock.now(), Number(document.movedAt ?? 0) + 1) }
      const changed = await store.in(workspace).update('deployments', id, { set })
      workers.get(id)?.wake()
      await control.tell(workspace, changed)
      return show(workspace, changed)
    },
    async late(workspace, id, { cursor, limit = 100 }) {
      await control.get(workspace, id)
      const before = cursor === undefined ? Infinity : Number(cursor)
      if (Number.isNaN(before))
        throw new AppError('invalid', 'The cursor is not one that a page of late messages gave.', {
          path: 'cursor',
        })
      const items = await findLate(store.in(workspace).commits, id, { limit, before })
      const last = items.at(-1)
      return { items, nextCursor: last && items.length === limit ? String(last.number) : null }
    },
    async delete(workspace, id) {
      await control.apply(workspace, id, { type: 'stop' })
      const { commits } = store.in(workspace)
      await workers.get(id)?.close()
      const end = clock.now() + deleteWaitMs
      while (!(await commits.lease(id, owner, clock.now(), limits.leaseMs))) {
        if (clock.now() > end)
          throw new AppError('unavailable', 'The deployment is still held by another process. Try again.')
        await new Promise((resolve) => setTimeout(resolve, limits.pollMs))
      }
      await deps.actions.takeOutbox(workspace, id)
      await dropRecords(store.in(workspace), id)
      await commits.drop(id)
      await store.in(workspace).delete('deployments', { id })
      deps.bus.publish(workspace, { topic: `deployments/${id}`, data: { type: 'deleted' } })
    },
    async rows(workspace, id, { cursor, limit = 100, ...range }) {
      await control.get(workspace, id)
      const rows = await store.in(workspace).commits.rows(id, {
        ...range,
        limit,
        newest: true,
        ...(cursor !== undefined && { after: toRowPlace(cursor) }),
      })
      const last = rows.at(-1)
      return { items: rows, nextCursor: last && rows.length === limit ? toRowCursor(last) : null }
    },
    async lag(workspace) {
      const documents = store.in(workspace)
      const { items } = await documents.find('deployments', {
        filter: { state: { $in: ['running', 'draining'] } },
        limit: 1000,
      })
      let sum = 0
      for (const document of items)
        for (const { lag } of (await toDeployment(documents, document)).inputs) sum += lag
      return sum
    },
    uses: async (workspace, notebook) =>
      (await store.in(workspace).count('deployments', { notebook, state: { $in: [...working, 'paused'] } })) >
      0,
    async close() {
      closed = true
      clearInterval(timer)
      await looking
      await Promise.all([...workers.values()].map((worker) => worker.close()))
    },
  }
}
