import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import type { Event } from '../../runtime/bus/port.ts'
import { openObjects, type Objects } from '../../runtime/object/objects.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { toRows } from '../../runtime/table/rows.ts'
import { openQueries, type Queries } from '../../runtime/query/queries.ts'
import { openStreamLines } from '../../runtime/stream/lines.ts'
import { openTables } from '../../runtime/table/tables.ts'

let data: string
let store: Store
let tables: Tables
let objects: Objects
let queries: Queries
let now = 1_700_000_000_000
const bus = openMemoryBus()
const csv = 'host,value\nweb-1,1.5\nweb-2,2.5\nweb-1,3.5\n'
const bytes = (text: string): Uint8Array => Buffer.from(text)
const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'objects-'))
  const clock = { now: () => ++now }
  store = await openStore({ data, clock })
  await store.system.migrate()
  for (const id of ['alpha', 'beta']) await store.system.createWorkspace({ id, name: id, createdAt: now })
  tables = await openTables()
  objects = openObjects({ store, tables, bus, clock, config: { SURICATE_UPLOAD_MB: 8 } })
  queries = openQueries({ store, tables, objects, lines: openStreamLines({ store }) })
})
afterAll(async () => {
  await tables.close()
  await store.close()
  await rm(data, { recursive: true, force: true })
})

describe('create', () => {
  test('stores a CSV with its rows, columns and hash, and tells it', async () => {
    const events: Event[] = []
    const stop = bus.subscribe('alpha', 'objects', (event) => events.push(event))
    const made = await objects.create('alpha', {
      name: 'history.csv',
      source: Readable.from([bytes(csv)]),
      tags: ['x'],
    })
    expect(made).toEqual({
      id: made.id,
      name: 'history.csv',
      mediaType: 'text/csv',
      bytes: csv.length,
      sha256: sha(csv),
      rows: 3,
      columns: [
        { name: 'host', type: 'text' },
        { name: 'value', type: 'number' },
      ],
      tags: ['x'],
      createdAt: made.createdAt,
      updatedAt: made.createdAt,
      revision: 1,
    })
    expect(events).toEqual([
      { topic: 'objects', data: { change: 'created', id: made.id, name: 'history.csv' } },
    ])
    expect(await objects.get('alpha', made.id)).toEqual(made)
    expect(await objects.getByName('alpha', 'history.csv')).toEqual(made)
    stop()
  })
  test('keeps bytes that are no table as they are', async () => {
    const made = await objects.create('alpha', { name: 'photo.png', source: bytes('\u0000png') })
    expect([made.mediaType, made.rows, made.columns]).toEqual(['image/png', null, []])
    await expect(objects.rows('alpha', made.id, { offset: 0, limit: 1 })).rejects.toMatchObject({
      code: 'unsupported',
    })
  })
  test('believes the media type where the name says nothing', async () => {
    const made = await objects.create('alpha', {
      name: 'plain',
      mediaType: 'text/csv; charset=utf-8',
      source: bytes(csv),
    })
    expect([made.mediaType, made.rows]).toEqual(['text/csv', 3])
  })
  test('keeps a JSON document with thousands of keys as bytes', async () => {
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`k${i}`, i % 2 ? i : { [`n${i}`]: [i] }])),
    )
    const made = await objects.create('alpha', { name: 'wide.json', source: bytes(wide) })
    expect([made.rows, made.columns]).toEqual([null, []])
  })
  test.each<[string, string, RegExp]>([
    ['a CSV that is none', 'bad.csv', /"bad.csv" is not a CSV. Line 3: 1 field where the first line has 2/],
    ['broken JSON', 'bad.json', /"bad.json" is not JSON/],
    ['a false Parquet', 'bad.parquet', /"bad.parquet" is not Parquet/],
  ])('refuses %s and keeps nothing', async (_, name, message) => {
    const text = 'a,b\n1,2\n3\n{'
    await expect(objects.create('alpha', { name, source: bytes(text) })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message),
    })
    expect((await objects.find('alpha', { name })).items).toEqual([])
    expect(await store.in('alpha').blobs.has(sha(text))).toBe(false)
  })
  test('refuses an empty file', async () => {
    await expect(
      objects.create('alpha', { name: 'empty.csv', source: Readable.from([]) }),
    ).rejects.toMatchObject({
      code: 'invalid',
      message: '"empty.csv" is empty: no byte arrived.',
    })
  })
  test('refuses a name that exists before it reads a byte', async () => {
    let read = 0
    const source = (async function* () {
      read++
      yield bytes(csv)
    })()
    await expect(objects.create('alpha', { name: 'history.csv', source })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/already an object "history.csv"/),
    })
    expect(read).toBe(0)
  })
  test('of the same name twice at once makes one', async () => {
    const both = await Promise.allSettled(
      ['a\n1\n', 'a\n2\n'].map((text) => objects.create('alpha', { name: 'race.csv', source: bytes(text) })),
    )
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } })
  })
  test('refuses more than the limit, declared or not, and keeps nothing', async () => {
    const expected = { code: 'too-large', message: 'An object may have up to 8 MB (SURICATE_UPLOAD_MB).' }
    const declared = { name: 'big', declaredBytes: 9 * 1024 * 1024, source: Readable.from([bytes('x')]) }
    await expect(objects.create('alpha', declared)).rejects.toMatchObject(expected)
    const source = (async function* () {
      for (let i = 0; i < 9; i++) yield Buffer.alloc(1024 * 1024)
    })()
    await expect(objects.create('alpha', { name: 'big', source })).rejects.toMatchObject(expected)
    expect((await objects.find('alpha', { name: 'big' })).items).toEqual([])
  })
  test('keeps nothing of a body that breaks off', async () => {
    const source = (async function* () {
      yield bytes('a,b\n')
      throw new Error('the client went')
    })()
    await expect(objects.create('alpha', { name: 'cut.csv', source })).rejects.toThrow('the client went')
    expect((await objects.find('alpha', { name: 'cut.csv' })).items).toEqual([])
  })
})

describe('an object of another workspace', () => {
  test('answers as a missing one', async () => {
    const made = await objects.getByName('alpha', 'history.csv')
    const missing = await objects.get('beta', 'obj_none').catch((error: unknown) => error)
    for (const act of [
      () => objects.get('beta', made.id),
      () => objects.update('beta', made.id, { tags: [] }),
      () => objects.replace('beta', made.id, { source: bytes(csv) }),
      () => objects.delete('beta', made.id),
      () => objects.rows('beta', made.id, { offset: 0, limit: 1 }),
      () => objects.profile('beta', made.id),
    ])
      await expect(act()).rejects.toEqual(missing)
    await expect(queries.query('beta', { sql: 'from "history.csv"', parameters: [] })).rejects.toMatchObject({
      code: 'invalid',
    })
    expect((await objects.find('beta')).items).toEqual([])
  })
})

describe('update, replace and delete', () => {
  test('rename and tag; a taken name is a conflict, an old revision stale', async () => {
    const made = await objects.create('alpha', { name: 'one.csv', source: bytes(csv) })
    const changed = await objects.update(
      'alpha',
      made.id,
      { name: 'two.csv', tags: ['a', 'b'] },
      made.revision,
    )
    expect([changed.name, changed.tags, changed.revision]).toEqual(['two.csv', ['a', 'b'], 2])
    expect((await objects.find('alpha', { tag: 'b' })).items).toEqual([changed])
    await expect(objects.update('alpha', made.id, { name: 'history.csv' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(objects.update('alpha', made.id, { tags: [] }, 1)).rejects.toMatchObject({ code: 'stale' })
    await objects.delete('alpha', made.id)
  })
  test('replace the bytes, and keep the old ones when the new are refused', async () => {
    const made = await objects.create('alpha', { name: 'r.csv', source: bytes('old\n1\n') })
    const changed = await objects.replace('alpha', made.id, { source: bytes('a,b\n1,2\n3,4\n') }, 1)
    expect([changed.rows, changed.columns.length, changed.sha256]).toEqual([2, 2, sha('a,b\n1,2\n3,4\n')])
    expect(await store.in('alpha').blobs.has(made.sha256)).toBe(false)
    await expect(objects.replace('alpha', made.id, { source: bytes('a,b\n1\n') })).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(objects.replace('alpha', made.id, { source: bytes('a\n1\n') }, 1)).rejects.toMatchObject({
      code: 'stale',
    })
    expect(await objects.bytes('alpha', await objects.get('alpha', made.id), 100)).toEqual(
      bytes('a,b\n1,2\n3,4\n'),
    )
  })
  test('bytes go with the last object that has them', async () => {
    const text = 'same\n1\n'
    const [one, two] = await Promise.all(
      ['s1.csv', 's2.csv'].map((name) => objects.create('alpha', { name, source: bytes(text) })),
    )
    await objects.delete('alpha', one!.id)
    expect(await store.in('alpha').blobs.has(sha(text))).toBe(true)
    await objects.delete('alpha', two!.id)
    expect(await store.in('alpha').blobs.has(sha(text))).toBe(false)
  })
})

describe('read', () => {
  test('gives all bytes, a range, and no more than may be held', async () => {
    const made = await objects.getByName('alpha', 'history.csv')
    const text = async (range?: { start: number; end: number }) =>
      Buffer.concat(await (await objects.read('alpha', made, range)).toArray()).toString()
    expect([await text(), await text({ start: 5, end: 10 })]).toEqual([csv, 'value'])
    await expect(objects.bytes('alpha', made, 10)).rejects.toMatchObject({ code: 'too-large' })
  })
  test('getByName names what there is', async () => {
    await expect(objects.getByName('alpha', 'nope.csv')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/^There is no object "nope.csv". There are ".*"/),
    })
    await expect(objects.getByName('beta', 'nope.csv')).rejects.toThrow('There is no object "nope.csv".')
  })
  test('rows gives a page and how many there are', async () => {
    const made = await objects.getByName('alpha', 'history.csv')
    expect(await objects.rows('alpha', made.id, { offset: 1, limit: 1 })).toEqual({
      columns: [
        { name: 'host', type: 'text' },
        { name: 'value', type: 'number' },
      ],
      rows: [['web-2', 2.5]],
      rowCount: 3,
      truncated: true,
    })
  })
  test('profile is made once for the same bytes', async () => {
    const made = await objects.getByName('alpha', 'history.csv')
    const first = await objects.profile('alpha', made.id)
    expect([first.rows, first.columns.map((column) => [column.name, column.mean])]).toEqual([
      3,
      [
        ['host', null],
        ['value', 2.5],
      ],
    ])
    expect((await objects.profile('alpha', made.id)).columns).toBe(first.columns)
  })
})

describe('query', () => {
  const ask = async (sql: string) => {
    const result = await queries.query('alpha', { sql, parameters: [] })
    return [toRows(result).rows, result.objects.map((object) => object.name)]
  }
  test('finds objects by quoted name, literal, and name without ending', async () => {
    const expected = [[[7.5]], ['history.csv']]
    expect(await ask('select sum(value) from "history.csv"')).toEqual(expected)
    expect(await ask("select sum(value) from 'history.csv'")).toEqual(expected)
    expect(await ask('select sum(value) from history')).toEqual(expected)
    expect(await ask('/* "nope.csv" */ select 1 -- history')).toEqual([[[1]], []])
  })
  test('says that a name is unknown', async () => {
    await expect(ask('select * from "nope.csv"')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/nope.csv/),
    })
  })
  test('reads the new bytes after a replace', async () => {
    const made = await objects.create('alpha', { name: 'fresh.csv', source: bytes('a\n1\n') })
    expect(await ask('select a from fresh')).toEqual([[[1]], ['fresh.csv']])
    await objects.replace('alpha', made.id, { source: bytes('a\n2\n') })
    expect(await ask('select a from fresh')).toEqual([[[2]], ['fresh.csv']])
  })
})
