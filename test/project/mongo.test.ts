import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { useMongo } from '../mongo.ts'
import { notebookCases } from './notebooks.case.ts'
import { trashCases } from './trash.case.ts'

const mongo = await useMongo()
const data = mkdtempSync(join(tmpdir(), 'suricate-project-'))
afterAll(async () => {
  await mongo?.close()
  rmSync(data, { recursive: true, force: true })
})
const open = (part: string): Promise<Store> =>
  openStore({
    data: join(data, part),
    mongoUri: mongo!.uri,
    mongoDatabase: `${mongo!.database.slice(0, 30)}_${part}`,
  })

// where there is no MongoDB, useMongo has said so
describe.skipIf(!mongo)('notebooks on MongoDB', () => notebookCases(() => open('notebooks')))
describe.skipIf(!mongo)('versions and trash on MongoDB', () => trashCases(() => open('trash')))
