/** What a page of a table's view holds, and what is written from it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import type { ColumnData, TableFile, TableFilter, Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openTables } from '../../runtime/table/tables.ts'

let folder: string
let tables: Tables
let file: TableFile
const bytes = (array: Float64Array | Int32Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer)
const text = (values: Json[]): Uint8Array => Buffer.from(JSON.stringify(values))
const noon = Date.UTC(2024, 0, 1, 12)
const columns: ColumnData[] = [
  { name: 'c0', type: 'number', data: bytes(Float64Array.of(2.5, Number.NaN, -1, 2.5)) },
  { name: 'c1', type: 'integer', data: bytes(Int32Array.of(1, 2, 3, 4)) },
  { name: 'c2', type: 'bigint', data: bytes(BigInt64Array.of(1n, -2n, 9_007_199_254_740_993n, 4n)) },
  { name: 'c3', type: 'boolean', data: Uint8Array.of(1, 0, 2, 1) },
  { name: 'c4', type: 'time', data: bytes(Float64Array.of(noon, Number.NaN, -1.5, 253_402_300_799_000)) },
  { name: 'c5', type: 'text', data: text(['b%', null, 'Ä"\n', 'a\0z']) },
  { name: 'c6', type: 'json', data: text([{ a: [1] }, null, 'x', 3]) },
]
const whole = { sort: null, filters: [] }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'views-'))
  tables = await openTables({ timeoutMs: 20_000 })
  file = await keep('small', columns, 4)
})
afterAll(async () => {
  await tables.close()
  await rm(folder, { recursive: true, force: true })
})
async function keep(name: string, given: ColumnData[], rows: number): Promise<TableFile> {
  const path = join(folder, `${name}.parquet`)
  await writeFile(
    path,
    await tables.store({ columns: given, rows }, 'alpha', (stream: Readable) => buffer(stream)),
  )
  return { name, path, format: 'parquet' }
}
async function page(
  filters: TableFilter[],
  sort: { column: string; down: boolean } | null = null,
  offset = 0,
) {
  const found = await tables.page({ workspace: 'alpha', file, view: { sort, filters }, offset, limit: 2 })
  return { total: found.total, rows: toRows(found).rows }
}
const numbers = async (filters: TableFilter[], column = 'c1'): Promise<Json[]> => {
  const found = await tables.page({
    workspace: 'alpha',
    file,
    view: { sort: { column, down: false }, filters },
    offset: 0,
    limit: 100,
  })
  return toRows(found).rows.map((row) => row[1] ?? null)
}

describe('store', () => {
  test('keeps every type and what is missing', async () => {
    const found = await tables.page({ workspace: 'alpha', file, view: whole, offset: 0, limit: 10 })
    expect(toRows(found)).toEqual({
      columns: [
        { name: 'c0', type: 'number' },
        { name: 'c1', type: 'integer' },
        { name: 'c2', type: 'bigint' },
        { name: 'c3', type: 'boolean' },
        { name: 'c4', type: 'time' },
        { name: 'c5', type: 'text' },
        { name: 'c6', type: 'json' },
      ],
      rows: [
        [2.5, 1, 1, true, noon, 'b%', { a: [1] }],
        [null, 2, -2, false, null, null, null],
        [-1, 3, '9007199254740993', null, expect.any(Number), 'Ä"\n', 'x'],
        [2.5, 4, 4, true, 253_402_300_799_000, 'a\0z', 3],
      ],
      rowCount: 4,
      truncated: false,
    })
  })
  test('refuses columns that lie about their length', async () => {
    const short: ColumnData[] = [{ name: 'c0', type: 'number', data: new Uint8Array(8) }]
    await expect(keep('short', short, 2)).rejects.toMatchObject({ code: 'invalid' })
    const odd: ColumnData[] = [{ name: 'c0', type: 'text', data: text(['a']) }]
    await expect(keep('odd', odd, 2)).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('page', () => {
  test('has the rows from the offset and the count of all', async () => {
    expect((await page([], null, 3)).rows.map((row) => row[1])).toEqual([4])
    expect((await page([], null, 4)).total).toBe(4)
  })
  test('sorts both ways, what is missing last, equals in the order of the file', async () => {
    const sorted = async (column: string, down: boolean): Promise<Json[]> =>
      [...(await page([], { column, down })).rows, ...(await page([], { column, down }, 2)).rows].map(
        (row) => row[1] ?? null,
      )
    expect(await sorted('c0', false)).toEqual([3, 1, 4, 2])
    expect(await sorted('c0', true)).toEqual([1, 4, 3, 2])
    expect(await sorted('c5', false)).toEqual([4, 1, 3, 2])
  })
  test('filters by text, number, time, truth and what is missing', async () => {
    const is = (column: string, kind: TableFilter['is'], value?: TableFilter['value']): TableFilter[] => [
      { column, is: kind, value },
    ]
    expect(await numbers(is('c5', 'contains', '%'))).toEqual([1])
    expect(await numbers(is('c5', 'contains', 'ä"'))).toEqual([3])
    expect(await numbers(is('c5', 'ne', 'b%'))).toEqual([3, 4])
    expect(await numbers(is('c0', 'ge', '2.5'))).toEqual([1, 4])
    expect(await numbers(is('c4', 'gt', noon))).toEqual([4])
    expect(await numbers(is('c4', 'eq', '2024-01-01 12:00'))).toEqual([1])
    expect(await numbers(is('c3', 'eq', 'true'))).toEqual([1, 4])
    expect(await numbers(is('c3', 'missing'))).toEqual([3])
    expect(await numbers([...is('c0', 'present'), ...is('c1', 'lt', 4)])).toEqual([1, 3])
  })
  test('says what is wrong with a column, and takes no SQL', async () => {
    await expect(page([{ column: 'c9', is: 'missing' }])).rejects.toThrow('has no column "c9"')
    await expect(page([], { column: 'c1" desc; drop', down: true })).rejects.toThrow('has no column')
    await expect(page([{ column: 'c1', is: 'lt', value: 'x' }])).rejects.toThrow('cannot be compared')
    expect(await numbers([{ column: 'c5', is: 'eq', value: "' or 1=1 --" }])).toEqual([])
  })
})

describe('export', () => {
  test('writes CSV of a view under the names that are given', async () => {
    const written = await tables.export(
      {
        workspace: 'alpha',
        file,
        view: { sort: { column: 'c1', down: true }, filters: [{ column: 'c3', is: 'eq', value: true }] },
        names: ['a', 'n', 'n', 'ok', 'at', 'te"xt'],
        format: 'csv',
      },
      (stream) => buffer(stream),
    )
    expect(written.toString().split('\n')[0]).toBe('a,n,n_1,ok,at,"te""xt",c6')
    expect(
      written
        .toString()
        .split('\n')
        .slice(1, 3)
        .map((line) => line.slice(0, 12)),
    ).toEqual(['2.5,4,4,true', '2.5,1,1,true'])
  })
  test('writes Parquet that reads again', async () => {
    const path = join(folder, 'again.parquet')
    const wanted = { workspace: 'alpha', file, view: whole, names: columns.map((_, i) => `n${i}`) }
    await writeFile(path, await tables.export({ ...wanted, format: 'parquet' }, (stream) => buffer(stream)))
    expect(
      (await tables.inspect({ name: 'again', path, format: 'parquet' }, 'alpha')).columns.map((c) => c.name),
    ).toEqual(wanted.names)
  })
  test('fails as a whole when nobody takes it', async () => {
    const wanted = { workspace: 'alpha', file, view: whole, names: [], format: 'csv' as const }
    await expect(tables.export(wanted, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect((await page([])).total).toBe(4)
  })
})
