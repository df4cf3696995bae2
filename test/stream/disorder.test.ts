import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxPoints, viewTime } from '../../runtime/stream/disorder.ts'

const at = (...times: number[]) =>
  times.map((eventTime, index) => ({ seq: index + 1, eventTime, receivedAt: 10_000 + index }))

describe('viewTime: what comes out of order, and what each bound does', () => {
  test('each message is judged by the greatest event time before it', () => {
    const view = viewTime(at(0, 1000, 900, 5000, 3500, 1000), { bound: 100, lateness: 1500 })
    expect(view).toEqual({
      messages: 6,
      outOfOrder: 3,
      late: 1,
      rejected: 1,
      points: [
        { seq: 1, eventTime: 0, receivedAt: 10_000, state: 'inOrder' },
        { seq: 2, eventTime: 1000, receivedAt: 10_001, state: 'inOrder' },
        { seq: 3, eventTime: 900, receivedAt: 10_002, state: 'outOfOrder' },
        { seq: 4, eventTime: 5000, receivedAt: 10_003, state: 'inOrder' },
        { seq: 5, eventTime: 3500, receivedAt: 10_004, state: 'late' },
        { seq: 6, eventTime: 1000, receivedAt: 10_005, state: 'rejected' },
      ],
      watermark: [
        { at: 10_000, watermark: -100 },
        { at: 10_001, watermark: 900 },
        { at: 10_003, watermark: 4900 },
      ],
      histogram: [
        { from: 0, to: 0, count: 3 },
        { from: 0, to: 10, count: 0 },
        { from: 10, to: 100, count: 1 },
        { from: 100, to: 1000, count: 0 },
        { from: 1000, to: 5000, count: 2 },
      ],
      choices: [
        { bound: 0, behind: 3, rejected: 1 },
        { bound: 10, behind: 3, rejected: 1 },
        { bound: 100, behind: 2, rejected: 1 },
        { bound: 1000, behind: 2, rejected: 1 },
        { bound: 5000, behind: 0, rejected: 0 },
      ],
      proposed: 5000,
    })
  })
  test('nothing, one message, and all in order need no bound', () => {
    const now = { bound: 0, lateness: 0 }
    expect(viewTime([], now)).toMatchObject({ messages: 0, points: [], watermark: [], proposed: 0 })
    expect(viewTime(at(-5), now)).toMatchObject({ messages: 1, outOfOrder: 0, proposed: 0 })
    expect(viewTime(at(-5, -5, 3, 9), now)).toMatchObject({
      outOfOrder: 0,
      histogram: [{ from: 0, to: 0, count: 4 }],
      choices: [{ bound: 0, behind: 0, rejected: 0 }],
    })
  })
  test('one bad message in a thousand is not waited for', () => {
    const times = Array.from({ length: 2000 }, (_, i) => i * 1000)
    times[1000] = 0
    expect(viewTime(at(...times), { bound: 0, lateness: 0 }).proposed).toBe(0)
    for (const i of [500, 600, 700, 800]) times[i] = times[i]! - 8000
    expect(viewTime(at(...times), { bound: 0, lateness: 0 }).proposed).toBe(10_000)
  })
  test('of many messages the rejected are all shown, the others thinned', () => {
    const times = Array.from({ length: 10_000 }, (_, i) => (i % 100 === 99 ? 0 : i))
    const view = viewTime(at(...times), { bound: 50, lateness: 0 })
    const rejected = view.points.filter(({ state }) => state === 'rejected').length
    expect([view.points.length <= maxPoints, rejected]).toEqual([true, view.rejected])
    expect(view.watermark.length).toBeLessThanOrEqual(501)
  })
  test('the parts add up: histogram and states count every message once', () => {
    const event = fc.integer({ min: -1e9, max: 1e9 })
    const spec = fc.record({ bound: fc.nat(1e8), lateness: fc.nat(1e8) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), spec, (times, now) => {
        const view = viewTime(at(...times), now)
        expect(view.histogram.reduce((sum, { count }) => sum + count, 0)).toBe(times.length)
        expect(view.points).toHaveLength(times.length)
        expect(view.late + view.rejected).toBe(
          view.points.filter(({ state }) => state === 'late' || state === 'rejected').length,
        )
        const proposed = view.choices.find(({ bound }) => bound === view.proposed)!
        expect(proposed.behind).toBeLessThanOrEqual(Math.max(times.length / 1000, 0))
      }),
    )
  })
})
