/** The real store, sandboxes and services around runs, kernels and triggers, in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { toConfig } from '../../runtime/config.ts'
import type { JsonObject } from '../../runtime/json.ts'
import { openNotebooks } from '../../runtime/project/notebooks.ts'
import { openProjects } from '../../runtime/project/projects.ts'
import { openKernels } from '../../runtime/run/kernels.ts'
import { openRuns, type Runs } from '../../runtime/run/runs.ts'
import type { PassThrough } from '../../runtime/run/services.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import type { ActionRequest } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import { openStore } from '../../runtime/store/open.ts'

export const workspace = 'w1'
export type Opened = Awaited<ReturnType<typeof openAll>>

export async function openAll(
  options: {
    environment?: { [name: string]: string }
    limits?: { cpuMs?: number; wallMs?: number }
    sandboxes?: Sandboxes
    passThrough?: PassThrough
    data?: string
    clock?: { now(): number }
    mongo?: { mongoUri: string; mongoDatabase: string }
  } = {},
) {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'suricate-run-')))
  const clock = options.clock ?? systemClock
  const log = pino({ level: 'silent' })
  const config = toConfig({ SURICATE_PRICE_CPU_HOUR: '3600', ...options.environment })
  const store = await openStore({ data, clock, ...options.mongo })
  await store.system.migrate()
  if ((await store.system.findWorkspaces()).length === 0)
    await store.system.createWorkspace({ id: workspace, name: 'one', createdAt: 1 })
  const bus = openMemoryBus()
  const sandboxes = options.sandboxes ?? (await openSandboxes({ log, pool: 2, singleUser: true }))
  const acts: ActionRequest[] = []
  const projects = openProjects({ store, bus, clock })
  const notebooks = openNotebooks({ store, bus, clock })
  const nothing = (): Promise<never> => Promise.reject(new Error('not in this test'))
  const services: SdkServices = {
    objects: {
      find: () => Promise.resolve({ items: [], nextCursor: null }),
      getByName: nothing,
      bytes: nothing,
      create: nothing,
      replace: nothing,
      delete: nothing,
    },
    queries: { query: nothing },
    streams: { find: nothing, recent: nothing, between: nothing },
    models: { save: nothing, load: nothing, find: nothing },
    runs: { nest: (...given) => runs.nest(...given) },
    instants: { tell: nothing, projectOf: nothing },
    outlet: { publish: nothing },
    egress: { fetch: nothing, download: nothing },
    outputTables: { keep: nothing, again: nothing, hold: () => 'res_1', held: () => undefined },
  }
  const actions = {
    record: (_workspace: string, _context: unknown, request: ActionRequest) => {
      acts.push(request)
      return Promise.resolve({ id: `act_${acts.length}` })
    },
    recordEntry: nothing,
  }
  const deps = {
    store,
    bus,
    clock,
    log,
    sandboxes,
    createHost: createHost(services),
    notebooks,
    actions,
    config,
    outputTables: { retire: () => undefined, forget: () => undefined },
  }
  const passThrough: PassThrough = options.passThrough ?? {
    prepare: (_workspace, _stretch, host) =>
      Promise.resolve({ host, pass: () => ({ act: nothing, ended: nothing() }) }),
  }
  const runs: Runs = openRuns({ ...deps, passThrough, ...(options.limits ? { limits: options.limits } : {}) })
  const kernels = openKernels({ ...deps, ...(options.limits ? { limits: options.limits } : {}) })
  const project =
    (await projects.find(workspace, {})).items[0] ?? (await projects.create(workspace, { name: 'P' }))

  return {
    data,
    store,
    bus,
    clock,
    log,
    sandboxes,
    projects,
    notebooks,
    runs,
    kernels,
    project,
    acts,
    /** A notebook of these cells. */
    async write(
      name: string,
      cells: (string | { type: 'sql' | 'markdown'; source: string })[],
      kind?: 'processing',
    ) {
      const specs = cells.map((cell, i) => ({
        id: `c${i + 1}`,
        ...(typeof cell === 'string' ? { source: cell } : cell),
      }))
      return notebooks.create(workspace, {
        name,
        project: project.id,
        cells: specs,
        ...(kind ? { kind } : {}),
      })
    },
    /** Runs it to its end. */
    async run(id: string, parameters: JsonObject = {}, spec: { from?: number; to?: number } = {}) {
      const run = await runs.create(workspace, id, { parameters, trigger: { type: 'api' }, ...spec })
      return runs.wait(workspace, run.id, 60, new AbortController().signal)
    },
    /** `keep`: the folder, for the next one. */
    async close({ keep = false } = {}) {
      await runs.close()
      await kernels.close()
      if (!options.sandboxes) await sandboxes.close()
      await store.close()
      if (!keep) await rm(data, { recursive: true, force: true })
    },
  }
}
