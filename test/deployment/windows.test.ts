import { describe, expect, test } from 'vitest'
import type { HandlerSpec } from '../../runtime/sdk/on.ts'
import { openProcess, rowsOf, type Step, type TestHandler } from './process.ts'

const n: TestHandler['run'] = (({ messages }: { messages: { seq: number }[] }) => ({
  seqs: messages.map(({ seq }) => seq).join(' '),
})) as never
const on = (options: HandlerSpec, run = n, streams = ['a']): TestHandler => ({ streams, options, run })
const at = (...times: number[]): Step[] => times.map((ts) => ({ at: ts, ts }))

describe('rows of each window type', () => {
  test('tumbling with an offset, hopping, calendar', async () => {
    const { run } = openProcess([
      on({ window: { type: 'tumbling', size: 10, offset: -3 } }),
      on({ window: { type: 'hopping', size: 10, hop: 5 } }),
      on({ window: { type: 'calendar', unit: 'day', zone: 'Europe/Berlin' } }),
    ])
    expect(rowsOf(await run(at(1, 8, 40)))).toEqual([
      { start: -5, end: 5, pane: 0, seqs: '1' },
      { start: -3, end: 7, pane: 0, seqs: '1' },
      { start: 0, end: 10, pane: 0, seqs: '1 2' },
      { start: 5, end: 15, pane: 0, seqs: '2' },
      { start: 7, end: 17, pane: 0, seqs: '2' },
    ])
    const day = 86_400_000
    expect(rowsOf(await run(at(2 * day))).at(-1)).toEqual({
      start: -3_600_000,
      end: day - 3_600_000,
      pane: 0,
      seqs: '1 2 3',
    })
  })
  test('sliding looks back from each message, those of one instant have a row each', async () => {
    const { run } = openProcess([on({ window: { type: 'sliding', size: 10 } })])
    expect(rowsOf(await run(at(1, 5, 5, 12, 30)))).toEqual([
      { start: -9, end: 1, pane: 0, seqs: '1' },
      { start: -5, end: 5, pane: 0, seqs: '1 2 3' },
      { start: -5, end: 5, pane: 0, seqs: '1 2 3' },
      { start: 2, end: 12, pane: 0, seqs: '2 3 4' },
    ])
  })
  test('count tells each of its panes, and so does a global window with a trigger', async () => {
    const { run } = openProcess([
      on({ window: { type: 'count', size: 2 } }),
      on({ window: { type: 'global' }, early: { count: 3 } }),
      on({ window: { type: 'global' }, trigger: 'element', panes: 'discarding' }),
    ])
    expect(rowsOf(await run(at(1, 1, 1, 1))).map(({ seqs, pane }) => [seqs, pane])).toEqual([
      ['1 2', 0],
      ['3 4', 1],
      ['1 2 3', 0],
      ['1', 0],
      ['2', 1],
      ['3', 2],
      ['4', 3],
    ])
  })
  test('the row of a merged session takes the place of those of its parts', async () => {
    const { run } = openProcess([on({ window: { type: 'session', gap: 10 }, lateness: 100 })])
    const first = await run(at(0, 15, 40))
    expect(rowsOf(first)).toEqual([
      { start: 0, end: 10, pane: 0, seqs: '1' },
      { start: 15, end: 25, pane: 0, seqs: '2' },
    ])
    expect(rowsOf(await run([{ at: 41, ts: 8 }]))).toEqual([{ start: 0, end: 25, pane: 2, seqs: '1 2 4' }])
  })
  test('early panes of one window share a row; discarding ones have one each', async () => {
    const window = { type: 'tumbling', size: 10 } as const
    const { run } = openProcess([
      on({ window, early: { count: 1 } }),
      on({ window, early: { count: 1 }, panes: 'discarding' }),
    ])
    expect(rowsOf(await run(at(1, 2, 12)))).toEqual([
      { start: 0, end: 10, pane: 2, seqs: '1 2' },
      { start: 0, end: 10, pane: 0, seqs: '1' },
      { start: 0, end: 10, pane: 1, seqs: '2' },
      { start: 0, end: 10, pane: 2, seqs: '' },
      { start: 10, end: 20, pane: 0, seqs: '3' },
      { start: 10, end: 20, pane: 0, seqs: '3' },
    ])
  })
  test('emitEmpty tells that a known key is silent', async () => {
    const { run } = openProcess([on({ window: { type: 'tumbling', size: 10 }, emitEmpty: true })])
    const rows = rowsOf(
      await run([
        { at: 1, ts: 1, key: 'x' },
        { at: 25, ts: 25, key: 'y' },
      ]),
    )
    expect(rows).toEqual([
      { key: 'x', start: 0, end: 10, pane: 0, seqs: '1' },
      { key: 'x', start: 10, end: 20, pane: 0, seqs: '' },
    ])
  })
})

describe('watermarks', () => {
  const window = { type: 'tumbling', size: 1000 } as const
  test('boundedPlusWallclock closes the last window of a silent stream, by ticks of arrival', async () => {
    const { run, processor } = openProcess([on({ window, watermark: { type: 'boundedPlusWallclock' } })])
    const start = at(200, 700)
    expect(rowsOf(await run(start))).toEqual([])
    expect(processor.isTickDue(999)).toBe(false)
    expect(processor.isTickDue(1000)).toBe(true)
    expect(rowsOf(await run([{ tick: 1500 }]))).toEqual([{ start: 0, end: 1000, pane: 0, seqs: '1 2' }])
  })
  test('wallClockLag goes by arrival alone', async () => {
    const watermark = { type: 'wallClockLag', lag: '2 s' } as const
    const { run } = openProcess([on({ window, watermark })])
    expect(rowsOf(await run([{ at: 0, ts: 10 }, { at: 1, ts: 90_000 }, { tick: 2999 }]))).toEqual([])
    expect(rowsOf(await run([{ tick: 3000 }]))).toEqual([{ start: 0, end: 1000, pane: 0, seqs: '1' }])
  })
  test('punctuated goes by marks, which are no messages', async () => {
    const watermark = { type: 'punctuated', field: 'until' } as const
    const { run } = openProcess([on({ window, watermark })])
    const steps: Step[] = [...at(1, 5000), { at: 6000, ts: 6000, body: { until: '1970-01-01T00:00:01Z' } }]
    expect(rowsOf(await run(steps))).toEqual([{ start: 0, end: 1000, pane: 0, seqs: '1' }])
    await expect(run([{ at: 7000, ts: 1, body: { until: {} } }])).rejects.toThrow(
      'The field of a punctuated watermark is a time; it is {}.',
    )
  })
  test('the least of the partitions, without those that are idle', async () => {
    const watermark = { type: 'bounded', partition: 'host', idle: '10 s' } as const
    const { run } = openProcess([on({ window, watermark })])
    const of = (host: string, ts: number): Step => ({ at: ts, ts, body: { host } })
    expect(rowsOf(await run([of('x', 1), of('y', 2), of('x', 5000)]))).toEqual([])
    expect(rowsOf(await run([{ tick: 11_000 }])).map(({ seqs }) => seqs)).toEqual(['1 2'])
  })
  test('of several streams the slowest holds the others, until it is silent for a minute', async () => {
    const { run } = openProcess([
      on(
        { window },
        (({ messages }: { messages: { stream: string; seq: number }[] }) => ({
          seqs: messages.map(({ stream, seq }) => `${stream}${seq}`).join(' '),
        })) as never,
        ['a', 'b'],
      ),
    ])
    const of = (stream: string, ts: number): Step => ({ at: ts, ts, stream })
    expect(rowsOf(await run([of('a', 1), of('a', 5000)]))).toEqual([])
    expect(rowsOf(await run([of('b', 1500)])).map(({ seqs }) => seqs)).toEqual(['a1'])
    expect(rowsOf(await run([of('a', 30_000), { tick: 64_000 }]))).toHaveLength(1)
    expect(rowsOf(await run([{ tick: 65_000 }])).map(({ seqs }) => seqs)).toEqual(['a1', 'b1', 'a2'])
  })
})

describe('what no window takes', () => {
  test('is in the late log, with where event time stood, and the handler for it is called', async () => {
    const late: TestHandler['run'] = (({ message, reason, watermark }: never, state: { late?: number }) => {
      state.late = (state.late ?? 0) + 1
      return { seq: (message as { seq: number }).seq, reason, watermark }
    }) as never
    const options = { window: { type: 'tumbling', size: 10 }, maxFuture: 100 } as const
    const { run, committed } = openProcess([{ ...on(options), late }])
    await run([...at(1, 30), { at: 31, ts: 2, body: { v: 1 } }, { at: 32, ts: 9999 }])
    expect(rowsOf(committed)).toEqual([
      { start: 2, end: 2, pane: 0, seq: 3, reason: 'late', watermark: 30 },
      { start: 0, end: 10, pane: 0, seqs: '1' },
      { start: 9999, end: 9999, pane: 0, seq: 4, reason: 'future', watermark: 30 },
    ])
    const both = { stream: 'id-a', key: null, watermark: 30, handler: 0 }
    expect([committed.state.get('l 0001'), committed.state.get('l 0002')]).toEqual([
      { ...both, number: 1, seq: 3, eventTime: 2, receivedAt: 31, reason: 'late', body: { v: 1 } },
      { ...both, number: 2, seq: 4, eventTime: 9999, receivedAt: 32, reason: 'future', body: {} },
    ])
    expect(committed.state.get('0 s -')).toEqual({ late: 2 })
  })
  test('raises an alert when it is too much, once, unless that is switched off', async () => {
    const window = { type: 'tumbling', size: 10 } as const
    const steps = [...at(1000), ...at(...Array.from({ length: 5 }, (_, i) => i))]
    const lateAlarm = { rejects: 2, events: 10 }
    const one = await openProcess([on({ window, lateAlarm })]).run(steps)
    expect(one.outbox).toMatchObject([
      { kind: 'alert', at: 2, body: { request: { details: { rejected: 3, of: 4 } }, deployment: 'dep' } },
    ])
    expect((await openProcess([on({ window })]).run(steps)).outbox).toEqual([])
    const many = [...at(1000), ...at(...Array.from({ length: 101 }, (_, i) => i))]
    expect((await openProcess([on({ window })]).run(many)).outbox).toHaveLength(1)
    expect((await openProcess([on({ window, lateAlarm: null })]).run(many)).outbox).toEqual([])
  })
})

describe('streams.on names the option that is wrong', () => {
  test.each<[HandlerSpec, string]>([
    [{ window: { type: 'tumbling', size: 0 } }, 'size must be > 0'],
    [{ window: { type: 'hopping', size: 10, hop: 20 } }, 'hop must be in (0,size]'],
    [{ window: { type: 'count', size: 2, slide: 3 } }, 'slide must be in (0,size]'],
    [{ window: { type: 'session', gap: 0 } }, 'gap must be > 0'],
    [{ window: { type: 'calendar', unit: 'day', zone: 'Mars/Base' } }, 'There is no time zone "Mars/Base"'],
    [{ window: { type: 'tumbling', size: '1 fortnight' } }, '"1 fortnight" is no duration'],
    [
      { window: { type: 'session', gap: 1 }, emitEmpty: true },
      'emitEmpty needs tumbling or calendar windows',
    ],
    [{ window: { type: 'count', size: 1 }, early: { count: 1 } }, 'they have no early panes'],
    [{ window: { type: 'tumbling', size: 1 }, early: {} }, 'early needs a count or every'],
    [{ emitEmpty: true }, 'emitEmpty needs a window'],
    [{ batch: true, window: { type: 'global' } }, 'a window or batch: true, not both'],
    [{ late: 'h' }, 'late needs a window'],
    [{ expire: 0 }, 'expire must be more than 0'],
    [{ watermark: { type: 'bounded', idle: 5 } }, 'idle needs a partition, or several streams'],
    [{ lateAlarm: { rejects: 1, events: 2, within: 3 } }, 'lateAlarm takes events or within'],
    [{ learn: { model: 'm', count: 1 } }, 'learn needs by: null, or a batch'],
    [{ by: null, learn: { model: 'm' } }, 'learn needs a count, every or a gate'],
  ])('%j', (options, message) => {
    expect(() => openProcess([on(options)])).toThrow(message)
  })
})
