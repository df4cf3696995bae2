/** Tables of outputs on the server: kept, asked, downloaded, retired. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openOutputTables, type OutputTables, type TablePlace } from '../../runtime/output/tables.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { openTables } from '../../runtime/table/tables.ts'

let folder: string
let store: Store
let tables: Tables
let shown: OutputTables
let now = 1
const warnings: unknown[] = []
const clock = { now: () => now++ }
const log = { warn: (...given: unknown[]) => void warnings.push(given) }
const place: TablePlace = { owner: 'ntb_1', notebook: 'ntb_1', cell: 'a' }
const whole = { sort: null, filters: [] }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shown-'))
  store = await openStore({ data: folder })
  await store.system.migrate()
  tables = await openTables({ timeoutMs: 20_000 })
  shown = openOutputTables({ store, tables, clock, log })
})
afterAll(async () => {
  await shown.close()
  await tables.close()
  await store.close()
  await rm(folder, { recursive: true, force: true })
})
const table = (count: number, names = ['n', 'N', '=word']) => ({
  rows: count,
  columns: [
    { name: names[0]!, type: 'number' as const, data: new Uint8Array(Float64Array.from({ length: count }, (_, i) => i).buffer) },
    { name: names[1]!, type: 'time' as const, data: new Uint8Array(new Float64Array(count).fill(1000).buffer) },
    { name: names[2]!, type: 'text' as const, data: Buffer.from(JSON.stringify(Array.from({ length: count }, (_, i) => (i % 2 ? null : `=${i}`)))) },
  ],
})
const rows = async (ref: string, view = {}, workspace = 'w') =>
  shown.rows(workspace, ref, { view: { ...whole, ...view }, offset: 0, limit: 2 })
const count = (): Promise<number> => store.in('w').count('outputTables')

describe('keep', () => {
  test('answers a reference at once, whose rows wait until they are written', async () => {
    const ref = await shown.keep('w', place, table(250))
    expect(await rows(ref, { sort: { column: 'n', down: true } })).toEqual({
      columns: [
        { name: 'n', type: 'number' },
        { name: 'N', type: 'time' },
        { name: '=word', type: 'text' },
      ],
      rows: [
        [249, 1000, null],
        [248, 1000, '=248'],
      ],
      rowCount: 250,
      truncated: true,
    })
    expect(await shown.get('w', ref)).toEqual({
      id: ref,
      owner: 'ntb_1',
      notebook: 'ntb_1',
      cell: 'a',
      columns: expect.any(Array) as object,
      rows: 250,
      bytes: expect.any(Number) as number,
      createdAt: expect.any(Number) as number,
    })
  })
  test('is of one workspace', async () => {
    const ref = await shown.keep('w', place, table(3))
    await expect(rows(ref, {}, 'other')).rejects.toMatchObject({ code: 'not-found' })
    await shown.get('w', ref)
    await expect(rows(ref, {}, 'other')).rejects.toMatchObject({ code: 'not-found' })
    expect(await shown.again('other', place, ref)).toBeUndefined()
  })
  test('drops the oldest where a workspace has too much', async () => {
    const small = openOutputTables({ store, tables, clock, log, maxBytes: 4000 })
    const refs: string[] = []
    for (let i = 0; i < 4; i++) {
      refs.push(await small.keep('full', place, table(100 + i)))
      await small.close()
    }
    await expect(small.get('full', refs[0]!)).rejects.toMatchObject({ code: 'not-found' })
    expect((await small.get('full', refs[3]!)).rows).toBe(103)
  })
  test('a table that cannot be written is told in the log, its reference is unknown', async () => {
    const bad = { rows: 5, columns: [{ name: 'n', type: 'number' as const, data: new Uint8Array(3) }] }
    const ref = await shown.keep('w', place, bad)
    await expect(shown.get('w', ref)).rejects.toMatchObject({ code: 'invalid' })
    await shown.close()
    await expect(shown.get('w', ref)).rejects.toMatchObject({ code: 'not-found' })
    expect(warnings).toHaveLength(1)
  })
})

describe('again', () => {
  test('takes a result that is held, and one that was kept before', async () => {
    const held = shown.hold('w', { ...table(5), truncated: false })
    const ref = (await shown.again('w', place, held))!
    const other = (await shown.again('w', { ...place, cell: 'b' }, ref))!
    expect([(await rows(ref)).rowCount, (await rows(other)).rowCount]).toEqual([5, 5])
    expect(await shown.again('other', place, held)).toBeUndefined()
    expect(await shown.again('w', place, 'res_none')).toBeUndefined()
  })
})

describe('profile and export', () => {
  test('have the names that people gave', async () => {
    const ref = await shown.keep('w', place, table(4))
    const profile = await shown.profile('w', ref)
    expect(profile.columns.map(({ name, missing, distinct }) => [name, missing, distinct])).toEqual([
      ['n', 0, 4],
      ['N', 0, 1],
      ['=word', 2, 2],
    ])
    const view = { ...whole, filters: [{ column: 'n', is: 'lt' as const, value: 3 }] }
    const { bytes } = await shown.export('w', ref, 'csv', view)
    expect(await text(bytes)).toBe(
      "n,N_1,'=word\n0,1970-01-01T00:00:01.000Z,'=0\n1,1970-01-01T00:00:01.000Z,\n2,1970-01-01T00:00:01.000Z,'=2\n",
    )
    const parquet = await shown.export('w', ref, 'parquet', whole)
    expect((await text(parquet.bytes)).slice(0, 4)).toBe('PAR1')
    await expect(shown.export('w', ref, 'csv', { ...whole, sort: { column: 'x', down: false } })).rejects.toThrow(
      'The table has no column "x". It has: n, N, =word.',
    )
  })
})

describe('retire and forget', () => {
  test('what no output refers to goes, and its bytes with the last of them', async () => {
    shown.forget('w', 'ntb_1')
    await shown.close()
    expect(await count()).toBe(0)
    const kept = await shown.keep('w', place, table(7))
    const dropped = await shown.keep('w', place, table(8))
    const twin = (await shown.again('w', { ...place, cell: 'b' }, dropped))!
    const on = (await shown.get('w', dropped)).createdAt
    shown.retire('w', 'ntb_1', 'a', new Set([kept]), on)
    await shown.close()
    expect((await rows(dropped)).rowCount).toBe(8)
    shown.retire('w', 'ntb_1', 'a', new Set([kept]), on + 1)
    await shown.close()
    await expect(shown.get('w', dropped)).rejects.toMatchObject({ code: 'not-found' })
    expect([(await rows(kept)).rowCount, (await rows(twin)).rowCount]).toEqual([7, 8])
    shown.forget('w', 'ntb_1')
    await shown.close()
    expect(await count()).toBe(0)
  })
})
