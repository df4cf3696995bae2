import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import type { Json } from '../../runtime/json.ts'
import { type Objects, openObjects } from '../../runtime/object/objects.ts'
import { openQueries, type Queries, type Variable } from '../../runtime/query/queries.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openStreamLines, type StreamLines } from '../../runtime/stream/lines.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openTables } from '../../runtime/table/tables.ts'

let data: string
let store: Store
let tables: Tables
let objects: Objects
let lines: StreamLines
let queries: Queries
let now = 1_700_000_000_000

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'queries-'))
  const clock = { now: () => ++now }
  store = await openStore({ data, clock })
  await store.system.migrate()
  for (const id of ['alpha', 'beta']) await store.system.createWorkspace({ id, name: id, createdAt: now })
  tables = await openTables()
  const config = { SURICATE_UPLOAD_MB: 8 }
  objects = openObjects({ store, tables, bus: openMemoryBus(), clock, config })
  lines = openStreamLines({ store, maxSegmentBytes: 1_000_000 })
  queries = openQueries({ store, tables, objects, lines })
  const csv = 'host,high\nweb-1,10\nweb-2,20\n'
  await objects.create('alpha', { name: 'thresholds.csv', source: Buffer.from(csv) })
  await objects.create('alpha', { name: 'both', mediaType: 'text/csv', source: Buffer.from(csv) })
  await define('readings')
  await send('readings', [
    { host: 'web-1', value: 12, place: { rack: 4 }, tags: ['a', 'b'] },
    { host: 'web-2', value: 0.5, extra: true },
  ])
})
afterAll(async () => {
  await lines.close()
  await tables.close()
  await store.close()
  await rm(data, { recursive: true, force: true })
})

const define = (name: string, workspace = 'alpha'): Promise<unknown> =>
  store
    .in(workspace)
    .insert('streams', [
      { id: `str_${name.replaceAll(/\W/g, '')}`, name, type: 'http', enabled: true, createdAt: now },
    ])
async function send(name: string, bodies: Json[], firstTime = 1000, workspace = 'alpha'): Promise<void> {
  const { log } = store.in(workspace)
  const stream = `str_${name.replaceAll(/\W/g, '')}`
  const lease = await log.lease(stream, 'test', now, 1_000_000_000)
  for (let at = 0; at < bodies.length; at += 500) {
    const messages = bodies.slice(at, at + 500).map((body, i) => ({
      body,
      headers: {},
      key: null,
      eventTime: firstTime + at + i,
      receivedAt: now,
      messageId: null,
      redelivered: false,
      definition: 1,
      bytes: 10,
    }))
    await log.append(stream, lease!, { messages })
  }
}
async function ask(sql: string, variables: Variable[] = [], workspace = 'alpha') {
  const result = await queries.query(workspace, { sql, parameters: [], variables })
  const types = result.columns.map(({ name, type }) => `${name}: ${type}`).join(', ')
  return {
    types,
    rows: toRows(result).rows,
    objects: result.objects.map(({ name }) => name),
    streams: result.streams,
  }
}
const numbers = (name: string, values: number[]): Variable => ({
  name,
  table: {
    columns: [{ name: 'v', type: 'number', data: new Uint8Array(new Float64Array(values).buffer) }],
    rows: values.length,
  },
})

describe('query over objects, streams and variables', () => {
  test('columns of a stream are seq, ts and the typed fields of its bodies', async () => {
    expect(await ask('select * from readings order by seq')).toEqual({
      types: 'seq: integer, ts: time, host: text, value: number, place: json, tags: json, extra: boolean',
      rows: [
        [1, 1000, 'web-1', 12, { rack: 4 }, ['a', 'b'], null],
        [2, 1001, 'web-2', 0.5, null, null, true],
      ],
      objects: [],
      streams: [{ name: 'readings', from: 1000, to: 1002 }],
    })
    expect((await ask('select place.rack, tags[2] from readings where value > 1')).rows).toEqual([[4, 'b']])
  })
  test('joins a stream, an object and a variable; the schema may be written', async () => {
    const sql = `select r.host, t.high, l.v from readings r join thresholds t using (host)
      join variables.limits l on l.v < t.high where r.value < t.high`
    const result = await ask(sql, [numbers('limits', [5, 15])])
    expect(result.rows.toSorted((a, b) => Number(b[2]) - Number(a[2]))).toEqual([
      ['web-2', 20, 15],
      ['web-2', 20, 5],
    ])
    expect(result.objects).toEqual(['thresholds.csv'])
    expect((await ask('select count(*) from streams.readings, objects.thresholds')).rows).toEqual([[4]])
  })
  test('a name that is several things is refused until its schema is written', async () => {
    await define('both')
    await send('both', [{ x: 1 }])
    const variables = [numbers('both', [1, 2, 3])]
    await expect(ask('select * from both', variables)).rejects.toMatchObject({
      code: 'conflict',
      message:
        '"both" is a variable of the notebook and a stream and an object. Say which one is meant: variables.both or streams.both or objects.both.',
    })
    const counts =
      'select (select count(*) from variables.both), (select count(*) from streams.both), count(*) from objects.both'
    expect((await ask(counts, variables)).rows).toEqual([[3, 1, 2]])
  })
  test('a variable hides an object that is named without its ending', async () => {
    expect((await ask('select * from thresholds', [numbers('thresholds', [7])])).rows).toEqual([[7]])
    expect((await ask('from "thresholds.csv" limit 1', [numbers('thresholds', [7])])).rows).toEqual([
      ['web-1', 10],
    ])
  })
  test('says what a variable is that is no table, and nothing when the name is something else', async () => {
    const variables = [
      { name: 'limit_value', table: 'a number' },
      { name: 'readings', table: 'a function' },
    ]
    await expect(ask('select * from limit_value', variables)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(
        '"limit_value" is a variable of the notebook, but no table: it is a number.',
      ),
    })
    expect((await ask('select count(*) from readings', variables)).rows).toEqual([[2]])
  })
  test('suggests what a missing name may mean', async () => {
    await expect(ask('select * from reading')).rejects.toMatchObject({
      message:
        'There is no table "reading". Is "readings" meant? There are "both", "thresholds.csv", "both", "readings".',
    })
    await expect(ask('from streams.thresholds')).rejects.toMatchObject({
      message: expect.stringContaining('There is no stream "thresholds".'),
    })
    await expect(ask('from limts', [numbers('limits', [1])])).rejects.toMatchObject({
      message: expect.stringContaining('Is "limits" meant?'),
    })
    await expect(ask('from readings', [], 'beta')).rejects.toMatchObject({
      message: 'There is no table "readings". Upload an object or define a stream first.',
    })
  })
  test('names that differ in case alone are refused', async () => {
    await expect(ask('from a, A', [numbers('a', [1]), numbers('A', [2])])).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('hostile names', () => {
  const evil = `x" as select 1; drop schema main; --`
  test('a stream, its fields and a variable are data wherever they appear', async () => {
    await define(evil)
    const fields = {
      '"; select 1': 1,
      "'); attach 'x": 2,
      '': 3,
      seq: 4,
      TS: 5,
      Value: 6,
      value: 7,
      'a\0b': 8,
      '\ud800': 9,
    }
    await send(evil, [fields, { value: '\ud800 \0 end' }, 'text', [1]])
    const { types, rows } = await ask(`select * from "${evil.replaceAll('"', '""')}" order by seq`)
    expect(types).toBe(
      `seq: integer, ts: time, "; select 1: number, '); attach 'x: number, body_seq: number, body_TS: number, Value: number, body_value: json, ab: number, \ufffd: number, body: json`,
    )
    expect(rows[0]!.slice(2)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, { '': 3 }])
    expect(rows[1]![7]).toBe('\ufffd \0 end')
    expect(rows.slice(2).map((row) => row.at(-1))).toEqual(['text', [1]])
    const variable = {
      name: 'x',
      table: {
        columns: [{ name: `a" int); drop table "b`, type: 'integer' as const, data: new Uint8Array(4) }],
        rows: 1,
      },
    }
    expect((await ask('from x', [variable])).types).toBe(`a" int); drop table "b: integer`)
  })
  test.each([
    `select * from read_text('/etc/passwd')`,
    `from '/etc/passwd'`,
    `select * from glob('/tmp/*')`,
    `copy readings to '/tmp/x'`,
    `attach 'x.db'`,
    `set memory_limit = '10GB'`,
    `select 1; select 2`,
    `drop view streams.readings`,
    `insert into variables.v values (1)`,
  ])('refuses %s', async (sql) => {
    await expect(ask(sql, [numbers('v', [1])])).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('streams as files', () => {
  test('200,000 messages are computed with, and more of them cost only themselves', async () => {
    await define('long')
    const bodies = Array.from({ length: 200_000 }, (_, i) => ({ host: `web-${i % 10}`, v: i }))
    await send('long', bodies)
    const sql = 'select count(*) n, sum(v) s, count(distinct host) h, max(seq) m from long'
    expect((await ask(sql)).rows).toEqual([[200_000, 19_999_900_000, 10, 200_000]])
    await send('long', [{ host: 'new', v: 0.5 }], 900_000)
    const begin = performance.now()
    expect((await ask(sql)).rows).toEqual([[200_001, 19_999_900_000.5, 11, 200_001]])
    expect(performance.now() - begin).toBeLessThan(3000)
    expect((await ask('select count(*) from long a join long b using (seq)')).rows).toEqual([[200_001]])
  }, 60_000)
  test('what retention took is gone', async () => {
    await store.in('alpha').log.trim('str_long', 150_001)
    const { firstSeq } = await store.in('alpha').log.head('str_long')
    expect((await ask('select min(seq) from long')).rows).toEqual([[firstSeq]])
  })
  test('a cancelled query says so, and the next one works', async () => {
    const stop = new AbortController()
    const asked = queries.query('alpha', {
      sql: 'select count(*) from long a, long b where a.v < b.v',
      parameters: [],
      signal: stop.signal,
    })
    setTimeout(() => stop.abort(), 300)
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect((await ask('select count(*) from readings')).rows).toEqual([[2]])
  })
  test('an empty stream has no rows; describe reads no message into files', async () => {
    await define('quiet')
    expect(await ask('select * from quiet')).toMatchObject({ types: 'seq: integer, ts: time', rows: [] })
    await send('quiet', [{ a: 'x' }])
    const { columns } = await queries.query('alpha', {
      sql: 'select * from (from quiet) limit 0',
      parameters: [],
      describe: true,
    })
    expect(columns.map(({ name }) => name)).toEqual(['seq', 'ts', 'a'])
  })
  test('close leaves no file', async () => {
    const own = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`suricate-lines-${process.pid}-`))
    expect(await own()).toHaveLength(1)
    await lines.close()
    expect(await own()).toEqual([])
  })
})
