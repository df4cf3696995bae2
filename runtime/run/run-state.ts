/**
 * The states of a run and what may happen to it, pure: `apply` answers the next state and what is to be done about it.
 * A run that ended never changes again. A cancelled run ends as cancelled, unless it succeeded before that was seen.
 */
import type { Receipt, Run, UserError } from '../api/runs.ts'
import type { Json } from '../json.ts'

export type RunRecord = Omit<Run, 'outputs'> & { cancelled: boolean }
export type Outcome = 'ok' | 'error' | 'timeout' | 'memory' | 'killed'

export type RunOperation =
  | { type: 'start'; at: number }
  | { type: 'progress'; progress: NonNullable<Run['progress']> }
  | { type: 'cancel'; at: number }
  | { type: 'end'; at: number; outcome: Outcome; result: Json; error: UserError | null; receipt: Receipt }
  /** Its process is gone. */
  | { type: 'lost'; at: number }
export type RunEffect = 'execute' | 'interrupt' | 'requeue' | 'save' | 'publish' | 'finish'

const final: readonly Run['state'][] = ['succeeded', 'failed', 'timed_out', 'cancelled', 'skipped']
export function isFinal(state: Run['state']): boolean {
  return final.includes(state)
}

export function apply(run: RunRecord, operation: RunOperation): { run: RunRecord; effects: RunEffect[] } {
  if (isFinal(run.state)) return { run, effects: [] }
  switch (operation.type) {
    case 'start':
      if (run.state !== 'queued') return { run, effects: [] }
      return {
        run: { ...run, state: 'running', startedAt: operation.at },
        effects: ['execute', 'save', 'publish'],
      }
    case 'progress':
      if (run.state !== 'running') return { run, effects: [] }
      return { run: { ...run, progress: operation.progress }, effects: ['publish'] }
    case 'cancel':
      if (run.cancelled) return { run, effects: [] }
      if (run.state === 'running')
        return { run: { ...run, cancelled: true }, effects: ['interrupt', 'publish'] }
      return end({ ...run, cancelled: true, state: 'cancelled' }, operation.at)
    case 'end': {
      if (run.state !== 'running') return { run, effects: [] }
      const { outcome, result, error, receipt, at } = operation
      const state = toState(outcome, run.cancelled)
      const ended = state === 'succeeded' ? { result, error: null } : { result: null, error }
      return end({ ...run, ...ended, state, receipt }, at)
    }
    case 'lost': {
      if (run.state === 'queued') return { run, effects: ['requeue'] }
      const message = 'The process that ran it ended before the run did. Start it again.'
      return end({ ...run, state: 'failed', error: { name: 'Lost', message } }, operation.at)
    }
  }
}

function end(run: RunRecord, at: number): { run: RunRecord; effects: RunEffect[] } {
  return { run: { ...run, endedAt: at }, effects: ['save', 'publish', 'finish'] }
}
function toState(outcome: Outcome, cancelled: boolean): Run['state'] {
  if (outcome === 'ok') return 'succeeded'
  if (cancelled) return 'cancelled'
  return outcome === 'timeout' ? 'timed_out' : 'failed'
}
