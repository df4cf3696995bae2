import { describe, expect, test } from 'vitest'
import { streamDefinition } from '../../runtime/api/streams.ts'
import type { StoredStream } from '../../runtime/stream/definition.ts'
import { toRecords, type Received, type Record } from '../../runtime/stream/record.ts'

const receivedAt = Date.UTC(2014, 1, 7, 15)
function stream(spec: object): StoredStream {
  const definition = streamDefinition.parse({ name: 's', source: { type: 'http' }, ...spec })
  return { ...definition, id: 's', type: 'http', definition: 3, enabled: true, createdAt: 1, revision: 1 }
}
function receive(spec: object, body: string, more: Partial<Received> = {}): Record[] {
  return toRecords(stream(spec), {
    bytes: Buffer.from(body),
    headers: {},
    messageId: null,
    redelivered: false,
    receivedAt,
    timestamp: null,
    ...more,
  })
}

describe('toRecords', () => {
  test('a message with all that the definition names', () => {
    const spec = { eventTime: { path: 'at' }, key: { path: 'host' }, identity: { path: 'n' } }
    const body = '{"at":"2014-02-07 14:55","host":"web-1","n":7}'
    expect(receive(spec, body, { headers: { unit: 'C' } })).toEqual([
      {
        message: {
          body: { at: '2014-02-07 14:55', host: 'web-1', n: 7 },
          headers: { unit: 'C' },
          key: 'web-1',
          eventTime: Date.UTC(2014, 1, 7, 14, 55),
          receivedAt,
          messageId: '7',
          redelivered: false,
          definition: 3,
          bytes: body.length,
          json: body,
        },
      },
    ])
  })
  test('the JSON that came is kept where it means the same when it is written again', () => {
    const jsonOf = (body: string, more = {}) => receive(more, body)[0]!.message.json
    expect(jsonOf(' {"a": "2026-01-05", "b": 1e2} ')).toBe(' {"a": "2026-01-05", "b": 1e2} ')
    for (const body of ['{"a":-0}', '[1,-0.0]', '{"a":1e400}', '-1e-999', `1${'0'.repeat(400)}`])
      expect(jsonOf(body), body).toBeUndefined()
    expect(jsonOf("{'a': 1}", { format: 'python' })).toBeUndefined()
  })
  test('without a message id it has a hash, of body and headers', () => {
    const hash = (body: string, more = {}) => receive({}, body, more)[0]!.message.hash
    expect(hash('1')).toMatch(/^[0-9a-f]{32}$/)
    expect(hash('1', { redelivered: true })).toBe(hash('1'))
    expect(hash('1', { headers: { a: 1 } })).not.toBe(hash('1'))
    expect(hash('2')).not.toBe(hash('1'))
    expect(hash('1', { messageId: 'm' })).toBeUndefined()
  })
  test('the event time: field, header, the source, arrival', () => {
    const time = (spec: object, more: Partial<Received> = {}) =>
      receive({ eventTime: spec }, '{"t":5}', more)[0]!.message.eventTime
    expect([
      time({ path: 't', unit: 's' }),
      time({ header: 'when' }, { headers: { when: 7 } }),
      time({}, { timestamp: 9 }),
      time({}),
    ]).toEqual([5000, 7, 9, receivedAt])
  })
  test.each([
    [{ eventTime: { path: 't' } }, '{"v":1}', 'The message has no event time: field "t" is missing.'],
    [{ eventTime: { header: 't' } }, '{}', 'The message has no event time: header "t" is missing.'],
    [
      { eventTime: { path: 't', unit: 's' } },
      '{"t":"x"}',
      'The event time is wrong: field "t" is "x", not a number of s.',
    ],
    [
      { eventTime: { path: 't' } },
      `{"t":${receivedAt + 86_400_001}}`,
      'The event time lies 86400 s ahead of arrival; at most 86400 s.',
    ],
    [{}, 'nonsense', 'Not JSON: Unexpected token \'o\', "nonsense" is not valid JSON'],
    [{}, '['.repeat(200), 'The JSON is nested deeper than 64.'],
    [{ format: 'csv' }, 'a\n"b', 'A quote in line 2 never ends.'],
    [{ format: 'python' }, '{1:', 'Not a Python literal: at 3 there is the end, expected a value.'],
    [{ format: 'ndjson' }, ' \n', 'The message is empty.'],
  ])('%j cannot use %s', (spec, body, reason) => {
    const [record] = receive(spec, body)
    expect(record).toMatchObject({
      dead: reason,
      message: { body, headers: { 'x-suricate-reason': reason }, eventTime: receivedAt },
    })
  })
  test('lines are messages, with ids of their own; a bad line leaves the others', () => {
    const records = receive({ format: 'ndjson' }, '1\n\nx\n2\n', { messageId: 'm' })
    expect(records.map((one) => [one.message.messageId, one.message.body, one.dead !== undefined])).toEqual([
      ['m#0', 1, false],
      ['m#1', 'x', true],
      ['m#2', 2, false],
    ])
  })
  test('CSV: with a heading objects, without one the fields; text as it is', () => {
    expect(receive({ format: 'csv' }, 'a,b\n1,x\n2,y').map((one) => one.message.body)).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ])
    expect(receive({ format: 'csv' }, '1,x').map((one) => one.message.body)).toEqual([[1, 'x']])
    expect(receive({ format: 'text' }, '{x').map((one) => one.message.body)).toEqual(['{x'])
  })
  test('bytes that are no text stay in the dead letter as base64', () => {
    const definition = stream({})
    const received = { headers: {}, messageId: null, redelivered: false, receivedAt, timestamp: null }
    const [record] = toRecords(definition, { ...received, bytes: new Uint8Array([0x22, 0xff, 0x22]) })
    const reason = 'The text is not UTF-8 from byte 1 on.'
    expect(record).toMatchObject({
      dead: reason,
      message: {
        body: 'Iv8i',
        headers: { 'x-suricate-reason': reason, 'x-suricate-encoding': 'base64' },
        bytes: 3,
      },
    })
  })
  test('the time of a line counts where the definition names none', () => {
    const line = '<34>1 2003-10-11T22:14:15Z h a - - - x'
    const at = Date.UTC(2003, 9, 11, 22, 14, 15)
    expect(receive({ format: 'syslog' }, `${line}\n${line}`).map((one) => one.message.eventTime)).toEqual([
      at,
      at,
    ])
  })
  test('20 MB are one message; beyond 32 MiB a dead letter with its beginning', () => {
    const large = JSON.stringify({ v: 'x'.repeat(20_000_000) })
    const [one] = receive({}, large)
    expect([one!.dead, one!.message.bytes]).toEqual([undefined, large.length])
    const [dead] = receive({}, 'x'.repeat(33_554_433))
    expect(dead!.dead).toBe('The message has 33554433 bytes; at most 32 MiB. Its first 4 MiB are kept.')
    expect((dead!.message.body as string).length).toBe(4_194_304)
  })
  test('brackets inside a text are no depth', () => {
    expect(receive({}, JSON.stringify('['.repeat(500)))[0]!.dead).toBeUndefined()
  })
})
