import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import { notebookCases } from './notebooks.case.ts'
import { trashCases } from './trash.case.ts'

const data = mkdtempSync(join(tmpdir(), 'suricate-project-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('notebooks on SQLite', () => notebookCases(() => openStore({ data: join(data, 'notebooks') })))
describe('versions and trash on SQLite', () => trashCases(() => openStore({ data: join(data, 'trash') })))
