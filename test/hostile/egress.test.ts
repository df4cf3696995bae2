/**
 * Cells that reach for what they must not, through the whole server: nothing arrives, the cell is told why, its kernel
 * goes on. What needs a resolver of the test's own (rebinding, mixed answers) is in test/egress.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from '../server.ts'
import { type Neighbour, openNeighbour } from './neighbour.ts'

let server: TestServer
let neighbour: Neighbour
let kernel: string
let target: Server
let port: number
const seen: string[] = []
const zeros = Buffer.alloc(60_000_000)

beforeAll(async () => {
  target = createServer((request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://a')!
    seen.push(url.pathname)
    const packed: { [path: string]: () => [string, Buffer] } = {
      '/gzip': () => ['gzip', gzipSync(zeros)],
      '/br': () => ['br', brotliCompressSync(zeros)],
    }
    const pack = packed[url.pathname]
    if (pack) {
      const [encoding, bytes] = pack()
      response.setHeader('content-encoding', encoding)
      return void response.end(bytes)
    }
    if (url.pathname === '/to') {
      response.writeHead(302, { location: url.searchParams.get('to') ?? '' })
      return void response.end()
    }
    if (url.pathname === '/large') return void response.end(Buffer.alloc(6_000_000))
    if (url.pathname === '/never') return
    if (url.pathname === '/drip' || url.pathname === '/headers') {
      if (url.pathname === '/drip') response.writeHead(200)
      else response.socket?.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(
        () => (url.pathname === '/drip' ? response.write('x') : response.socket?.write('a: b\r\n')),
        50,
      )
      response.on('close', () => clearInterval(timer))
      request.socket.on('close', () => clearInterval(timer))
      return
    }
    return void response.end('reached')
  })
  await new Promise<void>((done) => target.listen(0, '127.0.0.1', done))
  port = (target.address() as AddressInfo).port
  server = await startServer({
    environment: {
      SURICATE_SINGLE_USER: '0',
      SURICATE_EGRESS_ALLOW: `127.0.0.1:${port}`,
    },
  })
  const project = await server.client.call('createProject', { body: { name: 'Hostile' } })
  const made = await server.client.call('createNotebook', { body: { name: 'Hostile', project: project.id } })
  kernel = (await server.client.call('openKernel', { params: { id: made.id } })).id
  neighbour = await openNeighbour(server)
}, 90_000)
afterEach(async () => {
  expect(await run('20 + 1')).toBe('21')
  expect(await neighbour.check()).toEqual([])
})
afterAll(async () => {
  await server?.close()
  target.closeAllConnections()
  target.close()
})

async function run(source: string): Promise<unknown> {
  const query = { wait: 60 }
  const done = await server.client.call('execute', { params: { id: kernel }, query, body: { source } })
  return done.error ? `${done.error.name}: ${done.error.message}` : done.value
}
/** What a cell gets of it: the status, or what it is told. */
function reach(url: string, init = '{}'): Promise<unknown> {
  return run(
    `await fetch(${JSON.stringify(url)}, ${init}).then((r) => 'status ' + r.status, (e) => 'told: ' + e.message)`,
  )
}

describe('a cell does not reach', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://①②⑦.⓪.⓪.①/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://10.0.0.1/',
    'http://192.168.0.1:80/',
    'http://8.8.8.8:22/',
  ])('%s', async (url) => {
    expect(await reach(url)).toMatch(/^told: Egress to .+ is refused: .+ To allow it, add/)
  })
  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'data:text/plain,x',
    'http://user:secret@93.184.216.34/',
    'http://',
    'javascript:1',
  ])('%s', async (url) => {
    expect(await reach(url)).toMatch(/^told: (?!Egress to)/)
  })
  test('the server itself, by its own port', async () => {
    expect(await reach(`${server.base}/api/v1/health`)).toMatch(/is refused/)
  })
  test.each(['http://169.254.169.254/', 'http://127.0.0.1:1/', '//2130706433:9/', 'file:///etc/passwd'])(
    'a private address by a redirect: %s',
    async (to) => {
      expect(await reach(`http://127.0.0.1:${port}/to?to=${encodeURIComponent(to)}`)).toMatch(/^told: /)
    },
  )
  test('a fourth redirect', async () => {
    let url = `http://127.0.0.1:${port}/end`
    for (let hops = 0; hops < 4; hops++) url = `http://127.0.0.1:${port}/to?to=${encodeURIComponent(url)}`
    expect(await reach(url)).toMatch(/more than 3 times/)
    expect(seen).not.toContain('/end')
  })
  test.each([
    `{ headers: { 'x-a': 'b\\r\\nhost: evil' } }`,
    `{ headers: { 'a\\r\\nb': 'c' } }`,
    `{ headers: { host: 'evil.example', 'transfer-encoding': 'chunked' } }`,
    `{ method: 'CONNECT' }`,
    `{ method: 'GET / HTTP/1.1\\r\\nx: y' }`,
  ])('with what it may not send: %s', async (init) => {
    seen.length = 0
    expect(await reach(`http://127.0.0.1:${port}/injected`, init)).toMatch(/^told: /)
    expect(seen).toEqual([])
  })
})

describe('an answer', () => {
  test.each(['/gzip', '/br', '/large'])('that unpacks to more than 5 MB is cut off: %s', async (path) => {
    expect(await reach(`http://127.0.0.1:${port}${path}`)).toMatch(/^told: .*(5 MB|5,?000,?000|limit)/)
  })
  test.each(['/drip', '/headers', '/never'])(
    'that never ends is given up after 10 s: %s',
    async (path) => {
      const begin = performance.now()
      expect(await reach(`http://127.0.0.1:${port}${path}`)).toMatch(/did not answer within 10 s/)
      expect(performance.now() - begin).toBeLessThan(13_000)
    },
    30_000,
  )
})

test('the 61st request of a minute is refused', async () => {
  const told = await run(
    `const told = []; for (let i = 0; i < 61; i++) await fetch('http://127.0.0.1:${port}/').catch((e) => told.push(e.message)); told.at(-1)`,
  )
  expect(told).toMatch(/60/)
})
