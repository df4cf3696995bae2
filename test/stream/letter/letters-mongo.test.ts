import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore } from '../../../runtime/store/open.ts'
import type { Store } from '../../../runtime/store/port.ts'
import { useMongo } from '../../mongo.ts'
import { letterCases } from './letters.case.ts'

const mongo = await useMongo()
let folder: string
let store: Store
beforeAll(async () => {
  if (!mongo) return
  folder = await mkdtemp(join(tmpdir(), 'suricate-letters-'))
  store = await openStore({ data: folder, mongoUri: mongo.uri, mongoDatabase: mongo.database })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
})
afterAll(async () => {
  await store?.close()
  await mongo?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

// where there is no MongoDB, useMongo has said so
describe.skipIf(!mongo)('dead letters where there is a MongoDB', () => letterCases('MongoDB', () => store))
