/**
 * The composition root: configuration in, adapters chosen, services opened in the order of what they need and closed in
 * the reverse. Everything else receives what it needs as arguments.
 */
import { type Access, openAccess } from './access/access.ts'
import { openShares, type Shares } from './access/shares.ts'
import { type Actions, openActions } from './action/actions.ts'
import { type Apps, openApps } from './app/apps.ts'
import { openMemoryBus } from './bus/memory.ts'
import type { Bus } from './bus/port.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Collectors, openCollectors } from './collector/collectors.ts'
import type { Config } from './config.ts'
import { openDataFolder } from './data-folder.ts'
import { type Deployments, openDeployments } from './deployment/deployments.ts'
import { modelKind } from './deployment/learner.ts'
import { type Instants, openInstants } from './deployment/instants.ts'
import { createPassThrough } from './deployment/pass-through.ts'
import { openEgress } from './egress/egress.ts'
import type { Egress } from './egress/port.ts'
import type { Logger } from './log.ts'
import { type Metrics, openMetrics } from './metrics.ts'
import { type Models, openModels } from './model/models.ts'
import { createPublish } from './model/publish.ts'
import { type Objects, openObjects } from './object/objects.ts'
import { openOutputTables, type OutputTables } from './output/tables.ts'
import { openOverviews, type Overviews } from './overview/overview.ts'
import { type Notebooks, openNotebooks } from './project/notebooks.ts'
import { npmLimits, toNpmEgress } from './package/egress.ts'
import { openPackages, type Packages } from './package/packages.ts'
import { openProjects, type Projects } from './project/projects.ts'
import { type Kernels, openKernels } from './run/kernels.ts'
import { openPresence, type Presence } from './run/presence.ts'
import { openRuns, type Runs } from './run/runs.ts'
import { openTriggers, type Triggers } from './run/triggers.ts'
import { openSandboxes } from './sandbox/open.ts'
import type { Sandboxes } from './sandbox/port.ts'
import { createToolWrapper } from './sandbox/tool-wrapper.ts'
import { openQueries, type Queries } from './query/queries.ts'
import { createHost } from './sdk/host.ts'
import { openStore } from './store/open.ts'
import type { Store } from './store/port.ts'
import { type Digests, openDigests } from './stream/digest/digests.ts'
import { openIngest, type Ingest } from './stream/supervisor.ts'
import { openOutlet } from './stream/outlet.ts'
import { openStreamLines } from './stream/lines.ts'
import { openStreams, type Streams } from './stream/streams.ts'
import { openTables } from './table/tables.ts'
import { createReady } from './ready.ts'

export interface Runtime {
  config: Config
  store: Store
  bus: Bus
  clock: Clock
  access: Access
  shares: Shares
  apps: Apps
  egress: Egress
  objects: Objects
  queries: Queries
  streams: Streams
  digests: Digests
  collectors: Collectors
  models: Models
  projects: Projects
  packages: Packages
  notebooks: Notebooks
  runs: Runs
  kernels: Kernels
  presence: Presence
  outputTables: OutputTables
  triggers: Triggers
  deployments: Deployments
  actions: Actions
  instants: Instants
  overviews: Overviews
  metrics: Metrics
  sandboxes: Sandboxes
  ingest: Ingest
  version: string
  /** The first one. */
  workspace: string
  usage(): Promise<{ documents: number; log: number; blobs: number }>
  ready(): Promise<{ [check: string]: { ok: boolean; detail: string } }>
  close(): Promise<void>
}

const expireEveryMs = 60_000
const usageEveryMs = 10_000

export async function openRuntime(
  config: Config,
  options: { log: Logger; version: string; ownPorts(): number[]; clock?: Clock },
): Promise<Runtime> {
  const { log, version } = options
  const clock = options.clock ?? systemClock
  const closing: (() => Promise<void> | void)[] = []
  const onClose = (close: () => Promise<void> | void): void => {
    closing.unshift(close)
  }
  await openDataFolder(config.SURICATE_DATA, log)
  const storeConfig = {
    data: config.SURICATE_DATA,
    ...(config.SURICATE_MONGODB_URI
      ? { mongoUri: config.SURICATE_MONGODB_URI, mongoDatabase: config.SURICATE_MONGODB_DATABASE }
      : {}),
  }
  const store = await openStore(storeConfig)
  onClose(() => store.close())
  await store.system.migrate()
  const bus = openMemoryBus()
  onClose(() => bus.close())
  const metrics = openMetrics()
  const access = openAccess({ store, clock })
  const { workspace } = await access.prepare(config.SURICATE_TOKEN)
  const egress = openEgress({ store, config, clock, ownPorts: () => options.ownPorts() })
  onClose(() => egress.close())

  const [sandboxes, tables] = await Promise.all([
    openSandboxes({ log, pool: config.SURICATE_POOL, singleUser: config.SURICATE_SINGLE_USER }),
    openTables(),
  ])
  onClose(() => Promise.all([sandboxes.close(), tables.close()]).then(() => undefined))

  const objects = openObjects({ store, tables, bus, clock, config })
  const outputTables = openOutputTables({ store, tables, clock, log })
  onClose(() => outputTables.close())
  const models = openModels({ store, bus, clock, config })
  const ingest = openIngest({
    config: storeConfig,
    store,
    workspaces: async () => (await store.system.findWorkspaces()).map((workspace) => workspace.id),
    egress,
    bus,
    log,
  })
  onClose(() => ingest.close())
  const streams = openStreams({ store, bus, clock, egress, ingest })
  onClose(() => streams.close())
  const workspaces = async (): Promise<string[]> => (await store.system.findWorkspaces()).map((one) => one.id)
  const digests = openDigests({ store, bus, clock, log, workspaces })
  onClose(() => digests.close())
  const lines = openStreamLines({ store })
  onClose(() => lines.close())
  const queries = openQueries({ store, tables, objects, lines })
  const collectors = openCollectors({ store, bus, clock, streams })

  const projects = openProjects({ store, bus, clock })
  const npm = openEgress({
    store,
    config: toNpmEgress(config),
    clock,
    ownPorts: () => options.ownPorts(),
    limits: npmLimits,
  })
  onClose(() => npm.close())
  const packages = openPackages({
    store,
    bus,
    clock,
    log,
    egress: npm,
    sandboxes,
    wrapper: createToolWrapper(),
    registry: config.SURICATE_NPM_REGISTRY,
  })
  onClose(() => packages.close())
  const notebooks = openNotebooks({ store, bus, clock })
  const publish = { kind: modelKind, take: createPublish(models) }
  const outlet = openOutlet({ streams, egress, clock })
  onClose(() => outlet.close())
  const actions = openActions({ store, bus, egress, clock, log, publish, outlet })
  onClose(() => actions.close())
  const nest: Runs['nest'] = (...args) => runs.nest(...args)
  const instants = openInstants({ store })
  const host = createHost({
    objects,
    queries,
    streams,
    models,
    packages,
    runs: { nest },
    instants,
    outlet,
    egress,
    outputTables,
  })
  const working = {
    store,
    bus,
    clock,
    log,
    sandboxes,
    createHost: host,
    notebooks,
    actions,
    config,
    outputTables,
  }
  const runs: Runs = openRuns({ ...working, passThrough: createPassThrough({ store, actions }) })
  onClose(() => runs.close())
  const kernels = openKernels(working)
  const presence = openPresence({ bus, clock, tell: (...given) => kernels.tellPresence(...given) })
  onClose(() => presence.close())
  onClose(() => kernels.close())
  const shares = openShares({ store, clock })
  const apps = openApps({ ...working, shares })
  onClose(() => apps.stop())
  const deployments = openDeployments({
    ...working,
    notebooks: { getVersion: (workspace, id, number) => notebooks.versionFor(workspace, id, number) },
  })
  onClose(() => deployments.close())
  const triggers = openTriggers({ store, bus, clock, log, runs, streams, notebooks })
  onClose(() => triggers.close())

  const expire = setInterval(() => {
    store.system
      .expire(clock.now())
      .then(() => store.system.findWorkspaces())
      .then(async (workspaces) => {
        for (const { id } of workspaces) await notebooks.trash.sweep(id)
      })
      .catch((error: unknown) => log.warn({ err: error }, 'expiring failed'))
  }, expireEveryMs)
  onClose(() => clearInterval(expire))

  let known: { at: number; value: Promise<{ documents: number; log: number; blobs: number }> } | undefined
  const usage = (): Promise<{ documents: number; log: number; blobs: number }> => {
    if (!known || clock.now() - known.at > usageEveryMs)
      known = { at: clock.now(), value: store.system.usage() }
    return known.value
  }
  const overviews = openOverviews({
    store,
    clock,
    countKernels: (workspace) => kernels.count(workspace),
    findLag: (workspace) => deployments.lag(workspace),
    async storeBytes() {
      const { documents, log: messages, blobs } = await usage()
      return documents + messages + blobs
    },
  })
  return {
    config,
    store,
    bus,
    clock,
    access,
    shares,
    apps,
    egress,
    objects,
    queries,
    streams,
    digests,
    collectors,
    models,
    projects,
    packages,
    notebooks,
    runs,
    kernels,
    presence,
    outputTables,
    triggers,
    deployments,
    actions,
    instants,
    overviews,
    metrics,
    sandboxes,
    ingest,
    version,
    workspace,
    usage,
    ready: createReady({ store, sandboxes, ingest }),
    async close() {
      for (const close of closing)
        await Promise.resolve(close()).catch((error: unknown) => log.warn({ err: error }, 'closing failed'))
    },
  }
}
