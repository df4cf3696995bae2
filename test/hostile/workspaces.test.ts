/**
 * A workspace that knows the ids and names of another one: every operation that takes an id answers as for a missing one,
 * word by word, and so do bodies, queries and calls from cells that name something. All of it is there afterwards.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../runtime/api/client.ts'
import type { Operation } from '../../runtime/api/operation.ts'
import { operations, type OperationId } from '../../runtime/api/operations.ts'
import { startServer, type TestServer, until } from '../server.ts'
import { type Neighbour, openNeighbour } from './neighbour.ts'

let server: TestServer
/** Reaches for what the first workspace has. */
let thief: Neighbour
/** By the first part of the path. */
const owned: { [kind: string]: string } = {}

beforeAll(async () => {
  server = await startServer()
  thief = await openNeighbour(server)
  const { client } = server
  const project = (await client.call('createProject', { body: { name: 'Mine' } })).id
  const object = { query: { name: 'mine.csv' }, raw: 'a\n1\n', mediaType: 'text/csv' }
  const live = { name: 'mine', source: { type: 'http' as const } }
  const source = "await models.save('mine', { a: 1 }); await act.alert('Mine', {}); [{ a: 1 }]"
  const notebook = await client.call('createNotebook', {
    body: { name: 'mine', project, cells: [{ source }] },
  })
  const params = { id: notebook.id }
  const guard = await client.call('createNotebook', {
    body: {
      name: 'guard',
      project,
      kind: 'processing',
      cells: [{ source: "await streams.on('mine', {}, () => ({ value: 1 }))" }],
    },
  })
  Object.assign(owned, {
    projects: project,
    objects: (await client.call('createObject', object)).id,
    streams: (await client.call('createStream', { body: live })).id,
    notebooks: notebook.id,
    models: 'mine',
    runs: (await client.call('createRun', { params, query: { wait: 30 }, body: {} })).id,
    kernels: (await client.call('openKernel', { params })).id,
    shares: (await client.call('createShare', { params, body: {} })).share.id,
    deployments: (await client.call('createDeployment', { body: { notebook: guard.id } })).id,
    tokens: (await client.call('createToken', { body: { name: 'mine', scopes: ['read'] } })).token.id,
  })
  await client.call('createNotebookVersion', { params, body: { message: '' } })
  const spec = { type: 'schedule' as const, cron: '0 0 1 1 *' }
  owned['triggers'] = (await client.call('createTrigger', { body: { notebook: notebook.id, spec } })).id
  const rows = await client.call('execute', {
    params: { id: owned['kernels']! },
    query: { wait: 20 },
    body: { source: 'Array.from({ length: 101 }, (_, i) => ({ i }))' },
  })
  const table = rows.outputs[0]!.data['application/vnd.suricate.table+json'] as { ref: string }
  owned['tables'] = table.ref
  const first = async (id: 'findActions' | 'findAlerts'): Promise<string> =>
    until(async () => (await client.call(id, {})).items[0]?.id, 10_000, id)
  owned['actions'] = await first('findActions')
  owned['alerts'] = await first('findAlerts')
}, 120_000)
afterEach(async () => {
  expect(await thief.check()).toEqual([])
})
afterAll(() => server?.close())

const bodies: { [id in OperationId]?: unknown } = {
  updateObject: { name: 'stolen' },
  updateStream: { lateness: 1 },
  updateProject: { name: 'stolen' },
  updateNotebook: { tags: ['stolen'] },
  updateTrigger: { enabled: false },
  createNotebookVersion: { message: 'x' },
  execute: { source: '1' },
  setInput: { id: 'c1.1', value: 1 },
  putPresence: { tab: 'a-tab-of-the-thief' },
  moveAlias: { version: 1 },
  addPackage: { name: 'd3-array' },
  replayDeadLetters: { seqs: [1] },
  pushOtlpMetrics: { resourceMetrics: [] },
  pushOtlpLogs: { resourceLogs: [] },
}
/** Of what a secret opens (test/rest/share.test.ts), or whose ids the caller makes up. */
const elsewhere = new Set(['apps', 'hooks', 'collectors'])

interface Told {
  status: number
  text: string
}
async function steal(id: OperationId, own: string): Promise<Told> {
  const { method, body, raw, etag, params }: Operation = operations[id]
  const named = { id: own, name: own, version: 1, alias: 'champion', job: 'job_1' }
  const given = Object.fromEntries(
    Object.entries(named).filter(([name]) => Object.keys(params?.shape ?? {}).includes(name)),
  )
  const query = id === 'exportNotebook' ? { format: 'ts' } : {}
  const path = createClient({ base: '', token: '' }).url(id, { params: given, query } as never)
  const sent = raw || body ? JSON.stringify(bodies[id] ?? (raw ? [] : {})) : undefined
  const response = await fetch(`${server.base}${path}`, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${thief.token}`,
      'content-type': 'application/json',
      ...(etag === 'requires' ? { 'if-match': '"1"' } : {}),
    },
    ...(sent === undefined ? {} : { body: sent }),
  })
  return { status: response.status, text: (await response.text()).replaceAll(own, '…') }
}
/** Of the same form, and nobody's. */
const toMissing = (own: string): string => (own === 'mine' ? 'none' : `${own.slice(0, -6)}000000`)

const taken = (Object.entries(operations) as [OperationId, Operation][])
  .filter(([, { path, scope }]) => path.includes('{') && scope !== 'public')
  .map(([id, { path }]): [OperationId, string] => [id, path.split('/')[1]!])
  .filter(([, kind]) => !elsewhere.has(kind))

describe('of another workspace', () => {
  test.each(taken)('%s of %s answers as if it were missing', async (id, kind) => {
    const own = owned[kind]
    if (own === undefined) throw new Error(`Make one of /${kind} above, so that it can be reached for.`)
    const theirs = await steal(id, own)
    expect([theirs.status, theirs]).toEqual([404, await steal(id, toMissing(own))])
  })

  test('a body or query that names one is refused as if it were missing, a list is empty', async () => {
    const [project, notebook] = [owned['projects']!, owned['notebooks']!]
    const spec = { type: 'schedule', cron: '0 0 1 1 *' }
    const asks: [string, string, unknown?][] = [
      ['/notebooks', project, { name: 'x', project }],
      [`/notebooks/import?project=${project}`, project, '// %%\n1'],
      ['/deployments', notebook, { notebook }],
      ['/triggers', notebook, { notebook, spec }],
      ['/sql', 'mine.csv', { sql: 'select * from "mine.csv"' }],
      [`/notebooks?project=${project}`, project],
      [`/runs?notebook=${notebook}`, notebook],
      [`/deployments?notebook=${notebook}`, notebook],
    ]
    for (const [path, own, body] of asks) {
      const ask = async (name: string): Promise<Told> => {
        const swap = (text: string): string => text.replaceAll(own, name)
        const text = typeof body === 'string' ? body : body && swap(JSON.stringify(body))
        const response = await fetch(`${server.base}/api/v1${swap(path)}`, {
          method: text === undefined ? 'GET' : 'POST',
          headers: {
            authorization: `Bearer ${thief.token}`,
            'content-type': typeof body === 'string' ? 'text/typescript' : 'application/json',
          },
          ...(typeof text === 'string' ? { body: text } : {}),
        })
        return { status: response.status, text: (await response.text()).replaceAll(name, '…') }
      }
      const theirs = await ask(own)
      expect([path, theirs]).toEqual([path, await ask(own === 'mine.csv' ? 'none.csv' : toMissing(own))])
      if (theirs.status === 200) expect(JSON.parse(theirs.text)).toEqual({ items: [], nextCursor: null })
      else expect([path, [404, 422].includes(theirs.status)]).toEqual([path, true])
    }
  })

  test('a cell that names one is told what it is told of a missing one', async () => {
    const { client } = thief
    const project = await client.call('createProject', { body: { name: 'Thief' } })
    const made = await client.call('createNotebook', { body: { name: 'Thief', project: project.id } })
    const { id } = await client.call('openKernel', { params: { id: made.id } })
    const calls = [
      'objects.get(NAME)',
      'objects.table(NAME)',
      'objects.bytes(NAME)',
      'objects.update(NAME, "a\\n2\\n")',
      'objects.delete(NAME)',
      'streams.recent(NAME)',
      'streams.between(NAME, 0, 1e13)',
      'models.load(NAME)',
      'notebooks.run(NAME)',
    ]
    const tell = async (call: string, name: string): Promise<string> => {
      const source = `await ${call.replace('NAME', JSON.stringify(name))}.then(() => 'got it', (e) => e.message)`
      const done = await client.call('execute', { params: { id }, query: { wait: 20 }, body: { source } })
      return String(done.value).replaceAll(name, '…')
    }
    const names = ['mine', 'mine.csv', owned['objects']!, owned['streams']!, owned['notebooks']!]
    for (const call of calls)
      for (const name of names) {
        const missing = name.replace(/mine|.{6}$/, name.includes('mine') ? 'none' : '000000')
        const told = await tell(call, name)
        expect([call, name, told]).toEqual([call, name, await tell(call, missing)])
        expect(told).not.toBe('got it')
      }
    expect(
      await tell('objects.list().then((all) => { if (all.length > 0) return; throw Error(NAME) })', 'x'),
    ).toBe('…')
  }, 60_000)

  test('and everything is there as it was', async () => {
    for (const [kind, own] of Object.entries(owned)) {
      if (['shares', 'tokens', 'triggers'].includes(kind)) continue
      const response = await server.fetch(`/${kind}/${own}`)
      expect([kind, response.status]).toEqual([kind, 200])
    }
    const params = { id: owned['notebooks']! }
    expect((await server.client.call('findShares', { params })).items).toHaveLength(1)
    expect((await server.client.call('findTriggers', {})).items).toMatchObject([
      { id: owned['triggers'], enabled: true },
    ])
    expect((await server.client.call('findTokens', {})).items.map(({ id }) => id)).toContain(owned['tokens'])
    expect(await (await server.fetch(`/objects/${owned['objects']}/content`)).text()).toBe('a\n1\n')
  })
})
