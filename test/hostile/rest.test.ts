/**
 * Requests of a hostile workspace to a whole server: operators where texts belong, rights it does not have, more than
 * its share, and texts that a parser would choke on. After each, what neighbour.ts says must hold.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../runtime/api/operation.ts'
import { startServer, type TestServer } from '../server.ts'
import { type Neighbour, openNeighbour } from './neighbour.ts'

let server: TestServer
let project: string
let notebook: string
let neighbour: Neighbour

beforeAll(async () => {
  server = await startServer({ environment: { SURICATE_SINGLE_USER: '0' } })
  project = (await server.client.call('createProject', { body: { name: 'Hostile' } })).id
  notebook = (await server.client.call('createNotebook', { body: { name: 'Hostile', project } })).id
  neighbour = await openNeighbour(server)
})
afterEach(async () => {
  expect(await neighbour.check()).toEqual([])
})
afterAll(() => server?.close())

async function ask(path: string, body?: string, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) }
  return server.fetch(path, body === undefined ? init : { method: 'POST', body, ...init, headers })
}
async function statusOf(path: string, body?: string, init?: RequestInit): Promise<[number, string]> {
  const response = await ask(path, body, init)
  const problem = (await response.json()) as Problem
  return [response.status, problem.code]
}

describe('operators where texts belong', () => {
  test.each([
    '/notebooks?project[$ne]=x',
    '/notebooks?project={"$ne":""}',
    '/runs?notebook[$gt]=',
    '/runs?state[]=queued&state[$ne]=x',
    '/objects?tag[$regex]=.*',
    '/actions?kind[$where]=1',
  ])('GET %s finds nothing more', async (path) => {
    const response = await ask(path)
    const plain = (await (await ask(path.split('?')[0]!)).json()) as { items: unknown[] }
    if (response.status !== 200) return expect(response.status).toBe(422)
    const { items } = (await response.json()) as { items: unknown[] }
    expect(items.length).toBeLessThanOrEqual(plain.items.length)
  })
  test.each([
    ['/projects', '{"name": {"$gt": ""}}'],
    ['/notebooks', '{"name": "x", "project": {"$ne": null}}'],
    ['/notebooks', '{"name": "x", "project": ["a"], "cells": {"$size": 0}}'],
    ['/streams', '{"name": {"$regex": "."}, "source": {"type": "http"}}'],
    ['/models/x/predictions', '{"input": {"$where": "sleep(9)"}, "inputs": 1}'],
    ['/tokens', '{"name": "x", "scopes": {"$in": ["admin"]}}'],
    ['/workspaces', '{"name": {"$ne": ""}}'],
  ])('POST %s %s is refused', async (path, body) => {
    const [status] = await statusOf(path, body)
    expect([404, 422]).toContain(status)
  })
  test('an id with a path or an operator in it is a missing one', async () => {
    for (const id of [
      '..%2F..%2Fetc%2Fpasswd',
      '%24ne',
      '%00',
      '__proto__',
      'constructor',
      '%7B%22%24gt%22:%22%22%7D',
    ])
      expect((await ask(`/objects/${id}`)).status).toBeGreaterThanOrEqual(404)
  })
})

describe('rights', () => {
  const withToken = async (scopes: ('read' | 'write' | 'run' | 'admin')[]): Promise<RequestInit> => {
    const { value } = await server.client.call('createToken', { body: { name: scopes.join(), scopes } })
    return { headers: { authorization: `Bearer ${value}` } }
  }
  test('a token that reads neither writes, nor runs, nor makes tokens', async () => {
    const reader = await withToken(['read'])
    expect((await ask('/notebooks', undefined, reader)).status).toBe(200)
    const tries = [
      ['/projects', '{"name": "x"}'],
      [`/notebooks/${notebook}/runs`, '{}'],
      [`/notebooks/${notebook}/kernel`, '{}'],
      ['/tokens', '{"name": "x", "scopes": ["admin"]}'],
      ['/workspaces', '{"name": "x"}'],
    ] as const
    for (const [path, body] of tries)
      expect([path, ...(await statusOf(path, body, reader))]).toEqual([path, 403, 'forbidden'])
  })
  test('a token that runs does not write', async () => {
    const runner = await withToken(['read', 'run'])
    expect(await statusOf('/projects', '{"name": "x"}', runner)).toEqual([403, 'forbidden'])
  })
  test('a revoked token is nobody’s', async () => {
    const { token, value } = await server.client.call('createToken', {
      body: { name: 'gone', scopes: ['read'] },
    })
    await server.client.call('deleteToken', { params: { id: token.id } })
    const init = { headers: { authorization: `Bearer ${value}` } }
    expect(await statusOf('/notebooks', undefined, init)).toEqual([401, 'unauthorized'])
  })
  test('a token of a kind that is none', async () => {
    for (const authorization of ['Bearer ', 'Bearer null', 'Basic YTpi', `Bearer ${'x'.repeat(8_000)}`])
      expect(await statusOf('/notebooks', undefined, { headers: { authorization } })).toEqual([
        401,
        'unauthorized',
      ])
  })
})

describe('more than its share', () => {
  test('a fourth kernel of a workspace is refused, and says what is the limit', async () => {
    const made = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        server.client.call('createNotebook', { body: { name: `Kernel ${n}`, project } }),
      ),
    )
    const opened: string[] = []
    for (const { id } of made.slice(0, 3))
      opened.push((await server.client.call('openKernel', { params: { id } })).id)
    const response = await ask(`/notebooks/${made[3]!.id}/kernel`, '{}')
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([429, 'limit'])
    for (const id of opened) await server.client.call('closeKernel', { params: { id } })
  })
})

describe('texts that a parser would choke on', () => {
  test.each([
    ['JSON 10,000 deep in objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 422],
    ['JSON of 20,000 keys', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join()}}`, 422],
    ['JSON that is cut', '{"name": "x', 422],
    ['JSON of a million brackets that never close', '['.repeat(1_000_000), 422],
    ['a number beyond any', '{"name": 1e999999}', 422],
    ['a text of half a character', '{"name": 5, "description": "\\ud800"}', 422],
    ['NUL bytes', '\0'.repeat(1_000), 422],
  ])('%s', async (_, body, status) => {
    expect((await statusOf('/projects', body))[0]).toBe(status)
  })
  test('of keys that come twice the last one counts, and is checked', async () => {
    expect((await statusOf('/projects', '{"name": "a", "name": {"$ne": 1}}'))[0]).toBe(422)
    const response = await ask(
      '/projects',
      '{"name": {"$ne": 1}, "name": "Twice", "__proto__": {"description": "x"}}',
    )
    expect((await response.json()) as unknown).toMatchObject({ name: 'Twice', description: '' })
  })
  test.each([
    ['a quote that never closes', `a,b\n1,"${'x,'.repeat(100_000)}`],
    ['a million columns', `${'a,'.repeat(1_000_000)}b\n1\n`],
    ['NUL bytes', `a,b\n${'\0,\0\n'.repeat(1_000)}`],
    ['a cell of 2 MB', `a,b\n${'x'.repeat(2_000_000)},1\n`],
  ])('a CSV with %s is refused or kept, never half', async (name, csv) => {
    const query = encodeURIComponent(`${name}.csv`)
    const response = await ask(`/objects?name=${query}`, csv, { headers: { 'content-type': 'text/csv' } })
    const answer = (await response.json()) as { id?: string; detail?: string; bytes?: number }
    if (response.status === 201) return expect(answer.bytes).toBe(Buffer.byteLength(csv))
    expect(response.status).toBe(422)
    expect(answer.detail).toMatch(/line|column|cell|NUL/i)
    const { items } = await server.client.call('findObjects', { query: {} })
    expect(items.map((object) => object.name)).not.toContain(`${name}.csv`)
  })
  test('a notebook of 3,000 cells and a cell of 300 KB', async () => {
    const cells = JSON.stringify(Array.from({ length: 3_000 }, () => ({ source: '1' })))
    expect(
      (await statusOf('/notebooks', `{"name": "many", "project": "${project}", "cells": ${cells}}`))[0],
    ).toBe(422)
    const kernel = await server.client.call('openKernel', { params: { id: notebook } })
    expect(
      (await statusOf(`/kernels/${kernel.id}/execute`, JSON.stringify({ source: 'x'.repeat(300_000) })))[0],
    ).toBe(422)
    await server.client.call('closeKernel', { params: { id: kernel.id } })
  })
})
