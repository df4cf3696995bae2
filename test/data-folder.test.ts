import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDataFolder } from '../runtime/data-folder.ts'
import { openStore } from '../runtime/store/open.ts'
import { toRows } from '../runtime/table/rows.ts'
import { openTables } from '../runtime/table/tables.ts'

let root: string
const log = pino({ level: 'silent' })
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'data-folder-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('openDataFolder', () => {
  test('makes the folder for its user alone', async () => {
    await openDataFolder(join(root, 'a/new'), log)
    expect(await modeOf(join(root, 'a/new'))).toBe(0o700)
  })
  test('closes one that is open to others, and SQL still reads the blobs in it', async () => {
    const path = join(root, 'open')
    await mkdir(path)
    await chmod(path, 0o755)
    await openDataFolder(path, log)
    expect(await modeOf(path)).toBe(0o700)
    const store = await openStore({ data: path })
    const tables = await openTables({ timeoutMs: 20_000 })
    try {
      await store.system.migrate()
      await store.system.createWorkspace({ id: 'w', name: 'w', createdAt: 1 })
      const { blobs } = store.in('w')
      const { sha256 } = await blobs.put(Buffer.from('n\n1\n2\n'))
      const files = [{ name: 'n.csv', path: await blobs.file(sha256), format: 'csv' as const }]
      const sql = 'select sum(n) from "n.csv"'
      const found = await tables.query({ workspace: 'w', sql, parameters: [], files })
      expect(toRows(found).rows).toEqual([[3]])
    } finally {
      await tables.close()
      await store.close()
    }
  })
  test('refuses a folder that many share', async () => {
    const path = join(root, 'shared')
    await mkdir(path)
    await chmod(path, 0o1777)
    await expect(openDataFolder(path, log)).rejects.toMatchObject({ code: 'invalid' })
    expect(await modeOf(path)).toBe(0o1777)
  })
})
