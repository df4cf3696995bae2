import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { openMongoDatabase } from '../../runtime/store/mongo/database.ts'
import { findPending, migrations } from '../../runtime/store/migrations.ts'
import { openStore, type StoreConfig } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { useMongo } from '../mongo.ts'
import { newCommit } from './commit.case.ts'
import { schema, things } from './schema.ts'

const mongo = await useMongo()
const data = mkdtempSync(join(tmpdir(), 'store-migration-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})
const later = fileURLToPath(new URL('other-migrations.ts', import.meta.url))

test('findPending gives what is newer, and refuses newer data', () => {
  const all = [1, 2, 3].map((version) => ({ version, name: '' }))
  expect(findPending(all, 0)).toEqual(all)
  expect(findPending(all, 2)).toEqual([all[2]])
  expect(findPending(all, 3)).toEqual([])
  expect(() => findPending(all, 4)).toThrow('schema version 4')
})
test('the released migrations are dense from 1', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, i) => i + 1))
})

describe.each(['SQLite', 'MongoDB'])('migrate on %s', (adapter) => {
  const none = adapter === 'MongoDB' && !mongo
  const config: StoreConfig = {
    data,
    schema,
    ...(adapter === 'MongoDB' && mongo ? { mongoUri: mongo.uri, mongoDatabase: mongo.database } : {}),
  }
  const use = async <T>(more: Partial<StoreConfig>, work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore({ ...config, ...more })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }
  test.skipIf(none)(
    'brings old data to the newest version, once, and an older program refuses it (skipped without a server)',
    async () => {
      const first = await use({ clock: { now: () => 77 } }, async (store) => {
        const applied = await store.system.migrate()
        await store.in('w').insert(things, [
          { id: 'a', name: 'x', size: 0 },
          { id: 'b', name: 'y', size: 1, more: { 'a.b': 1 } },
        ])
        return [applied, await store.system.migrate(), await store.system.findWorkspaces()]
      })
      expect(first).toEqual([[1, 2, 3], [], [{ id: 'tenant0', name: 'tenant0', createdAt: 77 }]])

      const second = await use({ migrationsModule: later }, async (store) => [
        (await Promise.all([store.system.migrate(), store.system.migrate()]))
          .flat()
          .toSorted((a, b) => a - b),
        await store.system.migrate(),
        (await store.in('w').find(things, { filter: { state: 'migrated' } })).items,
      ])
      expect(second).toEqual([
        [4, 5],
        [],
        [{ id: 'b', name: 'Y', size: 1, more: { 'a.b': 1 }, state: 'migrated', revision: 2 }],
      ])

      await expect(openStore(config)).rejects.toMatchObject({
        code: 'unsupported',
        details: { current: 5, newest: 3 },
      })
    },
  )
})

test.skipIf(!mongo)(
  'migrate on MongoDB carries the commits of schema version 1 over, once (skipped without a server)',
  async () => {
    if (!mongo) return
    const name = `${mongo.database}_old`
    const config = { data, schema, mongoUri: mongo.uri, mongoDatabase: name }
    const db = openMongoDatabase(mongo.uri, name)
    const old = async (collection: string, records: { [field: string]: unknown }[]): Promise<void> => {
      const made = records.map((one, i) => ({ _id: `w/d#${i}`, p: 'w/d', n: 1, tag: 'x', ...one }))
      await db.change(() => db.collection(collection).createIndex({ p: 1, n: 1 }))
      await db.change(() => db.collection(collection).insertMany(made))
    }
    const head = { epoch: 1, owner: null, until: 0, offsets: '{"s":3}', clocks: 'null' }
    await db.change(() =>
      db
        .collection('commitHeads')
        .insertMany([{ _id: 'w/d', number: 2, ...head, history: [{ tag: 'x', from: 1 }] }] as never[]),
    )
    await db.change(() => db.collection('meta').insertMany([{ _id: 'schema', value: 1 }] as never[]))
    await old('commitState', [
      { key: 'a', value: '1' },
      { key: 'a', value: '2', n: 2 },
      { key: 'b', value: '3', n: 3 },
      { key: 'c', value: '4' },
      { key: 'c', value: null, n: 2 },
      { key: 'd', value: '5', tag: 'y' },
    ])
    const row = { key: null, pane: 0, at: 1, fields: '{"v":1}' }
    await old('commitRows', [
      { id: 'late', start: 0, end: 5, ...row },
      { id: 'early', start: -9, end: -5, ...row },
      { id: 'gone', start: 0, end: 0, ...row, fields: null, n: 2 },
    ])
    await old('outbox', [
      { w: 'w', d: 'd', id: 'o', ticket: 11, kind: 'webhook', at: 1, body: '{}' },
      { w: 'w', d: 'd', id: 'p', ticket: 9, kind: 'webhook', at: 1, body: '{}' },
    ])
    const store = await openStore(config)
    try {
      expect(await store.system.migrate()).toEqual([2, 3])
      expect(await store.system.migrate()).toEqual([])
      const { commits } = store.in('w')
      const see = async () => ({
        state: await commits.state('d', null, 10),
        rows: (await commits.rows('d', { limit: 10 })).map(({ id, end }) => [id, end]),
        outbox: (await commits.outbox({ limit: 10 })).map(({ id }) => id),
      })
      const rows = [
        ['early', -5],
        ['late', 5],
      ]
      expect(await see()).toEqual({ state: [{ key: 'a', value: 2 }], rows, outbox: ['p', 'o'] })
      const lease = await commits.lease('d', 'me', 1, 1_000)
      if (!lease) throw new Error('no lease')
      await commits.commit(newCommit('d', lease, 3, { state: { a: null, c: 6 } }))
      expect(await see()).toEqual({ state: [{ key: 'c', value: 6 }], rows, outbox: ['p', 'o'] })
      for (const gone of ['commitState', 'stateVersions'])
        expect(await db.collection(gone).countDocuments()).toBe(0)
    } finally {
      await store.close()
      await db.close()
    }
  },
)
