/** Objects and models over MongoDB: what differs there is that bytes live in GridFS and files are copies of them. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { decodeArtifact, encodeArtifact } from '../../runtime/model/artifact.ts'
import { type Models, openModels } from '../../runtime/model/models.ts'
import { type Objects, openObjects } from '../../runtime/object/objects.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openQueries, type Queries } from '../../runtime/query/queries.ts'
import { openStreamLines } from '../../runtime/stream/lines.ts'
import { openTables } from '../../runtime/table/tables.ts'
import { useMongo } from '../mongo.ts'

const mongo = await useMongo()

// where there is no MongoDB, useMongo has said so
describe.skipIf(!mongo)('on MongoDB', () => {
  let data: string
  let store: Store
  let tables: Tables
  let objects: Objects
  let queries: Queries
  let models: Models
  let now = 1_700_000_000_000

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'objects-mongo-'))
    const clock = { now: () => ++now }
    store = await openStore({ data, clock, mongoUri: mongo!.uri, mongoDatabase: mongo!.database })
    await store.system.migrate()
    for (const id of ['alpha', 'beta']) await store.system.createWorkspace({ id, name: id, createdAt: now })
    tables = await openTables()
    const bus = openMemoryBus()
    const config = { SURICATE_UPLOAD_MB: 8, SURICATE_PRICE_CPU_HOUR: 0, SURICATE_PRICE_GB_HOUR: 0 }
    objects = openObjects({ store, tables, bus, clock, config })
    queries = openQueries({ store, tables, objects, lines: openStreamLines({ store }) })
    models = openModels({ store, bus, clock, config })
  })
  afterAll(async () => {
    await tables?.close()
    await store?.close()
    await mongo?.close()
    await rm(data, { recursive: true, force: true })
  })
  const upload = (name: string, text: string) => objects.create('alpha', { name, source: Buffer.from(text) })

  test('create, query, replace and delete an object with names of columns that a database might not like', async () => {
    const made = await upload('a.csv', '$where,a.b\n1,x\n2,y\n')
    const ask = async (workspace: string) =>
      toRows(await queries.query(workspace, { sql: 'select "$where", "a.b" from "a.csv"', parameters: [] }))
        .rows
    expect(await ask('alpha')).toEqual([
      [1, 'x'],
      [2, 'y'],
    ])
    await expect(ask('beta')).rejects.toMatchObject({ code: 'invalid' })
    const replaced = await objects.replace(
      'alpha',
      made.id,
      { source: Buffer.from('$where,a.b\n3,z\n') },
      made.revision,
    )
    expect([await ask('alpha'), replaced.revision]).toEqual([[[3, 'z']], 2])
    expect(await store.in('alpha').blobs.has(made.sha256)).toBe(false)
    await objects.delete('alpha', made.id)
    expect(await store.in('alpha').blobs.has(replaced.sha256)).toBe(false)
  })
  test('stream bytes in and out, whole and in part; refuse what is too large', async () => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, 'suricate ')
    const source = (async function* () {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    })()
    const made = await objects.create('alpha', { name: 'b.bin', source })
    expect(made.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    const read = async (range?: { start: number; end: number }) =>
      Buffer.concat(await (await objects.read('alpha', made, range)).toArray())
    expect((await read()).equals(bytes)).toBe(true)
    expect((await read({ start: 9, end: 17 })).toString()).toBe('suricate')
    await expect(
      objects.create('alpha', { name: 'c', source: Buffer.alloc(9 * 1024 * 1024) }),
    ).rejects.toMatchObject({
      code: 'too-large',
    })
  })
  test('make one object of two uploads of one name', async () => {
    const both = await Promise.allSettled([upload('r.csv', 'a\n1\n'), upload('r.csv', 'a\n2\n')])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
  test('number the versions of a model densely when several save at once', async () => {
    const saved = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        models.save('alpha', { name: 'm', artifact: encodeArtifact({ w: Float64Array.of(i) }), by: 'run' }),
      ),
    )
    expect(saved.map(({ version }) => version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
    const third = saved.findIndex(({ version }) => version === 3)
    const { artifact } = await models.load('alpha', 'm@3')
    expect(decodeArtifact(artifact)).toEqual({ w: Float64Array.of(third) })
    await models.delete('alpha', 'm')
    await expect(models.load('alpha', 'm')).rejects.toMatchObject({ code: 'not-found' })
  })
})
