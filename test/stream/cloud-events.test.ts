import { encode } from '@msgpack/msgpack'
import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../runtime/api/streams.ts'
import type { StoredStream } from '../../runtime/stream/definition.ts'
import { toPushed } from '../../runtime/stream/pushed.ts'

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
const receivedAt = Date.UTC(2026, 0, 1)
const structured = 'application/cloudevents+json; charset=utf-8'
const batched = 'application/cloudevents-batch+json'
const event = {
  specversion: '1.0',
  id: 'A1',
  source: '/m',
  type: 't',
  time: '2025-12-31T23:00:00Z',
  subject: 's',
}

function push(body: unknown, type: string, headers = {}, more: Partial<StoredStream> = {}) {
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return toPushed({ ...stream, ...more }, bytes, type, receivedAt, headers)
}
const headers = {
  'ce-specversion': '1.0',
  'ce-id': 'A1',
  'ce-source': '/m',
  'ce-type': 't',
  'ce-time': '2025-12-31T23:00:00Z',
  'ce-subject': 'gr%C3%BCn',
  authorization: 'secret',
}

describe('toPushed: CloudEvents', () => {
  test('structured: data is the message, attributes its headers, source and id its id', () => {
    expect(push({ ...event, data: { v: 1 }, tenant: 7 }, structured)).toEqual([
      {
        message: {
          body: { v: 1 },
          headers: {
            'ce-specversion': '1.0',
            'ce-id': 'A1',
            'ce-source': '/m',
            'ce-type': 't',
            'ce-time': '2025-12-31T23:00:00Z',
            'ce-subject': 's',
            'ce-tenant': 7,
          },
          key: null,
          eventTime: Date.UTC(2025, 11, 31, 23),
          receivedAt,
          messageId: '/m A1',
          redelivered: false,
          definition: 1,
          bytes: 7,
        },
      },
    ])
  })
  test('structured: data_base64 by its media type, text, and no data at all', () => {
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
    const body = (more: object) => push({ ...event, ...more }, structured)[0]!.message.body
    expect([
      body({ datacontenttype: 'application/json', data_base64: base64(Buffer.from('{"v":2}')) }),
      body({ datacontenttype: 'application/msgpack', data_base64: base64(encode([1])) }),
      body({ datacontenttype: 'text/plain', data: 'hello' }),
      body({}),
    ]).toEqual([{ v: 2 }, [1], 'hello', null])
  })
  test('binary: the body is the data, by its media type or the stream’s format', () => {
    const [json] = push('{"v":1}', 'application/json', headers)
    expect(json!.message).toMatchObject({
      body: { v: 1 },
      messageId: '/m A1',
      eventTime: Date.UTC(2025, 11, 31, 23),
      headers: { 'ce-subject': 'grün', 'ce-datacontenttype': 'application/json' },
    })
    expect(JSON.stringify(json)).not.toContain('secret')
    const python = push(`{'v': 1}`, 'text/plain', headers, { format: 'python' })
    expect(python[0]!.message.body).toEqual({ v: 1 })
    expect(push('', 'application/json', headers)[0]!.message.body).toBeNull()
  })
  test('batched: one that is none is a dead letter, the others stay', () => {
    const found = push([{ ...event, data: 1 }, { id: 'x' }, { ...event, id: 'A2', data: 2 }, 5], batched)
    expect(found.map(({ message, dead }) => dead ?? [message.messageId, message.body])).toEqual([
      ['/m A1', 1],
      'A CloudEvent has specversion "1.0", not null.',
      ['/m A2', 2],
      'A CloudEvent is a JSON object.',
    ])
    expect(push([], batched)).toEqual([])
  })
  test.each([
    [{ ...event, id: '' }, structured, 'The CloudEvent has no id.'],
    [{ ...event, time: 'noon' }, structured, 'The time of the CloudEvent is not one of RFC 3339.'],
    [{ ...event, specversion: '0.3' }, structured, 'A CloudEvent has specversion "1.0", not "0.3".'],
    [{}, batched, 'A batch of CloudEvents is a JSON array.'],
    [
      {},
      'application/cloudevents+avro',
      'CloudEvents are read as JSON, not as application/cloudevents+avro.',
    ],
  ])('%j as %s is refused', (body, type, reason) => {
    expect(() => push(body, type)).toThrow(reason)
  })
})

describe('toPushed: other bodies', () => {
  test('MessagePack, CSV, the stream’s own format as bytes', () => {
    const bodies = (found: ReturnType<typeof push>) => found.map(({ message }) => message.body)
    expect(bodies(push(Buffer.concat([encode({ a: 1 }), encode(2)]), 'application/msgpack'))).toEqual([
      { a: 1 },
      2,
    ])
    expect(bodies(push('a,b\n1,2', 'text/csv'))).toEqual([{ a: 1, b: 2 }])
    expect(bodies(push(`{'a': None}`, 'application/octet-stream', {}, { format: 'python' }))).toEqual([
      { a: null },
    ])
    expect(() => push(' \n', 'application/json')).toThrow('The body is empty')
  })
})
