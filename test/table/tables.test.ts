import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import type { TableFile, Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openTables } from '../../runtime/table/tables.ts'

let folder: string
let tables: Tables
const weather =
  'city,day,temp\nOslo,2024-01-01 10:00:00,-3.5\n"Köln, ""D""",2024-01-02T00:00:00Z,\nRome,2024-01-03,12\n'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'))
  tables = await openTables({ timeoutMs: 20_000 })
})
afterAll(async () => {
  await tables.close()
  await rm(folder, { recursive: true, force: true })
})

async function place(name: string, text: string | Uint8Array): Promise<TableFile> {
  const path = join(folder, name.replace(/[^a-z0-9.]/gi, '_'))
  await writeFile(path, text)
  const format = (name.split('.').pop() ?? 'csv') as TableFile['format']
  return { name, path, format }
}
async function ask(
  sql: string,
  files: TableFile[] = [],
  parameters: (string | number | boolean | null)[] = [],
  workspace = 'alpha',
): Promise<Json[][]> {
  return toRows(await tables.query({ workspace, sql, parameters, files })).rows
}

describe('query', () => {
  test('reads a CSV by its name, with parameters bound', async () => {
    const file = await place('weather.csv', weather)
    expect(
      await ask(
        'select city, temp from "weather.csv" where temp > ? or temp is null order by city',
        [file],
        [0],
      ),
    ).toEqual([
      ['Köln, "D"', null],
      ['Rome', 12],
    ])
  })

  test('takes timestamps without a zone as UTC', async () => {
    const file = await place('zones.csv', 'local,zoned\n2024-07-01 10:00:00,2024-07-01T10:00:00+02:00\n')
    expect(await ask('select * from "zones.csv"', [file])).toEqual([
      [Date.UTC(2024, 6, 1, 10), Date.UTC(2024, 6, 1, 8)],
    ])
  })

  test('reads names with quotes, spaces and other scripts', async () => {
    const file = { ...(await place('a.csv', 'x\n1\n2\n')), name: 'мой "файл" 数据.csv' }
    expect(await ask('select sum(x) from "мой ""файл"" 数据.csv"', [file])).toEqual([[3]])
  })

  test('reads JSON, NDJSON and Parquet and joins them', async () => {
    const json = await place(
      'users.json',
      '[{"id":1,"tags":["a","b"],"at":{"city":"Oslo"}},{"id":2,"tags":[]}]',
    )
    const ndjson = await place('events.ndjson', '{"user":1,"n":2}\n{"user":1,"n":3}\n{"user":2,"n":5}\n')
    expect(
      await ask(
        'select u.id, u.tags, u.at, sum(e.n) n from "users.json" u join "events.ndjson" e on e.user = u.id group by all order by 1',
        [json, ndjson],
      ),
    ).toEqual([
      [1, ['a', 'b'], { city: 'Oslo' }, 5],
      [2, [], null, 5],
    ])
  })

  test('gives every type as the narrowest column that loses nothing', async () => {
    const result = await tables.query({
      workspace: 'alpha',
      sql: `select 1::int i, 2.5::double d, null::double missing, true b, null::boolean nb, 'ü' t, null::varchar nt,
        1.25::decimal(10,2) de, 9007199254740993::bigint big, 5::bigint small, 3000000000::bigint mid,
        170141183460469231731687303715884105727::hugeint huge, 3000000000::uinteger u, [1,2] l, {'a': null} s,
        date '2024-01-02' d8, timestamp '2024-01-02 03:04:05.678' ts, uuid '00000000-0000-0000-0000-000000000001' id,
        interval 1 day iv, '{"k":[1]}'::json j, map {'x': 1} m, 'NaN'::double nan`,
      parameters: [],
      files: [],
    })
    expect(result.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'i integer',
      'd number',
      'missing number',
      'b boolean',
      'nb boolean',
      't text',
      'nt text',
      'de number',
      'big bigint',
      'small integer',
      'mid number',
      'huge json',
      'u number',
      'l json',
      's json',
      'd8 time',
      'ts time',
      'id text',
      'iv text',
      'j json',
      'm json',
      'nan number',
    ])
    expect(toRows(result).rows).toEqual([
      [
        1,
        2.5,
        null,
        true,
        null,
        'ü',
        null,
        1.25,
        '9007199254740993',
        5,
        3_000_000_000,
        '170141183460469231731687303715884105727',
        3_000_000_000,
        [1, 2],
        { a: null },
        Date.UTC(2024, 0, 2),
        Date.UTC(2024, 0, 2, 3, 4, 5, 678),
        '00000000-0000-0000-0000-000000000001',
        '{"months":0,"days":1,"micros":"0"}',
        { k: [1] },
        [{ key: 'x', value: 1 }],
        null,
      ],
    ])
  })

  test('keeps nulls apart from values in integer columns', async () => {
    expect(await ask('select * from (values (1, 5::bigint), (null, null), (3, 7)) t(a, b)')).toEqual([
      [1, 5],
      [null, null],
      [3, 7],
    ])
    expect(await ask('select * from (values (9007199254740993::bigint), (null))')).toEqual([
      ['9007199254740993'],
      [null],
    ])
  })

  test('hands a million rows over in order, and stops at maxRows', async () => {
    const result = await tables.query({
      workspace: 'alpha',
      sql: "select range a, range::double / 2 b, 'r' || range t from range(1000000)",
      parameters: [],
      files: [],
    })
    const [a, b, t] = result.columns
    expect([result.rows, result.truncated, a?.type, b?.type, t?.type]).toEqual([
      1_000_000,
      false,
      'integer',
      'number',
      'text',
    ])
    const integers = new Int32Array(a!.data.buffer, a!.data.byteOffset, 1_000_000)
    const doubles = new Float64Array(b!.data.buffer, b!.data.byteOffset, 1_000_000)
    expect(integers.every((value, i) => value === i) && doubles.every((value, i) => value === i / 2)).toBe(
      true,
    )
    const cut = await tables.query({
      workspace: 'alpha',
      sql: 'select * from range(1000000)',
      parameters: [],
      files: [],
      maxRows: 3000,
    })
    expect([cut.rows, cut.truncated, cut.columns[0]?.data.byteLength]).toEqual([3000, true, 12_000])
  })

  test('keeps every text as it is: escapes, long ones, none, more than a block of memory', async () => {
    const texts = [
      '',
      'a',
      'exactly 12 b',
      'thirteen byte',
      '"\\\n\r\t\b\f\u0001\u001f\u007f',
      '\u2028\u2029 ü 数据 🦦',
      null,
      'x'.repeat(2_000_000),
      '"'.repeat(300_000),
    ]
    const rows = await ask(`select unnest([${texts.map(() => '?').join()}])`, [], texts)
    expect(rows.map(([text]) => text)).toEqual(texts)
    expect(await ask('select null::varchar')).toEqual([[null]])
  })

  test('answers an empty result with its columns', async () => {
    expect(
      toRows(
        await tables.query({ workspace: 'a', sql: 'select 1 x where false', parameters: [], files: [] }),
      ),
    ).toEqual({ columns: [{ name: 'x', type: 'integer' }], rows: [], rowCount: 0, truncated: false })
  })

  test('says what is wrong with a query in the words of its author', async () => {
    const file = await place('weather.csv', weather)
    await expect(ask('select nope from "weather.csv"', [file])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/"nope" not found/),
    })
    await expect(ask('selec 1')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/syntax error/),
    })
    await expect(ask('select ?', [], [])).rejects.toMatchObject({
      code: 'invalid',
      message: 'The query has 1 parameters and was given 0 values.',
    })
  })

  test('reads Parquet that DuckDB wrote', async () => {
    // the child cannot write, so the file comes from DuckDB in this process
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const path = join(folder, 'n.parquet')
    await connection.run(`copy (select range n, 'v' || range v from range(10)) to '${path}' (format parquet)`)
    const file: TableFile = { name: 'n.parquet', path, format: 'parquet' }
    expect(await tables.inspect(file, 'alpha')).toEqual({
      rows: 10,
      columns: [
        { name: 'n', type: 'integer', native: 'BIGINT' },
        { name: 'v', type: 'text', native: 'VARCHAR' },
      ],
      read: null,
    })
    expect(await ask('select v from "n.parquet" where n = 7', [file])).toEqual([['v7']])
  })
})

describe('profile', () => {
  test('tells missing, distinct, range, mean and a histogram of every column', async () => {
    const file = await place('weather.csv', weather)
    const profile = await tables.profile(file, 'alpha')
    expect(profile.map(({ histogram: _, ...rest }) => rest)).toEqual([
      {
        name: 'city',
        type: 'text',
        native: 'VARCHAR',
        missing: 0,
        distinct: 3,
        min: 'Köln, "D"',
        max: 'Rome',
        mean: null,
      },
      {
        name: 'day',
        type: 'time',
        native: profile[1]?.native,
        missing: 0,
        distinct: 3,
        min: Date.UTC(2024, 0, 1, 10),
        max: Date.UTC(2024, 0, 3),
        mean: (Date.UTC(2024, 0, 1, 10) + Date.UTC(2024, 0, 2) + Date.UTC(2024, 0, 3)) / 3,
      },
      {
        name: 'temp',
        type: 'number',
        native: 'DOUBLE',
        missing: 1,
        distinct: 2,
        min: -3.5,
        max: 12,
        mean: 4.25,
      },
    ])
    expect(profile[0]?.histogram).toEqual([
      { value: 'Köln, "D"', count: 1 },
      { value: 'Oslo', count: 1 },
      { value: 'Rome', count: 1 },
    ])
    const counts = (profile[2]?.histogram ?? []) as { count: number }[]
    expect([counts.length, counts[0]?.count, counts.at(-1)?.count]).toEqual([20, 1, 1])
  })
})

test('profile takes any name for a column', async () => {
  const names = ['v', 'n', 'b', 'count', 'select', 'pröfiled "x"']
  const file = await place(
    'names.csv',
    `${names.map((name) => `"${name.replaceAll('"', '""')}"`).join()}\n1,a,2,b,3,c\n`,
  )
  const profile = await tables.profile(file, 'alpha')
  expect(profile.map(({ name, distinct, histogram }) => [name, distinct, histogram.length])).toEqual(
    names.map((name) => [name, 1, 1]),
  )
})

describe('close', () => {
  test('leaves no process and no folder', async () => {
    const other = await openTables()
    await other.query({ workspace: 'a', sql: 'select 1', parameters: [], files: [] })
    const mine = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`suricate-table-${process.pid}-`)).length
    const before = await mine()
    await other.close()
    expect(await mine()).toBe(before - 1)
    const own = (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
    expect(own.length).toBeLessThanOrEqual(3)
  })
})
