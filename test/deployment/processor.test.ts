import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HandlerSpec } from '../../runtime/sdk/on.ts'
import { openProcess, rowsOf, type Step, type TestHandler } from './process.ts'

const at = (...times: number[]): Step[] => times.map((ts) => ({ at: ts, ts }))
type Message = { seq: number; key: string | null; body: { v?: number } }
const pair: TestHandler['run'] = (({ left, right }: { left: Message | null; right: Message | null }) => ({
  pair: `${left?.seq ?? '-'} ${right?.seq ?? '-'}`,
})) as never
const join = (
  more: Partial<NonNullable<HandlerSpec['join']>> = {},
  options: HandlerSpec = {},
): TestHandler => ({
  streams: ['a'],
  options: { ...options, join: { with: 'b', within: 10, ...more } },
  run: pair,
})
const of = (stream: string, ts: number, key = 'k'): Step => ({ at: ts, ts, stream, key })

describe('a join of two streams', () => {
  test('tells each pair of a key within the time, once, as soon as it is there', async () => {
    const { run } = openProcess([join()])
    const steps = [of('a', 0), of('b', 5), of('b', 10), of('b', 11), of('b', 5, 'other'), of('a', 12)]
    expect(rowsOf(await run(steps)).map((row) => [row.start, row.end, row.pair])).toEqual([
      [0, 5, '1 1'],
      [0, 10, '1 2'],
      [5, 12, '2 1'],
      [10, 12, '2 2'],
      [11, 12, '2 3'],
    ])
  })
  test('tells who found no partner once none can come', async () => {
    const steps = [of('a', 0), of('b', 50), of('a', 60), { tick: 1000 }]
    const both = openProcess([join({ unmatched: 'both' })])
    expect(rowsOf(await both.run(steps)).map((row) => row.pair)).toEqual(['1 -', '2 1'])
    const right = openProcess([join({ unmatched: 'right' })])
    expect(rowsOf(await right.run(steps)).map((row) => row.pair)).toEqual(['2 1'])
  })
  test('a silent side does not hold the other for good, and nothing is kept longer than it can pair', async () => {
    const { run, committed, processor } = openProcess([join({ unmatched: 'left' })])
    await run([of('b', 0), ...Array.from({ length: 50 }, (_, i) => of('a', 1000 + i * 100))])
    expect(rowsOf(committed)).toEqual([])
    await run([{ tick: 61_000 }])
    expect(rowsOf(committed)).toHaveLength(49)
    expect([...committed.state.keys()].filter((key) => key.includes(' w '))).toHaveLength(1)
    expect(processor.watermark(openProcess([join()]).inputs[0]!)).toBe(5900)
  })
  test('names its bound', async () => {
    const { run } = openProcess([join({ maxWaiting: 2 })])
    await expect(run([of('a', 1), of('a', 2), of('a', 3)])).rejects.toThrow('its bound (maxWaiting: 2)')
  })
  test('an action of a pair names the messages of the stream that came last', async () => {
    const { run, committed } = openProcess([
      {
        ...join(),
        options: { ...join().options, by: null, learn: { model: 'm', count: 1 } },
        run: ((_: never, state: { model?: number }) => {
          state.model = 1
        }) as never,
      },
    ])
    await run([of('a', 1), of('b', 2)])
    expect(committed.outbox).toMatchObject([
      { body: { lineage: { seqs: { stream: 'id-b', from: 1, to: 1 } } } },
    ])
  })
})

describe('keyed state', () => {
  const counting: TestHandler['run'] = ((_: never, state: { n?: number }) => {
    state.n = (state.n ?? 0) + 1
    return { n: state.n }
  }) as never
  const on = (options: HandlerSpec): TestHandler => ({ streams: ['a'], options, run: counting })
  const key = (name: string, ts: number): Step => ({ at: ts, ts, key: name })

  test('goes when event time has passed its last change, also over a restart', async () => {
    for (const restart of [false, true]) {
      const { run, committed } = openProcess([on({ expire: 100 })])
      await run([key('x', 0), key('y', 50), key('x', 90), key('z', 149)], restart)
      expect(committed.state.get('0 s =y')).toEqual({ n: 1 })
      await run([key('z', 150)], restart)
      expect([...committed.state.keys()].toSorted()).toEqual(['0 s =x', '0 s =z', '0 t =x', '0 t =z'])
      expect(rowsOf(await run([key('y', 151)], restart)).at(-1)).toMatchObject({ key: 'y', n: 1 })
    }
  })
  test('a late message does not make a state older', async () => {
    const { run, committed } = openProcess([on({ expire: 100 })])
    await run([key('x', 100), key('x', 10), key('y', 199)])
    expect(committed.state.get('0 s =x')).toEqual({ n: 2 })
  })
  test('an error names the bound of keys', async () => {
    const { run } = openProcess([on({ maxKeys: 2 })])
    await expect(run([key('x', 1), key('y', 2), key('x', 3), key('z', 4)])).rejects.toThrow(
      'The handler on "a" keeps the state of 2 keys, and key "z" is one more than its bound (maxKeys: 2). Give the states an end with expire, or raise maxKeys.',
    )
  })
  test('10,000 new keys at once, in 12 windows each; a commit writes what changed', async () => {
    const { run, committed, commit } = openProcess([
      on({ window: { type: 'hopping', size: 12_000, hop: 1000 } }),
      on({ by: null, window: { type: 'global' } }),
    ])
    const keys = Array.from({ length: 10_000 }, (_, i) => key(`k${i}`, 12_000))
    await run(keys)
    commit()
    committed.written.length = 0
    await run(keys.slice(0, 100))
    // a window with its items for each of 100 keys in 12 windows, and one chunk of the window of all
    expect(committed.written[0]).toBeLessThanOrEqual(100 * 12 + 10)
    await run([key('last', 40_000)])
    expect(rowsOf(committed)).toHaveLength(120_000)
  }, 60_000)
})

describe('learn', () => {
  const learning: TestHandler['run'] = ((
    { messages }: { messages: Message[] },
    state: { model?: { sum: number; n: number }; metrics?: object },
  ) => {
    state.model ??= { sum: 0, n: 0 }
    for (const { body } of messages) {
      state.model.sum += body.v ?? 0
      state.model.n += 1
    }
    state.metrics = { error: messages.at(-1)!.body.v ?? 0 }
  }) as never
  const on = (learn: NonNullable<HandlerSpec['learn']>): TestHandler => ({
    streams: ['a'],
    options: { by: null, window: { type: 'tumbling', size: 10 }, learn },
    run: learning,
  })
  const values = (...list: number[]): Step[] => list.map((v, i) => ({ at: i * 10, ts: i * 10, body: { v } }))
  const published = (outbox: { body: object }[]) =>
    outbox.map(({ body }) => body as { model: { n: number }; lineage: { seqs: object; sinceLast: object } })

  test('publishes the state’s model after so many messages, with the range of seq it learned from', async () => {
    const { run, committed } = openProcess([on({ model: 'level', count: 2, alias: 'live' })])
    await run(values(1, 2, 3, 4, 5, 6))
    expect(committed.outbox.map(({ kind, at: time }) => [kind, time])).toEqual([
      ['model', 20],
      ['model', 40],
    ])
    expect(committed.outbox[1]!.body).toEqual({
      name: 'level',
      model: { sum: 10, n: 4 },
      metrics: { error: 4 },
      alias: 'live',
      lineage: {
        notebook: 'nb',
        notebookVersion: 1,
        deployment: 'dep',
        run: null,
        messages: 4,
        streams: [{ name: 'a', from: 0, to: 41 }],
        seqs: { stream: 'id-a', from: 1, to: 4 },
        sinceLast: { from: 3, to: 4, messages: 2 },
      },
    })
  })
  test('by event time', async () => {
    const { run, committed } = openProcess([on({ model: 'level', every: 30 })])
    await run(values(1, 2, 3, 4, 5, 6, 7, 8))
    expect(published(committed.outbox).map(({ model }) => model.n)).toEqual([3, 6])
  })
  test('by a gate: only what is better by the margin', async () => {
    const { run, committed } = openProcess([
      on({ model: 'level', gate: { metric: 'error', better: 'lower', by: 1 } }),
    ])
    await run(values(9, 8.5, 7, 8, 5, 1))
    expect(published(committed.outbox).map(({ model }) => model.n)).toEqual([1, 3, 5])
  })
  test('the same messages publish the same ids, also after a restart at every message', async () => {
    const ids = []
    for (const restart of [false, true]) {
      const { run, committed } = openProcess([on({ model: 'level', count: 3 })])
      ids.push((await run(values(1, 2, 3, 4, 5, 6, 7, 8, 9), restart)).outbox.map(({ id }) => id))
      expect(committed.outbox.length).toBe(2)
    }
    expect(ids[0]).toEqual(ids[1])
  })
})

test('restored after any message or tick, everything is as it is without', async () => {
  const window = { type: 'tumbling', size: 50 } as const
  const row: TestHandler['run'] = ((
    { messages = [], left, right }: { messages?: Message[]; left?: Message; right?: Message },
    state: { n?: number },
    { now, seed }: { now: number; seed: number },
  ) => {
    state.n = (state.n ?? 0) + 1
    return { seqs: [...messages, left, right].map((one) => one?.seq ?? '').join(' '), n: state.n, now, seed }
  }) as never
  const options: HandlerSpec[] = [
    { window, lateness: 30, early: { count: 2 } },
    { window, watermark: { type: 'boundedPlusWallclock' }, outOfOrder: 10, expire: 200 },
    { window: { type: 'hopping', size: 60, hop: 20 }, panes: 'discarding', early: { every: 15 } },
    { window: { type: 'sliding', size: 40 }, lateness: 20 },
    { window: { type: 'session', gap: 20 }, lateness: 60, by: null },
    { window: { type: 'count', size: 4, slide: 2 } },
    { window, emitEmpty: true, watermark: { type: 'wallClockLag', lag: 30 } },
    { join: { with: 'b', within: 25, unmatched: 'both' }, lateness: 10 },
    { expire: 60 },
  ]
  const handlers = options.map((given): TestHandler => ({
    streams: ['a'],
    options: given,
    run: row,
    late: given.window && row,
  }))
  handlers.push({
    streams: ['a', 'b'],
    options: { window, watermark: { type: 'bounded', idle: 40 } },
    run: row,
  })
  for (const handler of handlers) if (!handler.late) delete handler.late
  const step = fc.record({
    gap: fc.integer({ min: 0, max: 1500 }),
    back: fc.integer({ min: 0, max: 90 }),
    key: fc.constantFrom('x', 'y'),
    stream: fc.constantFrom('a', 'a', 'b'),
    tick: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (given) => {
      let now = 0
      let time = 0
      const steps = given.map(({ gap, back, key, stream, tick }): Step => {
        now += gap
        time += gap % 60
        return tick && gap > 1000 ? { tick: now } : { at: now, ts: time - back, key, stream }
      })
      const results = []
      for (const restart of [false, true]) {
        const { run, committed } = openProcess(handlers)
        await run(steps, restart)
        results.push({
          rows: rowsOf(committed),
          // of windows the keys: how their items lie in chunks is their own
          state: [...committed.state]
            .map(([key, value]) => [key, / w /.test(key) ? null : value] as const)
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
          outbox: committed.outbox,
          clocks: committed.clocks,
        })
      }
      expect(results[1]).toEqual(results[0])
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('at(…) of one stream: the arrival clock never goes back, and that is counted', async () => {
  const { run, processor } = openProcess([
    {
      streams: ['a'],
      options: { window: { type: 'tumbling', size: 10 }, watermark: { type: 'boundedPlusWallclock' } },
      run: pair,
    },
  ])
  await run([...at(0), { tick: 5000 }, { at: 4000, ts: 4000 }])
  expect(processor.counters).toMatchObject({ messages: 2, behindClock: 1 })
})
