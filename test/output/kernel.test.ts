/** A long table from the cell that shows it to its pages over REST. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer, until } from '../server.ts'

let server: TestServer
let notebook: string
let kernel: string
beforeAll(async () => {
  server = await startServer()
  const project = (await server.client.call('createProject', { body: { name: 'Tables' } })).id
  notebook = (await server.client.call('createNotebook', { body: { name: 'tables', project } })).id
  kernel = (await server.client.call('openKernel', { params: { id: notebook } })).id
})
afterAll(() => server.close())

const tableMime = 'application/vnd.suricate.table+json'
async function refs(source: string, cell = 'a'): Promise<(string | undefined)[]> {
  const body = { source, cell }
  const done = await server.client.call('execute', { params: { id: kernel }, query: { wait: 60 }, body })
  expect([done.state, done.error]).toEqual(['ok', null])
  return done.outputs.flatMap(({ data }) => (data[tableMime] ? [(data[tableMime] as { ref?: string }).ref] : []))
}
const rows = (ref: string, query: object = {}) =>
  server.client.call('getTableRows', { params: { id: ref }, query: { limit: 2, ...query } })

test('a million rows of SQL, shown by a cell and as its value', async () => {
  const source = `const t = await sql\`select range n, (range * 7919) % 1000003 m, 'name ' || (range % 1000) s from range(1000000)\`
show(t)
t`
  const [shown, value] = await refs(source)
  expect(shown).not.toBe(value)
  for (const ref of [shown!, value!]) {
    const found = await rows(ref, { offset: 999_999 })
    expect([found.rowCount, found.rows]).toEqual([1_000_000, [[999_999, (999_999 * 7919) % 1_000_003, 'name 999']]])
  }
  const sorted = await rows(value!, { sort: 'm', order: 'desc', offset: 500_000 })
  expect(Number(sorted.rows[0]![1])).toBeGreaterThan(Number(sorted.rows[1]![1]))
  const filter = JSON.stringify([
    { column: 's', is: 'contains', value: 'NAME 77' },
    { column: 'n', is: 'lt', value: 2000 },
  ])
  expect((await rows(value!, { filter })).rowCount).toBe(22)
  const profile = await server.client.call('getTableProfile', { params: { id: value! } })
  expect(profile.columns.map(({ name, type, missing, min, max }) => [name, type, missing, min, max])).toEqual([
    ['n', 'integer', 0, 0, 999_999],
    ['m', 'integer', 0, 0, 1_000_002],
    ['s', 'text', 0, 'name 0', 'name 999'],
  ])
})

test('a table of the notebook itself, and what was written into one of SQL', async () => {
  const [own] = await refs(`Array.from({ length: 300 }, (_, i) => ({ i, word: i % 3 ? 'a' : null }))`, 'b')
  expect((await rows(own!, { offset: 299 })).rows).toEqual([[299, 'a']])
  const [written] = await refs(
    'const w = await sql`select range::double n from range(200)`; w.column("n")[150] = -5; w',
    'c',
  )
  expect((await rows(written!, { sort: 'n' })).rows[0]).toEqual([-5])
})

test('downloads are CSV and Parquet', async () => {
  const [ref] = await refs(`Array.from({ length: 200 }, (_, i) => ({ i, word: '=' + i }))`, 'd')
  const filter = JSON.stringify([{ column: 'i', is: 'le', value: 1 }])
  const csv = await server.fetch(`/tables/${ref}/content?format=csv&filter=${encodeURIComponent(filter)}`)
  expect([csv.headers.get('content-type'), csv.headers.get('content-disposition'), await csv.text()]).toEqual([
    'text/csv; charset=utf-8',
    'attachment; filename="table.csv"',
    "i,word\n0,'=0\n1,'=1\n",
  ])
  const parquet = await server.fetch(`/tables/${ref}/content?format=parquet`)
  expect((await parquet.text()).slice(0, 4)).toBe('PAR1')
  const wrong = await server.fetch(`/tables/${ref}/rows?filter=nonsense`)
  expect(wrong.status).toBe(422)
})

test('a table goes with the output that showed it, and with the notebook', async () => {
  const [first] = await refs(`Array.from({ length: 101 }, (_, i) => ({ i }))`, 'e')
  const [other] = await refs(`Array.from({ length: 102 }, (_, i) => ({ i }))`, 'e')
  const status = async (ref: string) => (await server.fetch(`/tables/${ref}`)).status
  await until(async () => (await status(first!)) === 404, 20_000, 'the table of the earlier output to go')
  expect(await status(other!)).toBe(200)
})

test('a run keeps its tables', async () => {
  const cells = [{ source: 'Array.from({ length: 150 }, (_, i) => ({ i }))' }]
  const project = (await server.client.call('findProjects', {})).items[0]!.id
  const made = await server.client.call('createNotebook', { body: { name: 'run', project, cells } })
  const { id } = await server.client.call('createRun', { params: { id: made.id }, query: { wait: 60 }, body: {} })
  const run = await server.client.call('getRun', { params: { id } })
  const table = run.outputs!.map(({ data }) => data[tableMime] as { ref: string })[0]!
  expect((await rows(table.ref, { offset: 149 })).rows).toEqual([[149]])
})
