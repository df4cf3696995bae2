import { describe, expect, test } from 'vitest'
import { emptyForm, findMistakes, toDefinition } from '../../components/stream/source.ts'
import { streamDefinition } from '../../runtime/api/streams.ts'

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
      eventTime: { path: 'at', unit: 'ms' },
      key: null,
      outOfOrder: 2000,
      lateness: 0,
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
})
