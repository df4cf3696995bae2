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
import { type DeploymentDeps, defaultLimits } from './ports.ts'
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
  /** Stops it and forgets its state and rows; committed actions are delivered all the same. */
  delete(workspace: string, id: string): Promise<void>
  rows(
    workspace: string,
    id: string,
    query: { from?: number; to?: number; limit?: number; cursor?: string },
  ): Promise<Page<Row>>
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
  let closed = false
  let looking: Promise<void> | undefined

  async function hold(workspace: string, document: Document): Promise<void> {
    const { id } = document
    if (closed || workers.has(id) || starting.has(id)) return
    starting.add(id)
    try {
      const lease = await store.in(workspace).commits.lease(id, owner, clock.now(), limits.leaseMs)
      if (!lease || closed) return
      const worker = startWorker(deps, { workspace, document, owner, lease, control, limits })
      workers.set(id, worker)
      void worker.done.then(() => workers.delete(id))
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
      const items = await Promise.all(page.items.map((document) => toDeployment(documents, document)))
      return { items, nextCursor: page.nextCursor }
    },
    get: async (workspace, id) => toDeployment(store.in(workspace), await control.get(workspace, id)),
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
