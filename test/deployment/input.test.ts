import { describe, expect, test } from 'vitest'
import { getKey, toInput, toOperatorConfig } from '../../runtime/deployment/input.ts'
import type { HandlerSpec } from '../../runtime/sdk/on.ts'
import type { Message } from '../../runtime/store/log.ts'

const stream = { id: 'str_1', name: 's', outOfOrder: 5000, lateness: 60_000 }
const of = (options: HandlerSpec) => toInput({ handler: 'h0', stream: 's', options }, 0, stream)
const message = (body: unknown, key: string | null = 'stream key'): Message =>
  ({ body, key }) as unknown as Message

describe('toInput', () => {
  test('takes what the stream says where the notebook says nothing', () => {
    expect(of({})).toEqual({
      index: 0,
      handler: 'h0',
      stream,
      window: null,
      batch: false,
      by: undefined,
      outOfOrderMs: 5000,
      latenessMs: 60_000,
    })
  })
  test('reads durations, and the notebook overrides the stream', () => {
    const input = of({
      window: { type: 'hopping', size: '1 h', hop: '5 min', offset: 30_000 },
      by: 'host',
      outOfOrder: '10 s',
      lateness: 0,
    })
    expect(input).toMatchObject({
      window: { type: 'hopping', sizeMs: 3_600_000, hopMs: 300_000, offsetMs: 30_000 },
      by: 'host',
      outOfOrderMs: 10_000,
      latenessMs: 0,
    })
    expect(toOperatorConfig(input, input.window!)).toEqual({
      window: input.window,
      watermark: { type: 'bounded', boundMs: 10_000 },
      allowedLatenessMs: 0,
      accumulation: 'accumulating',
      keyed: true,
    })
  })
})

test('getKey goes by the named field, else by the stream, or not at all', () => {
  expect([
    getKey(of({}), message({ host: 'a' })),
    getKey(of({ by: 'host' }), message({ host: 'a' })),
    getKey(of({ by: 'a.b[1]' }), message({ a: { b: [1, 2] } })),
    getKey(of({ by: 'host' }), message({})),
    getKey(of({ by: 'host' }), message({ host: { x: 1 } })),
    getKey(of({ by: null }), message({ host: 'a' })),
  ]).toEqual(['stream key', 'a', '2', null, '{"x":1}', null])
})
