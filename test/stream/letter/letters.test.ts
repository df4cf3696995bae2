import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openStore } from '../../../runtime/store/open.ts'
import type { Store } from '../../../runtime/store/port.ts'
import { letterCases } from './letters.case.ts'

let folder: string
let store: Store
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suricate-letters-'))
  store = await openStore({ data: folder })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'w1', name: 'One', createdAt: 1 })
})
afterAll(async () => {
  await store?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

letterCases('SQLite', () => store)
