/** SQL cells on a real server: objects, a stream of 200,000 messages and variables of the notebook. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../server.ts'

let server: TestServer
let kernel: string
let notebook: string

beforeAll(async () => {
  server = await startServer()
  const { client } = server
  const project = (await client.call('createProject', { body: { name: 'SQL' } })).id
  const cells = [
    { id: 'a', source: 'const limits = [{ host: "web-1", high: 150000 }, { host: "web-2", high: 3 }]' },
    {
      id: 'b',
      type: 'sql' as const,
      source:
        '-- name: over\nselect r.host, count(*) n\nfrom readings r join limits l using (host)\nwhere r.v > l.high group by 1 order by 1',
    },
    { id: 'c', type: 'sql' as const, source: 'select sum(n)::double as n from over' },
  ]
  notebook = (await client.call('createNotebook', { body: { name: 'sql', project, cells } })).id
  kernel = (await client.call('openKernel', { params: { id: notebook } })).id
  const stream = await client.call('createStream', {
    body: { name: 'readings', source: { type: 'http' }, format: 'ndjson' },
  })
  for (let at = 0; at < 200_000; at += 20_000) {
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"host":"web-${(at + i) % 4}","v":${at + i}}`)
    const pushed = await server.fetch(`/streams/${stream.id}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
    expect(pushed.status).toBeLessThan(300)
  }
}, 120_000)
afterAll(() => server.close())

async function execute(
  source: string,
  cell?: string,
): Promise<{ state: string; value: unknown; error: unknown }> {
  const { state, value, error } = await server.client.call('execute', {
    params: { id: kernel },
    query: { wait: 60 },
    body: { source, ...(cell === undefined ? {} : { cell }) },
  })
  return { state, value, error }
}

test('a SQL cell joins 200,000 messages with a variable, and another reads its result', async () => {
  const { cells } = await server.client.call('getNotebook', { params: { id: notebook } })
  for (const { id, source } of cells)
    expect(await execute(source, id)).toMatchObject({ state: 'ok', error: null })
  expect(await execute('[...over]')).toMatchObject({
    value: '[{"host":"web-1","n":12500},{"host":"web-2","n":49999}]',
  })
  expect(await execute('_.row(0).n')).toMatchObject({ value: '62499' })
}, 120_000)

test('a TypeScript cell names variables of its own and of other cells, tables, rows and columns', async () => {
  const source = `const columns = { host: ['web-1', 'web-3'], weight: new Float64Array([0.5, 2]) }
const found = await sql\`select l.host, weight, high from columns join limits l using (host)\`
found.rows()`
  expect(await execute(source)).toMatchObject({
    state: 'ok',
    value: '[{"host":"web-1","weight":0.5,"high":150000}]',
  })
  expect(
    await execute('const found = await sql`select count(*) n from found`; found.row(0).n'),
  ).toMatchObject({
    state: 'error',
    error: { message: expect.stringContaining('There is no table "found"') },
  })
  expect(
    await execute(
      'const wide = await sql`select range v from range(200000)`\n;(await sql`select sum(v)::double s from wide`).row(0).s',
    ),
  ).toMatchObject({
    value: '19999900000',
  })
  expect(
    await execute('wide.numbers("v")[0] = 5\n;(await sql`select sum(v)::double s from wide`).row(0).s'),
  ).toMatchObject({ state: 'ok' })
}, 60_000)

test('errors name what is wrong and what there is', async () => {
  const message = (text: string) => ({ state: 'error', error: { message: expect.stringContaining(text) } })
  expect(await execute('await sql`from readngs`')).toMatchObject(message('Is "readings" meant?'))
  expect(await execute('const five = 5\nawait sql`from five`')).toMatchObject(
    message('but no table: it is a number'),
  )
  expect(await execute('const readings = [{ x: 1 }]\nawait sql`from readings`')).toMatchObject(
    message('variables.readings or streams.readings'),
  )
  expect(
    await execute(
      '(await sql`select (select count(*) from variables.readings)::double n, count(*)::double m from streams.readings`).row(0)',
    ),
  ).toMatchObject({
    value: '{"n":1,"m":200000}',
  })
}, 60_000)

test('a query in a kernel is interrupted, and its variables stay', async () => {
  const { execution } = (await server.client.call('execute', {
    params: { id: kernel },
    query: {},
    body: {
      source:
        'await sql`select count(*) from streams.readings a, streams.readings b where a.v < b.v + random()`',
    },
  })) as { execution: string }
  expect(execution).toBeTruthy()
  await server.client.call('interruptKernel', { params: { id: kernel } })
  expect(await execute('limits.length')).toMatchObject({ state: 'ok', value: '2' })
}, 60_000)

test('POST /sql reads streams too; the types of the editor know the columns of a chain of queries', async () => {
  const answer = await server.client.call('query', {
    body: { sql: 'select count(*)::double n from readings' },
  })
  expect(answer.rows).toEqual([[200_000]])
  const project = (await server.client.call('getNotebook', { params: { id: notebook } })).project
  const cells = [
    { type: 'sql' as const, source: '-- name: means\nselect host, avg(v) mean from readings group by host' },
    { type: 'sql' as const, source: 'select max(mean) top from means' },
  ]
  const chain = await server.client.call('createNotebook', { body: { name: 'chain', project, cells } })
  const text = await (await server.fetch(`/notebooks/${chain.id}/declarations`)).text()
  expect(text).toContain('"select max(mean) top from means": { "top": "number" }')
}, 60_000)
