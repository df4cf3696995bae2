import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openStore } from '../../runtime/store/open.ts'
import { storeConformance } from './conformance.ts'
import { schema } from './schema.ts'

const data = mkdtempSync(join(tmpdir(), 'store-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))
storeConformance('store on SQLite', () => openStore({ data, schema }))
