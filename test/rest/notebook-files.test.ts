/** Notebooks in and out over REST against the real server: real files, and what is none. */
import { globSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePercent } from '../../runtime/notebook/percent.ts'
import { startServer, type TestServer, token } from '../server.ts'

let server: TestServer
let project: string
interface Made {
  id: string
  name: string
  cells: { id: string; type: string; source: string }[]
  notices: string[]
}
interface Problem {
  status: number
  code: string
  detail: string
}
beforeAll(async () => {
  server = await startServer()
  project = (await server.client.call('createProject', { body: { name: 'P' } })).id
})
afterAll(() => server.close())

const post = (body: BodyInit, query = '', type = 'application/x-ipynb+json') =>
  server.fetch(`/notebooks/import?project=${project}${query}`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  })
async function take(body: BodyInit, query = '', type?: string): Promise<Made> {
  const response = await post(body, query, type)
  const value = (await response.json()) as Made
  expect([response.status, value]).toEqual([201, value])
  return value
}
async function refuse(body: BodyInit, query = ''): Promise<[number, string, string]> {
  const { status, code, detail } = (await (await post(body, query)).json()) as Problem
  return [status, code, detail]
}
const give = async (id: string, format: string) =>
  (await server.fetch(`/notebooks/${id}/export?format=${format}`)).text()

describe('real notebooks go in and out', () => {
  const files = [
    ...['test4.5', 'test4docinfo', 'test4custom', 'test4jupyter_metadata_timings', 'many_tracebacks'].map(
      (name) => `test/data/nbformat/${name}.ipynb`,
    ),
    'test/data/deno.ipynb',
    ...globSync('examples/*/*.ts'),
  ]
  test.each(files)('%s', async (path) => {
    const made = await take(readFileSync(path), `&name=${encodeURIComponent(path)}`)
    for (const format of ['ipynb', 'ts']) {
      const again = await take(
        await give(made.id, format),
        '',
        format === 'ts' ? 'text/typescript' : undefined,
      )
      expect([again.cells, again.name]).toEqual([made.cells, `${path} (${format === 'ipynb' ? 2 : 3})`])
    }
    const html = await server.fetch(`/notebooks/${made.id}/export?format=html`)
    expect([html.status, html.headers.get('content-security-policy')]).toEqual([200, 'sandbox'])
    expect(await html.text()).toMatch(/^<!doctype html>/)
  })
  test('outputs come with them, and stay when cells run', async () => {
    const made = await take(readFileSync('test/data/deno.ipynb'), '&name=outputs')
    const params = { id: made.id }
    const before = await server.client.call('getNotebookOutputs', { params })
    expect(before.items).toHaveLength(5)
    const kernel = await server.client.call('openKernel', { params })
    const cell = made.cells.find(({ id }) => id === 'later')!
    await server.client.call('execute', {
      params: { id: kernel.id },
      query: { wait: 20 },
      body: { source: '6 * 7', cell: cell.id },
    })
    const after = await server.client.call('getNotebookOutputs', { params })
    expect(after.items.map((output) => output.cell)).toEqual([
      'measure',
      'measure',
      'draw',
      'table',
      'wrong',
      'later',
    ])
    expect(await give(made.id, 'ipynb')).toContain('"42"')
  })
  test('a form with one file is taken with its name', async () => {
    const form = new FormData()
    form.append('file', new Blob([readFileSync('examples/machine-temperature/guard.ts')]), 'My guard.ts')
    const response = await server.fetch(`/notebooks/import?project=${project}`, {
      method: 'POST',
      body: form,
    })
    const made = (await response.json()) as Made
    expect([response.status, made.name, response.headers.get('location')]).toEqual([
      201,
      'My guard',
      `/api/v1/notebooks/${made.id}`,
    ])
    const cells = parsePercent(readFileSync('examples/machine-temperature/guard.ts', 'utf8'))
    expect(made.cells.map(({ source }) => source)).toEqual(cells.map(({ source }) => source))
  })
  test('a notebook of several megabytes can be saved again', async () => {
    const cells = Array.from({ length: 20 }, (_, i) => ({ id: `c${i}`, source: 'x'.repeat(200_000) }))
    const made = await server.client.call('createNotebook', { body: { name: 'large', project, cells } })
    const changed = { ...made.cells[0]!, source: 'y' }
    const saved = await server.client.call('updateNotebook', {
      params: { id: made.id },
      body: { cells: [changed, ...made.cells.slice(1)] },
      revision: made.revision,
    })
    expect(saved.cells[0]!.source).toBe('y')
  })
})

describe('what is no notebook is refused, saying why', () => {
  const cell = { cell_type: 'code', id: 'a', metadata: {}, source: '1', outputs: [], execution_count: null }
  const file = (cells: unknown[]) => JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 })
  test('broken JSON, nbformat 3, 100,000 cells, an empty file, a picture, HTML', async () => {
    expect(await refuse('{"cells": [')).toEqual([
      422,
      'invalid',
      expect.stringContaining('The file is no JSON'),
    ])
    expect(await refuse(readFileSync('test/data/nbformat/test3.ipynb'))).toEqual([
      415,
      'unsupported',
      expect.stringContaining('This notebook has nbformat 3; nbformat 4 is read here.'),
    ])
    const many = file(Array.from({ length: 100_000 }, (_, i) => ({ ...cell, id: `c${i}` })))
    expect(await refuse(many)).toEqual([
      413,
      'too-large',
      'The notebook has 100,000 cells; at most 2,000 are possible. Split it.',
    ])
    expect((await refuse(''))[0]).toBe(422)
    expect(await refuse(Uint8Array.from([0x89, 0x50, 0xff, 0xfe]))).toEqual([
      415,
      'unsupported',
      expect.any(String),
    ])
    expect((await refuse('<!doctype html>'))[0]).toBe(415)
    expect(await refuse(file([{ ...cell, source: 7 }]))).toEqual([
      422,
      'invalid',
      'cells[0].source is 7; it must be a text or a list of texts.',
    ])
  })
  test('outputs of 20 MB and of 50 MB', async () => {
    const outputs = (megabytes: number) => [
      { output_type: 'stream', name: 'stdout', text: 'x'.repeat(megabytes * 1e6) },
    ]
    expect(await refuse(file([{ ...cell, outputs: outputs(20) }]))).toEqual([
      413,
      'too-large',
      expect.stringContaining('The outputs have 20 MB; at most 16 MB come in. Clear the outputs of the file'),
    ])
    expect(await refuse(file([{ ...cell, outputs: outputs(50) }]))).toEqual([
      413,
      'too-large',
      expect.stringContaining('The file has more than 32 MB, the limit of a notebook. Clear its outputs'),
    ])
  })
  test('a file of 1 GB is refused by its size, before it is sent', async () => {
    const url = new URL(`${server.base}/api/v1/notebooks/import?project=${project}`)
    const status = await new Promise((done, fail) => {
      const sending = request(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-length': 1_000_000_000,
          expect: '100-continue',
        },
      })
      sending.on('response', (response) => {
        done(response.statusCode)
        sending.destroy()
      })
      sending.on('error', fail)
      sending.write('{')
    })
    expect(status).toBe(413)
  })
  test('another project, an unknown format and a version that is not there', async () => {
    const response = await server.fetch('/notebooks/import?project=prj_none', { method: 'POST', body: '1' })
    expect([response.status, ((await response.json()) as Problem).detail]).toEqual([
      404,
      'There is no project prj_none.',
    ])
    const made = await take('// %%\n1', '&name=one')
    expect((await server.fetch(`/notebooks/${made.id}/export?format=pdf`)).status).toBe(422)
    expect((await server.fetch(`/notebooks/${made.id}/export?format=ts&version=9`)).status).toBe(404)
  })
})
