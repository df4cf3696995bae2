/** objects.import as a cell calls it: the whole server, a server of the test's own, and what egress lets through. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../server.ts'

const rows = 20_000
const csv = `n,name\n${Array.from({ length: rows }, (_, i) => `${i},machine ${i % 7}`).join('\n')}\n`
let server: TestServer
let kernel: string
let source: Server
let base: string

beforeAll(async () => {
  source = createServer((request, response) => {
    switch (request.url) {
      case '/history.csv':
        response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8', 'content-length': csv.length })
        response.write(csv.slice(0, 1000))
        return void setTimeout(() => response.end(csv.slice(1000)), 50)
      case '/moved':
        return void response.writeHead(302, { location: '/history.csv' }).end()
      case '/inside':
        return void response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
      case '/cut':
        response.writeHead(200, { 'content-type': 'text/csv', 'content-length': csv.length })
        response.write(csv.slice(0, 1000))
        return void setTimeout(() => response.destroy(), 50)
      default:
        return void response.writeHead(404).end('nothing here')
    }
  })
  await new Promise<void>((done) => source.listen(0, '127.0.0.1', done))
  const { port } = source.address() as AddressInfo
  base = `http://127.0.0.1:${port}`
  server = await startServer({ environment: { SURICATE_EGRESS_ALLOW: `127.0.0.1:${port}` } })
  const project = await server.client.call('createProject', { body: { name: 'Import' } })
  const made = await server.client.call('createNotebook', { body: { name: 'Import', project: project.id } })
  kernel = (await server.client.call('openKernel', { params: { id: made.id } })).id
}, 90_000)
afterAll(async () => {
  await server?.close()
  source.closeAllConnections()
  source.close()
})

async function run(text: string): Promise<unknown> {
  const query = { wait: 60 }
  const done = await server.client.call('execute', { params: { id: kernel }, query, body: { source: text } })
  return done.error ? `${done.error.name}: ${done.error.message}` : done.value
}
const names = async (): Promise<string[]> =>
  (await server.client.call('findObjects', {})).items.map(({ name }) => name).toSorted()

test('a download becomes an object with its columns, which SQL reads at once', async () => {
  const told = await run(
    `const made = await objects.import('${base}/history.csv', 'history.csv', { tags: ['old'] })
const [{ count, last }] = (await sql\`select count(*) as count, max(n) as last from "history.csv"\`).rows()
JSON.stringify([made.rows, made.bytes, made.mediaType, made.tags, made.columns, count, last])`,
  )
  const columns = [
    { name: 'n', type: 'integer' },
    { name: 'name', type: 'text' },
  ]
  expect(JSON.parse(String(told))).toEqual([rows, csv.length, 'text/csv', ['old'], columns, rows, rows - 1])
  expect(await run(`(await objects.import('${base}/moved', 'moved.csv')).rows`)).toBe(String(rows))
  expect(await names()).toEqual(['history.csv', 'moved.csv'])
})

test.each([
  ['/none', /404/],
  ['/cut', /./],
  ['/inside', /169\.254\.169\.254/],
])('%s is told and leaves nothing', async (path, message) => {
  const before = await names()
  expect(await run(`await objects.import('${base}${path}', 'wrong.csv')`)).toMatch(message)
  expect(await names()).toEqual(before)
  expect(await run('20 + 1')).toBe('21')
})
