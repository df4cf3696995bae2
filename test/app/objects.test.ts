import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelHandlers } from '../../app/api/models.ts'
import { objectHandlers } from '../../app/api/objects.ts'
import { parseRange } from '../../app/api/range.ts'
import type { Call } from '../../app/api/handler.ts'
import { modelOperations } from '../../runtime/api/models.ts'
import { type DataObject, objectOperations } from '../../runtime/api/objects.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { encodeArtifact } from '../../runtime/model/artifact.ts'
import { openModels } from '../../runtime/model/models.ts'
import { openObjects } from '../../runtime/object/objects.ts'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Tables } from '../../runtime/table/port.ts'
import { openQueries } from '../../runtime/query/queries.ts'
import { openStreamLines } from '../../runtime/stream/lines.ts'
import { openTables } from '../../runtime/table/tables.ts'

let data: string
let store: Store
let tables: Tables
let objects: ReturnType<typeof objectHandlers>
let models: ReturnType<typeof modelHandlers>
let save: (value: unknown) => Promise<unknown>
let now = 1_700_000_000_000
const csv = 'host,value\nweb-1,1.5\nweb-2,2.5\n'
const sha = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'api-'))
  const clock = { now: () => ++now }
  store = await openStore({ data, clock })
  await store.system.migrate()
  await store.system.createWorkspace({ id: 'alpha', name: 'alpha', createdAt: now })
  tables = await openTables()
  const bus = openMemoryBus()
  const config = { SURICATE_UPLOAD_MB: 64, SURICATE_PRICE_CPU_HOUR: 0, SURICATE_PRICE_GB_HOUR: 0 }
  const opened = openObjects({ store, tables, bus, clock, config })
  const queries = openQueries({ store, tables, objects: opened, lines: openStreamLines({ store }) })
  objects = objectHandlers({ objects: opened, queries })
  const registry = openModels({ store, bus, clock, config })
  models = modelHandlers({ models: registry })
  save = (value) => registry.save('alpha', { name: 'm', artifact: encodeArtifact(value), by: 'run' })
})
afterAll(async () => {
  await tables.close()
  await store.close()
  await rm(data, { recursive: true, force: true })
})

type AnyCall = Call<'createObject'> & Call<'getModel'>
function call(part: object, init?: RequestInit & { duplex?: 'half' }): never {
  const request = new Request('http://localhost/', init)
  const actor = { workspace: 'alpha', name: 'Ada' }
  return {
    actor,
    params: {},
    query: {},
    request,
    signal: request.signal,
    revision: 0,
    ...part,
  } as unknown as AnyCall as never
}
const post = (body: BodyInit, query: object = {}, headers: Record<string, string> = {}) =>
  objects.createObject(
    call({ query }, { method: 'POST', body, headers, duplex: 'half' }),
  ) as Promise<DataObject>

describe('createObject', () => {
  test('takes the bytes as the body, with name and tags in the query', async () => {
    const made = await post(csv, { name: 'raw.csv', tags: 'a, b,a,' }, { 'content-type': 'text/csv' })
    expect(objectOperations.createObject.response.parse(made)).toEqual(made)
    expect([made.name, made.tags, made.rows, made.sha256]).toEqual(['raw.csv', ['a', 'b'], 2, sha(csv)])
  })
  test('takes one file of a form, named by it, by a field or by the query', async () => {
    const form = (name?: string): FormData => {
      const made = new FormData()
      if (name !== undefined) made.set('name', name)
      made.set('tags', 'x')
      made.set('file', new Blob([csv], { type: 'text/csv' }), 'form.csv')
      return made
    }
    const named = [
      await post(form()),
      await post(form('field.csv')),
      await post(form('no.csv'), { name: 'query.csv' }),
    ]
    expect(named.map(({ name, tags, sha256 }) => [name, tags, sha256])).toEqual([
      ['form.csv', ['x'], sha(csv)],
      ['field.csv', ['x'], sha(csv)],
      ['query.csv', ['x'], sha(csv)],
    ])
  })
  test('passes a large form on as it comes', async () => {
    const form = new FormData()
    const bytes = Buffer.alloc(30 * 1024 * 1024, 'suricate ')
    form.set('file', new Blob([bytes]), 'large.bin')
    expect(await post(form)).toMatchObject({ bytes: bytes.length, sha256: sha(bytes) })
  })
  test.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['no name', () => post(csv), 'invalid', /needs a name: \?name=history.csv/],
    ['a name with a line break', () => post(csv, { name: 'a\nb' }), 'invalid', /control characters/],
    [
      'no body',
      () => objects.createObject(call({ query: { name: 'x' } }, { method: 'POST' })),
      'invalid',
      /body is missing/,
    ],
    ['a form without a file', () => post(new FormData(), { name: 'x' }), 'invalid', /no file/],
    [
      'too many tags',
      () => post(csv, { name: 'x', tags: Array.from({ length: 31 }, (_, i) => i).join() }),
      'invalid',
      /30 tags/,
    ],
    [
      'a declared length over the limit',
      () => post(csv, { name: 'x' }, { 'content-length': '99999999999' }),
      'too-large',
      /up to 64 MB/,
    ],
  ])('refuses %s', async (_, act, code, message) => {
    await expect(act()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
  test('refuses a form with two files, or cut in the middle, and keeps nothing', async () => {
    const two = new FormData()
    two.append('file', new Blob(['1']), 'two.bin')
    two.append('file', new Blob(['2']), 'other.bin')
    await expect(post(two)).rejects.toThrow(/one file/)
    const cut = new Response(two)
    const bytes = (await cut.bytes()).subarray(0, 120)
    await expect(post(bytes, {}, { 'content-type': cut.headers.get('content-type')! })).rejects.toThrow(
      /broken/,
    )
    expect((await objects.findObjects(call({ query: { name: 'two.bin' } }))) as object).toEqual({
      items: [],
      nextCursor: null,
    })
  })
})

describe('an object', () => {
  let made: DataObject
  beforeAll(async () => {
    made = await post(csv, { name: 'one "é".csv' })
  })
  const params = () => ({ id: made.id })
  const download = async (headers: Record<string, string> = {}) => {
    const response = (await objects.getObjectContent(call({ params: params() }, { headers }))) as Response
    return [response.status, await response.text(), response.headers] as const
  }
  test('downloads whole, with headers that keep it from running in the page', async () => {
    const [status, text, headers] = await download()
    expect([status, text]).toEqual([200, csv])
    expect(Object.fromEntries(headers)).toEqual({
      'accept-ranges': 'bytes',
      'content-disposition': "attachment; filename*=UTF-8''one%20%22%C3%A9%22.csv",
      'content-length': String(csv.length),
      'content-security-policy': 'sandbox',
      'content-type': 'text/csv',
      etag: '"1"',
      'repr-digest': `sha-256=:${createHash('sha256').update(csv).digest('base64')}:`,
      'x-content-type-options': 'nosniff',
    })
  })
  test('downloads a range, and says when there is none', async () => {
    const [status, text, headers] = await download({ range: 'bytes=5-9' })
    expect([status, text, headers.get('content-range')]).toEqual([206, 'value', `bytes 5-9/${csv.length}`])
    const [none, empty, told] = await download({ range: 'bytes=1000-' })
    expect([none, empty, told.get('content-range')]).toEqual([416, '', `bytes */${csv.length}`])
  })
  test('tells rows, profile and the answer of a query as the API describes them', async () => {
    const rows = await objects.getObjectRows(call({ params: params(), query: { offset: 0, limit: 10 } }))
    expect(objectOperations.getObjectRows.response.parse(rows)).toEqual({
      columns: [
        { name: 'host', type: 'text' },
        { name: 'value', type: 'number' },
      ],
      rows: [
        ['web-1', 1.5],
        ['web-2', 2.5],
      ],
      rowCount: 2,
      truncated: false,
    })
    const profile = await objects.getObjectProfile(call({ params: params() }))
    expect(objectOperations.getObjectProfile.response.parse(profile)).toEqual(profile)
    const body = {
      sql: 'select count(*) n from "one ""é"".csv" where value > ?',
      parameters: [2],
      maxRows: 10,
    }
    expect(objectOperations.query.response.parse(await objects.query(call({ body })))).toEqual({
      columns: [{ name: 'n', type: 'integer' }],
      rows: [[1]],
      rowCount: 1,
      truncated: false,
    })
  })
  test('is renamed, replaced and deleted', async () => {
    const renamed = (await objects.updateObject(
      call({ params: params(), body: { name: 'b.csv' }, revision: 1 }),
    )) as DataObject
    expect([renamed.name, renamed.revision]).toEqual(['b.csv', 2])
    const put = { method: 'PUT', body: 'a\n1\n', duplex: 'half' as const }
    const replaced = (await objects.putObjectContent(
      call({ params: params(), revision: 2 }, put),
    )) as DataObject
    expect([replaced.rows, replaced.revision, replaced.name]).toEqual([1, 3, 'b.csv'])
    await objects.deleteObject(call({ params: params() }))
    await expect(objects.getObject(call({ params: params() }))).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('models', () => {
  test('are told as the API describes them, small artifacts included', async () => {
    await save({ w: Float64Array.of(1, NaN), n: BigInt64Array.of(5n) })
    await save(new Float64Array(100_000))
    const model = await models.getModel(call({ params: { name: 'm' } }))
    expect(modelOperations.getModel.response.parse(model)).toEqual(model)
    const page = await models.findModels(call({ query: {} }))
    expect(modelOperations.findModels.response.parse(page)).toEqual({ items: [model], nextCursor: null })
    const version = async (number: number) =>
      modelOperations.getModelVersion.response.parse(
        await models.getModelVersion(call({ params: { name: 'm', version: number } })),
      )
    expect((await version(1)).artifact).toEqual({ w: [1, null], n: ['5'] })
    expect((await version(2)).artifact).toBeUndefined()
    const versions = await models.findModelVersions(call({ params: { name: 'm' }, query: { limit: 1 } }))
    expect(
      modelOperations.findModelVersions.response.parse(versions).items.map((one) => one.version),
    ).toEqual([2])
  })
  test('move their aliases and go', async () => {
    const { revision } = modelOperations.getModel.response.parse(
      await models.getModel(call({ params: { name: 'm' } })),
    )
    const moved = modelOperations.moveAlias.response.parse(
      await models.moveAlias(
        call({ params: { name: 'm', alias: 'champion' }, body: { version: 2 }, revision }),
      ),
    )
    expect([moved.aliases, moved.history.at(-1)?.by]).toEqual([{ champion: 2 }, 'Ada'])
    await models.deleteModel(call({ params: { name: 'm' } }))
    await expect(models.getModel(call({ params: { name: 'm' } }))).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

test.each<[string | null, { start: number; end: number } | undefined]>([
  [null, undefined],
  ['bytes=0-0', { start: 0, end: 1 }],
  ['bytes=5-', { start: 5, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-30', { start: 0, end: 10 }],
  ['bytes=5-99', { start: 5, end: 10 }],
  ['bytes=0-1,3-4', undefined],
  ['bytes=-', undefined],
  ['items=0-1', undefined],
])('parseRange(%s) of 10 bytes', (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected)
})
test.each(['bytes=10-', 'bytes=5-4', 'bytes=-0'])('parseRange(%s) cannot be satisfied', (header) => {
  expect(() => parseRange(header, 10)).toThrow(/outside of 10 bytes/)
})
