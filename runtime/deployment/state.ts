/**
 * The life of a deployment, pure: what a person or its worker does to it, and what has to be done about that.
 * starting → running → paused → starting …; draining → stopped; anything that works → failed. A death of the sandbox
 * restarts it from the last commit; deaths in a row without a commit in between are bounded.
 */
import { AppError } from '../error.ts'

export type Phase = 'starting' | 'running' | 'paused' | 'draining' | 'stopped' | 'failed'
export interface DeploymentState {
  state: Phase
  lastError: string | null
  /** All deaths of its sandbox. */
  restarts: number
  /** Deaths since the last commit that moved on. */
  deaths: number
}
export type DeploymentOperation =
  | { type: 'opened' | 'pause' | 'resume' | 'drain' | 'drained' | 'stop' | 'committed' | 'move' }
  | { type: 'failed'; message: string }
  | { type: 'died'; reason: string }
/** `work`: a worker should hold it. `halt`: its worker ends after its commit. */
export type DeploymentEffect = { type: 'work' } | { type: 'halt' } | { type: 'restart'; afterMs: number }

export const maxDeaths = 3
/** States in which a worker holds the deployment. */
export const working: readonly Phase[] = ['starting', 'running', 'draining']

export function apply(
  now: DeploymentState,
  operation: DeploymentOperation,
): { next: DeploymentState; effects: DeploymentEffect[] } {
  const same = { next: now, effects: [] }
  const become = (state: Phase, ...effects: DeploymentEffect[]) => ({ next: { ...now, state }, effects })
  const active = working.includes(now.state)
  switch (operation.type) {
    case 'opened':
      return now.state === 'starting'
        ? { next: { ...now, state: 'running', lastError: null }, effects: [] }
        : same
    case 'pause':
      if (now.state === 'paused') return same
      if (!active) throw wrong(now.state, 'paused')
      return become('paused', { type: 'halt' })
    case 'resume':
      if (active && now.state !== 'draining') return same
      if (now.state === 'draining') return become('running')
      return { next: { ...now, state: 'starting', lastError: null, deaths: 0 }, effects: [{ type: 'work' }] }
    case 'drain':
      if (now.state === 'draining') return same
      if (now.state === 'stopped' || now.state === 'failed') throw wrong(now.state, 'drained')
      return become('draining', { type: 'work' })
    case 'drained':
      return now.state === 'draining' ? become('stopped', { type: 'halt' }) : same
    case 'move':
      if (!active) throw wrong(now.state, 'moved')
      return now.state === 'running' ? become('starting', { type: 'halt' }) : same
    case 'stop':
      return now.state === 'stopped' ? same : become('stopped', { type: 'halt' })
    case 'committed':
      return now.deaths === 0 ? same : { next: { ...now, deaths: 0 }, effects: [] }
    case 'failed':
      if (!active) return same
      return {
        next: { ...now, state: 'failed', lastError: operation.message },
        effects: [{ type: 'halt' }],
      }
    case 'died':
      return die(now, operation.reason, active)
  }
}

function die(
  now: DeploymentState,
  reason: string,
  active: boolean,
): { next: DeploymentState; effects: DeploymentEffect[] } {
  const counted = { ...now, restarts: now.restarts + 1, deaths: now.deaths + 1, lastError: reason }
  if (!active) return { next: counted, effects: [] }
  if (counted.deaths > maxDeaths)
    return {
      next: {
        ...counted,
        state: 'failed',
        lastError: `Its sandbox ended ${counted.deaths} times in a row without a commit; the last time: ${reason}`,
      },
      effects: [{ type: 'halt' }],
    }
  return {
    next: { ...counted, state: now.state === 'draining' ? 'draining' : 'starting' },
    effects: [{ type: 'restart', afterMs: 250 * 2 ** counted.deaths }],
  }
}

function wrong(state: Phase, what: string): AppError {
  return new AppError('conflict', `The deployment is ${state} and cannot be ${what}.`)
}
