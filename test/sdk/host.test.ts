import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { ModelVersion } from '../../runtime/api/models.ts'
import type { Stream } from '../../runtime/api/streams.ts'
import type { ActionRequest, HostContext, Registration } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SaveModel } from '../../runtime/model/models.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'

const object = {
  id: 'obj_1',
  name: 'history.csv',
  mediaType: 'text/csv',
  bytes: 4,
  sha256: 'ab',
  rows: 1,
  columns: [],
  tags: [],
}
const stored = { ...object, createdAt: 1, updatedAt: 2, revision: 3 }
const stream = {
  id: 'str_1',
  name: 'live',
  source: { type: 'http' },
  state: 'idle',
} as Stream
const version: ModelVersion = {
  model: 'm',
  version: 2,
  kind: 'custom',
  sha256: 'cd',
  bytes: 1,
  signature: null,
  metrics: {},
  baseline: {},
  lineage: {},
  cost: {},
  createdAt: 1,
}
const message = {
  messageId: null,
  redelivered: false,
  definition: 1,
  bytes: 1,
  seq: 3,
  body: { v: 1 },
  headers: {},
  key: null,
  eventTime: 2000,
  receivedAt: 2001,
}

const plain = { seq: 3, body: { v: 1 }, headers: {}, key: null, eventTime: 2000, receivedAt: 2001 }

function open(change: Partial<HostContext> = {}) {
  const seen = {
    acts: [] as ActionRequest[],
    registrations: [] as Registration[],
    saved: [] as SaveModel[],
    calls: [] as unknown[][],
    declared: [] as unknown[],
  }
  const services: SdkServices = {
    objects: {
      find: async (...given) => (seen.calls.push(given), { items: [stored], nextCursor: null }),
      getByName: async () => stored,
      bytes: async () => new Uint8Array([1, 2]),
      create: async (...given) => (seen.calls.push(given), stored),
      replace: async (...given) => (seen.calls.push(given), stored),
      delete: async (...given) => void seen.calls.push(given),
    },
    queries: {
      query: async (workspace, query) => {
        seen.calls.push([workspace, query.sql, query.parameters])
        const data = new Uint8Array(new Float64Array([1]).buffer)
        return {
          columns: [{ name: 'v', type: 'number', data }],
          rows: 1,
          truncated: query.sql.includes('big'),
          objects: [{ name: 'history.csv', sha256: 'ab' }],
          streams: query.sql.includes('live') ? [{ name: 'live', from: 5, to: 9 }] : [],
        }
      },
    },
    streams: {
      find: async () => ({ items: [stream], nextCursor: null }),
      recent: async (...given) => (seen.calls.push(given), [message]),
      between: async (...given) => (seen.calls.push(given), [message, { ...message, eventTime: 5000 }]),
    },
    models: {
      save: async (_workspace, given) => {
        seen.saved.push(given)
        return { ...version, model: given.name, metrics: given.metrics ?? {} }
      },
      load: async () => ({ version, artifact: { json: { a: 1 }, binary: [new Uint8Array([9])] } }),
      find: async () => ({ items: [], nextCursor: null }),
    },
    outputTables: {
      keep: async (_workspace, place, table) => {
        seen.calls.push([place, table])
        return 'tbl_1'
      },
      again: async (_workspace, _place, from) => (from === 'res_1' ? 'tbl_2' : undefined),
      hold: () => 'res_1',
      held: () => undefined,
    },
    outlet: { publish: async (...given) => void seen.calls.push(given) },
    instants: {
      tell: async () => Promise.reject(new Error('none')),
      projectOf: async () => 'other',
    },
    runs: { nest: async (_context, name) => ({ run: 'run_2', result: name }) },
    egress: {
      download: async (_workspace, _url, { take }) =>
        take(Readable.from([Buffer.from('a\n'), Buffer.from('1\n')]), {
          status: 200,
          headers: { 'content-type': 'text/csv; charset=utf-8', 'content-length': '4' },
        }),
      fetch: async (workspace, url) => {
        seen.calls.push([workspace, url])
        return { url, status: 200, headers: { a: 'b' }, body: new Uint8Array([7]) }
      },
    },
  }
  const context: HostContext = {
    workspace: 'w1',
    kind: 'analytics',
    notebook: { id: 'nb_1', version: 4, name: 'train' },
    project: 'prj_1',
    run: 'run_1',
    kernel: null,
    deployment: null,
    parameters: { hours: 1 },
    lineage: { objects: [], streams: [] },
    act: async (request) => (seen.acts.push(request), { id: 'act_1' }),
    depth: 0,
    receipt: () => ({ cpuMs: 2000, peakBytes: 0 }),
    declare: (schema) => void seen.declared.push(schema),
    ...change,
  }
  const host = createHost(services)(context)
  const call = (name: string, args: unknown[], binary: Uint8Array[] = [], cell: string | null = 'c1') =>
    host[name]!(args as never, { binary, cell, step: 0, signal: new AbortController().signal })
  return { call, seen, context, host }
}

describe('createHost', () => {
  test('offers exactly the names of the SDK, without a prototype to reach', () => {
    const { host } = open()
    expect(Object.keys(host).toSorted()).toEqual(
      [
        'objects.list objects.get objects.bytes objects.table objects.create objects.import objects.importing objects.update objects.delete sql',
        'streams.list streams.recent streams.between streams.publish streams.instant streams.on models.save models.load models.list',
        'act.webhook act.publish act.alert notebooks.run fetch parameters.declare result.given parts.send tables.keep packages.import',
      ]
        .join(' ')
        .split(' ')
        .toSorted(),
    )
    expect(host['constructor']).toBe(undefined)
  })
  test('objects go by the workspace of the context and reading them is lineage', async () => {
    const { call, seen, context } = open()
    expect(await call('objects.list', [{ tag: 'x' }])).toEqual({ value: [object] })
    expect(await call('objects.bytes', ['history.csv'])).toEqual({
      value: null,
      binary: [new Uint8Array([1, 2])],
    })
    await call('objects.create', ['out.csv', { tags: ['a'] }], [new Uint8Array([5])])
    expect(seen.calls).toEqual([
      ['w1', { limit: 1000, tag: 'x' }],
      ['w1', { name: 'out.csv', tags: ['a'], run: 'run_1', source: new Uint8Array([5]) }],
    ])
    expect(context.lineage).toEqual({ objects: [{ name: 'history.csv', sha256: 'ab' }], streams: [] })
  })
  test('objects.table quotes the name, sql passes its parameters, both answer columns', async () => {
    const { call, seen } = open()
    const answered = await call('objects.table', ['a"b'])
    expect(answered.value).toEqual({ names: ['v'], types: ['number'], rows: 1 })
    expect(answered.binary?.length).toBe(1)
    await call('sql', ['select $1', [3]])
    expect(seen.calls).toEqual([
      ['w1', 'select * from objects."a""b"', []],
      ['w1', 'select $1', [3]],
    ])
    await expect(call('sql', ['big', []])).rejects.toMatchObject({ code: 'too-large' })
  })
  test('sql over a stream is lineage; variables come as columns or as what they are', async () => {
    const { call, context } = open()
    await call('sql', ['from live', []])
    expect(context.lineage.streams).toEqual([{ name: 'live', from: 5, to: 9 }])
    expect(await call('sql', ['from t', [], [{ name: 't', from: 'res_9' }]])).toEqual({
      value: { missing: true },
    })
    const head = { name: 't', names: ['a'], types: ['integer'], rows: 1 }
    await call('sql', ['from t', [], [head]], [new Uint8Array(4)])
    await expect(call('sql', ['from t', [], [head]], [])).rejects.toMatchObject({ code: 'invalid' })
    await expect(call('sql', ['from t', [], [{ name: 'a b', is: 'x' }]])).rejects.toMatchObject({
      code: 'invalid',
    })
  })
  test('streams.between takes text as UTC and records the stretch that was read', async () => {
    let messages = 0
    const { call, seen, context } = open({ onMessages: (count) => (messages += count) })
    const found = await call('streams.between', ['live', '1970-01-01 00:00:01', 9000, {}])
    expect(JSON.parse(Buffer.from(found.binary![0]!).toString())).toEqual([
      plain,
      { ...plain, eventTime: 5000 },
    ])
    expect(seen.calls).toEqual([['w1', 'live', 1000, 9000, 10_000]])
    expect(context.lineage.streams).toEqual([{ name: 'live', from: 2000, to: 5001 }])
    expect(messages).toBe(2)
  })
  test('streams.on registers where the context allows it, with a window that can be', async () => {
    const registrations: Registration[] = []
    const refused = open()
    await expect(refused.call('streams.on', ['live', 'h1', {}])).rejects.toMatchObject({ code: 'conflict' })
    const { call } = open({ register: async (given) => void registrations.push(given) })
    const options = { window: { type: 'hopping', size: '1 h', hop: '30 min' }, by: null }
    await call('streams.on', ['live', 'h1', options])
    expect(registrations).toEqual([{ stream: 'live', handler: 'h1', options }])
    const tooFar = { window: { type: 'hopping', size: '1 h', hop: '2 h' } }
    await expect(call('streams.on', ['live', 'h2', tooFar])).rejects.toMatchObject({ code: 'invalid' })
  })
  test('models.save carries lineage and cost', async () => {
    const { call, seen, context } = open()
    context.lineage.objects.push({ name: 'history.csv', sha256: 'ab' })
    const frames = [Buffer.from('{"t":{"$typed":["Uint8Array",0]}}'), new Uint8Array([1])]
    expect(await call('models.save', ['m', { metrics: { f1: 1 }, alias: 'champion' }], frames)).toEqual({
      value: { name: 'm', version: 2, sha256: 'cd', metrics: { f1: 1 } },
    })
    expect(seen.saved).toEqual([
      {
        name: 'm',
        kind: 'custom',
        artifact: { json: { t: { $typed: ['Uint8Array', 0] } }, binary: [new Uint8Array([1])] },
        signature: null,
        metrics: { f1: 1 },
        baseline: {},
        alias: 'champion',
        lineage: {
          objects: [{ name: 'history.csv', sha256: 'ab' }],
          streams: [],
          notebook: 'nb_1',
          notebookVersion: 4,
          run: 'run_1',
          parameters: { hours: 1 },
        },
        cost: { cpuSeconds: 2, memoryGbSeconds: 0 },
        by: 'run_1',
      },
    ])
    expect(await call('models.load', ['m'])).toEqual({
      value: { name: 'm', version: 2, metrics: {}, signature: null },
      binary: [Buffer.from('{"a":1}'), new Uint8Array([9])],
    })
  })
  test('act.* reaches the context; in a processing notebook from handlers alone', async () => {
    const { call, seen } = open()
    expect(await call('act.webhook', ['http://x.test/', { a: 1 }, { key: 'k', cooldown: '1 h' }])).toEqual({
      value: { id: 'act_1' },
    })
    await call('act.alert', ['hot', { severity: 'critical' }])
    expect(seen.acts).toEqual([
      {
        kind: 'webhook',
        request: { url: 'http://x.test/', body: { a: 1 }, headers: {} },
        key: 'k',
        cooldownMs: 3_600_000,
      },
      { kind: 'alert', request: { title: 'hot', severity: 'critical', details: {} } },
    ])
    const processing = open({ kind: 'processing' })
    await expect(processing.call('act.alert', ['hot', {}])).rejects.toMatchObject({ code: 'conflict' })
    expect(await processing.call('act.alert', ['hot', {}], [], null)).toEqual({ value: { id: 'act_1' } })
  })
  test('notebooks.run stops at its depth', async () => {
    expect(await open().call('notebooks.run', ['other', {}])).toEqual({
      value: { run: 'run_2', result: 'other' },
    })
    await expect(open({ depth: 5 }).call('notebooks.run', ['other', {}])).rejects.toMatchObject({
      code: 'limit',
    })
  })
  test('fetch answers head and body apart; parameters.declare tells the context', async () => {
    const { call, seen } = open()
    expect(await call('fetch', ['https://a.test/', { method: 'POST', body: 'x' }])).toEqual({
      value: { status: 200, headers: { a: 'b' } },
      binary: [new Uint8Array([7])],
    })
    const schema = { type: 'object', properties: {}, additionalProperties: false }
    await call('parameters.declare', [schema])
    expect(seen.declared).toEqual([schema])
  })
  test.each([
    ['objects.get', [7], 'objects.get: argument 1: '],
    ['objects.get', [], 'objects.get: its arguments: '],
    ['objects.get', ['a', 'b'], 'objects.get: '],
    ['sql', ['select 1', [{}]], 'sql: argument 2, 0: '],
    ['streams.recent', ['live', { minutes: 5 }], 'streams.recent: argument 2: '],
    ['act.alert', ['x', { severity: 'loud' }], 'act.alert: argument 2, severity: '],
    ['fetch', ['https://a.test', { method: 'BREW' }], 'fetch: argument 2, method: '],
  ])('%s refuses %j and names where', async (name, args, message) => {
    const failure = await open()
      .call(name, args)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(failure).toMatchObject({ code: 'invalid', message: expect.stringContaining(message) })
  })
})
