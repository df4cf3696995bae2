import { openInstants } from '../../runtime/deployment/instants.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actionHandlers } from '../../app/api/actions.ts'
import { type ApiOptions, createApi } from '../../app/api/api.ts'
import { deploymentHandlers } from '../../app/api/deployments.ts'
import { type Action, actionOperations, type Alert } from '../../runtime/api/actions.ts'
import { type Deployment, deploymentOperations, type Row } from '../../runtime/api/deployments.ts'
import { systemClock } from '../../runtime/clock.ts'
import { log, openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import type { Script } from '../deployment/fake.ts'
import { createStream, openTestDeployments, type Opened, type TestStream } from '../deployment/opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let testActions: ReturnType<typeof openTestActions>
let opened: Opened
let stream: TestStream
let app: OpenAPIHono
const scripts: { [notebook: string]: Script } = {}

beforeAll(async () => {
  temporary = await openTemporaryStore()
  const { store } = temporary
  testActions = openTestActions(store, [])
  opened = openTestDeployments(store, testActions.actions, scripts)
  stream = await createStream(store)
  await store.in(workspace).insert('notebooks', [{ id: 'guard', name: 'guard', project: 'prj' }])
  scripts.guard = (sdk) =>
    sdk.on(stream.name, { window: { type: 'tumbling', size: 1000 } }, (async ({
      messages,
    }: {
      messages: unknown[]
    }) => {
      await sdk.alert('Seen', { key: 'seen', cooldown: '1 d' })
      if (messages.length > 1) await sdk.webhook('http://10.0.0.1/', 1)
      return { value: messages.length }
    }) as never)
  const handlers = {
    ...actionHandlers({ ...testActions, instants: openInstants({ store }), notebooks: {} as Notebooks }),
    ...deploymentHandlers(opened),
  } as unknown as ApiOptions['handlers']
  app = createApi({
    handlers,
    store,
    clock: systemClock,
    log,
    version: '0',
    authenticate: (request) =>
      Promise.resolve({
        workspace: request.headers.get('authorization') ?? workspace,
        member: 'm',
        name: 'Ada',
        role: 'owner',
        rights: ['read', 'write', 'run', 'admin'],
        projects: request.headers.get('x-projects')?.split(',') ?? null,
        platformOwner: false,
      }),
  })
})
afterAll(async () => {
  await opened.deployments.close()
  await testActions.close()
  await temporary.remove()
})
async function send(
  method: string,
  path: string,
  body?: unknown,
  as?: string,
  projects?: string,
): Promise<Response> {
  return app.fetch(
    new Request(`http://localhost/api/v1${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(as !== undefined && { authorization: as }),
        ...(projects !== undefined && { 'x-projects': projects }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
}
async function get<T>(path: string, schema: { parse(value: unknown): unknown }): Promise<T> {
  const response = await send('GET', path)
  const value: unknown = await response.json()
  expect([response.status, schema.parse(value)]).toEqual([200, value])
  return value as T
}
const { findDeployments, getDeployment, findRows } = deploymentOperations
const { findActions, getAction, findAlerts, getAlert } = actionOperations

test('a deployment, its rows, actions and alerts over REST', async () => {
  await stream.push({ at: 0 }, { at: 500 }, { at: 1000 }, { at: 2000 })
  const made = await send('POST', '/deployments', { notebook: 'guard', from: 'first', name: 'Guard' })
  const deployment = (await made.json()) as Deployment
  expect([made.status, made.headers.get('etag'), deployment.name, deployment.parameters]).toEqual([
    201,
    `"${deployment.revision}"`,
    'Guard',
    {},
  ])
  const path = `/deployments/${deployment.id}`
  await until(async () => (await get<Deployment>(path, getDeployment.response)).inputs[0]?.nextSeq === 5)
  const rows = await get<{ items: Row[]; nextCursor: string }>(`${path}/rows?limit=1`, findRows.response)
  expect(rows.items.map(({ start, fields }) => [start, fields])).toEqual([[1000, { value: 1 }]])
  const older = await get<{ items: Row[] }>(`${path}/rows?cursor=${rows.nextCursor}`, findRows.response)
  expect(older.items.map(({ start }) => start)).toEqual([0])
  const until1 = await get<{ items: Row[] }>(`${path}/rows?to=1970-01-01T00:00:02Z`, findRows.response)
  expect(until1.items.map(({ start }) => start)).toEqual([0])

  await until(async () => {
    const { items } = await get<{ items: Action[] }>(
      `/actions?deployment=${deployment.id}`,
      findActions.response,
    )
    return items.length === 3 && items.every(({ state }) => state !== 'pending')
  })
  const { items } = await get<{ items: Action[] }>(
    `/actions?deployment=${deployment.id}`,
    findActions.response,
  )
  expect(items.map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
    'alert deduplicated',
    'alert fired',
    'webhook failed',
  ])
  const failed = items.find(({ kind }) => kind === 'webhook')!
  expect((await get<Action>(`/actions/${failed.id}`, getAction.response)).attempts[0]?.detail).toMatch(
    /refused/,
  )
  expect((await send('POST', `/actions/${failed.id}/retry`)).status).toBe(200)
  const fired = items.find(({ state }) => state === 'fired')!
  expect((await send('POST', `/actions/${fired.id}/retry`)).status).toBe(409)

  const alerts = await get<{ items: Alert[] }>('/alerts?state=open', findAlerts.response)
  const alert = alerts.items.find(({ links }) => links.deployment === deployment.id)!
  expect(await get<Alert>(`/alerts/${alert.id}`, getAlert.response)).toEqual(alert)
  const acknowledged = (await (await send('POST', `/alerts/${alert.id}/acknowledge`)).json()) as Alert
  expect([acknowledged.state, acknowledged.acknowledgedBy]).toEqual(['acknowledged', 'Ada'])
  expect(((await (await send('POST', `/alerts/${alert.id}/resolve`)).json()) as Alert).state).toBe('resolved')
  expect((await send('POST', `/alerts/${alert.id}/acknowledge`)).status).toBe(409)

  for (const [verb, state] of [
    ['pause', 'paused'],
    ['resume', 'starting'],
    ['drain', 'draining'],
  ])
    expect(((await (await send('POST', `${path}/${verb}`)).json()) as Deployment).state).toBe(state)
  await until(async () => (await get<Deployment>(path, getDeployment.response)).state === 'stopped')
  const list = await get<{ items: Deployment[] }>('/deployments?state=stopped', findDeployments.response)
  expect(list.items.map(({ id }) => id)).toEqual([deployment.id])

  const events = await send('GET', `${path}/events`)
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('event: rows')) text += (await reader.read()).value ?? ''
  expect(text).toContain('event: state')
  await reader.cancel()

  for (const other of [path, `${path}/rows`, `${path}/events`, `/actions/${fired.id}`, `/alerts/${alert.id}`])
    expect((await send('GET', other, undefined, 'w2')).status).toBe(404)
  for (const confined of [path, `${path}/rows`, `/actions/${fired.id}`, `/alerts/${alert.id}`]) {
    expect((await send('GET', confined, undefined, undefined, 'other')).status).toBe(404)
    expect((await send('GET', confined, undefined, undefined, 'other,prj')).status).toBe(200)
  }
  for (const listed of ['/deployments', '/actions', '/alerts'])
    for (const [projects, some] of [
      ['other', false],
      ['prj', true],
    ] as const) {
      const response = await send('GET', listed, undefined, undefined, projects)
      expect(((await response.json()) as { items: unknown[] }).items.length > 0).toBe(some)
    }
  expect((await send('POST', '/deployments', { notebook: 'guard' }, undefined, 'other')).status).toBe(404)
  expect((await send('DELETE', path, undefined, 'w2')).status).toBe(404)
  expect((await send('DELETE', path)).status).toBe(204)
  expect((await send('GET', path)).status).toBe(404)
})

test.each([
  [{}, 422],
  [{ notebook: 'guard', from: 'yesterday' }, 422],
  [{ notebook: 'guard', from: { seq: 0 } }, 422],
  [{ notebook: 'missing' }, 404],
])('POST /deployments %j answers %i', async (body, status) => {
  const response = await send('POST', '/deployments', body)
  expect([400, 422].includes(response.status) ? 422 : response.status).toBe(status)
})

test('a wrong event time is refused when the deployment is made', async () => {
  const response = await send('POST', '/deployments', { notebook: 'guard', from: { eventTime: 'soon' } })
  expect([400, 422]).toContain(response.status)
})
