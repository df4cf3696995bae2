/** Models and objects of up to 100 MB between a real sandbox and real stores; what is larger is refused. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { AppError } from '../../runtime/error.ts'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openModels } from '../../runtime/model/models.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { HostTable, Sandbox, Sandboxes } from '../../runtime/sandbox/port.ts'
import type { HostContext } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import { createTransfers } from '../../runtime/sdk/transfers.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

let data: string
let store: Store
let sandboxes: Sandboxes
let kernel: Sandbox
let host: HostTable
let stored: Uint8Array

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'payload-'))
  const clock = { now: () => 1_700_000_000_000 }
  store = await openStore({ data, clock })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'alpha', name: 'alpha', createdAt: 1 })
  const config = { SURICATE_PRICE_CPU_HOUR: 0, SURICATE_PRICE_GB_HOUR: 0 }
  const object = {
    id: 'obj_1',
    name: 'all',
    mediaType: 'application/octet-stream',
    bytes: 0,
    sha256: 'ab',
    rows: null,
    columns: [],
    tags: [],
  }
  const objects = {
    getByName: async () => object,
    create: async (_workspace: string, { source }: { source: Uint8Array }) => {
      stored = source
      return { ...object, bytes: source.byteLength }
    },
    bytes: async () => stored,
  }
  const services = { models: openModels({ store, bus: openMemoryBus(), clock, config }), objects }
  host = createHost(services as unknown as SdkServices)({
    workspace: 'alpha',
    notebook: { id: 'nb_1', version: 1, name: 'train' },
    run: null,
    parameters: {},
    lineage: { objects: [], streams: [] },
    receipt: () => ({ cpuMs: 0, peakBytes: 0 }),
  } as unknown as HostContext)
  const { out } = await buildGuest()
  const log = pino({ level: 'silent' })
  sandboxes = await openSandboxes({ log, pool: 1, singleUser: false, buildDir: out })
})
afterAll(async () => {
  await sandboxes?.close()
  await store?.close()
  await rm(data, { recursive: true, force: true })
})
afterEach(() => kernel?.close())

async function run(...sources: string[]): Promise<unknown> {
  kernel = await sandboxes.open({ workspace: 'alpha', host, onOutput: () => undefined })
  let told: unknown
  for (const [i, source] of sources.entries()) {
    const ended = await kernel.execute({ id: `c${i}`, label: `${i}`, source })
    told = ended.status === 'ok' ? ended.json : { ...ended.error, alive: ended.alive }
  }
  return told
}

describe('models', () => {
  test('a model of 60 MB comes back as it was', async () => {
    const equal = await run(
      `const weights = new Float64Array(7_500_000).map((_, i) => Math.sqrt(i))
       const bias = Float32Array.of(1, 2, 3)
       await models.save('large', { name: 'net', weights, layers: [{ bias }] })`,
      `const { model } = await models.load('large')
       let differ = 0
       for (let i = 0; i < weights.length; i++) if (model.weights[i] !== weights[i]) differ++;
       ({ differ, length: model.weights.length, name: model.name, bias: [...model.layers[0].bias] })`,
    )
    expect(equal).toEqual({ differ: 0, length: 7_500_000, name: 'net', bias: [1, 2, 3] })
  })
  test('a model of 99 MB is saved, and loaded by another kernel', async () => {
    expect(
      await run(`const w = new Uint8Array(99 * 1024 * 1024).fill(7)
        await models.save('full', { w })
        w.length`),
    ).toBe(99 * 1024 * 1024)
    await kernel.close()
    expect(
      await run(`const { model } = await models.load('full')
        ;[model.w.length, model.w.every((x) => x === 7)]`),
    ).toEqual([99 * 1024 * 1024, true])
  })
  test('a model of more than 100 MB is refused, and the kernel goes on', async () => {
    const refused = await run(`const w = new Float64Array(13_200_000); await models.save('beyond', { w })`)
    expect(refused).toMatchObject({
      message: 'The data has 100.7 MB, and at most 100 MB may be sent whole.',
      alive: true,
    })
    expect(await kernel.execute({ id: 'c', label: '2', source: '1 + 1' })).toMatchObject({ json: 2 })
  })
  test('a model of thousands of small arrays comes back', async () => {
    const told = await run(
      `const trees = Array.from({ length: 6_000 }, (_, i) => Float64Array.of(i, i + 1))
       await models.save('trees', { trees })
       const { model } = await models.load('trees')
       ;[model.trees.length, [...model.trees[5_999]]]`,
    )
    expect(told).toEqual([6_000, [5_999, 6_000]])
  })
})

describe('objects', () => {
  test('100 MB cross whole in both directions', async () => {
    const told = await run(
      `let all = new Uint8Array(100 * 1024 * 1024)
       all[all.length - 1] = 9
       const { bytes } = await objects.create('all', all)
       all = null
       const back = await objects.bytes('all')
       ;[bytes, back.length, back[back.length - 1]]`,
    )
    expect(told).toEqual([104_857_600, 104_857_600, 9])
  })
})

describe('createTransfers', () => {
  const signal = new AbortController().signal
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

  test('gives the frames as they were cut, once', () => {
    const transfers = createTransfers()
    transfers.add(1, [bytes(1, 2), bytes(3)], signal)
    transfers.add(1, [bytes(4, 5, 6), bytes()], signal)
    const payload = { transfer: 1, lengths: [1, 0, 3, 2, 0] }
    expect(transfers.take(payload)).toEqual([bytes(1), bytes(), bytes(2, 3, 4), bytes(5, 6), bytes()])
    expect(() => transfers.take(payload)).toThrow(AppError)
  })
  test('refuses lengths that are not what was sent', () => {
    const transfers = createTransfers()
    transfers.add(1, [bytes(1, 2)], signal)
    expect(() => transfers.take({ transfer: 1, lengths: [3] })).toThrow('not what was sent')
  })
  test('drops everything when the cell ends', () => {
    const transfers = createTransfers()
    const cell = new AbortController()
    transfers.add(1, [bytes(1)], cell.signal)
    cell.abort()
    expect(() => transfers.take({ transfer: 1, lengths: [1] })).toThrow('not what was sent')
    expect(() => transfers.add(1, [bytes(1)], cell.signal)).toThrow('The cell ended')
  })
  test('refuses more than 100 MB, too many parts and too many at once', () => {
    const transfers = createTransfers()
    const half = new Uint8Array(60 * 1024 * 1024)
    transfers.add(1, [half], signal)
    expect(() => transfers.add(1, [half], signal)).toThrow(
      'The data has 120.0 MB, and at most 100 MB may be sent whole.',
    )
    for (const id of [2, 3, 4]) transfers.add(id, [half], signal)
    expect(() => transfers.add(5, [half], signal)).toThrow('at once')
    const calls = (): void => {
      for (let i = 0; i < 100; i++) transfers.add(6, [], signal)
    }
    transfers.take({ transfer: 2, lengths: [half.byteLength] })
    expect(calls).toThrow('too many parts')
  })
})
