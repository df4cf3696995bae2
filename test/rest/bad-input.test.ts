/** Bad input over REST: each a clear error that names what is wrong, and nothing lost. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../runtime/api/operation.ts'
import type { Run } from '../../runtime/api/runs.ts'
import { freePort, startServer, type TestServer, until } from '../server.ts'

let server: TestServer
let project: string
let other: { authorization: string }
beforeAll(async () => {
  server = await startServer({ environment: { SURICATE_SINGLE_USER: '1' } })
  project = (await server.client.call('createProject', { body: { name: 'Bad input' } })).id
  const made = await server.client.call('createWorkspace', { body: { name: 'Other' } })
  other = { authorization: `Bearer ${made.token}` }
})
afterAll(() => server.close())

async function fail(path: string, init: RequestInit = {}): Promise<Problem> {
  const response = await server.fetch(path, init)
  const text = await response.text()
  expect([response.headers.get('content-type'), text]).toEqual([
    'application/problem+json',
    expect.any(String),
  ])
  return JSON.parse(text) as Problem
}
const post = (body: BodyInit, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
})

/** `bytes` of `fill`, made as they are sent. */
function stream(bytes: number): { body: ReadableStream<Uint8Array>; sha256: Promise<string> } {
  const hash = createHash('sha256')
  const done = Promise.withResolvers<string>()
  const chunk = new Uint8Array(1_048_576)
  let left = bytes
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) {
        done.resolve(hash.digest('hex'))
        controller.close()
        return
      }
      chunk.fill(left % 251)
      const part = chunk.slice(0, Math.min(left, chunk.length))
      hash.update(part)
      left -= part.length
      controller.enqueue(part)
    },
  })
  return { body, sha256: done.promise }
}

describe('objects', () => {
  test('a CSV that is not one', async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3, 255, 0])
    const problem = await fail('/objects?name=bad.csv', post(png, 'text/csv'))
    expect([problem.status, problem.code]).toEqual([422, 'invalid'])
    expect(problem.detail).toMatch(/CSV/)
    expect((await server.client.call('findObjects', { query: { name: 'bad.csv' } })).items).toEqual([])
  })
  test('an empty file', async () => {
    const problem = await fail('/objects?name=empty.csv', post('', 'text/csv'))
    expect([problem.status, problem.detail]).toEqual([422, expect.stringMatching(/empty/i)])
  })
  test('a duplicate name', async () => {
    await server.client.call('createObject', {
      query: { name: 'twice.csv' },
      raw: 'a\n1\n',
      mediaType: 'text/csv',
    })
    const problem = await fail('/objects?name=twice.csv', post('a\n2\n', 'text/csv'))
    expect([problem.status, problem.code, problem.detail]).toEqual([
      409,
      'conflict',
      expect.stringContaining('twice.csv'),
    ])
  })
  test('600 MB', async () => {
    const { body } = stream(600 * 1_048_576)
    const problem = await fail('/objects?name=huge.bin', {
      ...post(body, 'application/octet-stream'),
      duplex: 'half',
    } as RequestInit)
    expect([problem.status, problem.code, problem.detail]).toEqual([
      413,
      'too-large',
      expect.stringContaining('500'),
    ])
  }, 120_000)
  test('490 MB arrive with the same SHA-256', async () => {
    const { body, sha256 } = stream(490 * 1_048_576)
    const response = await server.fetch('/objects?name=large.bin', {
      ...post(body, 'application/octet-stream'),
      duplex: 'half',
    } as RequestInit)
    const object = (await response.json()) as { bytes: number; sha256: string; id: string }
    expect([response.status, object.bytes, object.sha256]).toEqual([201, 490 * 1_048_576, await sha256])
    const back = createHash('sha256')
    for await (const part of (await server.fetch(`/objects/${object.id}/content`)).body!) back.update(part)
    expect(back.digest('hex')).toBe(object.sha256)
    await server.client.call('deleteObject', { params: { id: object.id } })
  }, 180_000)
})

async function run(source: string, wait = 60): Promise<Run> {
  const notebook = await server.client.call('createNotebook', {
    body: { name: `N ${Math.random()}`, project, cells: [{ source }] },
  })
  return server.client.call('createRun', { params: { id: notebook.id }, query: { wait }, body: {} })
}

describe('notebooks', () => {
  test('a cell with a syntax error: cell, line and column', async () => {
    const made = await run('const a = 1\nconst b = ;')
    expect([made.state, made.error?.line, made.error?.column]).toEqual(['failed', 2, 11])
    expect(made.error?.cell).toBeDefined()
  })
  test('one that throws: the line of the throw', async () => {
    const made = await run("const a = 1\n\n  throw new RangeError('too far')")
    expect([made.state, made.error]).toEqual([
      'failed',
      expect.objectContaining({ name: 'RangeError', message: 'too far', line: 3 }),
    ])
  })
  test('one that dies of memory says so', async () => {
    const made = await run('const all = []; for (;;) all.push(new Array(1e5).fill(all.length))')
    expect([made.state, made.error?.message]).toEqual(['failed', expect.stringMatching(/memory|MB/i)])
  }, 90_000)
  test('one that floods its output goes on, and says what was cut', async () => {
    const made = await run("for (let i = 0; i < 100_000; i++) console.log('x'.repeat(100)); 'end'")
    expect([made.state, made.result]).toEqual(['succeeded', 'end'])
    const text = JSON.stringify(made.outputs)
    expect(text.length).toBeLessThan(4_000_000)
    expect(text).toMatch(/cut|left out|limit/i)
  }, 90_000)
  test('one that loops is interrupted, and its kernel answers again', async () => {
    const notebook = await server.client.call('createNotebook', {
      body: { name: 'loop', project, cells: [] },
    })
    const kernel = await server.client.call('openKernel', { params: { id: notebook.id } })
    const params = { id: kernel.id }
    await server.client.call('execute', { params, body: { source: 'for (;;) {}' } })
    await until(
      async () => (await server.client.call('getKernel', { params })).state === 'busy',
      10_000,
      'the loop',
    )
    await server.client.call('interruptKernel', { params })
    const again = await until(
      async () => {
        const now = await server.client.call('openKernel', { params: { id: notebook.id } })
        return now.state === 'idle' && now
      },
      20_000,
      'the kernel to be idle',
    )
    const answer = await server.client.call('execute', {
      params: { id: again.id },
      query: { wait: 20 },
      body: { source: '1 + 1' },
    })
    expect([answer.state, answer.value]).toEqual(['ok', '2'])
  }, 60_000)
  test('an unknown model names what there is', async () => {
    const made = await run("await models.load('nothing@champion')")
    expect([made.state, made.error?.message]).toEqual(['failed', expect.stringContaining('nothing')])
  })
  test('an unknown parameter is refused by name', async () => {
    const notebook = await server.client.call('createNotebook', {
      body: {
        name: 'parameters',
        project,
        cells: [{ source: 'const { hours } = parameters({ hours: 24 }); hours' }],
      },
    })
    const problem = await fail(`/notebooks/${notebook.id}/runs?wait=20`, post('{"parameters":{"hour":3}}'))
    expect([problem.status, problem.detail]).toEqual([422, expect.stringMatching(/hour/)])
  })
})

describe('streams', () => {
  test('an unparseable message and one without its time field become dead letters with their reasons', async () => {
    const made = await server.client.call('createStream', {
      body: { name: 'bad', source: { type: 'http' }, eventTime: { path: 'at' } },
    })
    const params = { id: made.id }
    const pushed = await server.client.call('pushMessages', {
      params,
      raw: '{"at":"2026-01-01","v":1}\n{"v":2}\nnot json\n{"at":"yesterday"}\n',
      mediaType: 'application/x-ndjson',
    })
    expect([pushed.accepted, pushed.deadLetters]).toEqual([1, 3])
    const dead = await server.client.call('findDeadLetters', { params })
    expect(dead.items.map((d) => d.reason)).toEqual([
      expect.stringMatching(/at/),
      expect.stringMatching(/JSON/i),
      expect.stringMatching(/at/),
    ])
    expect(dead.items.map((d) => d.raw)).toContain('not json')
  })
  test('an unreachable broker is an error on the stream', async () => {
    const port = await freePort()
    await server.client.call('putEgress', { body: { allow: [`127.0.0.1:${port}`] } })
    const source = { type: 'amqp' as const, url: `amqp://guest:secret@127.0.0.1:${port}`, queue: 'q' }
    const made = await server.client.call('createStream', { body: { name: 'unreachable', source } })
    const stream = await until(
      async () => {
        const now = await server.client.call('getStream', { params: { id: made.id } })
        return now.lastError !== null && now.state === 'backoff' && now
      },
      20_000,
      'the error, between two tries',
    )
    expect(JSON.stringify(stream)).not.toContain('secret')
  }, 40_000)
  test('an address that is not allowed says how to allow it', async () => {
    const source = { type: 'amqp' as const, url: 'amqp://2130706433:5672', queue: 'q' }
    const test = await server.client.call('testStream', { body: { source } })
    expect([test.ok, test.detail]).toEqual([
      false,
      expect.stringMatching(/settings\/egress|SURICATE_EGRESS_ALLOW/),
    ])
  })
})

describe('webhooks', () => {
  test('one that answers 500 and one that never answers stay visible, and hold up nobody', async () => {
    const hits = { bad: 0, silent: 0, good: 0 }
    const receiver = createServer((request, response) => {
      const name = request.url!.slice(1) as keyof typeof hits
      hits[name]++
      if (name === 'bad') response.writeHead(500).end()
      else if (name === 'good') response.end()
    })
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
    const { port } = receiver.address() as AddressInfo
    await server.client.call('putEgress', { body: { allow: [`127.0.0.1:${port}`] } })
    const made = await run(
      ['silent', 'bad', 'good']
        .map((name) => `await act.webhook('http://127.0.0.1:${port}/${name}', {}, { key: '${name}' })`)
        .join('\n'),
    )
    expect(made.state).toBe('succeeded')
    const actions = await until(
      async () => {
        const page = await server.client.call('findActions', { query: { kind: 'webhook' } })
        const state = (key: string) => page.items.find((a) => a.key.includes(key))
        return state('good')?.state === 'fired' && (state('bad')?.attempts.length ?? 0) >= 2 && page.items
      },
      30_000,
      'the good one to fire and the bad one to be tried again',
    )
    expect(actions.find((a) => a.key.includes('silent'))?.state).toBe('pending')
    expect(hits.good).toBe(1)
    receiver.closeAllConnections()
    receiver.close()
  }, 60_000)
})

describe('requests', () => {
  test('a body of 2 MB', async () => {
    const problem = await fail('/projects', post(JSON.stringify({ name: 'x'.repeat(2_000_000) })))
    expect([problem.status, problem.code]).toEqual([413, 'too-large'])
  })
  test('JSON 10,000 deep', async () => {
    const problem = await fail('/projects', post('['.repeat(10_000) + ']'.repeat(10_000)))
    expect([problem.status, problem.detail]).toEqual([422, expect.stringContaining('64 levels')])
  })
  test('a wrong token', async () => {
    const problem = await fail('/objects', { headers: { authorization: 'Bearer nobody-knows-this' } })
    expect([problem.status, problem.code]).toEqual([401, 'unauthorized'])
  })
  test('a field that is not there, and a cursor that is none', async () => {
    expect((await fail('/projects', post('{}'))).errors?.[0]?.path).toBe('body.name')
    expect((await fail('/objects?cursor=nonsense')).status).toBe(422)
    expect((await fail('/nothing')).status).toBe(404)
  })
  test('an edit without If-Match is 428, with a stale one 412', async () => {
    const body = JSON.stringify({ description: 'x' })
    const patch = { method: 'PATCH', body, headers: { 'content-type': 'application/json' } }
    expect((await fail(`/projects/${project}`, patch)).status).toBe(428)
    expect(
      (await fail(`/projects/${project}`, { ...patch, headers: { ...patch.headers, 'if-match': '"999"' } }))
        .status,
    ).toBe(412)
  })
})

describe('another workspace', () => {
  test('ids of another workspace answer as missing ones, in every call', async () => {
    const object = await server.client.call('createObject', {
      query: { name: 'mine.csv' },
      raw: 'a\n1\n',
      mediaType: 'text/csv',
    })
    const stream = await server.client.call('createStream', {
      body: { name: 'mine', source: { type: 'http' } },
    })
    const notebook = await server.client.call('createNotebook', {
      body: {
        name: 'mine',
        project,
        cells: [{ source: "await models.save('mine', {a: 1}); await act.alert('x')" }],
      },
    })
    const made = await server.client.call('createRun', {
      params: { id: notebook.id },
      query: { wait: 30 },
      body: {},
    })
    const kernel = await server.client.call('openKernel', { params: { id: notebook.id } })
    const paths = [
      ['GET', `/objects/${object.id}`],
      ['GET', `/objects/${object.id}/content`],
      ['GET', `/objects/${object.id}/profile`],
      ['GET', `/objects/${object.id}/rows`],
      ['DELETE', `/objects/${object.id}`],
      ['GET', `/streams/${stream.id}`],
      ['GET', `/streams/${stream.id}/messages`],
      ['GET', `/streams/${stream.id}/dead-letters`],
      ['GET', `/streams/${stream.id}/rates`],
      ['POST', `/streams/${stream.id}/messages`],
      ['DELETE', `/streams/${stream.id}`],
      ['GET', `/notebooks/${notebook.id}`],
      ['POST', `/notebooks/${notebook.id}/runs`],
      ['POST', `/notebooks/${notebook.id}/kernel`],
      ['GET', `/notebooks/${notebook.id}/outputs`],
      ['DELETE', `/notebooks/${notebook.id}`],
      ['GET', `/runs/${made.id}`],
      ['POST', `/runs/${made.id}/cancel`],
      ['GET', `/runs/${made.id}/events`],
      ['GET', `/kernels/${kernel.id}`],
      ['POST', `/kernels/${kernel.id}/interrupt`],
      ['DELETE', `/kernels/${kernel.id}`],
      ['GET', '/models/mine'],
      ['GET', '/models/mine/versions/1'],
      ['DELETE', '/models/mine'],
      ['GET', `/projects/${project}`],
    ] as const
    for (const [method, path] of paths) {
      const init = {
        method,
        headers: { ...other, 'content-type': 'application/json' },
        ...(method === 'POST' ? { body: '{}' } : {}),
      }
      const theirs = await fail(path, init)
      const missing = await fail(
        path.replace(/(obj|str|nb|run|krn|ker|prj|pro)_[0-9a-z]+|mine/, 'missing_0'),
        init,
      )
      const blank = (problem: Problem) => ({
        ...problem,
        detail: problem.detail.replaceAll(/\w+_[0-9a-z]+|mine/g, '…'),
        instance: '',
      })
      expect([path, blank(theirs)]).toEqual([path, blank(missing)])
      expect([path, theirs.status]).toEqual([path, 404])
    }
    for (const list of [
      '/objects',
      '/streams',
      '/notebooks',
      '/runs',
      '/models',
      '/actions',
      '/alerts',
      '/deployments',
      '/kernels',
    ])
      expect([
        list,
        ((await (await server.fetch(list, { headers: other })).json()) as { items: unknown[] }).items,
      ]).toEqual([list, []])
  }, 60_000)
})
