import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamDefinition, type Stream } from '../../runtime/api/streams.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { AppError } from '../../runtime/error.ts'
import type { JsonObject } from '../../runtime/json.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openStreams, type Streams } from '../../runtime/stream/streams.ts'
import { openIngest, type Ingest } from '../../runtime/stream/supervisor.ts'
import { until } from './until.ts'

let folder: string
let store: Store
let ingest: Ingest
let streams: Streams
const bus = openMemoryBus()
const log = { info: () => undefined, error: (data: object, text: string) => console.error(text, data) }
const egress = { resolve: () => Promise.reject(new AppError('refused', 'Not allowed here.')) }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suricate-ingest-'))
  store = await openStore({ data: folder })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
  const workspaces = () => Promise.resolve(['w1'])
  ingest = openIngest({ config: { data: folder }, store, workspaces, egress, bus, log })
  streams = openStreams({ store, bus, clock: systemClock, egress, ingest })
})
afterAll(async () => {
  await streams.close()
  await ingest.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

async function upload(name: string, text: string, mediaType: string): Promise<void> {
  const mine = store.in('w1')
  const { sha256, bytes } = await mine.blobs.put(Buffer.from(text))
  expect(sha256).toBe(createHash('sha256').update(text).digest('hex'))
  await mine.insert('objects', [
    { id: `obj_${name}`, name, mediaType, bytes, sha256, createdAt: 1, updatedAt: 1 },
  ])
}
function simulate(name: string, source: JsonObject): Promise<Stream> {
  const spec = {
    name,
    source: { type: 'simulator', ...source },
    format: 'csv',
    eventTime: { path: 'timestamp' },
  }
  return streams.create('w1', streamDefinition.parse(spec))
}
const start = Date.UTC(2014, 0, 10)
const toCsv = (rows: number): string =>
  [
    'timestamp,value',
    ...Array.from({ length: rows }, (_, i) => {
      const at = new Date(start + i * 300_000).toISOString()
      return `${at.slice(0, 19).replace('T', ' ')},${i}`
    }),
  ].join('\n')

describe('the simulator in the ingest process', () => {
  test('30 days of rows pass in well under a minute, in order, each once, and it tells the bus', async () => {
    await upload('series.csv', toCsv(8640), 'text/csv')
    let told = 0
    const unsubscribe = bus.subscribe('w1', 'streams/', ({ data }) => {
      const event = data as { type: string; count?: number }
      if (event.type === 'messages') told += event.count!
    })
    const { id } = await simulate('fast', {
      object: 'series.csv',
      speed: [{ until: '2014-02-08', speed: 1e6 }, { speed: 1e7 }],
    })
    await until(async () => (await streams.get('w1', id)).state === 'idle')
    const rows = [
      ...(await streams.fromSeq('w1', id, 1, 5000)),
      ...(await streams.fromSeq('w1', id, 5001, 5000)),
    ]
    expect(rows.map((one) => one.eventTime)).toEqual(
      Array.from({ length: 8640 }, (_, i) => start + i * 300_000),
    )
    expect(rows[1]!.body).toEqual({ timestamp: '2014-01-10 00:05:00', value: 1 })
    await until(() => told === 8640)
    unsubscribe()
  })
  test('repeat shifts the times by the length of the series', async () => {
    await upload('short.csv', toCsv(10), 'text/csv')
    const { id } = await simulate('round', { object: 'short.csv', speed: 1e5, repeat: true })
    await until(async () => (await streams.get('w1', id)).messages >= 25)
    const rows = await streams.fromSeq('w1', id, 1, 25)
    expect(rows.map((one) => one.eventTime)).toEqual(
      Array.from({ length: 25 }, (_, i) => start + i * 300_000),
    )
    expect(rows[24]!.body).toEqual({ timestamp: '2014-01-10 02:00:00', value: 4 })
    await streams.delete('w1', id)
  })
  test('a killed process goes on where it was: nothing lost, nothing twice', async () => {
    const { id } = await simulate('killed', { object: 'series.csv', speed: 5e5 })
    for (let kill = 1; kill <= 3; kill++) {
      const before = (await streams.get('w1', id)).messages
      await until(async () => (await streams.get('w1', id)).messages > before)
      process.kill(ingest.pid!, 'SIGKILL')
      await until(() => ingest.restarts >= kill)
    }
    await until(async () => (await streams.get('w1', id)).messages === 8640)
    const rows = [
      ...(await streams.fromSeq('w1', id, 1, 5000)),
      ...(await streams.fromSeq('w1', id, 5001, 5000)),
    ]
    expect(rows.map((one) => (one.body as { value: number }).value)).toEqual(
      Array.from({ length: 8640 }, (_, i) => i),
    )
  }, 60_000)
  test('pause and resume: it stops where it is and goes on there', async () => {
    const { id } = await simulate('paused', { object: 'series.csv', speed: 1e5 })
    await until(async () => (await streams.get('w1', id)).messages > 0)
    await streams.update('w1', id, { enabled: false })
    await until(() => ingest.report('w1', id)?.state === 'paused')
    const { messages } = await streams.get('w1', id)
    await streams.update('w1', id, { enabled: true })
    await until(async () => (await streams.get('w1', id)).messages > messages + 10)
    const rows = await streams.fromSeq('w1', id, 1, messages + 10)
    expect(rows.map((one) => one.eventTime)).toEqual(
      Array.from({ length: messages + 10 }, (_, i) => start + i * 300_000),
    )
  })
  test('an object that is missing, or has no times, is told where the user sees it', async () => {
    await upload('words.csv', 'timestamp,value\nx,1\n', 'text/csv')
    const missing = await simulate('missing', { object: 'nothing.csv' })
    const words = await simulate('words', { object: 'words.csv' })
    await until(async () => (await streams.get('w1', missing.id)).state === 'misconfigured')
    await until(async () => (await streams.get('w1', words.id)).state === 'misconfigured')
    expect((await streams.get('w1', missing.id)).lastError).toBe(
      'There is no object "nothing.csv" to replay.',
    )
    expect((await streams.get('w1', words.id)).lastError).toBe(
      'No row of the object has a readable event time.',
    )
  })
  test('an AMQP address that egress refuses is told, without its password', async () => {
    const { id } = await streams.create(
      'w1',
      streamDefinition.parse({
        name: 'refused',
        source: { type: 'amqp', url: 'amqp://me:secret@127.0.0.1', queue: 'q' },
      }),
    )
    await until(async () => (await streams.get('w1', id)).state === 'misconfigured')
    expect((await streams.get('w1', id)).lastError).toBe('Not allowed here.')
  })
})
