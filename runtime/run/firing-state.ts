/**
 * The life of a firing, pure: `apply` answers the next state and what is to be done about it. It waits, runs, is tried
 * again after a pause that doubles, and ends. What ended never changes again. The rules are those that the trigger had
 * when the cause came. A run that a person cancelled is no failure: it is not tried again.
 */
import type { Firing } from '../api/triggers.ts'
import type { Run } from '../api/runs.ts'
import type { TriggerRules } from './trigger-document.ts'
import { lookEveryMs } from './trigger-document.ts'

export interface FiringRecord {
  state: Firing['state']
  attempts: Firing['attempts']
  reason: string | null
  nextAt: number | null
  endedAt: number | null
}
export type FiringRules = Pick<TriggerRules, 'overlap' | 'retries'>
export type FiringOperation =
  | { type: 'busy'; holder: string; at: number }
  | { type: 'started'; run: string; at: number }
  /** No run could be made of it. */
  | { type: 'refused'; error: string; at: number }
  | { type: 'ended'; state: Run['state']; error: string | null; replaced: boolean; at: number }
  | { type: 'replace'; at: number }
  | { type: 'drop'; reason: string; at: number }
/** skip: record the run that is not made; evict: tell the holder that it is replaced; cancel: its run; failure: the notebook for that; release: its turn. */
export type FiringEffect = 'skip' | 'evict' | 'cancel' | 'failure' | 'release'

const maxPauseMs = 3_600_000
/** Who waits is woken when the turn is left; this is for a process that died just then. */
const waitingLookMs = 10_000

export function isLive(state: Firing['state']): boolean {
  return state === 'waiting' || state === 'running' || state === 'retrying'
}
/** Before attempt `number`, from 2 on. */
export function toPause({ backoffSeconds }: FiringRules['retries'], number: number): number {
  return Math.min(maxPauseMs, backoffSeconds * 1000 * 2 ** (number - 2))
}

export function apply(
  firing: FiringRecord,
  operation: FiringOperation,
  rules: FiringRules,
): { firing: FiringRecord; effects: FiringEffect[] } {
  if (!isLive(firing.state)) return { firing, effects: [] }
  const { at } = operation
  switch (operation.type) {
    case 'busy': {
      if (firing.state !== 'waiting') return { firing: { ...firing, nextAt: at + lookEveryMs }, effects: [] }
      if (rules.overlap === 'skip')
        return end(firing, 'skipped', `The run before, ${operation.holder}, has not ended.`, at, ['skip'])
      const replaces = rules.overlap === 'replace'
      const nextAt = at + (replaces ? lookEveryMs : waitingLookMs)
      return { firing: { ...firing, nextAt }, effects: replaces ? ['evict'] : [] }
    }
    case 'started': {
      const attempt = { run: operation.run, state: 'running', error: null, startedAt: at, endedAt: null }
      const attempts = [...firing.attempts, attempt]
      return { firing: { ...firing, state: 'running', attempts, nextAt: at + lookEveryMs }, effects: [] }
    }
    case 'refused': {
      const attempt = { run: null, state: 'failed', error: operation.error, startedAt: at, endedAt: at }
      const attempts = [...firing.attempts, attempt]
      return end({ ...firing, attempts }, 'failed', operation.error, at, ['failure'])
    }
    case 'ended':
      return firing.state === 'running' ? endAttempt(firing, operation, rules) : { firing, effects: [] }
    case 'replace':
      if (firing.state === 'running')
        return { firing: { ...firing, nextAt: at + lookEveryMs }, effects: ['cancel'] }
      return end(firing, 'replaced', 'A newer one replaced it.', at)
    case 'drop':
      return firing.state === 'waiting'
        ? end(firing, 'skipped', operation.reason, at)
        : { firing, effects: [] }
  }
}

function endAttempt(
  firing: FiringRecord,
  {
    state,
    error,
    replaced,
    at,
  }: { state: Run['state']; error: string | null; replaced: boolean; at: number },
  rules: FiringRules,
): { firing: FiringRecord; effects: FiringEffect[] } {
  const attempts = firing.attempts.map((attempt, i) =>
    i === firing.attempts.length - 1 ? { ...attempt, state, error, endedAt: at } : attempt,
  )
  const ended = { ...firing, attempts }
  if (state === 'succeeded') return end(ended, 'succeeded', null, at)
  if (replaced) return end(ended, 'replaced', 'A newer one replaced it.', at)
  if (state === 'cancelled' || state === 'skipped') return end(ended, 'cancelled', error, at)
  if (attempts.length >= rules.retries.attempts) return end(ended, 'failed', error, at, ['failure'])
  const nextAt = at + toPause(rules.retries, attempts.length + 1)
  return { firing: { ...ended, state: 'retrying', nextAt }, effects: [] }
}

function end(
  firing: FiringRecord,
  state: Firing['state'],
  reason: string | null,
  at: number,
  effects: FiringEffect[] = [],
): { firing: FiringRecord; effects: FiringEffect[] } {
  return { firing: { ...firing, state, reason, nextAt: null, endedAt: at }, effects: [...effects, 'release'] }
}
