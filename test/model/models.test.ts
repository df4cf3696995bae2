import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { decodeArtifact, encodeArtifact } from '../../runtime/model/artifact.ts'
import { openModels, type Models, type SaveModel } from '../../runtime/model/models.ts'
import { parseReference, versionAt } from '../../runtime/model/version.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'

let data: string
let store: Store
let models: Models
let now = 1_700_000_000_000

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'models-'))
  const clock = { now: () => ++now }
  store = await openStore({ data, clock })
  await store.system.migrate()
  for (const id of ['alpha', 'beta']) await store.system.createWorkspace({ id, name: id, createdAt: now })
  models = openModels({
    store,
    bus: openMemoryBus(),
    clock,
    config: { SURICATE_PRICE_CPU_HOUR: 3600, SURICATE_PRICE_GB_HOUR: 7200 },
  })
})
afterAll(async () => {
  await store.close()
  await rm(data, { recursive: true, force: true })
})
const save = (name: string, value: unknown, more: Partial<SaveModel> = {}) =>
  models.save('alpha', { name, artifact: encodeArtifact(value), by: 'run_1', ...more })

describe('save', () => {
  test('makes version 1 and its champion, with everything that is known of it', async () => {
    const value = { threshold: 3.5, means: Float64Array.of(1, 2) }
    const saved = await save('temperature', value, {
      kind: 'gaussian',
      signature: { features: ['value'] },
      metrics: { f1: 0.9 },
      baseline: { f1: 0.5 },
      lineage: { run: 'run_1', notebook: 'nb_1', objects: [{ name: 'h.csv', sha256: 'x' }] },
      cost: { cpuSeconds: 2, memoryGbSeconds: 1 },
    })
    expect(saved).toEqual({
      model: 'temperature',
      version: 1,
      kind: 'gaussian',
      sha256: saved.sha256,
      bytes: saved.bytes,
      signature: { features: ['value'] },
      metrics: { f1: 0.9 },
      baseline: { f1: 0.5 },
      lineage: { run: 'run_1', notebook: 'nb_1', objects: [{ name: 'h.csv', sha256: 'x' }] },
      cost: { cpuSeconds: 2, memoryGbSeconds: 1, money: 4 },
      createdAt: saved.createdAt,
    })
    const model = await models.get('alpha', 'temperature')
    expect(model).toMatchObject({
      aliases: { champion: 1 },
      history: [{ alias: 'champion', version: 1, by: 'run_1' }],
      versions: [saved],
    })
    const loaded = await models.load('alpha', 'temperature')
    expect([loaded.version, decodeArtifact(loaded.artifact)]).toEqual([saved, value])
  })
  test('leaves the champion where it is, unless asked', async () => {
    await save('temperature', 2)
    await save('temperature', 3, { alias: 'challenger' })
    expect((await models.get('alpha', 'temperature')).aliases).toEqual({ champion: 1, challenger: 3 })
    await save('temperature', 4, { alias: 'champion' })
    const { aliases, versions, history } = await models.get('alpha', 'temperature')
    expect([aliases, versions.map(({ version }) => version), history.length]).toEqual([
      { champion: 4, challenger: 3 },
      [4, 3, 2, 1],
      3,
    ])
  })
  test('numbers densely when many save at once', async () => {
    const saved = await Promise.all(
      Array.from({ length: 12 }, (_, i) => save('crowd', i, { alias: `a${i}` })),
    )
    expect(saved.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    )
    const { aliases } = await models.get('alpha', 'crowd')
    expect(aliases).toEqual({
      champion: aliases.champion,
      ...Object.fromEntries(saved.map(({ version }, i) => [`a${i}`, version])),
    })
  })
  test('refuses an artifact with false shapes and an alias that is none, and keeps nothing', async () => {
    const artifact = { json: { $typed: ['Float64Array', 3] as [string, number] }, binary: [] }
    await expect(save('bad', 1, { artifact })).rejects.toMatchObject({ code: 'invalid' })
    await expect(save('bad', 1, { alias: 'Champion!' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(models.get('alpha', 'bad')).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('load', () => {
  test('takes name, name@alias, name@version, and a name with an @ in it', async () => {
    await save('a@b', 'whole')
    const value = async (reference: string) =>
      decodeArtifact((await models.load('alpha', reference)).artifact)
    expect([
      await value('temperature@2'),
      await value('temperature@challenger'),
      await value('temperature'),
    ]).toEqual([2, 3, 4])
    expect([await value('a@b'), await value('a@b@1')]).toEqual(['whole', 'whole'])
  })
  test.each([
    ['nothing', /There is no model "nothing". There are ".*"/],
    ['temperature@99', /has no version 99; its newest is 4/],
    ['temperature@gone', /has no alias "gone". It has champion, challenger/],
  ])('of %s says what there is', async (reference, message) => {
    await expect(models.load('alpha', reference)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(message),
    })
  })
  test('of another workspace finds nothing', async () => {
    await expect(models.load('beta', 'temperature')).rejects.toThrow('There is no model "temperature".')
    expect((await models.find('beta')).items).toEqual([])
  })
})

describe('moveAlias', () => {
  test('moves, remembers, and answers which version was live', async () => {
    const before = await models.get('alpha', 'temperature')
    const moved = await models.moveAlias(
      'alpha',
      'temperature',
      { alias: 'champion', version: 1, by: 'Ada' },
      before.revision,
    )
    const last = moved.history.at(-1)!
    expect([moved.aliases.champion, last]).toEqual([
      1,
      { alias: 'champion', version: 1, by: 'Ada', at: last.at },
    ])
    expect([
      versionAt(moved.history, 'champion', last.at),
      versionAt(moved.history, 'champion', last.at - 1),
    ]).toEqual([1, 4])
    expect(versionAt(moved.history, 'champion', 0)).toBeUndefined()
    await expect(
      models.moveAlias('alpha', 'temperature', { alias: 'champion', version: 2, by: 'Ada' }, before.revision),
    ).rejects.toMatchObject({ code: 'stale' })
  })
  test('refuses a version that is missing or does not load', async () => {
    await expect(
      models.moveAlias('alpha', 'temperature', { alias: 'champion', version: 77, by: 'Ada' }),
    ).rejects.toMatchObject({ code: 'not-found' })
    const lost = await save('temperature', 'lost')
    await store.in('alpha').blobs.delete(lost.sha256)
    await expect(
      models.moveAlias('alpha', 'temperature', { alias: 'champion', version: lost.version, by: 'Ada' }),
    ).rejects.toMatchObject({ code: 'not-found' })
    expect((await models.get('alpha', 'temperature')).aliases.champion).toBe(1)
  })
})

describe('find and delete', () => {
  test('versions come in pages, newest first', async () => {
    const first = await models.findVersions('alpha', 'crowd', { limit: 7 })
    const second = await models.findVersions('alpha', 'crowd', { limit: 7, cursor: first.nextCursor! })
    expect([...first.items, ...second.items].map(({ version }) => version)).toEqual([
      12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ])
    expect(second.nextCursor).toBeNull()
  })
  test('delete takes all versions and bytes that nobody else has', async () => {
    const one = await save('gone', { x: 1 })
    const shared = await save('gone', 'shared')
    await save('kept', 'shared')
    await models.delete('alpha', 'gone')
    await expect(models.get('alpha', 'gone')).rejects.toMatchObject({ code: 'not-found' })
    const { blobs } = store.in('alpha')
    expect([await blobs.has(one.sha256), await blobs.has(shared.sha256)]).toEqual([false, true])
    expect((await save('gone', 1)).version).toBe(1)
  })
})

test.each([
  ['m', { name: 'm', alias: 'champion' }],
  ['m@champion', { name: 'm', alias: 'champion' }],
  ['m@12', { name: 'm', version: 12 }],
  ['a@b@c', { name: 'a@b', alias: 'c' }],
])('parseReference(%s)', (reference, expected) => {
  expect(parseReference(reference)).toEqual(expected)
})
test('parseReference refuses what is no alias', () => {
  expect(() => parseReference('m@0')).toThrow(/"0" is no alias/)
})
