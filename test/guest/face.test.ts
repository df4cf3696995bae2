import { describe, expect, test } from 'vitest'
import type { Bridge } from '../../runtime/guest/bridge.ts'
import { createFace } from '../../runtime/guest/face.ts'
import { encodeUtf8, decodeUtf8 } from '../../runtime/guest/sdk/utf8.ts'
import type { Json, JsonObject } from '../../runtime/json.ts'

interface Answer {
  value: Json
  binary?: Uint8Array[]
}
function open(
  answers: { [name: string]: Answer | ((args: Json[]) => Answer) } = {},
  parameters: JsonObject = {},
) {
  const calls: { name: string; args: Json[]; binary?: Uint8Array[] }[] = []
  const outputs: Parameters<Bridge['output']>[0][] = []
  const results: unknown[] = []
  const handlers: unknown[] = []
  const bridge: Bridge = {
    call(name, args, binary) {
      calls.push({ name, args, ...(binary ? { binary } : {}) })
      const found = answers[name]
      const answer = typeof found === 'function' ? found(args) : found
      return Promise.resolve({ value: answer?.value ?? null, binary: answer?.binary ?? [] })
    },
    output: (output) => void outputs.push(output),
    handler: (run) => `h${handlers.push(run)}`,
    parameters,
    kind: 'analytics',
    inHandler: () => false,
    place: () => ({ cell: 'c1', execution: 1 }),
    setResult: (value) => void results.push(value),
    inspect: (value) => `<${String(value)}>`,
  }
  return { face: createFace(bridge), calls, outputs, results, handlers }
}
const bytes = (array: Float64Array | Int32Array | BigInt64Array): Uint8Array => new Uint8Array(array.buffer)
const table: Answer = {
  value: {
    names: ['at', 'v', 'n', 'ok', 'name'],
    types: ['time', 'number', 'integer', 'boolean', 'text'],
    rows: 3,
  },
  binary: [
    bytes(Float64Array.of(1000, 2000, NaN)),
    bytes(Float64Array.of(0.5, NaN, 2)),
    bytes(Int32Array.of(1, 2, 3)),
    Uint8Array.of(1, 0, 2),
    encodeUtf8('["a","é",null]'),
  ],
}

describe('createFace', () => {
  test('is frozen to its depth', () => {
    const { face } = open()
    const { streams, plot } = face
    const functions = [Reflect.get(streams, 'on') as unknown, plot, Reflect.get(plot, 'line') as unknown]
    for (const part of [face, face.objects, ...functions, face.log]) expect(Object.isFrozen(part)).toBe(true)
  })
  test('sql binds what stands in the template and answers a table with lazy rows', async () => {
    const { face, calls } = open({ sql: table })
    const found = await face.sql`select * from "x" where v > ${2} and name = ${'a'}`
    expect(calls).toEqual([{ name: 'sql', args: ['select * from "x" where v > $1 and name = $2', [2, 'a']] }])
    expect([...found]).toEqual([
      { at: 1000, v: 0.5, n: 1, ok: true, name: 'a' },
      { at: 2000, v: null, n: 2, ok: false, name: 'é' },
      { at: null, v: 2, n: 3, ok: null, name: null },
    ])
    expect(found.numbers('ok')).toEqual(Float64Array.of(1, 0, NaN))
    expect(found.numbers('n')).toEqual(Float64Array.of(1, 2, 3))
    expect(found.rows(1, 2)).toEqual([found.row(1)])
    expect(() => found.column('w')).toThrow('The table has no column "w". It has: at, v, n, ok, name.')
    expect(() => found.numbers('name')).toThrow('not numeric')
    expect(() => found.row(3)).toThrow('There is no row 3')
  })
  test('a table is an output of its first 100 rows', async () => {
    const { face, outputs } = open({
      sql: {
        value: { names: ['v'], types: ['number'], rows: 250 },
        binary: [bytes(new Float64Array(250).fill(4))],
      },
    })
    face.show(await face.sql`select 4`)
    expect(outputs).toEqual([
      {
        kind: 'display',
        data: {
          'application/vnd.suricate.table+json': {
            names: ['v'],
            types: { v: 'number' },
            length: 250,
            rows: Array.from({ length: 100 }, () => ({ v: 4 })),
          },
          'text/plain': 'table 250 x 1: v',
        },
        id: 'table 1',
      },
    ])
  })
  test('a table tells its size with its thousands grouped', () => {
    const { face } = open()
    const rows = (length: number) => Array.from({ length }, (_, v) => ({ v }))
    const sizes = [0, 999, 1000, 12_345].map((length) => face.display(rows(length + 1))['text/plain'])
    expect(sizes).toEqual([
      'table 1 x 1: v',
      'table 1,000 x 1: v',
      'table 1,001 x 1: v',
      'table 12,346 x 1: v',
    ])
  })
  test('show knows rows, danfo frames, figures, Markdown, HTML and anything else', () => {
    const { face, outputs } = open()
    class Other {
      a = 1
    }
    face.show([{ a: 1 }, { a: 'x', b: true }])
    face.show({
      shape: [1, 2],
      columns: ['a', 'b'],
      values: [[1, 'x']],
      index: [0],
      dtypes: ['int32', 'string'],
    })
    face.show(
      { data: [{ y: Float64Array.of(1, NaN) }], layout: { title: 'T' } },
      { id: 'live', append: true },
    )
    face.show.markdown('# hi')
    face.show.html('<b>')
    face.show({ a: [1n, new Date(0), undefined] })
    face.show(new Other())
    expect(outputs.map(({ data, id, append }) => ({ ...data, ...(id ? { id, append } : {}) }))).toEqual([
      {
        'application/vnd.suricate.table+json': {
          names: ['a', 'b'],
          types: { a: 'json', b: 'json' },
          length: 2,
          rows: [
            { a: 1, b: null },
            { a: 'x', b: true },
          ],
        },
        'text/plain': 'table 2 x 2: a, b',
      },
      {
        'application/vnd.suricate.table+json': {
          names: ['a', 'b'],
          types: { a: 'number', b: 'text' },
          length: 1,
          rows: [{ a: 1, b: 'x' }],
        },
        'text/plain': 'table 1 x 2: a, b',
      },
      {
        'application/vnd.plotly.v1+json': { data: [{ y: [1, null] }], layout: { title: 'T' } },
        'text/plain': 'plot: scatter',
        id: 'live',
        append: true,
      },
      { 'text/markdown': '# hi', 'text/plain': '# hi' },
      { 'text/html': '<b>', 'text/plain': '(HTML)' },
      { 'text/plain': '<[object Object]>', 'application/json': { a: [1, '1970-01-01T00:00:00.000Z', null] } },
      { 'text/plain': '<[object Object]>' },
    ])
  })
  test('plot.line draws a table by time, and keeps the peaks of a long one', async () => {
    const values = new Float64Array(100_000).map((_, i) => (i === 54_321 ? 99 : i % 2))
    const times = new Float64Array(100_000).map((_, i) => i * 1000)
    const { face, outputs } = open({
      sql: {
        value: { names: ['at', 'v'], types: ['time', 'number'], rows: 100_000 },
        binary: [bytes(times), bytes(values)],
      },
    })
    face.plot.line(
      await face.sql`select 1`,
      { x: 'at', y: 'v', title: 'Long' },
      { yaxis: { ticks: 'inside' } },
    )
    const figure = outputs[0]!.data['application/vnd.plotly.v1+json'] as {
      data: { x: number[]; y: number[]; type: string; mode: string; name: string }[]
      layout: Json
    }
    const [line] = figure.data
    expect(figure.layout).toEqual({
      title: { text: 'Long' },
      xaxis: { title: { text: 'at' }, type: 'date' },
      yaxis: { title: { text: 'v' }, ticks: 'inside' },
    })
    expect({ ...line, x: line!.x.length, y: Math.max(...line!.y) }).toEqual({
      type: 'scatter',
      mode: 'lines',
      name: 'v',
      x: 20_000,
      y: 99,
    })
    expect(() => face.plot.bar([{ a: 1 }], { y: 'b' })).toThrow('no column "b"')
  })
  test('objects cross as bytes, with the media type of what they were', async () => {
    const { face, calls } = open({
      sql: table,
      'objects.bytes': { value: null, binary: [encodeUtf8('{"a":"ü"}')] },
    })
    await face.objects.create('t.txt', 'é', { tags: ['x'] })
    await face.objects.create('j.json', { a: 1 })
    await face.objects.create('t.csv', await face.sql`select 1`)
    expect(calls.filter((call) => call.name === 'objects.create')).toEqual([
      { name: 'objects.create', args: ['t.txt', { tags: ['x'] }], binary: [encodeUtf8('é')] },
      {
        name: 'objects.create',
        args: ['j.json', { mediaType: 'application/json' }],
        binary: [encodeUtf8('{"a":1}')],
      },
      {
        name: 'objects.create',
        args: ['t.csv', { mediaType: 'text/csv' }],
        binary: [
          encodeUtf8(
            'at,v,n,ok,name\n1970-01-01T00:00:01.000Z,0.5,1,true,a\n1970-01-01T00:00:02.000Z,,2,false,é\n,2,3,,\n',
          ),
        ],
      },
    ])
    expect(await face.objects.json('j.json')).toEqual({ a: 'ü' })
  })
  test('streams.on registers a handler and between takes dates', async () => {
    const { face, calls, handlers } = open({
      'streams.between': { value: null, binary: [encodeUtf8('[{"seq":1}]')] },
    })
    const handler = () => undefined
    await face.streams.on('live', { window: { type: 'tumbling', size: '1 h' } }, handler)
    expect(await face.streams.between('live', new Date(5), '2014-01-01')).toEqual([{ seq: 1 }])
    expect(calls).toEqual([
      { name: 'streams.on', args: ['live', 'h3', { window: { type: 'tumbling', size: '1 h' } }] },
      { name: 'streams.between', args: ['live', 5, '2014-01-01', {}] },
    ])
    expect(handlers.slice(2)).toEqual([handler])
  })
  test('a model survives save and load', async () => {
    const kept: Uint8Array[] = []
    const { face, calls } = open({
      'models.load': () => ({ value: { name: 'm', version: 1, metrics: {}, signature: null }, binary: kept }),
    })
    await face.models.save('m', { trees: Float64Array.of(1.5, 2), name: 'forest' }, { metrics: { auc: 0.9 } })
    kept.push(...calls[0]!.binary!)
    expect(calls[0]!.args).toEqual(['m', { metrics: { auc: 0.9 } }])
    expect(await face.models.load('m')).toEqual({
      name: 'm',
      version: 1,
      metrics: {},
      signature: null,
      model: { trees: Float64Array.of(1.5, 2), name: 'forest' },
    })
  })
  test('parameters fills the defaults, tells the schema and refuses what does not fit', () => {
    const spec = {
      hours: { default: 24, min: 1, max: 48 },
      host: 'web-1',
      mode: { default: 'a', choices: ['a', 'b'] },
    }
    const { face, calls } = open({}, { hours: 12, other: true })
    expect(face.parameters(spec)).toEqual({ hours: 12, host: 'web-1', mode: 'a' })
    expect(calls).toEqual([
      {
        name: 'parameters.declare',
        args: [
          {
            type: 'object',
            properties: {
              hours: { type: 'number', default: 24, minimum: 1, maximum: 48 },
              host: { type: 'string', default: 'web-1' },
              mode: { type: 'string', default: 'a', enum: ['a', 'b'] },
            },
            additionalProperties: false,
          },
        ],
      },
    ])
    const wrong = (given: JsonObject) => () => open({}, given).face.parameters(spec)
    expect(wrong({ hours: '12' })).toThrow('The parameter hours must be a number, not "12".')
    expect(wrong({ hours: 99 })).toThrow('The parameter hours must be at most 48.')
    expect(wrong({ mode: 'c' })).toThrow('The parameter mode must be one of "a", "b".')
    expect(() => face.parameters({ bad: { default: 1, least: 2 } as never })).toThrow('"least"')
  })
  test('fetch answers a response; progress, log and result go where they belong', async () => {
    const { face, outputs, results } = open({
      fetch: { value: { status: 404, headers: { a: 'b' } }, binary: [encodeUtf8('{"x":1}')] },
    })
    const response = await face.fetch('https://a.test/')
    expect([response.status, response.ok, response.headers, await response.json()]).toEqual([
      404,
      false,
      { a: 'b' },
      { x: 1 },
    ])
    face.progress(1, 3, 'fit')
    face.log.info('a', 1)
    face.log.error('bad')
    face.result(7)
    expect(outputs).toEqual([
      {
        kind: 'progress',
        id: 'progress',
        data: {
          'application/vnd.suricate.progress+json': {
            done: 1,
            total: 3,
            elapsedMs: 0,
            from: 1,
            label: 'fit',
          },
        },
      },
      { kind: 'stdout', data: { 'text/plain': 'a <1>\n' } },
      { kind: 'stderr', data: { 'text/plain': 'error: bad\n' } },
    ])
    expect(results).toEqual([7])
  })
})

describe('UTF-8', () => {
  test('encodes and decodes as the platform does, bad bytes and lone surrogates too', () => {
    const texts = [
      '',
      'plain',
      'é ü ß',
      '漢字'.repeat(5000),
      '🦦 a 🦦',
      'x'.repeat(20_000) + 'é',
      '\ud800x',
      'a\udc00',
    ]
    for (const text of texts) {
      expect(Buffer.from(encodeUtf8(text))).toEqual(Buffer.from(new TextEncoder().encode(text)))
      expect(decodeUtf8(new TextEncoder().encode(text))).toBe(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
      )
    }
    for (const bad of [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0x61, 0xf5, 0x62]])
      expect(decodeUtf8(Uint8Array.from(bad))).toContain('\ufffd')
  })
})
