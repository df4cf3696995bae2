import { describe, expect, test } from 'vitest'
import { pickDefinition, toDefinition } from '../../components/stream/definition.ts'
import { findEffects } from '../../components/stream/effects.ts'
import { emptyForm, toForm, type StreamForm } from '../../components/stream/form.ts'
import { findMistakes, toRefused } from '../../components/stream/mistakes.ts'
import { ApiError } from '../../runtime/api/client.ts'
import { streamDefinition } from '../../runtime/api/streams.ts'
import { newStream } from '../pages/fake-data.ts'

describe('the stream form', () => {
  test('toDefinition: a queue', () => {
    const form = {
      ...emptyForm,
      name: ' orders ',
      queue: 'q',
      timePath: 'at',
      timeUnit: 'ms' as const,
      outOfOrder: 2,
    }
    expect(toDefinition(form)).toEqual({
      name: 'orders',
      source: { type: 'amqp', url: 'amqp://guest:guest@localhost:5672', queue: 'q' },
      format: 'json',
      parse: {},
      eventTime: { path: 'at', unit: 'ms' },
      key: null,
      identity: null,
      outOfOrder: 2000,
      lateness: 0,
      maxFuture: 86_400_000,
      retention: { ageMs: null, bytes: null },
    })
  })
  test('toDefinition: an exchange with routing keys, and a simulator with speeds, as the API takes them', () => {
    const exchange = {
      ...emptyForm,
      name: 'a',
      binding: 'exchange' as const,
      exchange: 'x',
      routingKeys: 'a.#, b',
    }
    const replay = {
      ...emptyForm,
      name: 'b',
      type: 'simulator' as const,
      object: 'o',
      speed: '[{"until":"2014-02-09","speed":9000},{"speed":1}]',
    }
    expect([exchange, replay].map((form) => streamDefinition.parse(toDefinition(form)).source)).toEqual([
      { type: 'amqp', url: emptyForm.url, exchange: 'x', routingKeys: ['a.#', 'b'] },
      {
        type: 'simulator',
        object: 'o',
        speed: [{ until: '2014-02-09', speed: 9000 }, { speed: 1 }],
        repeat: false,
      },
    ])
  })
  test('findMistakes: names each field', () => {
    expect(findMistakes({ ...emptyForm, url: 'http://x' })).toEqual({
      name: 'Give the stream a name',
      url: 'Must begin with amqp:// or amqps://',
      queue: 'Name the queue',
    })
    expect(Object.keys(findMistakes({ ...emptyForm, name: 'a', type: 'simulator', speed: '[' }))).toEqual([
      'object',
      'speed',
    ])
  })
  test.each<[string, object]>([
    [
      'a queue over TLS with an own authority',
      {
        source: {
          type: 'amqp',
          url: 'amqps://u:***@h/v',
          ca: '-----BEGIN CERTIFICATE-----\nx',
          queue: 'q',
          shareQueue: true,
        },
        format: 'csv',
        parse: { columns: ['a', 'b'], delimiter: ';' },
        eventTime: { header: 'x-time', unit: 's' },
        key: { path: 'a' },
        identity: { path: 'b' },
        outOfOrder: 1500,
        lateness: 60_000,
        maxFuture: null,
        retention: { ageMs: 129_600_000, bytes: 5_000_000 },
      },
    ],
    [
      'an exchange, by a pattern, without a time of its own',
      {
        source: { type: 'amqp', url: 'amqp://h', exchange: 'x', routingKeys: ['a.#', 'b'] },
        format: 'pattern',
        parse: { pattern: '(?<host>\\S+)' },
      },
    ],
    [
      'a simulator of a stretch',
      {
        source: { type: 'simulator', object: 'o', speed: 300, repeat: true, from: '2014-02-07', to: 1000 },
        eventTime: { path: 't' },
      },
    ],
    ['HTTP push', { source: { type: 'http' }, format: 'msgpack', eventTime: { path: 't', unit: 'iso' } }],
  ])('%s goes through the form and comes out as it was', (_, spec) => {
    const definition = streamDefinition.parse({ name: 's', ...spec })
    const stream = { ...newStream(1, {}), ...definition }
    expect(toDefinition(toForm(stream))).toEqual(definition)
    expect(pickDefinition(stream)).toEqual(definition)
    expect(findEffects(stream, toDefinition(toForm(stream)))).toEqual([])
  })
  test('findEffects: says what each kind of change does', () => {
    const source = { type: 'amqp' as const, url: 'amqp://h', exchange: 'x', routingKeys: ['a'] }
    const stream = newStream(1, { source })
    const effects = (patch: Partial<StreamForm>) =>
      findEffects(stream, toDefinition({ ...toForm(stream), ...patch })).map((text) => text.slice(0, 34))
    expect([
      effects({ timePath: 'at', keyPath: 'host' }),
      effects({ routingKeys: 'a, b' }),
      effects({ url: 'amqp://other' }),
      effects({ lateness: 5, days: 7 }),
      effects({ name: 'other' }),
    ]).toEqual([
      ['Parsing from the next batch on, by'],
      ['The new bindings are made before t'],
      ['The source is drained, stopped and'],
      ['A deployment takes the bounds of t', 'What is beyond the retention goes '],
      ['Notebooks name a stream by its nam'],
    ])
  })
  test('toRefused: what the server says, by field', () => {
    const problem = { type: '', title: '', status: 422, code: 'invalid', detail: '' }
    const errors = [
      { path: 'body.source.url', message: 'no address' },
      { path: 'body.eventTime', message: 'one of both' },
      { path: 'body.definition.parse.columns.0', message: 'empty' },
      { path: 'body.elsewhere', message: 'x' },
    ]
    expect(toRefused(new ApiError({ ...problem, errors }))).toEqual({
      url: 'no address',
      timePath: 'one of both',
      columns: 'empty',
    })
    expect(toRefused(new Error('no answer'))).toEqual({})
  })
})
