import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { openEgress } from '../../runtime/egress/egress.ts'
import type { Egress } from '../../runtime/egress/port.ts'
import { type Objects, openObjects } from '../../runtime/object/objects.ts'
import { createImports, type Imports } from '../../runtime/sdk/imports.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { openTables } from '../../runtime/table/tables.ts'

let server: Server
let base: string
let data: string
let store: Store
let tables: Tables
let objects: Objects
let egress: Egress
let imports: Imports
let closed = 0
const part = Buffer.alloc(100_000, 'x')

beforeAll(async () => {
  server = createServer((request, response) => {
    response.on('close', () => void closed++)
    switch (request.url) {
      case '/data.csv':
        response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8', 'content-length': '8' })
        return void response.end('a,b\n1,2\n')
      case '/moved':
        response.writeHead(302, { location: '/data.csv' })
        return void response.end('elsewhere')
      case '/inside':
        response.writeHead(302, { location: 'http://127.0.0.1:9/' })
        return void response.end()
      case '/endless': {
        response.writeHead(200, { 'content-type': 'application/octet-stream' })
        const more = (): void => void (response.destroyed || response.write(part, () => setImmediate(more)))
        return more()
      }
      case '/slow':
        response.writeHead(200, { 'content-length': '1000000' })
        return void response.write(part)
      case '/broken':
        response.writeHead(200, { 'content-length': '1000000' })
        response.write(part, () => response.destroy())
        return
      default:
        response.writeHead(404)
        response.end('no')
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}`
  data = await mkdtemp(join(tmpdir(), 'imports-'))
  let now = 1_700_000_000_000
  const clock = { now: () => ++now }
  store = await openStore({ data, clock })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'alpha', name: 'alpha', createdAt: now })
  tables = await openTables()
  objects = openObjects({ store, tables, bus: openMemoryBus(), clock, config: { SURICATE_UPLOAD_MB: 2 } })
  egress = openEgress({ store, clock, config: { SURICATE_EGRESS_ALLOW: [`127.0.0.1:${port}`] } })
  imports = createImports({ objects, egress, workspace: 'alpha' })
})
afterAll(async () => {
  await egress.close()
  await tables.close()
  await store.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(data, { recursive: true, force: true })
})

const run = (path: string, name: string, signal = new AbortController().signal, number = 1) =>
  imports.run(number, { url: `${base}${path}`, name, tags: ['t'], mediaType: undefined, run: null }, signal)
/** Every file that holds bytes of an object or of one that is on its way. */
const files = async (): Promise<string[]> =>
  (await readdir(data, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.(db|sqlite)/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

test('a download becomes an object with its media type and columns, also behind a redirect', async () => {
  expect(await run('/data.csv', 'a.csv')).toMatchObject({
    name: 'a.csv',
    mediaType: 'text/csv',
    rows: 1,
    tags: ['t'],
  })
  expect(await run('/moved', 'b.csv')).toMatchObject({ name: 'b.csv', bytes: 8 })
})
test('what is refused, missing, too large or broken off leaves nothing behind', async () => {
  const before = await files()
  await expect(run('/inside', 'c')).rejects.toMatchObject({ code: 'refused' })
  await expect(run('/nothing', 'c')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('404'),
  })
  await expect(run('/endless', 'c')).rejects.toMatchObject({ code: 'too-large' })
  await expect(run('/broken', 'c')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(run('/data.csv', 'a.csv')).rejects.toMatchObject({ code: 'conflict' })
  expect(await files()).toEqual(before)
  expect((await objects.find('alpha', { name: 'c' })).items).toEqual([])
})
test('a cancelled download ends its connection and its file; its progress is told until then', async () => {
  const before = await files()
  const stop = new AbortController()
  const made = run('/slow', 'd', stop.signal, 7)
  made.catch(() => undefined)
  await expect
    .poll(() => imports.progress(7), { timeout: 10_000 })
    .toEqual({ bytes: 100_000, total: 1_000_000 })
  const seen = closed
  stop.abort()
  await expect(made).rejects.toMatchObject({ code: 'cancelled' })
  await expect.poll(() => closed).toBeGreaterThan(seen)
  expect(await imports.progress(7)).toBe(null)
  expect(await files()).toEqual(before)
})
