import { describe, expect, test } from 'vitest'
import type { Json } from '../../../runtime/json.ts'
import { isOptional, newSchema, observe, type Drift } from '../../../runtime/stream/digest/schema.ts'

function watch(bodies: Json[], schema = newSchema()) {
  const drift: Drift[] = []
  for (const body of bodies) drift.push(...observe(schema, body, schema.observed + 1, 1000))
  return { schema, drift }
}
const times = (count: number, body: Json): Json[] => Array.from({ length: count }, () => body)

describe('observe', () => {
  test('types, ranges, nesting and what is optional', () => {
    const { schema, drift } = watch([
      { host: 'web-1', cpu: 3, disk: { free: 0.5 }, tags: ['a', 1] },
      { host: 'db', cpu: 4.5, disk: {}, tags: [] },
      { host: 'db', cpu: null },
    ])
    expect(drift).toEqual([])
    const seen = { firstAt: 1000, lastAt: 1000 }
    expect(schema).toEqual({
      observed: 3,
      truncated: false,
      drift: [],
      fields: {
        $: { types: { object: 3 }, last: 3, ...seen },
        host: { types: { string: 3 }, minLength: 2, maxLength: 5, last: 3, ...seen },
        cpu: { types: { integer: 1, number: 1, null: 1 }, min: 3, max: 4.5, last: 3, ...seen },
        disk: { types: { object: 2 }, last: 2, ...seen },
        'disk.free': { types: { number: 1 }, min: 0.5, max: 0.5, last: 1, ...seen },
        tags: { types: { array: 2 }, minLength: 0, maxLength: 2, last: 2, ...seen },
        'tags[]': {
          types: { string: 1, integer: 1 },
          min: 1,
          max: 1,
          minLength: 1,
          maxLength: 1,
          last: 1,
          ...seen,
        },
      },
    })
    expect(['host', 'disk', 'disk.free', 'tags[]', '$'].map((path) => isOptional(schema, path))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ])
  })
  test('a field that appears, changes its type, vanishes and returns is drift, each once', () => {
    const { schema } = watch(times(200, { cpu: 1, host: 'a' }))
    const of = (bodies: Json[]) => watch(bodies, schema).drift.map(({ kind, path, seq }) => [kind, path, seq])
    expect(
      of([
        { cpu: 1, host: 'a', new: 1 },
        { cpu: 1.5, host: 'a', new: 2 },
      ]),
    ).toEqual([['appeared', 'new', 201]])
    expect(
      of([
        { cpu: '1', host: 'a' },
        { cpu: '2', host: 'a' },
      ]),
    ).toEqual([['type', 'cpu', 203]])
    expect(of(times(1500, { cpu: 1 }))).toEqual([['vanished', 'host', 1300]])
    expect(of([{ cpu: 1, host: 'a' }])).toEqual([['returned', 'host', 1705]])
    expect(schema.drift.map((one) => one.detail)).toEqual([
      'The field "new" appeared, of type integer.',
      'The field "cpu" was integer or number, now also string.',
      'The field "host" is missing since 1000 messages.',
      'The field "host" is there again.',
    ])
  })
  test('hostile bodies stay within bounds', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, i]))
    let deep: Json = 1
    for (let i = 0; i < 60; i++) deep = { a: deep }
    const { schema } = watch([wide, deep, ...Array.from({ length: 3000 }, (_, i) => ({ [`k${i}`]: 1 }))])
    expect([Object.keys(schema.fields).length, schema.truncated]).toEqual([200, true])
    expect(schema.drift.length).toBeLessThanOrEqual(100)
    watch([JSON.parse('{"__proto__": {"x": 1}}') as Json])
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})
