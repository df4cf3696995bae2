/** What a query must never do, and what may happen to the child but not to anybody else. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableFile, Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openTables } from '../../runtime/table/tables.ts'

let folder: string
let tables: Tables
let mine: TableFile
let theirs: TableFile

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'))
  tables = await openTables()
  mine = { name: 'mine.csv', path: join(folder, 'mine'), format: 'csv' }
  theirs = { name: 'theirs.csv', path: join(folder, 'theirs'), format: 'csv' }
  await writeFile(mine.path, 'a\n1\n')
  await writeFile(theirs.path, 'secret\n42\n')
})
afterAll(async () => {
  await tables.close()
  await rm(folder, { recursive: true, force: true })
})
const ask = async (sql: string, workspace = 'alpha', limits = {}) =>
  toRows(await tables.query({ workspace, sql, parameters: [], files: [mine], ...limits })).rows
const answersWithin = async (ms: number) => {
  const begin = performance.now()
  expect(await ask('select 1 + 1', 'other')).toEqual([[2]])
  expect(performance.now() - begin).toBeLessThan(ms)
}

describe('query refuses', () => {
  const cases: { [what: string]: () => string } = {
    'COPY to a file': () => `copy (select 1) to '${folder}/out.csv'`,
    'COPY over its own file': () => `copy (select 1) to '${mine.path}'`,
    'COPY FROM': () => `copy x from '${mine.path}'`,
    ATTACH: () => `attach '${folder}/x.db' as x`,
    EXPORT: () => `export database '${folder}/out'`,
    IMPORT: () => `import database '${folder}/out'`,
    INSTALL: () => 'install httpfs',
    LOAD: () => "load 'httpfs'",
    'a LOAD by path': () => `load '${folder}/evil.duckdb_extension'`,
    'a glob of read_csv': () => `select * from read_csv('${folder}/*')`,
    'the function glob': () => `select * from glob('/etc/*')`,
    'another workspace’s file by path': () => `select * from read_csv('${theirs.path}')`,
    'a path as a table': () => `select * from '${theirs.path}'`,
    'its own file by its first path': () => `select * from read_csv('${mine.path}')`,
    'the environment of a process': () => "select * from read_text('/proc/self/environ')",
    'read_blob of a descriptor': () => "select * from read_blob('/proc/self/fd/0')",
    read_text: () => "select * from read_text('/etc/passwd')",
    read_parquet: () => "select * from read_parquet('/etc/passwd')",
    read_json: () => "select * from read_json('/etc/passwd')",
    'an address': () => "select * from read_csv('http://127.0.0.1:1/x.csv')",
    getenv: () => "select getenv('HOME')",
    'two statements': () => 'select 1; select 2',
    'a statement hidden behind a comment': () => "select 1; /* x */ copy (select 1) to '/tmp/x'",
    SET: () => "set allowed_paths = ['/etc/passwd']",
    RESET: () => 'reset enable_external_access',
    'PRAGMA with a value': () => "pragma memory_limit = '100GB'",
    CREATE: () => 'create table t as select 1',
    INSERT: () => 'insert into "mine.csv" values (2)',
    DROP: () => 'drop view "mine.csv"',
    CALL: () => 'call pragma_version()',
    EXPLAIN: () => 'explain analyze select 1',
    'CREATE SECRET': () => "create secret s (type s3, key_id 'x', secret 'y')",
    'a text that calls itself a query': () =>
      `select * from query('copy (select 1) to ''${folder}/out.csv''')`,
    'nothing at all': () => '',
    'a comment alone': () => '-- nothing',
  }
  test.each(Object.entries(cases))('%s', async (_, sql) => {
    await expect(ask(sql())).rejects.toMatchObject({ code: 'invalid' })
    expect(existsSync(join(folder, 'out.csv'))).toBe(false)
    expect([await readFile(mine.path, 'utf8'), await readFile(theirs.path, 'utf8')]).toEqual([
      'a\n1\n',
      'secret\n42\n',
    ])
  })
  test('and tells no path of the server', async () => {
    const error: Error = (await ask("select * from read_csv('mine.csv', delim = 'xxxxxxxxx')").catch(
      (e: Error) => e,
    )) as Error
    expect(error.message).not.toMatch(/suricate-table-\d+/)
    await expect(
      tables.query({ workspace: 'alpha', sql: 'select nope from "mine.csv"', parameters: [], files: [mine] }),
    ).rejects.not.toThrow(folder)
  })
  test('and knows no secret', async () => {
    expect(await ask('select * from duckdb_secrets()')).toEqual([])
  })
  test('and shows the settings as locked', async () => {
    expect(
      await ask(
        "select name, value from duckdb_settings() where name in ('enable_external_access', 'lock_configuration', 'temp_directory', 'autoload_known_extensions') order by 1",
      ),
    ).toEqual([
      ['autoload_known_extensions', 'false'],
      ['enable_external_access', 'false'],
      ['lock_configuration', 'true'],
      ['temp_directory', ''],
    ])
  })
})

describe('query is ended', () => {
  test('at its limit of memory: a text of 3 GB', async () => {
    await expect(
      ask("select length(repeat('x', 3000000000)), 1", 'alpha', { memoryMb: 500 }),
    ).rejects.toMatchObject({
      code: 'limit',
    })
    await answersWithin(1000)
    expect(await ask('select a from "mine.csv"')).toEqual([[1]])
  })
  test('at its limit of time: an endless cross join', async () => {
    const begin = performance.now()
    await expect(
      ask('select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1', 'alpha', {
        timeoutMs: 1000,
      }),
    ).rejects.toMatchObject({ code: 'timeout', message: expect.stringMatching(/limit of \d/) })
    expect(performance.now() - begin).toBeLessThan(3000)
    await answersWithin(1000)
  })
  test('when it is cancelled', async () => {
    const abort = new AbortController()
    const asked = ask(
      'select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1',
      'alpha',
      {
        signal: abort.signal,
      },
    )
    setTimeout(() => abort.abort(), 200)
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect(await ask('select 2')).toEqual([[2]])
  })
  test('when its result is over 256 MB', async () => {
    await expect(
      ask("select repeat('x', 100000) t from range(10000)", 'alpha', { memoryMb: 2000 }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(too-large|limit)$/),
    })
  })
  test('and many at once wait for their turn', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(`select ${i}`, `w${i % 5}`)))
    expect(answers.map((rows) => rows[0]?.[0])).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })
})
