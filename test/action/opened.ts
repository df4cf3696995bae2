/** A real store in a temporary folder with the action service over it, and a receiver whose answers a test chooses. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { type Actions, type ActionsDeps, openActions } from '../../runtime/action/actions.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import type { Bus } from '../../runtime/bus/port.ts'
import { systemClock } from '../../runtime/clock.ts'
import { openEgress } from '../../runtime/egress/egress.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

export const workspace = 'w1'
export const log = pino({ level: 'silent' })

export async function openTemporaryStore(mongo?: { uri: string; database: string }): Promise<{
  store: Store
  folder: string
  remove(): Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'suricate-test-'))
  const store = await openStore({
    data: folder,
    ...(mongo && { mongoUri: mongo.uri, mongoDatabase: mongo.database }),
  })
  await store.system.migrate()
  await store.system.createWorkspace({ id: workspace, name: 'One', createdAt: 0 })
  return {
    store,
    folder,
    async remove() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: unknown
}
export async function openReceiver(): Promise<{
  url: string
  pair: string
  received: Received[]
  /** Status for a path; 0: never answers. Default 200. */
  answer: (path: string) => number
  close(): void
}> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      const text = Buffer.concat(chunks).toString()
      received.push({ path, headers: request.headers, body: text === '' ? null : JSON.parse(text) })
      const status = receiver.answer(path)
      if (status > 0) response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const pair = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const receiver = {
    url: `http://${pair}`,
    pair,
    received,
    answer: (_path: string) => 200,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}

export function openTestActions(
  store: Store,
  pairs: string[],
  more: Partial<ActionsDeps> & { timeoutMs?: number; bus?: Bus } = {},
): { actions: Actions; bus: Bus; close(): Promise<void> } {
  const { timeoutMs = 300, bus = openMemoryBus(), ...rest } = more
  const egress = openEgress({
    store,
    config: { SURICATE_EGRESS_ALLOW: pairs },
    clock: systemClock,
    limits: { timeoutMs, perMinute: 1000 },
  })
  const actions = openActions({
    store,
    bus,
    egress,
    clock: systemClock,
    log,
    limits: { baseMs: 5, maxMs: 20, pollMs: 10, attempts: 4 },
    ...rest,
  })
  return {
    actions,
    bus,
    async close() {
      await actions.close()
      await egress.close()
    },
  }
}

/** Until it holds; fails after a while. */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 10_000,
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value
    if (Date.now() > end) throw new Error('What the test waits for did not happen.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
