import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { useMongo } from '../mongo.ts'
import { firingCases } from './firing.case.ts'
import { triggerKindCases } from './trigger-kind.case.ts'

const mongo = await useMongo()
const data = mkdtempSync(join(tmpdir(), 'suricate-triggers-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})
let opened = 0
const open = (): Promise<Store> => {
  const part = String(++opened)
  const mongoDatabase = `${mongo!.database.slice(0, 30)}_${part}`
  return openStore({ data: join(data, part), mongoUri: mongo!.uri, mongoDatabase })
}

// where there is no MongoDB, useMongo has said so
describe.skipIf(!mongo)('kinds of triggers on MongoDB', () => triggerKindCases(open))
describe.skipIf(!mongo)('firings on MongoDB', () => firingCases(open, 5))
