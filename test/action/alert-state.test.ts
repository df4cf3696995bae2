import { describe, expect, test } from 'vitest'
import { type AlertState, apply, type Firing } from '../../runtime/action/alert-state.ts'

const firing = (more: Partial<Firing> = {}): { type: 'fire' } & Firing => ({
  type: 'fire',
  action: 'a1',
  at: 1000,
  severity: 'warning',
  title: 'Hot',
  details: { value: 1 },
  ...more,
})
const open: AlertState = {
  state: 'open',
  severity: 'warning',
  title: 'Hot',
  details: { value: 1 },
  count: 1,
  firstAt: 1000,
  lastAt: 1000,
  acknowledgedBy: null,
  recent: ['a1'],
}

describe('apply', () => {
  test('fire on nothing opens', () => {
    expect(apply(undefined, firing())).toEqual({ alert: open, effects: ['open'] })
  })
  test('fire on an open one counts, keeps the higher severity and the newest text', () => {
    expect(
      apply(open, firing({ action: 'a2', at: 2000, severity: 'critical', title: 'Hotter', details: {} })),
    ).toEqual({
      alert: {
        ...open,
        severity: 'critical',
        title: 'Hotter',
        details: {},
        count: 2,
        lastAt: 2000,
        recent: ['a1', 'a2'],
      },
      effects: ['save'],
    })
    expect(apply(open, firing({ action: 'a2', at: 500, severity: 'info', title: 'Old' })).alert).toEqual({
      ...open,
      count: 2,
      firstAt: 500,
      recent: ['a1', 'a2'],
    })
  })
  test('fire with an action that counted already changes nothing', () => {
    expect(apply(open, firing({ at: 9000 }))).toEqual({ alert: open, effects: [] })
  })
  test('fire on an acknowledged one counts and stays acknowledged', () => {
    const { alert } = apply(
      { ...open, state: 'acknowledged', acknowledgedBy: 'eve' },
      firing({ action: 'a2' }),
    )
    expect([alert.state, alert.count]).toEqual(['acknowledged', 2])
  })
  test('fire on a resolved one opens a new alert', () => {
    expect(apply({ ...open, state: 'resolved' }, firing({ action: 'a2', at: 5000 }))).toEqual({
      alert: { ...open, firstAt: 5000, lastAt: 5000, recent: ['a2'] },
      effects: ['open'],
    })
  })
  test('acknowledge names who did, once', () => {
    const first = apply(open, { type: 'acknowledge', by: 'eve' })
    expect(first).toEqual({
      alert: { ...open, state: 'acknowledged', acknowledgedBy: 'eve' },
      effects: ['save'],
    })
    expect(apply(first.alert, { type: 'acknowledge', by: 'bob' })).toEqual({
      alert: first.alert,
      effects: [],
    })
  })
  test('resolve ends it, from open and acknowledged', () => {
    expect(apply(open, { type: 'resolve' })).toEqual({
      alert: { ...open, state: 'resolved' },
      effects: ['save'],
    })
    expect(apply({ ...open, state: 'resolved' }, { type: 'resolve' }).effects).toEqual([])
    expect(() => apply({ ...open, state: 'resolved' }, { type: 'acknowledge', by: 'eve' })).toThrow(
      /resolved/,
    )
  })
  test('no more than the last 50 firings are remembered', () => {
    let alert = open
    for (let i = 2; i < 200; i++) alert = apply(alert, firing({ action: `a${i}` })).alert
    expect([alert.count, alert.recent.length, alert.recent.at(-1)]).toEqual([199, 50, 'a199'])
  })
})
