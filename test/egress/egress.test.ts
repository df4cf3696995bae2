import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type EgressDeps, openEgress } from '../../runtime/egress/egress.ts'
import type { Egress } from '../../runtime/egress/port.ts'
import { fakeSettings } from './settings.ts'

let server: Server
let port: number
let other: Server
let otherPort: number
const seen: IncomingMessage[] = []
let now = 0

const bomb = gzipSync(Buffer.alloc(20_000_000))
const brBomb = brotliCompressSync(Buffer.alloc(20_000_000))

function answer(request: IncomingMessage, response: ServerResponse): void {
  seen.push(request)
  const url = URL.parse(request.url ?? '/', 'http://a')!
  const to = url.searchParams.get('to') ?? ''
  switch (url.pathname) {
    case '/hello':
      response.setHeader('x-one', ['1', '2'])
      return void response.end('hello')
    case '/gzip':
      response.setHeader('content-encoding', 'gzip')
      return void response.end(gzipSync('packed'))
    case '/bomb':
      response.setHeader('content-encoding', 'gzip')
      return void response.end(bomb)
    case '/br':
      response.setHeader('content-encoding', 'br')
      return void response.end(brBomb)
    case '/twice':
      response.setHeader('content-encoding', 'gzip, gzip')
      return void response.end(gzipSync(gzipSync('x')))
    case '/large':
      return void response.end(Buffer.alloc(6_000_000))
    case '/never':
      return
    case '/drip': {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
      return
    }
    case '/loop':
      response.writeHead(302, { location: '/loop' })
      return void response.end()
    case '/to':
      response.writeHead(Number(url.searchParams.get('status') ?? 302), { location: to })
      return void response.end()
    default: {
      const chunks: Uint8Array[] = []
      request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      request.on('end', () =>
        response.end(
          JSON.stringify({
            method: request.method,
            body: Buffer.concat(chunks).toString(),
            authorization: request.headers.authorization,
            host: request.headers.host,
          }),
        ),
      )
    }
  }
}
const listen = (one: Server): Promise<number> =>
  new Promise((resolve) => one.listen(0, '127.0.0.1', () => resolve((one.address() as AddressInfo).port)))

beforeAll(async () => {
  server = createServer(answer)
  other = createServer(answer)
  port = await listen(server)
  otherPort = await listen(other)
})
afterAll(() => {
  for (const one of [server, other]) {
    one.closeAllConnections()
    one.close()
  }
})
beforeEach(() => {
  seen.length = 0
  now = 1_000_000
})

const open = (deps: Partial<EgressDeps> = {}): Egress =>
  openEgress({
    store: fakeSettings(),
    config: { SURICATE_EGRESS_ALLOW: [`127.0.0.1:${port}`, `127.0.0.1:${otherPort}`, `named.test:${port}`] },
    clock: { now: () => now },
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    ...deps,
  })
const text = (body: Uint8Array): string => Buffer.from(body).toString()

describe('fetch', () => {
  test('answers with status, headers and the decoded body', async () => {
    const egress = open()
    const response = await egress.fetch('w', `http://127.0.0.1:${port}/hello`)
    expect({ ...response, body: text(response.body), headers: response.headers['x-one'] }).toEqual({
      url: `http://127.0.0.1:${port}/hello`,
      status: 200,
      headers: '1, 2',
      body: 'hello',
    })
    expect(text((await egress.fetch('w', `http://127.0.0.1:${port}/gzip`)).body)).toBe('packed')
    const named = await egress.fetch('w', `http://named.test:${port}/echo`, { method: 'POST', body: 'x' })
    expect(JSON.parse(text(named.body))).toEqual({ method: 'POST', body: 'x', host: `named.test:${port}` })
  })

  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.0.0.1./',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://0.0.0.0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://100.100.100.200/',
    'http://[fd00:ec2::254]/',
    'http://10.1.2.3/',
    'http://8.8.8.8:22/',
    'http://localhost/',
    'http://localhost./',
    'http://anything.test/',
  ])('%s is refused and the error says how to allow it', async (url) => {
    await expect(open().fetch('w', url)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/PUT \/settings\/egress or in SURICATE_EGRESS_ALLOW/),
    })
    expect(seen).toEqual([])
  })

  test('a mixed answer of the resolver is refused as a whole', async () => {
    const resolve = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    await expect(open({ resolve }).fetch('w', 'http://mixed.test/')).rejects.toMatchObject({
      code: 'refused',
    })
  })

  test('a name that answers differently the second time is connected to the checked address only', async () => {
    let asked = 0
    const resolve = (): Promise<{ address: string; family: number }[]> => {
      asked += 1
      return Promise.resolve([{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }])
    }
    const response = await open({ resolve }).fetch('w', `http://named.test:${port}/hello`)
    expect([text(response.body), asked]).toEqual(['hello', 1])
  })

  test('a listed name that leads to a metadata address is refused all the same', async () => {
    const resolve = (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([{ address: '169.254.169.254', family: 4 }])
    await expect(open({ resolve }).fetch('w', `http://named.test:${port}/`)).rejects.toMatchObject({
      code: 'refused',
    })
  })

  test('own ports are refused even when listed', async () => {
    const egress = open({ ownPorts: () => [port] })
    await expect(egress.fetch('w', `http://127.0.0.1:${port}/hello`)).rejects.toThrow(
      /port of Suricate itself/,
    )
    await expect(egress.fetch('w', `http://named.test:${port}/hello`)).rejects.toThrow(/Suricate itself/)
    expect(seen).toEqual([])
  })

  test('redirects are followed by hand, three at most, each checked', async () => {
    const egress = open()
    const base = `http://127.0.0.1:${port}`
    const to = (target: string): string => `${base}/to?to=${encodeURIComponent(target)}`
    expect(text((await egress.fetch('w', to(to(to('/hello'))))).body)).toBe('hello')
    await expect(egress.fetch('w', `${base}/loop`)).rejects.toMatchObject({ code: 'limit' })
    for (const target of [
      'http://10.0.0.1/',
      'http://169.254.169.254/',
      '//127.0.0.1:1/',
      'http://2130706433/',
    ])
      await expect(egress.fetch('w', to(target))).rejects.toMatchObject({ code: 'refused' })
    for (const target of ['file:///etc/passwd', 'http://u:p@127.0.0.1/'])
      await expect(egress.fetch('w', to(target))).rejects.toMatchObject({ code: 'invalid' })
  })

  test('Authorization stays with its origin', async () => {
    const egress = open()
    const to = (target: string): Promise<unknown> =>
      egress
        .fetch('w', `http://127.0.0.1:${port}/to?status=307&to=${encodeURIComponent(target)}`, {
          method: 'POST',
          body: 'b',
          headers: { Authorization: 'Bearer t' },
        })
        .then((response) => JSON.parse(text(response.body)) as unknown)
    expect(await to('/echo')).toMatchObject({ authorization: 'Bearer t', body: 'b' })
    expect(await to(`http://127.0.0.1:${otherPort}/echo`)).toEqual({
      method: 'POST',
      body: 'b',
      host: `127.0.0.1:${otherPort}`,
    })
  })

  test.each(['/bomb', '/br', '/large'])('%s is cut at the limit of decoded bytes', async (path) => {
    await expect(open().fetch('w', `http://127.0.0.1:${port}${path}`)).rejects.toMatchObject({
      code: 'too-large',
      message: 'The answer has more than 5000000 bytes, which is the limit.',
    })
  })

  test('stacked encodings are refused by name', async () => {
    await expect(open().fetch('w', `http://127.0.0.1:${port}/twice`)).rejects.toMatchObject({
      code: 'unsupported',
    })
  })

  test.each(['/never', '/drip'])('%s ends at the limit of time', async (path) => {
    await expect(
      open().fetch('w', `http://127.0.0.1:${port}${path}`, { timeoutMs: 150 }),
    ).rejects.toMatchObject({
      code: 'timeout',
      message: `127.0.0.1:${port} did not answer within 0.15 s.`,
    })
  })

  test('a resolver that never answers ends at the limit of time', async () => {
    const resolve = (): Promise<never> => new Promise(() => undefined)
    await expect(open({ resolve }).fetch('w', 'http://slow.test/', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  test('readBody: false resolves with the status of an answer whose body never ends', async () => {
    const response = await open().fetch('w', `http://127.0.0.1:${port}/drip`, { readBody: false })
    expect([response.status, response.body.length]).toEqual([200, 0])
  })

  test('an abort is cancelled, a closed port is unavailable', async () => {
    const egress = open()
    const abort = new AbortController()
    const pending = egress.fetch('w', `http://127.0.0.1:${port}/never`, { signal: abort.signal })
    abort.abort()
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' })
    await egress.allow('w', ['127.0.0.1:1'])
    await expect(egress.fetch('w', 'http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('60 requests a minute for each workspace', async () => {
    const egress = open({ limits: { perMinute: 3 } })
    const get = (workspace: string): Promise<unknown> =>
      egress.fetch(workspace, `http://127.0.0.1:${port}/hello`)
    for (let i = 0; i < 3; i++) await get('w')
    await expect(get('w')).rejects.toMatchObject({ code: 'limit', details: { retryAt: now + 60_000 } })
    await get('v')
    now += 60_000
    await get('w')
  })
})

test('allow replaces the pairs of one workspace, and only of that', async () => {
  const egress = open({ config: { SURICATE_EGRESS_ALLOW: [] } })
  const url = `http://127.0.0.1:${port}/hello`
  await expect(egress.fetch('w', url)).rejects.toMatchObject({ code: 'refused' })
  expect(await egress.allow('w', [`2130706433:${port}`, `127.0.0.1:${port}`])).toEqual([`127.0.0.1:${port}`])
  expect(text((await egress.fetch('w', url)).body)).toBe('hello')
  await expect(egress.fetch('v', url)).rejects.toMatchObject({ code: 'refused' })
  expect(await egress.allow('w', [])).toEqual([])
  expect(await egress.allowed('w')).toEqual([])
  await expect(egress.fetch('w', url)).rejects.toMatchObject({ code: 'refused' })
  await expect(egress.allow('w', ['10.0.0.0/8:80'])).rejects.toMatchObject({ code: 'invalid' })
})

test('resolve gives the checked address for AMQP, in every notation', async () => {
  const egress = open({ config: { SURICATE_EGRESS_ALLOW: ['127.0.0.1:5672', 'broker.test:5672'] } })
  expect(await egress.resolve('w', '2130706433', 5672)).toEqual({ address: '127.0.0.1', family: 4 })
  expect(await egress.resolve('w', 'broker.test', 5672)).toEqual({ address: '127.0.0.1', family: 4 })
  await expect(egress.resolve('w', '2130706433', 5671)).rejects.toMatchObject({ code: 'refused' })
  await expect(egress.resolve('w', 'other.test', 5672)).rejects.toMatchObject({ code: 'refused' })
})
