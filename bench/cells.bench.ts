/**
 * What a person who works with large tables waits for: the round trip of a cell, three columns of a million rows from
 * DuckDB to the guest, a page of a table of a million rows. Beside them, in the same run, ipykernel, and the least that
 * the columns could cost: their extraction by DuckDB in this process and the same bytes through a bare pipe.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { DuckDBInstance } from '@duckdb/node-api'
import { startServer, type TestServer, token } from '../test/server.ts'
import { findPython, quantile, runPeer, tell } from './peers.ts'

const rows = 1_000_000
const columns = `select range::double a, range::double b, sqrt(range) c from range(${rows})`
const rounds = 15
const warmUp = 200

/** From sending a cell over HTTP to its result in the stream of events; the client is no more than sockets. */
async function trips(server: TestServer, kernel: string, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const open = (method: string, path: string) =>
    request(`${server.base}/api/v1/kernels/${kernel}${path}`, {
      agent,
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
  const events = open('GET', '/events').end()
  const [stream] = (await once(events, 'response')) as [IncomingMessage]
  let text = ''
  let seen = (): void => undefined
  stream.setEncoding('utf8').on('data', (part: string) => {
    text = text.slice(-1000) + part
    seen()
  })
  const times: number[] = []
  for (let n = 0; n < count + warmUp; n++) {
    const mark = `"${1_000_000 + n}"`
    const begin = performance.now()
    const sent = open('POST', '/execute').end(JSON.stringify({ source: `1000000 + ${n}` }))
    const answered = once(sent, 'response').then(([answer]) =>
      once((answer as IncomingMessage).resume(), 'end'),
    )
    await new Promise<void>((done) => {
      seen = () => {
        if (text.includes(mark)) done()
      }
    })
    if (n >= warmUp) times.push(performance.now() - begin)
    await answered
  }
  events.destroy()
  agent.destroy()
  return times
}

async function execute(server: TestServer, kernel: string, source: string): Promise<string> {
  const params = { id: kernel }
  const done = await server.client.call('execute', { params, query: { wait: 60 }, body: { source } })
  if (done.state !== 'ok') throw new Error(JSON.stringify(done))
  return String(done.value)
}

/** The same bytes from another process, read to their end. */
async function pipe(bytes: number): Promise<number> {
  const source = `const part = Buffer.alloc(1 << 20); let left = ${bytes}
process.stdin.on('data', () => { left = ${bytes}; while (left > 0) { const { writeSync } = fs; let at = 0; const size = Math.min(left, part.length)
while (at < size) at += writeSync(1, part, at, size - at); left -= size } })`
  const child = spawn(process.execPath, ['-e', `const fs = require('node:fs');${source}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const times: number[] = []
  for (let n = 0; n < rounds; n++) {
    const begin = performance.now()
    let left = bytes
    child.stdin.write('x')
    while (left > 0) {
      const chunk = child.stdout.read() as Buffer | null
      if (chunk) left -= chunk.length
      else await once(child.stdout, 'readable')
    }
    times.push(performance.now() - begin)
  }
  child.kill()
  return quantile(times.slice(2), 0.5)
}

async function extract(): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const times: number[] = []
  for (let n = 0; n < rounds; n++) {
    const begin = performance.now()
    const result = await connection.stream(columns)
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) break
      for (let i = 0; i < 3; i++) chunk.getColumnVector(i)
    }
    times.push(performance.now() - begin)
  }
  connection.closeSync()
  instance.closeSync()
  return quantile(times.slice(2), 0.5)
}

const python = findPython()
const server = await startServer()
try {
  const project = (await server.client.call('createProject', { body: { name: 'Bench' } })).id
  const notebook = (await server.client.call('createNotebook', { body: { name: 'cells', project } })).id
  const kernel = (await server.client.call('openKernel', { params: { id: notebook } })).id

  const all = await trips(server, kernel, 1000)
  tell('cell round trip, p50 of 1,000', quantile(all, 0.5), 'ms', 'limit', 2)
  tell('cell round trip, p99 of 1,000', quantile(all, 0.99), 'ms', 'limit', 8)
  if (python)
    tell(
      'cell round trip, p50',
      quantile(all, 0.5),
      'ms',
      'ipykernel',
      runPeer<{ trip: number }>(python, 'kernel.py').trip,
    )

  const least = (await extract()) + 2 * (await pipe(rows * 24))
  const taken: number[] = []
  for (let n = 0; n < rounds; n++) {
    const source = `const begun = performance.now()\nconst t = await sql\`${columns}\`\nt.numbers('c')[4]\nperformance.now() - begun`
    taken.push(Number(await execute(server, kernel, source.replaceAll('performance.now()', 'Date.now()'))))
  }
  const ours = quantile(taken.slice(2), 0.5)
  tell('a million rows, 3 columns, to the guest', ours, 'ms', 'limit', 150)
  tell('a million rows, 3 columns, to the guest', ours, 'ms', 'extraction and two bare pipes', least)

  await execute(server, kernel, `show(await sql\`${columns}\`, { id: 'long' })`)
  const page = await server.client
    .call('getNotebookOutputs', { params: { id: notebook } })
    .catch(() => undefined)
  const ref = /tbl_\w+/.exec(JSON.stringify(page ?? {}))?.[0]
  if (!ref) throw new Error('The shown table has no reference.')
  const times: number[] = []
  for (let n = 0; n < 30; n++) {
    const begin = performance.now()
    const answer = await server.fetch(`/tables/${ref}/rows?offset=${n * 33_000}&limit=100`)
    await answer.json()
    if (!answer.ok) throw new Error(String(answer.status))
    times.push(performance.now() - begin)
  }
  tell('a page of a million-row table, p50 of 30', quantile(times.slice(2), 0.5), 'ms', 'limit', 50)
  tell('a page of a million-row table, p99 of 30', quantile(times.slice(2), 0.99), 'ms', 'limit', 50)
} finally {
  await server.close()
}
