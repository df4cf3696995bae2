import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { findPending, migrations } from '../../runtime/store/migrations.ts'
import { openStore, type StoreConfig } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { useMongo } from '../mongo.ts'
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
      expect(first).toEqual([[1], [], [{ id: 'tenant0', name: 'tenant0', createdAt: 77 }]])

      const second = await use({ migrationsModule: later }, async (store) => [
        (await Promise.all([store.system.migrate(), store.system.migrate()]))
          .flat()
          .toSorted((a, b) => a - b),
        await store.system.migrate(),
        (await store.in('w').find(things, { filter: { state: 'migrated' } })).items,
      ])
      expect(second).toEqual([
        [2, 3],
        [],
        [{ id: 'b', name: 'Y', size: 1, more: { 'a.b': 1 }, state: 'migrated', revision: 2 }],
      ])

      await expect(openStore(config)).rejects.toMatchObject({
        code: 'unsupported',
        details: { current: 3, newest: 1 },
      })
    },
  )
})
