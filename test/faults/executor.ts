/**
 * The process that is killed in the fault rounds: stream, ingest, deployment and actions over one store, with a real
 * sandbox and a real ingest process below it. At its first start it defines stream and deployment; it tells its parent
 * of the ingest process, and ends when the parent does.
 */
import { join } from 'node:path'
import pino from 'pino'
import { openActions } from '../../runtime/action/actions.ts'
import { streamDefinition } from '../../runtime/api/streams.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import { openDeployments } from '../../runtime/deployment/deployments.ts'
import { openEgress } from '../../runtime/egress/egress.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import { openStore } from '../../runtime/store/open.ts'
import { openIngest } from '../../runtime/stream/supervisor.ts'
import { openStreams } from '../../runtime/stream/streams.ts'
import { notebook, workspace } from './facts.ts'

export interface ExecutorConfig {
  data: string
  mongoUri?: string
  mongoDatabase?: string
  /** Through the proxy. */
  broker: string
  queue: string
  webhook: string
  /** What egress allows: broker and receiver. */
  allow: string[]
}
const tellMs = 50

await run(JSON.parse(process.argv[2]!) as ExecutorConfig)

async function run(config: ExecutorConfig): Promise<void> {
  process.on('disconnect', () => process.exit(0))
  const { data, mongoUri, mongoDatabase } = config
  const log = pino({ level: 'info' }, pino.destination({ dest: join(data, 'executor.log'), sync: true }))
  const place = {
    data,
    ...(mongoUri !== undefined && { mongoUri }),
    ...(mongoDatabase !== undefined && { mongoDatabase }),
  }
  const store = await openStore(place)
  await store.system.migrate()
  const workspaces = async (): Promise<string[]> => (await store.system.findWorkspaces()).map(({ id }) => id)
  if (!(await workspaces()).includes(workspace))
    await store.system.createWorkspace({ id: workspace, name: 'One', createdAt: 1 })
  const bus = openMemoryBus()
  const egress = openEgress({
    store,
    clock,
    config: { SURICATE_EGRESS_ALLOW: config.allow },
    limits: { perMinute: 1_000_000 },
  })
  const entry = new URL('ingest.ts', import.meta.url)
  const ingest = openIngest({ config: place, store, workspaces, egress, bus, log, entry })
  const streams = openStreams({ store, bus, clock, egress, ingest })
  const actions = openActions({
    store,
    bus,
    egress,
    clock,
    log,
    limits: { attempts: 1000, baseMs: 100, maxMs: 1000, leaseMs: 3000, sweepMs: 1000 },
  })
  const sandboxes = await openSandboxes({ log, pool: 1, singleUser: true })
  const deployments = openDeployments({
    store,
    bus,
    clock,
    log,
    sandboxes,
    actions,
    createHost: createHost({} as SdkServices),
    notebooks: {
      getVersion: (_, id) =>
        Promise.resolve({
          id,
          name: 'Facts',
          project: 'prj',
          kind: 'processing',
          version: 1,
          cells: [{ id: 'c1', type: 'typescript', source: notebook }],
        }),
    },
    limits: { leaseMs: 2000, pollMs: 50, commitMs: 200, retryMs: [10, 50, 250] },
  })
  const source = { type: 'amqp', url: config.broker, queue: config.queue }
  if ((await streams.find(workspace)).items.length === 0)
    await streams.create(
      workspace,
      streamDefinition.parse({ name: 'facts', source, eventTime: { path: 'at' }, maxFuture: null }),
    )
  if ((await deployments.find(workspace, {})).items.length === 0)
    await deployments.create(workspace, {
      notebook: 'nb',
      parameters: { url: config.webhook },
      from: 'first',
    })
  let told: number | undefined
  setInterval(() => {
    if (ingest.pid === told) return
    told = ingest.pid
    process.send?.({ ingest: told ?? null })
  }, tellMs)
  process.on('message', () => {
    void deployments.close().then(async () => {
      await Promise.all([actions.close(), sandboxes.close(), ingest.close()])
      process.exit(0)
    })
  })
}
