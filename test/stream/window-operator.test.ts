import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import type { Operator, OperatorConfig, OperatorEvent, Pane } from '../../runtime/stream/operator.ts'
import { createOperator } from '../../runtime/stream/window-operator.ts'

const seed = 20_140_207
const base: OperatorConfig = {
  window: { type: 'tumbling', sizeMs: 5 },
  watermark: { type: 'bounded', boundMs: 0 },
  allowedLatenessMs: 0,
  accumulation: 'accumulating',
  keyed: true,
}
const events = fc
  .array(fc.record({ ts: fc.integer({ min: -40, max: 60 }), key: fc.constantFrom('a', 'b', null) }), {
    maxLength: 60,
  })
  .map((list) => list.map((event, i): OperatorEvent<number> => ({ ...event, at: i, value: i })))
const configs = fc
  .record({
    size: fc.integer({ min: 1, max: 12 }),
    hop: fc.option(fc.integer({ min: 1, max: 12 })),
    offset: fc.integer({ min: -7, max: 7 }),
    bound: fc.integer({ min: 0, max: 15 }),
    lateness: fc.integer({ min: 0, max: 15 }),
    discarding: fc.boolean(),
    keyed: fc.boolean(),
    emitEmpty: fc.boolean(),
  })
  .map((c): OperatorConfig => ({
    window:
      c.hop === null
        ? { type: 'tumbling', sizeMs: c.size, offsetMs: c.offset }
        : { type: 'hopping', sizeMs: c.size, hopMs: Math.min(c.hop, c.size), offsetMs: c.offset },
    watermark: { type: 'bounded', boundMs: c.bound },
    allowedLatenessMs: c.lateness,
    accumulation: c.discarding ? 'discarding' : 'accumulating',
    keyed: c.keyed,
    emitEmpty: c.emitEmpty && c.hop === null,
    lateAlarm: { lastEvents: 7, maxRejects: 2 },
  }))

interface Outcome {
  panes: Pane<number>[]
  rejected: number[]
  counters: Json
  clocks: Json
}
function run(config: OperatorConfig, list: OperatorEvent<number>[], restart = false): Outcome {
  let operator: Operator<number> = createOperator(config)
  const state = new Map<string, Json>()
  const panes: Pane<number>[] = []
  const rejected: number[] = []
  for (const event of list) {
    const result = operator.add(event)
    panes.push(...result.panes)
    if (result.rejected) rejected.push(event.value)
    if (!restart) continue
    for (const [key, value] of Object.entries(operator.changes()))
      if (value === null) state.delete(key)
      else state.set(key, structuredClone(value))
    operator = createOperator(config, { clocks: structuredClone(operator.clocks()), state })
  }
  panes.push(...operator.end().panes)
  return { panes, rejected, counters: { ...operator.counters }, clocks: operator.clocks() }
}

describe('createOperator, for any events and configuration', () => {
  test('received is accepted and rejected together, and every accepted event is in a pane', () => {
    fc.assert(
      fc.property(configs, events, (config, list) => {
        const { panes, rejected, counters } = run(config, list)
        const seen = new Set(panes.flatMap((pane) => pane.items))
        expect(seen.size + rejected.length).toBe(list.length)
        expect(counters).toMatchObject({ received: list.length, rejected: rejected.length })
      }),
      { seed },
    )
  })
  test('a hop of the whole size equals tumbling', () => {
    fc.assert(
      fc.property(configs, events, (config, list) => {
        const { sizeMs, offsetMs } = config.window
        const offset = offsetMs === undefined ? {} : { offsetMs }
        const plain = { ...config, emitEmpty: false }
        expect(
          run({ ...plain, window: { type: 'hopping', sizeMs, hopMs: sizeMs, ...offset } }, list),
        ).toEqual(run({ ...plain, window: { type: 'tumbling', sizeMs, ...offset } }, list))
      }),
      { seed },
    )
  })
  test('a bound above the disorder equals the batch group-by, in every order', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 12 }), (list, sizeMs) => {
        const groups = new Map<string, number[]>()
        for (const { ts, key, value } of list) {
          const id = `${Math.floor(ts / sizeMs) * sizeMs} ${key}`
          groups.set(
            id,
            [...(groups.get(id) ?? []), value].sort((a, b) => a - b),
          )
        }
        const config: OperatorConfig = {
          ...base,
          window: { type: 'tumbling', sizeMs },
          watermark: { type: 'bounded', boundMs: 101 },
        }
        for (const order of [list, [...list].reverse(), [...list].sort((a, b) => a.ts - b.ts)]) {
          const { panes } = run(config, order)
          const got = panes.map((p) => [`${p.start} ${p.key}`, [...p.items].sort((a, b) => a - b)] as const)
          expect(new Map(got)).toEqual(groups)
          expect(got.length).toBe(groups.size)
        }
      }),
      { seed },
    )
  })
  test('discarding panes partition the accumulating one', () => {
    fc.assert(
      fc.property(configs, events, (config, list) => {
        const collect = (panes: Pane<number>[], whole: boolean): Map<string, number[]> => {
          const result = new Map<string, number[]>()
          for (const { start, key, items } of panes) {
            const id = `${start} ${key}`
            result.set(id, whole ? items : [...(result.get(id) ?? []), ...items])
          }
          return result
        }
        const accumulating = run({ ...config, accumulation: 'accumulating' }, list)
        const discarding = run({ ...config, accumulation: 'discarding' }, list)
        expect(collect(discarding.panes, false)).toEqual(collect(accumulating.panes, true))
        expect(discarding.counters).toEqual(accumulating.counters)
      }),
      { seed },
    )
  })
  test('saved and restored after every event equals the uninterrupted run', () => {
    fc.assert(
      fc.property(configs, events, (config, list) => {
        expect(run(config, list, true)).toEqual(run(config, list))
      }),
      { seed },
    )
  })
})

describe('createOperator', () => {
  const at = (ts: number, key: string | null = 'k'): OperatorEvent<number> => ({ ts, key, at: ts, value: ts })

  test('changes hands out what is new only, in chunks, and null for what is gone', () => {
    const operator = createOperator<number>({ ...base, window: { type: 'tumbling', sizeMs: 1000 } })
    for (let ts = 0; ts < 70; ts++) operator.add(at(ts))
    expect(Object.keys(operator.changes())).toEqual(['w 0 =k', 'i 0 0 =k', 'i 0 1 =k'])
    operator.add(at(70))
    expect(operator.changes()).toEqual({
      'w 0 =k': { panes: 0, items: 71 },
      'i 0 1 =k': [64, 65, 66, 67, 68, 69, 70],
    })
    operator.add(at(1000))
    expect(operator.changes()).toEqual({
      'w 0 =k': null,
      'i 0 0 =k': null,
      'i 0 1 =k': null,
      'w 1000 =k': { panes: 0, items: 1 },
      'i 1000 0 =k': [1000],
    })
    expect(operator.changes()).toEqual({})
  })
  test('emitEmpty tells each silent key when the others go on', () => {
    const operator = createOperator<number>({ ...base, emitEmpty: true })
    operator.add(at(1, 'x'))
    operator.add(at(2, 'y'))
    const { panes } = operator.add(at(16, 'y'))
    expect(panes.map((p) => [p.key, p.start, p.items])).toEqual([
      ['x', 0, [1]],
      ['y', 0, [2]],
      ['x', 5, []],
      ['y', 5, []],
      ['x', 10, []],
      ['y', 10, []],
    ])
    expect(operator.end().panes.map((p) => [p.key, p.start, p.items])).toEqual([
      ['x', 15, []],
      ['y', 15, [16]],
    ])
  })
  test('a late event in a window that was told empty is its second pane', () => {
    const operator = createOperator<number>({ ...base, emitEmpty: true, allowedLatenessMs: 100 })
    operator.add(at(1))
    operator.add(at(16))
    expect(operator.add(at(7)).panes).toEqual([
      { key: 'k', start: 5, end: 10, pane: 'late', index: 1, items: [7] },
    ])
  })
  test('lateAlarm by time looks back over (at - lastMs, at]', () => {
    const operator = createOperator<number>({ ...base, lateAlarm: { lastMs: 10, maxRejects: 1 } })
    const add = (ts: number, arrival: number) => operator.add({ ts, key: 'k', at: arrival, value: ts }).alarm
    expect([add(50, 0), add(1, 1), add(1, 5), add(1, 6), add(51, 16), add(1, 16), add(1, 17)]).toEqual([
      undefined,
      undefined,
      { rejects: 2, of: 3 },
      undefined,
      undefined,
      undefined,
      { rejects: 2, of: 3 },
    ])
  })
  test('a restore of what changes did not make is refused', () => {
    const clocks = createOperator<number>(base).clocks()
    for (const entry of [
      ['x', 1],
      ['w 0 =k', { panes: 0, items: 1 }],
      ['i 0 0 =k', [1]],
    ] as [string, Json][])
      expect(() => createOperator(base, { clocks, state: [entry] })).toThrow('saved window state is wrong')
  })
  test('a million events of 1,000 keys take about a second', () => {
    const operator = createOperator<number>({ ...base, window: { type: 'tumbling', sizeMs: 60_000 } })
    const keys = Array.from({ length: 1000 }, (_, i) => `host-${i}`)
    const started = performance.now()
    for (let i = 0; i < 1_000_000; i++) operator.add({ ts: i, key: keys[i % 1000]!, at: i, value: i })
    const seconds = (performance.now() - started) / 1000
    console.log(`window operator: ${Math.round((1 / seconds) * 100) / 100} million events a second`)
    expect(seconds).toBeLessThan(5)
  })
})
