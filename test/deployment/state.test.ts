import { describe, expect, test } from 'vitest'
import {
  apply,
  type DeploymentOperation,
  type DeploymentState,
  maxDeaths,
  type Phase,
} from '../../runtime/deployment/state.ts'

const of = (state: Phase, more: Partial<DeploymentState> = {}): DeploymentState => ({
  state,
  lastError: null,
  restarts: 0,
  deaths: 0,
  ...more,
})
const step = (state: Phase, operation: DeploymentOperation): string => {
  try {
    const { next, effects } = apply(of(state), operation)
    return [next.state, ...effects.map((effect) => effect.type)].join(' ')
  } catch {
    return 'conflict'
  }
}

describe('apply', () => {
  test.each<[DeploymentOperation['type'], { [state in Phase]: string }]>([
    [
      'opened',
      {
        starting: 'running',
        running: 'running',
        paused: 'paused',
        draining: 'draining',
        stopped: 'stopped',
        failed: 'failed',
      },
    ],
    [
      'pause',
      {
        starting: 'paused halt',
        running: 'paused halt',
        paused: 'paused',
        draining: 'paused halt',
        stopped: 'conflict',
        failed: 'conflict',
      },
    ],
    [
      'resume',
      {
        starting: 'starting',
        running: 'running',
        paused: 'starting work',
        draining: 'running',
        stopped: 'starting work',
        failed: 'starting work',
      },
    ],
    [
      'drain',
      {
        starting: 'draining work',
        running: 'draining work',
        paused: 'draining work',
        draining: 'draining',
        stopped: 'conflict',
        failed: 'conflict',
      },
    ],
    [
      'drained',
      {
        starting: 'starting',
        running: 'running',
        paused: 'paused',
        draining: 'stopped halt',
        stopped: 'stopped',
        failed: 'failed',
      },
    ],
    [
      'stop',
      {
        starting: 'stopped halt',
        running: 'stopped halt',
        paused: 'stopped halt',
        draining: 'stopped halt',
        stopped: 'stopped',
        failed: 'stopped halt',
      },
    ],
  ])('%s from every state', (type, expected) => {
    const seen = Object.fromEntries(
      Object.keys(expected).map((state) => [state, step(state as Phase, { type } as DeploymentOperation)]),
    )
    expect(seen).toEqual(expected)
  })

  test('failed keeps the message until it is resumed', () => {
    const failed = apply(of('running'), { type: 'failed', message: 'broken' })
    expect(failed).toEqual({ next: of('failed', { lastError: 'broken' }), effects: [{ type: 'halt' }] })
    expect(apply(failed.next, { type: 'resume' }).next).toEqual(of('starting'))
    expect(apply(of('paused'), { type: 'failed', message: 'late' }).next).toEqual(of('paused'))
  })

  test('deaths restart with growing waits, and too many in a row fail', () => {
    let state = of('running')
    const waits = []
    for (let i = 0; i < maxDeaths; i++) {
      const { next, effects } = apply(state, { type: 'died', reason: 'memory' })
      waits.push(effects)
      state = next
    }
    expect(waits).toEqual([500, 1000, 2000].map((afterMs) => [{ type: 'restart', afterMs }]))
    expect(state).toEqual(of('starting', { restarts: 3, deaths: 3, lastError: 'memory' }))
    const last = apply(state, { type: 'died', reason: 'memory' })
    expect([last.next.state, last.next.restarts, last.effects]).toEqual(['failed', 4, [{ type: 'halt' }]])
    expect(last.next.lastError).toMatch(/4 times in a row.*memory/)
  })

  test('a commit forgets the deaths before it, not the count of restarts', () => {
    expect(apply(of('running', { deaths: 2, restarts: 5 }), { type: 'committed' }).next).toEqual(
      of('running', { deaths: 0, restarts: 5 }),
    )
  })
})
