import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import { firingCases } from './firing.case.ts'
import { triggerKindCases } from './trigger-kind.case.ts'

const data = mkdtempSync(join(tmpdir(), 'suricate-triggers-'))
let opened = 0
const open = () => openStore({ data: join(data, String(++opened)) })
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('kinds of triggers on SQLite', () => triggerKindCases(open))
describe('firings on SQLite', () => firingCases(open))
