/** A package from an owner's request to a kernel and a run, against the real server and a registry on this machine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectPackage } from '../../runtime/api/packages.ts'
import { fixtures, startRegistry, type TestRegistry } from '../package/registry-server.ts'
import { startServer, type TestServer, until } from '../server.ts'

let registry: TestRegistry
let server: TestServer
let project: string
beforeAll(async () => {
  registry = await startRegistry(fixtures)
  server = await startServer({ environment: { SURICATE_NPM_REGISTRY: registry.url } })
  project = (await server.client.call('createProject', { body: { name: 'P' } })).id
})
afterAll(async () => {
  await server?.close()
  await registry?.close()
})

async function add(name: string): Promise<ProjectPackage> {
  const { id, state } = await server.client.call('addPackage', { params: { id: project }, body: { name } })
  expect(state).toBe('adding')
  const { items } = await until(
    async () => {
      const found = await server.client.call('findPackages', { params: { id: project } })
      return found.items.some((one) => one.id === id && one.state !== 'adding') && found
    },
    60_000,
    name,
  )
  return items.find((one) => one.id === id)!
}
async function makeNotebook(source: string, kind: 'analytics' | 'processing' = 'analytics'): Promise<string> {
  const { id } = await server.client.call('createNotebook', {
    body: { name: `n ${Math.random()}`, project, kind, cells: [{ type: 'typescript', source }] },
  })
  return id
}
async function executed(notebook: string, source: string): Promise<string> {
  const kernel = await server.client.call('openKernel', { params: { id: notebook } })
  const { outputs } = await server.client.call('execute', {
    params: { id: kernel.id },
    query: { wait: 30 },
    body: { source },
  })
  return String(outputs.at(-1)?.data['text/plain'])
}

describe('a package of npm', () => {
  test('is imported in a kernel and in a run, whose receipt pins it', { timeout: 120_000 }, async () => {
    const { bundle } = await add('@fixture/quarter')
    const source = "import quarter from '@fixture/quarter'\nquarter(8)"
    const notebook = await makeNotebook(source)
    expect(await executed(notebook, source)).toBe('2')
    const run = await server.client.call('createRun', {
      params: { id: notebook },
      query: { wait: 60 },
      body: {},
    })
    const { version, integrity, sha256 } = bundle!
    expect([run.state, run.result, run.receipt?.packages]).toEqual([
      'succeeded',
      2,
      [{ name: '@fixture/quarter', version, integrity, sha256 }],
    ])
    const processing = await makeNotebook('1', 'processing')
    expect(await executed(processing, source)).toBe('2')
  })
  test('that needs a part of Node is refused by its name', { timeout: 60_000 }, async () => {
    const { state, error } = await add('needs-reader')
    expect([state, error]).toEqual([
      'failed',
      'needs-reader needs reads-files@1.0.0, which needs fs of Node, which notebooks do not have. Take a package that is made for browsers too.',
    ])
    expect(await executed(await makeNotebook('1'), "import 'needs-reader'")).toContain('needs fs of Node')
  })
  test('is of one project, and an owner’s alone to add', { timeout: 60_000 }, async () => {
    const other = await server.client.call('createProject', { body: { name: 'Other' } })
    expect(await server.client.call('findPackages', { params: { id: other.id } })).toEqual({ items: [] })
    const { value } = await server.client.call('createToken', {
      body: { name: 'editor', scopes: ['read', 'write', 'run'] },
    })
    const headers = { authorization: `Bearer ${value}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'half' })
    const path = `/projects/${project}/packages`
    expect((await server.fetch(path, { method: 'POST', headers, body })).status).toBe(403)
    expect((await server.fetch(path, { headers })).status).toBe(200)
  })
  test.each(['../etc', 'a b', '@x', '.hidden', 'https://host/x.tgz', ''])(
    'cannot be called %j',
    async (name) => {
      const request = server.client.call('addPackage', { params: { id: project }, body: { name } })
      await expect(request).rejects.toMatchObject({ problem: { status: 422, code: 'invalid' } })
    },
  )
})
