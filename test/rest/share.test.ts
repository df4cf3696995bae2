/** A share link as an attack: what its secret, and that of a session, open and do not open, over every operation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { App, OpenedApp } from '../../runtime/api/apps.ts'
import { createClient } from '../../runtime/api/client.ts'
import { inputMime } from '../../runtime/api/inputs.ts'
import type { Operation } from '../../runtime/api/operation.ts'
import { operations, type OperationId } from '../../runtime/api/operations.ts'
import type { JsonObject } from '../../runtime/json.ts'
import { startServer, type TestServer, until } from '../server.ts'

let server: TestServer
let notebook: { id: string; project: string }
let share: { id: string; secret: string; path: string }
let opened: OpenedApp

const cells = [
  { id: 'c1', type: 'markdown' as const, source: '# Hello viewers' },
  {
    id: 'c2',
    source:
      "const secretWord = 'xyzzy-in-code'\nconst hours = ui.slider('Hours', { min: 1, max: 48, value: 24 })",
  },
  { id: 'c3', source: "const { host } = parameters({ host: { default: 'a', choices: ['a', 'b'] } })" },
  { id: 'c4', source: 'console.log(`${host} ${hours.value}`)' },
]
const send = (path: string, init: RequestInit = {}) => fetch(`${server.base}/api/v1${path}`, init)
const withSecret = (secret: string, body?: unknown, method = 'POST'): RequestInit => ({
  method,
  headers: { 'x-suricate-app': secret, 'content-type': 'application/json' },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
})
async function open(): Promise<OpenedApp> {
  const answer = await send(`/shares/${share.id}/open`, withSecret('', { secret: share.secret }))
  expect(answer.status).toBe(201)
  return (await answer.json()) as OpenedApp
}
const view = async (app: OpenedApp): Promise<App> =>
  (await (await send(`/apps/${app.id}`, withSecret(app.secret, undefined, 'GET'))).json()) as App
const texts = (app: App): unknown[] => app.outputs.map(({ cell, data }) => [cell, data['text/plain']])
const idle = (app: OpenedApp): Promise<App> =>
  until(
    async () => {
      const now = await view(app)
      return now.progress.state === 'idle' && now.progress.total > 0 ? now : undefined
    },
    20_000,
    'the app to be idle',
  )

beforeAll(async () => {
  server = await startServer()
  const project = await server.client.call('createProject', { body: { name: 'Apps' } })
  notebook = await server.client.call('createNotebook', {
    body: { name: 'Shown', project: project.id, cells },
  })
  await server.client.call('createObject', {
    query: { name: 'private.csv' },
    raw: 'a\n1\n',
    mediaType: 'text/csv',
  })
  const made = await server.client.call('createShare', {
    params: { id: notebook.id },
    body: { name: 'For Ada' },
  })
  share = { id: made.share.id, secret: made.secret, path: made.path }
  opened = await open()
})
afterAll(() => server.close())

describe('a share link', () => {
  test('is shown once, and listed without its secret', async () => {
    expect(share.path).toBe(`/shared/${share.id}#${share.secret}`)
    const answer = await (await server.fetch(`/notebooks/${notebook.id}/shares`)).text()
    expect(answer).not.toContain(share.secret)
    expect((JSON.parse(answer) as { items: object[] }).items).toEqual([
      expect.objectContaining({
        id: share.id,
        name: 'For Ada',
        notebook: notebook.id,
        version: 1,
        sessions: 1,
      }),
    ])
  })
  test('shows texts, outputs and inputs; runs, takes parameters and changes inputs; tells no code', async () => {
    const before = await view(opened)
    expect(before).toMatchObject({
      name: 'Shown',
      version: 1,
      cells: [
        { id: 'c1', type: 'markdown', text: '# Hello viewers' },
        { id: 'c2', type: 'code', text: '' },
        { id: 'c3', type: 'code', text: '' },
        { id: 'c4', type: 'code', text: '' },
      ],
      outputs: [],
      progress: { state: 'idle', done: 0, total: 0, error: null },
    })
    const run = await send(`/apps/${opened.id}/run`, withSecret(opened.secret, { parameters: { host: 'b' } }))
    expect(run.status).toBe(202)
    expect(texts(await idle(opened))).toEqual([
      ['c2', 'Hours: 24'],
      ['c4', 'b 24\n'],
    ])
    const changed = await send(
      `/apps/${opened.id}/inputs`,
      withSecret(opened.secret, { id: 'c2.1', value: 30 }),
    )
    expect([changed.status, await changed.json()]).toEqual([200, { id: 'c2.1', value: 30 }])
    const after = await until(
      async () => {
        const now = await view(opened)
        return texts(now).some((text) => String(text) === 'c4,b 30\n') ? now : undefined
      },
      10_000,
      'the dependent to run',
    )
    expect((after.outputs[0]!.data[inputMime] as JsonObject)['value']).toBe(30)
    expect(JSON.stringify(after)).not.toContain('xyzzy')
  })
  test('sends events without code', async () => {
    const stop = new AbortController()
    const response = await send(`/apps/${opened.id}/events`, {
      ...withSecret(opened.secret, undefined, 'GET'),
      signal: stop.signal,
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    let text = ''
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    await send(`/apps/${opened.id}/run`, withSecret(opened.secret, {}))
    while (!/event: app\ndata: {"state":"idle","done":3/.test(text)) text += (await reader.read()).value ?? ''
    stop.abort()
    expect(
      [...new Set([...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1]))].toSorted((a, b) =>
        a! < b! ? -1 : 1,
      ),
    ).toEqual(['app', 'cell', 'input', 'output'])
    expect(text).not.toContain('xyzzy')
    expect(text).not.toContain('"source"')
  })
  test.each<[string, unknown, string]>([
    ['run', { parameters: { host: 'c' } }, 'The parameter host must be one of "a", "b".'],
    ['run', { parameters: { nope: 1 } }, 'The notebook has no parameter "nope". It declares: host.'],
    ['inputs', { id: 'c2.1', value: 99 }, 'The input "Hours" must be from 1 to 48, not 99.'],
    ['inputs', { id: 'c2.1', value: { a: 'x'.repeat(1000) } }, 'must be a number'],
  ])('%s with %.60j is refused in words', async (what, body, message) => {
    const answer = await send(`/apps/${opened.id}/${what}`, withSecret(opened.secret, body))
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringContaining(message),
    ])
  })
  test('is pinned: an edit does not reach it', async () => {
    const { revision } = await server.client.call('getNotebook', { params: { id: notebook.id } })
    await server.client.call('updateNotebook', {
      params: { id: notebook.id },
      revision,
      body: { cells: [{ id: 'c9', source: '"edited"' }] },
    })
    expect((await view(await open())).cells.map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 'c4'])
  })
})

describe('the secrets', () => {
  const ours = new Set<OperationId>([
    'openSharedApp',
    'getApp',
    'runApp',
    'setAppInput',
    'interruptApp',
    'getAppEvents',
    'closeApp',
  ])
  const others = (Object.entries(operations) as [OperationId, Operation][]).filter(
    ([id, { scope }]) => scope !== 'public' && !ours.has(id),
  )
  /** Whatever the link's holder may try with it. */
  const disguises: [string, (secret: string) => Record<string, string>][] = [
    ['as a token', (secret) => ({ authorization: `Bearer ${secret}` })],
    ['as a session', (secret) => ({ cookie: `suricate_session=${secret}`, 'x-suricate': '1' })],
    ['as it is', (secret) => ({ 'x-suricate-app': secret, 'x-suricate': '1' })],
  ]
  test.each(disguises)('open no other operation, %s', async (_, toHeaders) => {
    const client = createClient({ base: '' })
    const params = { id: notebook.id, name: 'm', version: 1, alias: 'champion', format: 'csv' }
    const answers = await Promise.all(
      others.flatMap(([id, operation]) =>
        [share.secret, opened.secret].map(async (secret) => {
          const path = client.url(id, { params }).replace('/api/v1', '')
          const init: RequestInit = { method: operation.method.toUpperCase(), headers: toHeaders(secret) }
          if (operation.body) init.body = '{}'
          const answer = await send(path, init)
          await answer.body?.cancel()
          return [id, answer.status] as const
        }),
      ),
    )
    expect(answers.filter(([, status]) => status !== 401)).toEqual([])
    expect(answers.length).toBeGreaterThan(100)
  })
  test('open no session of the pages', async () => {
    for (const secret of [share.secret, opened.secret]) {
      const answer = await fetch(`${server.base}/api/session`, {
        method: 'POST',
        headers: { 'x-suricate': '1', 'content-type': 'application/json' },
        body: JSON.stringify({ token: secret }),
      })
      expect(answer.status).toBe(401)
    }
  })
  test('of one session open no other; a wrong one, none and a token are alike', async () => {
    const other = await open()
    const paths = [
      ['GET', ''],
      ['POST', '/run'],
      ['POST', '/inputs'],
      ['POST', '/interrupt'],
      ['GET', '/events'],
      ['DELETE', ''],
    ]
    const bodies: Record<string, unknown> = { '/run': {}, '/inputs': { id: 'c2.1', value: 1 } }
    for (const secret of [opened.secret, share.secret, '', 'x'.repeat(5000), 'test-token-of-the-first-owner'])
      for (const [method, path] of paths) {
        const answer = await send(`/apps/${other.id}${path}`, withSecret(secret, bodies[path!], method!))
        expect([method, path, answer.status]).toEqual([method, path, 404])
      }
    expect((await view(other)).name).toBe('Shown')
    const owners = await server.fetch(`/apps/${other.id}`)
    expect(owners.status).toBe(404)
  })
  test('of a link that is wrong, of another or of none open nothing, and say the same', async () => {
    const second = await server.client.call('createShare', { params: { id: notebook.id }, body: {} })
    const details = await Promise.all(
      [
        [share.id, second.secret],
        [share.id, share.secret.slice(1)],
        ['shr_none', share.secret],
        [notebook.id, share.secret],
      ].map(async ([id, secret]) => {
        const answer = await send(`/shares/${id}/open`, withSecret('', { secret }))
        return [answer.status, ((await answer.json()) as { detail: string }).detail]
      }),
    )
    expect(new Set(details.map(String)).size).toBe(1)
    expect(details[0]).toEqual([404, expect.stringContaining('This link is not known here')])
  })
})

describe('code in a shared app', () => {
  const attacks = [
    "await objects.create('x', 'y')",
    "await objects.update('private.csv', 'y')",
    "await objects.delete('private.csv')",
    "await models.save('m', {})",
    "await act.alert('a')",
    "await act.webhook('https://example.com', {})",
    "await notebooks.run('Shown')",
    "await fetch('https://example.com', { method: 'POST' })",
  ]
  test('reads, and changes nothing: each call is refused by its name', async () => {
    const source = `const told = []
for (const attack of [${attacks.map((attack) => `async () => { ${attack} }`).join(', ')}])
  try { await attack(); told.push('done') } catch (error) { told.push(error.code) }
console.log(told.join(' '), (await objects.list()).length)`
    const made = await server.client.call('createNotebook', {
      body: { name: 'Writes', project: notebook.project, cells: [{ id: 'w', source }] },
    })
    const { share: link, secret } = await server.client.call('createShare', {
      params: { id: made.id },
      body: {},
    })
    const answer = await send(`/shares/${link.id}/open`, withSecret('', { secret }))
    const app = (await answer.json()) as OpenedApp
    await send(`/apps/${app.id}/run`, withSecret(app.secret, {}))
    expect(texts(await idle(app))).toEqual([['w', `${attacks.map(() => 'forbidden').join(' ')} 1\n`]])
    const objects = await server.client.call('findObjects', {})
    expect(objects.items.map(({ name }) => name)).toEqual(['private.csv'])
    expect((await server.client.call('findActions', {})).items).toEqual([])
  })
  test('that fails says what, and not where', async () => {
    const made = await server.client.call('createNotebook', {
      body: {
        name: 'Fails',
        project: notebook.project,
        cells: [
          { id: 'f', source: "function hiddenName() { throw new Error('too hot') }\nhiddenName()" },
          { id: 'g', source: '1' },
        ],
      },
    })
    const { share: link, secret } = await server.client.call('createShare', {
      params: { id: made.id },
      body: {},
    })
    const app = (await (
      await send(`/shares/${link.id}/open`, withSecret('', { secret }))
    ).json()) as OpenedApp
    await send(`/apps/${app.id}/run`, withSecret(app.secret, {}))
    const now = await idle(app)
    expect(texts(now)).toEqual([['f', 'Error: too hot']])
    expect(now.progress).toEqual({
      state: 'idle',
      done: 1,
      total: 1,
      error: { cell: 'f', message: 'too hot' },
    })
    expect(JSON.stringify(now)).not.toContain('hiddenName')
  })
})

describe('bounds', () => {
  test('a fifth viewer who comes at once is told to wait; a closed session makes room', async () => {
    const made = await server.client.call('createNotebook', {
      body: { name: 'Many', project: notebook.project, cells: [{ source: '1' }] },
    })
    const { share: link, secret } = await server.client.call('createShare', {
      params: { id: made.id },
      body: {},
    })
    const enter = () => send(`/shares/${link.id}/open`, withSecret('', { secret }))
    const entered: OpenedApp[] = []
    let full: Response | undefined
    for (let i = 0; i < 5 && !full; i++) {
      const answer = await enter()
      if (answer.status === 201) entered.push((await answer.json()) as OpenedApp)
      else full = answer
    }
    expect([full?.status, full?.headers.get('retry-after')]).toEqual([429, '60'])
    expect(entered.length).toBeLessThanOrEqual(4)
    await send(`/apps/${entered[0]!.id}`, withSecret(entered[0]!.secret, undefined, 'DELETE'))
    expect((await enter()).status).toBe(201)
  })
  test('runs and changes that come too fast are told to wait', async () => {
    const answers = await Promise.all(
      Array.from({ length: 80 }, () =>
        send(`/apps/${opened.id}/inputs`, withSecret(opened.secret, { id: 'c2.1', value: 5 })),
      ),
    )
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].toSorted((a, b) => a - b)).toEqual([200, 429])
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => send(`/apps/${opened.id}/run`, withSecret(opened.secret, {}))),
    )
    expect(runs.filter(({ status }) => status === 429).length).toBeGreaterThan(5)
  })
  test('a revoked link ends its sessions, and opens none', async () => {
    const status = async (): Promise<number> =>
      (await send(`/apps/${opened.id}`, withSecret(opened.secret, undefined, 'GET'))).status
    expect(await status()).toBe(200)
    expect((await server.fetch(`/shares/${share.id}`, { method: 'DELETE' })).status).toBe(204)
    expect(await status()).toBe(404)
    expect((await send(`/shares/${share.id}/open`, withSecret('', { secret: share.secret }))).status).toBe(
      404,
    )
  })
})
