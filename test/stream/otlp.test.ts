import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../runtime/api/streams.ts'
import type { JsonObject } from '../../runtime/json.ts'
import type { StoredStream } from '../../runtime/stream/definition.ts'
import {
  parseOtlp,
  toOtlpAnswer,
  toOtlpStatus,
  type OtlpSignal,
} from '../../runtime/stream/otlp-definition.ts'
import { toOtlpRecords } from '../../runtime/stream/otlp.ts'

const vectors = JSON.parse(readFileSync(new URL('otlp-vectors.json', import.meta.url), 'utf8')) as {
  [S in OtlpSignal]: { proto: string; json: JsonObject }
}
const proto = 'application/x-protobuf'
const definition = streamDefinition.parse({ name: 's', source: { type: 'http' } })
const stream: StoredStream = {
  ...definition,
  id: 's',
  type: 'http',
  definition: 1,
  enabled: true,
  createdAt: 1,
  revision: 1,
}
const receivedAt = Date.now()
const records = (signal: OtlpSignal, request: JsonObject) =>
  toOtlpRecords(signal, stream, request, receivedAt)
const fromProto = (signal: OtlpSignal) =>
  parseOtlp(signal, Buffer.from(vectors[signal].proto, 'base64'), proto)

describe('OTLP as the official serializer writes it', () => {
  test.each(['metrics', 'logs'] as const)('%s give the same messages from both encodings', (signal) => {
    const json = records(
      signal,
      parseOtlp(signal, Buffer.from(JSON.stringify(vectors[signal].json)), 'application/json'),
    )
    expect(records(signal, fromProto(signal))).toEqual(json)
    expect(json.length).toBe(signal === 'metrics' ? 4 : 1)
  })
  test('a message for each data point, with its own time and an id', () => {
    const found = records('metrics', fromProto('metrics'))
    const about = {
      resource: { 'service.name': 'shop', list: ['a', 'b'] },
      scope: { name: 'm', version: '1.2' },
      time: expect.any(String) as string,
    }
    const bodies = Object.fromEntries(
      found.map(({ message }) => [(message.body as JsonObject).name, message.body]),
    )
    const common = { temporality: 'delta', attributes: {}, ...about }
    expect(bodies).toEqual({
      requests: {
        name: 'requests',
        kind: 'sum',
        unit: '1',
        value: 3,
        monotonic: true,
        ...common,
        attributes: { route: '/a' },
      },
      temp: { name: 'temp', kind: 'gauge', unit: '', value: 21.5, attributes: {}, ...about },
      latency: {
        name: 'latency',
        kind: 'histogram',
        unit: 'ms',
        count: 3,
        sum: 555,
        min: 5,
        max: 500,
        bounds: [10, 100],
        counts: [1, 1, 1],
        ...common,
      },
      exp: expect.objectContaining({
        kind: 'exponentialHistogram',
        count: 2,
        sum: 5,
        min: 1,
        max: 4,
      }) as unknown,
    })
    const [{ message }] = found as [(typeof found)[number]]
    expect(message.messageId).toMatch(/^otlp-[0-9a-f]{32}$/)
    expect(new Date(message.eventTime).toISOString()).toBe((message.body as JsonObject).time)
    expect(new Set(found.map((one) => one.message.messageId)).size).toBe(4)
  })
  test('a log record, without an id: equal ones all stay', () => {
    expect(records('logs', fromProto('logs'))[0]!.message).toMatchObject({
      messageId: null,
      body: {
        body: { text: 'boom', n: [1, 2.5, true, null] },
        severity: 17,
        severityText: 'ERROR',
        attributes: { user: 'x', big: 2 ** 40 },
        resource: { 'service.name': 'shop' },
        scope: { name: 'l', version: '' },
        traceId: null,
      },
    })
  })
})

describe('OTLP that is wrong', () => {
  const point = (more: JsonObject): JsonObject => ({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'a', gauge: { dataPoints: [more] } }] }] }],
  })
  test('a data point without a time is a dead letter; nan is null', () => {
    expect(records('metrics', point({ asDouble: 1 }))[0]!.dead).toBe(
      'The data point has no time (timeUnixNano).',
    )
    expect(records('metrics', point({ asDouble: 'NaN', timeUnixNano: '1000000' }))[0]!.message).toMatchObject(
      {
        eventTime: 1,
        body: { value: null },
      },
    )
  })
  test('ids of traces are hexadecimal in both encodings', () => {
    const log = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: '5B8EFFF798038103D269B633813FC60C' }] }] }],
    }
    expect(records('logs', log)[0]!.message.body).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
    })
  })
  test.each([
    [Buffer.from([0x0a, 0xff]), proto, 'Not an OTLP request'],
    [Buffer.from(Array(20_000).fill(0x0a)), proto, 'Not an OTLP request'],
    [Buffer.from('[]'), 'application/json', 'An OTLP request is a JSON object.'],
    [Buffer.from('{'), 'application/json', 'Not JSON'],
    [Buffer.from('x'), 'text/plain', 'OTLP over HTTP is application/x-protobuf or application/json.'],
  ])('%o as %s is refused', (bytes, type, reason) => {
    expect(() => parseOtlp('metrics', bytes, type)).toThrow(reason)
  })
  test('shapes that no exporter sends give nothing, and no error', () => {
    for (const request of [
      { resourceMetrics: {} },
      { resourceMetrics: [1, { scopeMetrics: [{ metrics: [{}] }] }] },
    ])
      expect(records('metrics', request as JsonObject)).toEqual([])
  })
})

describe('toOtlpAnswer', () => {
  test('is empty when all was taken, and names what was not', () => {
    expect(toOtlpAnswer('metrics', proto, 0, '')).toEqual({ bytes: Buffer.alloc(0), mediaType: proto })
    const text = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString()
    expect(text(toOtlpAnswer('logs', 'application/json', 0, ''))).toBe('{}')
    expect(JSON.parse(text(toOtlpAnswer('logs', 'application/json', 2, 'why')))).toEqual({
      partialSuccess: { rejectedLogRecords: 2, errorMessage: 'why' },
    })
    expect(Buffer.from(toOtlpAnswer('metrics', proto, 2, 'why').bytes).toString('hex')).toBe(
      '0a0708021203776879',
    )
    expect(Buffer.from(toOtlpStatus('why', proto).bytes).toString('hex')).toBe('1203776879')
  })
})
