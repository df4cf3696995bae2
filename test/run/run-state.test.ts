import { describe, expect, test } from 'vitest'
import { apply, isFinal, type RunOperation, type RunRecord } from '../../runtime/run/run-state.ts'

const receipt = { cpuMs: 1, wallMs: 2, peakBytes: 3, messages: 4, bytes: 5, cost: 0 }
const error = { name: 'Error', message: 'bad' }
const queued: RunRecord = {
  id: 'run_1',
  notebook: { id: 'nb_1', version: 1, name: 'n' },
  project: 'prj_1',
  state: 'queued',
  parameters: {},
  trigger: { type: 'api' },
  result: null,
  error: null,
  receipt: null,
  progress: null,
  createdAt: 1,
  startedAt: null,
  endedAt: null,
  cancelled: false,
}
const running = apply(queued, { type: 'start', at: 5 }).run
const end = (outcome: 'ok' | 'error' | 'timeout' | 'memory' | 'killed'): RunOperation => ({
  type: 'end',
  at: 9,
  outcome,
  result: 42,
  error: outcome === 'ok' ? null : error,
  receipt,
})
const progress = { done: 1, total: 2 }
const operations: RunOperation[] = [
  { type: 'start', at: 9 },
  { type: 'progress', progress },
  { type: 'cancel', at: 9 },
  ...(['ok', 'error', 'timeout', 'memory', 'killed'] as const).map(end),
  { type: 'lost', at: 9 },
]

describe('apply to a run', () => {
  test('that is queued: it starts, is cancelled at once, or is queued elsewhere', () => {
    expect(apply(queued, { type: 'start', at: 5 })).toEqual({
      run: { ...queued, state: 'running', startedAt: 5 },
      effects: ['execute', 'save', 'publish'],
    })
    expect(apply(queued, { type: 'cancel', at: 9 })).toEqual({
      run: { ...queued, state: 'cancelled', cancelled: true, endedAt: 9 },
      effects: ['save', 'publish', 'finish'],
    })
    expect(apply(queued, { type: 'lost', at: 9 })).toEqual({ run: queued, effects: ['requeue'] })
    expect(apply(queued, { type: 'progress', progress })).toEqual({ run: queued, effects: [] })
    expect(apply(queued, end('ok'))).toEqual({ run: queued, effects: [] })
  })
  test.each([
    ['ok', 'succeeded'],
    ['error', 'failed'],
    ['timeout', 'timed_out'],
    ['memory', 'failed'],
    ['killed', 'failed'],
  ] as const)('that is running and ends with %s: %s', (outcome, state) => {
    expect(apply(running, end(outcome))).toEqual({
      run: {
        ...running,
        state,
        result: outcome === 'ok' ? 42 : null,
        error: outcome === 'ok' ? null : error,
        receipt,
        endedAt: 9,
      },
      effects: ['save', 'publish', 'finish'],
    })
  })
  test('that is running: cancel interrupts once, and how it ends then is cancelled unless it had succeeded', () => {
    const { run: cancelled, effects } = apply(running, { type: 'cancel', at: 9 })
    expect([cancelled, effects]).toEqual([{ ...running, cancelled: true }, ['interrupt', 'publish']])
    expect(apply(cancelled, { type: 'cancel', at: 10 })).toEqual({ run: cancelled, effects: [] })
    for (const outcome of ['error', 'timeout', 'memory', 'killed'] as const)
      expect(apply(cancelled, end(outcome)).run.state).toBe('cancelled')
    expect(apply(cancelled, end('ok')).run).toMatchObject({ state: 'succeeded', result: 42 })
  })
  test('that is running: progress is kept, a second start ignored, a lost process fails it', () => {
    expect(apply(running, { type: 'progress', progress })).toEqual({
      run: { ...running, progress },
      effects: ['publish'],
    })
    expect(apply(running, { type: 'start', at: 9 })).toEqual({ run: running, effects: [] })
    expect(apply(running, { type: 'lost', at: 9 })).toEqual({
      run: {
        ...running,
        state: 'failed',
        endedAt: 9,
        error: { name: 'Lost', message: 'The process that ran it ended before the run did. Start it again.' },
      },
      effects: ['save', 'publish', 'finish'],
    })
  })
  test('that has ended: nothing changes it any more', () => {
    const states = ['succeeded', 'failed', 'timed_out', 'cancelled', 'skipped'] as const
    for (const state of states)
      for (const operation of operations) {
        const ended = { ...running, state, endedAt: 7 }
        expect(apply(ended, operation)).toEqual({ run: ended, effects: [] })
        expect(isFinal(state)).toBe(true)
      }
  })
  test('every sequence of four operations ends in at most one end, and never leaves a final state', () => {
    const walk = (run: RunRecord, finished: number, depth: number): void => {
      expect(finished).toBe(isFinal(run.state) ? 1 : 0)
      if (depth === 0) return
      for (const operation of operations) {
        const next = apply(run, operation)
        walk(next.run, finished + next.effects.filter((effect) => effect === 'finish').length, depth - 1)
      }
    }
    walk(queued, 0, 4)
  })
})
