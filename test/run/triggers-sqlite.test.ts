import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import { firingCases } from './firing.case.ts'

const data = mkdtempSync(join(tmpdir(), 'suricate-triggers-'))
let opened = 0
const open = () => openStore({ data: join(data, String(++opened)) })
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('firings on SQLite', () => firingCases(open))
