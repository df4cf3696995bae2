import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TableFile, Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openTables } from '../../runtime/table/tables.ts'

let folder: string
let tables: Tables
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'))
  tables = await openTables()
})
afterAll(async () => {
  await tables.close()
  await rm(folder, { recursive: true, force: true })
})
let count = 0
async function inspect(format: TableFile['format'], text: string | Uint8Array) {
  const path = join(folder, `${++count}`)
  await writeFile(path, text)
  return tables.inspect({ name: 'x', path, format }, 'alpha')
}
const many = (line: (i: number) => string) => Array.from({ length: 400_000 }, (_, i) => line(i)).join('\n')

test('inspect(csv) tells rows and columns, and how to read it without guessing', async () => {
  expect(await inspect('csv', 'when;n;x\n2024-01-02 03:04:05;1;a\n2024-01-03 00:00:00;2;\n')).toEqual({
    rows: 2,
    columns: [
      { name: 'when', type: 'time', native: 'TIMESTAMP' },
      { name: 'n', type: 'integer', native: 'BIGINT' },
      { name: 'x', type: 'text', native: 'VARCHAR' },
    ],
    read: {
      delim: ';',
      header: true,
      auto_detect: false,
      columns: { when: 'TIMESTAMP', n: 'BIGINT', x: 'VARCHAR' },
    },
  })
})
test('inspect(csv) takes a column with one late word as text', async () => {
  const found = await inspect('csv', `a,b\n${many((i) => `${i},x`)}\noops,y\n`)
  expect([found.rows, found.columns[0]?.native]).toEqual([400_001, 'VARCHAR'])
})
test('inspect(csv) takes names that repeat, are empty or quoted', async () => {
  const found = await inspect('csv', 'a,A,"it\'s ""x""",\n1,2,3,4\n')
  expect(found.columns.map((column) => column.name)).toEqual([
    'a',
    'A_1',
    'it\'s "x"',
    found.columns[3]?.name,
  ])
  const path = join(folder, `${count}`)
  const file: TableFile = { name: 'x', path, format: 'csv', read: found.read }
  expect(
    toRows(await tables.query({ workspace: 'alpha', sql: 'from x', parameters: [], files: [file] })).rows,
  ).toEqual([[1, 2, 3, 4]])
})
test.each<[string, TableFile['format'], string, number]>([
  ['a ragged line', 'csv', 'a,b\n1,2\n3\n', 3],
  ['a ragged line far down', 'csv', `a,b\n${many((i) => `${i},word`)}\n1,2,3\n`, 400_002],
  ['a quote that never closes', 'csv', 'a,b\n1,"2\n', 2],
  ['NDJSON with a broken line', 'ndjson', '{"a":1}\n\n{"a":2}\n{oops}\n', 4],
])('inspect refuses %s and names it', async (_, format, text, line) => {
  await expect(inspect(format, text)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(new RegExp(`^Line ${line}: `)),
    details: { line },
  })
})
test.each<[string, TableFile['format'], string]>([
  ['broken JSON', 'json', '[{"a":1},{"a":'],
  ['JSON that is text', 'json', 'hello'],
  ['a false Parquet', 'parquet', 'PAR1 something PAR1'],
  ['an empty Parquet', 'parquet', 'x'],
])('inspect refuses %s', async (_, format, text) => {
  await expect(inspect(format, text)).rejects.toMatchObject({ code: 'invalid' })
})
test('inspect(json) knows arrays of objects, one object, and plain values', async () => {
  const read = async (text: string) => {
    const { rows, columns } = await inspect('json', text)
    return [rows, columns.map(({ name, native }) => `${name} ${native}`)]
  }
  expect(await read('[{"a":1},{"a":2.5,"b":{"c":[1]}}]')).toEqual([2, ['a DOUBLE', 'b STRUCT("c" BIGINT[])']])
  expect(await read('{"a":1,"b":"x"}')).toEqual([1, ['a BIGINT', 'b VARCHAR']])
  expect((await read('[1,2,3]'))[0]).toBe(3)
  expect((await read('[]'))[0]).toBe(0)
})
test('inspect(json) of 10,000 nested arrays ends without harm', async () => {
  await inspect('json', '['.repeat(10_000) + ']'.repeat(10_000)).catch((error: Error) => error)
  expect((await inspect('json', '[{"a":1}]')).rows).toBe(1)
})
