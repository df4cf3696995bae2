import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import { useMongo } from '../mongo.ts'
import { storeConformance } from './conformance.ts'
import { schema } from './schema.ts'

const mongo = await useMongo()
const data = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})
if (mongo) {
  const { uri, database } = mongo
  let opened = 0
  // Each has a cache of its own, as on another machine.
  storeConformance('store on MongoDB', () =>
    openStore({ data: join(data, String(++opened)), mongoUri: uri, mongoDatabase: database, schema }),
  )
} else
  describe('store on MongoDB', () =>
    test.skip('no MongoDB server was found (test/mongo.ts says how)', () => undefined))
