/**
 * What a person waits for: a fresh kernel to its first result, a whole notebook by API, a large CSV to a group-by.
 * Beside them, in the same run, ipykernel, papermill and pandas. Figures are milliseconds at the client, over HTTP.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, type TestServer } from '../test/server.ts'
import { findPython, quantile, runPeer, tell } from './peers.ts'

const first = `
const frame = new dfd.DataFrame({ a: Array.from({ length: 256 }, (_, i) => i) })
const product = tf.matMul(tf.ones([128, 128]), tf.ones([128, 128]))
const forest = learn.isolationForest.fit(learn.matrix(Array.from({ length: 256 }, (_, i) => [i, i % 7])), { seed: 1 })
const sum = (await product.data())[0]
;[frame['a'].mean(), sum, tf.getBackend(), forest.kind]`

/** From binding the kernel to the result's event at the client. */
async function freshKernel(server: TestServer, project: string, n: number): Promise<number> {
  const notebook = await server.client.call('createNotebook', { body: { name: `fresh ${n}`, project } })
  const begin = performance.now()
  const kernel = await server.client.call('openKernel', { params: { id: notebook.id } })
  const stop = new AbortController()
  const events = await server.fetch(`/kernels/${kernel.id}/events`, { signal: stop.signal })
  const sent = server.client.call('execute', { params: { id: kernel.id }, body: { source: first } })
  let text = ''
  for await (const part of events.body!) {
    text += new TextDecoder().decode(part)
    if (/"kind":"(result|error)"/.test(text)) break
  }
  const ms = performance.now() - begin
  await sent
  stop.abort()
  if (!text.includes('wasm')) throw new Error(text.slice(-600))
  await server.client.call('closeKernel', { params: { id: kernel.id } })
  return ms
}

async function wholeNotebook(server: TestServer, project: string): Promise<number[]> {
  const cells = ['const a = 1', 'const b = a + 1', 'a + b'].map((source) => ({ source }))
  const notebook = await server.client.call('createNotebook', {
    body: { name: 'three cells', project, cells },
  })
  const times: number[] = []
  for (let n = 0; n < 200; n++) {
    const begin = performance.now()
    const run = await server.client.call('createRun', {
      params: { id: notebook.id },
      query: { wait: 30 },
      body: {},
    })
    times.push(performance.now() - begin)
    if (run.state !== 'succeeded' || run.result !== 3 || !run.receipt) throw new Error(JSON.stringify(run))
  }
  return times
}

async function groupBy(server: TestServer, project: string, csv: string): Promise<number[]> {
  await server.client.call('createObject', {
    query: { name: 'million.csv' },
    raw: csv,
    mediaType: 'text/csv',
  })
  const notebook = await server.client.call('createNotebook', { body: { name: 'group-by', project } })
  const kernel = await server.client.call('openKernel', { params: { id: notebook.id } })
  const source =
    'const t = await sql`select host, avg(cpu) as cpu from "million.csv" group by host`; t.length'
  const times: number[] = []
  for (let n = 0; n < 5; n++) {
    const begin = performance.now()
    const done = await server.client.call('execute', {
      params: { id: kernel.id },
      query: { wait: 30 },
      body: { source },
    })
    times.push(performance.now() - begin)
    if (done.value !== '100') throw new Error(JSON.stringify(done))
  }
  return times
}

const python = findPython()
const folder = mkdtempSync(join(tmpdir(), 'suricate-bench-'))
const server = await startServer()
try {
  const project = (await server.client.call('createProject', { body: { name: 'Bench' } })).id
  const fresh: number[] = []
  for (let n = 0; n < 20; n++) {
    await new Promise((done) => setTimeout(done, 1000))
    fresh.push(await freshKernel(server, project, n))
  }
  const whole = await wholeNotebook(server, project)
  const lines = Array.from({ length: 1_000_000 }, (_, i) => `${i},web-${i % 100},${(i * 7919) % 1000}`)
  const csv = `n,host,cpu\n${lines.join('\n')}\n`
  writeFileSync(join(folder, 'million.csv'), csv)
  const grouped = await groupBy(server, project, csv)
  tell('fresh kernel to first result, p50 of 20', quantile(fresh, 0.5), 'ms', 'limit', 150)
  tell('three cells by API, p50 of 200', quantile(whole, 0.5), 'ms', 'limit', 60)
  tell('million-row CSV to group-by, p50 of 5', quantile(grouped, 0.5), 'ms', 'limit', 1000)
  if (python) {
    const kernel = runPeer<{ fresh: number; trip: number }>(python, 'kernel.py')
    tell(
      'fresh kernel to first result',
      quantile(fresh, 0.5),
      'ms',
      'ipykernel, pandas, scikit-learn',
      kernel.fresh,
    )
    tell(
      'three cells by API',
      quantile(whole, 0.5),
      'ms',
      'papermill',
      runPeer<{ notebook: number }>(python, 'notebook.py', folder).notebook,
    )
    const pandas = runPeer<{ groupby: number }>(python, 'groupby.py', join(folder, 'million.csv'))
    tell('million-row CSV to group-by', quantile(grouped, 0.5), 'ms', 'pandas', pandas.groupby)
  }
} finally {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
}
