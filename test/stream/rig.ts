/** Store, ingest process and stream service over one temporary folder, as the runtime opens them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { streamDefinition } from '../../runtime/api/streams.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import type { Bus } from '../../runtime/bus/port.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { Json } from '../../runtime/json.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openStreams, type Streams } from '../../runtime/stream/streams.ts'
import { openIngest, type Ingest } from '../../runtime/stream/supervisor.ts'
import { until } from './until.ts'

export interface Rig {
  folder: string
  store: Store
  bus: Bus
  ingest: Ingest
  streams: Streams
  /** Defines a stream and returns its id. */
  define(spec: object): Promise<string>
  state(id: string): Promise<string>
  /** Bodies of all messages, in the order of the log. */
  bodies(id: string): Promise<Json[]>
  /** SIGKILL to the ingest process; resolves when its successor was started. */
  killIngest(): Promise<void>
  close(): Promise<void>
}

/** On SQLite, or on the MongoDB that is given. */
export async function openRig(mongo: { mongoUri?: string; mongoDatabase?: string } = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'suricate-rig-'))
  const config = { data: folder, ...mongo }
  const store = await openStore(config)
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
  const bus = openMemoryBus()
  const egress = {
    resolve: (_: string, host: string) => Promise.resolve({ address: host, family: 4 as const }),
  }
  const log = { info: () => undefined, error: (data: object, text: string) => console.error(text, data) }
  const workspaces = () => Promise.resolve(['w1'])
  const ingest = openIngest({ config, store, workspaces, egress, bus, log })
  const streams = openStreams({ store, bus, clock: systemClock, egress, ingest })
  return {
    folder,
    store,
    bus,
    ingest,
    streams,
    define: async (spec) => (await streams.create('w1', streamDefinition.parse(spec))).id,
    state: async (id) => (await streams.get('w1', id)).state,
    async bodies(id) {
      const found: Json[] = []
      for (let seq = 1; ;) {
        const page = await store.in('w1').log.read(id, seq, 5000)
        if (page.length === 0) return found
        found.push(...page.map((one) => one.body))
        seq = page.at(-1)!.seq + 1
      }
    },
    async killIngest() {
      await until(() => ingest.pid !== undefined)
      const { pid, restarts } = ingest
      process.kill(pid!, 'SIGKILL')
      await until(() => ingest.restarts > restarts && ingest.pid !== undefined)
    },
    async close() {
      await streams.close()
      await ingest.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
