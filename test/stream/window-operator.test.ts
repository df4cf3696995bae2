import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../runtime/json.ts'
import type {
  Operator,
  OperatorConfig,
  OperatorEvent,
  Pane,
  WatermarkKind,
  WindowKind,
} from '../../runtime/stream/operator.ts'
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
  .array(
    fc.record({
      ts: fc.integer({ min: -40, max: 60 }),
      key: fc.constantFrom('a', 'b', null),
      partition: fc.constantFrom('p', 'q'),
    }),
    { maxLength: 60 },
  )
  .map((list) => list.map((event, i): OperatorEvent<number> => ({ ...event, at: i, value: i })))
const grids = fc
  .record({
    size: fc.integer({ min: 1, max: 12 }),
    hop: fc.option(fc.integer({ min: 1, max: 12 })),
    offset: fc.integer({ min: -7, max: 7 }),
  })
  .map(({ size, hop, offset }) =>
    hop === null
      ? ({ type: 'tumbling', sizeMs: size, offsetMs: offset } as const)
      : ({ type: 'hopping', sizeMs: size, hopMs: Math.min(hop, size), offsetMs: offset } as const),
  )
const others = fc.oneof(
  fc.record({
    type: fc.constant('sliding' as const),
    sizeMs: fc.integer({ min: 1, max: 12 }),
    closed: fc.constantFrom('right' as const, 'both' as const),
  }),
  fc.record({ type: fc.constant('session' as const), gapMs: fc.integer({ min: 1, max: 9 }) }),
  fc
    .record({ size: fc.integer({ min: 1, max: 9 }), slide: fc.integer({ min: 1, max: 9 }) })
    .map(({ size, slide }) => ({ type: 'count', size, slide: Math.min(size, slide) }) as const),
  fc.constant({ type: 'global' } as const),
)
const watermarks: fc.Arbitrary<WatermarkKind> = fc.oneof(
  fc.record({ type: fc.constant('bounded' as const), boundMs: fc.integer({ min: 0, max: 15 }) }),
  fc.record({
    type: fc.constant('bounded' as const),
    boundMs: fc.integer({ min: 0, max: 15 }),
    perPartition: fc.constant(true),
    partitions: fc.subarray(['p', 'q']),
    idleTimeoutMs: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ type: fc.constant('boundedPlusWallclock' as const), boundMs: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ type: fc.constant('wallClockLag' as const), lagMs: fc.integer({ min: 0, max: 60 }) }),
)
const configOf = <W extends WindowKind>(windows: fc.Arbitrary<W>, kinds = watermarks, early = true) =>
  fc
    .record({
      window: windows,
      watermark: kinds,
      lateness: fc.integer({ min: 0, max: 15 }),
      discarding: fc.boolean(),
      keyed: fc.boolean(),
      emitEmpty: fc.boolean(),
      earlyCount: fc.option(fc.integer({ min: 1, max: 5 })),
      earlyEveryMs: fc.option(fc.integer({ min: 1, max: 9 })),
    })
    .map(({ window, ...c }): OperatorConfig & { window: W } => ({
      window,
      watermark: c.watermark,
      allowedLatenessMs: c.lateness,
      accumulation: c.discarding ? 'discarding' : 'accumulating',
      keyed: c.keyed,
      emitEmpty: c.emitEmpty && window.type === 'tumbling',
      lateAlarm: { lastEvents: 7, maxRejects: 2 },
      trigger:
        !early || window.type === 'sliding' || window.type === 'count'
          ? {}
          : {
              ...(c.earlyCount !== null && { earlyCount: c.earlyCount }),
              ...(c.earlyEveryMs !== null && { earlyEveryMs: c.earlyEveryMs }),
            },
    }))
const bounded = fc.record({
  type: fc.constant('bounded' as const),
  boundMs: fc.integer({ min: 0, max: 15 }),
})
const configs = configOf(grids, bounded, false)
const allConfigs = configOf(fc.oneof(grids, others))

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
      fc.property(allConfigs, events, (config, list) => {
        const { panes, rejected, counters } = run(config, list)
        const seen = new Set(panes.flatMap((pane) => pane.items))
        // Windows that only count or a trigger tells may hold events that nothing told yet.
        const { type } = config.window
        if (type === 'count' || type === 'global')
          expect(seen.size + rejected.length).toBeLessThanOrEqual(list.length)
        else expect(seen.size + rejected.length).toBe(list.length)
        expect(counters).toMatchObject({ received: list.length, rejected: rejected.length })
      }),
      { seed },
    )
  })
  test('a hop of the whole size equals tumbling', () => {
    fc.assert(
      fc.property(configs, events, (config, list) => {
        const { sizeMs, offsetMs: offset } = config.window
        const plain = { ...config, emitEmpty: false }
        expect(
          run({ ...plain, window: { type: 'hopping', sizeMs, hopMs: sizeMs, offsetMs: offset } }, list),
        ).toEqual(run({ ...plain, window: { type: 'tumbling', sizeMs, offsetMs: offset } }, list))
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
      fc.property(allConfigs, events, (config, list) => {
        expect(run(config, list, true)).toEqual(run(config, list))
      }),
      { seed, numRuns: 1000 },
    )
  })
})

describe('sessions, for any events', () => {
  test('with a bound above the disorder are the runs of events closer than the gap, in every order', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 12 }), (list, gapMs) => {
        const expected: string[] = []
        for (const key of new Set(list.map((event) => event.key))) {
          const times = list.filter((event) => event.key === key).map((event) => event.ts)
          times.sort((a, b) => a - b)
          let start = times[0]!
          for (const [i, ts] of times.entries()) {
            if (times[i + 1] !== undefined && times[i + 1]! - ts < gapMs) continue
            expected.push(`${key} ${start} ${ts + gapMs}`)
            start = times[i + 1]!
          }
        }
        const config: OperatorConfig = {
          ...base,
          window: { type: 'session', gapMs },
          watermark: { type: 'bounded', boundMs: 101 },
        }
        for (const order of [list, [...list].reverse(), [...list].sort((a, b) => a.ts - b.ts)])
          expect(
            run(config, order)
              .panes.map((p) => `${p.key} ${p.start} ${p.end}`)
              .sort(),
          ).toEqual(expected.sort())
      }),
      { seed },
    )
  })
  test('what is left after taking out what was replaced covers every accepted event once', () => {
    fc.assert(
      fc.property(configOf(others, bounded), events, (config, list) => {
        if (config.window.type !== 'session') return
        const { panes, rejected } = run({ ...config, accumulation: 'accumulating' }, list)
        const rows = new Map<string, number[]>()
        for (const { key, start, end, items, replaces = [] } of panes) {
          for (const [from, to] of replaces) expect(rows.delete(`${key} ${from} ${to}`)).toBe(true)
          rows.set(`${key} ${start} ${end}`, items)
        }
        const kept = [...rows.values()].flat().sort((a, b) => a - b)
        expect(kept).toEqual(list.map((event) => event.value).filter((value) => !rejected.includes(value)))
      }),
      { seed },
    )
  })
})
describe('sliding windows, for any events', () => {
  test('with a bound above the disorder see what lies in (t - size, t]', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 12 }), (list, sizeMs) => {
        const config: OperatorConfig = {
          ...base,
          window: { type: 'sliding', sizeMs },
          watermark: { type: 'bounded', boundMs: 101 },
        }
        const seen = new Map(run(config, list).panes.map((pane) => [pane.trigger, pane.items]))
        expect(seen).toEqual(
          new Map(
            list.map(({ ts, key, value }) => [
              value,
              list.filter((e) => e.key === key && e.ts > ts - sizeMs && e.ts <= ts).map((e) => e.value),
            ]),
          ),
        )
      }),
      { seed },
    )
  })
})
describe('calendar windows', () => {
  const hour = 3_600_000
  const day = (config: Partial<OperatorConfig['window']>, times: number[]) => {
    const operator = createOperator<number>({
      ...base,
      window: { type: 'calendar', unit: 'day', zone: 'Europe/Berlin', ...config } as WindowKind,
    })
    const panes = times.flatMap((ts) => operator.add({ ts, key: 'k', at: ts, value: ts }).panes)
    return [...panes, ...operator.end().panes].map(({ start, end }) => [start, end])
  }
  test('a day has 23, 24 or 25 hours where the clock changes', () => {
    const march = Date.UTC(2026, 2, 28, 23) // 2026-03-29 00:00 in Berlin
    const october = Date.UTC(2026, 9, 24, 22) // 2026-10-25 00:00 in Berlin
    expect(day({}, [march, march + 23 * hour, october + 5, october + 25 * hour])).toEqual([
      [march, march + 23 * hour],
      [march + 23 * hour, march + 47 * hour],
      [october, october + 25 * hour],
      [october + 25 * hour, october + 49 * hour],
    ])
  })
  test('weeks begin on Monday, quarters in January, April, July and October', () => {
    const friday = Date.UTC(2026, 10, 20, 12)
    expect(day({ unit: 'week', zone: 'UTC' }, [friday])).toEqual([
      [Date.UTC(2026, 10, 16), Date.UTC(2026, 10, 23)],
    ])
    expect(day({ unit: 'quarter', zone: 'UTC' }, [friday])).toEqual([
      [Date.UTC(2026, 9, 1), Date.UTC(2027, 0, 1)],
    ])
    expect(day({ unit: 'year', zone: 'UTC' }, [-1])).toEqual([[Date.UTC(1969, 0, 1), 0]])
  })
  test('windows of any unit and zone follow each other without a gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('hour', 'day', 'week', 'month', 'quarter', 'year'),
        fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'Pacific/Apia', 'UTC'),
        fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2030, 0, 1) }),
        (unit, zone, ts) => {
          const [first] = day({ unit, zone } as never, [ts])
          const [start, end] = first as [number, number]
          expect(start <= ts && ts < end).toBe(true)
          expect(day({ unit, zone } as never, [end])[0]![0]).toBe(end)
          expect(day({ unit, zone } as never, [start - 1])[0]![1]).toBe(start)
        },
      ),
      { seed, numRuns: 300 },
    )
  })
  test('an unknown zone is refused by name', () => {
    expect(() => day({ zone: 'Mars/Olympus' } as never, [])).toThrow('There is no time zone "Mars/Olympus"')
  })
})

describe('createOperator', () => {
  const at = (ts: number, key: string | null = 'k'): OperatorEvent<number> => ({ ts, key, at: ts, value: ts })

  test('changes hands out what is new only, in chunks, and null for what is gone', () => {
    const operator = createOperator<number>({ ...base, window: { type: 'tumbling', sizeMs: 1000 } })
    for (let ts = 0; ts < 70; ts++) operator.add(at(ts))
    expect(Object.keys(operator.changes())).toEqual(['w 0 =k', 'i 0 0 =k'])
    operator.add(at(70))
    expect(operator.changes()).toEqual({
      'w 0 =k': { panes: 0, items: 71, tail: [64, 65, 66, 67, 68, 69, 70] },
    })
    operator.add(at(1000))
    expect(operator.changes()).toEqual({
      'w 0 =k': null,
      'i 0 0 =k': null,
      'w 1000 =k': { panes: 0, items: 1, tail: [1000] },
    })
    expect(operator.changes()).toEqual({})
  })
  test('a window whose last items an earlier version kept as a chunk goes on; that chunk goes', () => {
    const config = { ...base, window: { type: 'tumbling', sizeMs: 1000 } } as const
    const items = Array.from({ length: 70 }, (_, i) => i)
    const operator = createOperator<number>(config, {
      clocks: createOperator<number>(config).clocks(),
      state: [
        ['i 0 1 =k', items.slice(64)],
        ['w 0 =k', { panes: 0, items: 70 }],
        ['i 0 0 =k', items.slice(0, 64)],
      ],
    })
    operator.add(at(70))
    expect(operator.changes()).toEqual({
      'w 0 =k': { panes: 0, items: 71, tail: [64, 65, 66, 67, 68, 69, 70] },
      'i 0 1 =k': null,
    })
    expect(operator.end().panes.map((pane) => pane.items)).toEqual([[...items, 70]])
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
