/**
 * What a run is started for: a time, messages, or a record that changed. Its key says which one it is, so that a cause
 * that is found twice (by two processes, or again after a restart) gives the same firing.
 */
import { createHash } from 'node:crypto'
import type { Run } from '../api/runs.ts'
import type { JsonObject } from '../json.ts'
import type { Missed } from './trigger-document.ts'

export interface Cause {
  key: string
  at: number
  trigger: Omit<Run['trigger'], 'id'>
  range?: { stream: string; fromSeq: number; toSeq: number }
  /** Go over the trigger's own. */
  parameters?: JsonObject
  /** Given where the notebook declares a parameter of that name and type, and the trigger does not set it. */
  offered?: JsonObject
}
export interface Plan {
  cause: Cause
  /** Recorded, and not run, for this reason. */
  skip?: string
}

/** Runs that led to one another through triggers: the next one is refused. */
export const maxChain = 5
/** What is found later than this after it came, came while nothing could fire. */
export const missedAfterMs = 60_000

export function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26)
}
export function toFiringId(trigger: string, key: string): string {
  return `fire_${digest([trigger, key])}`
}

/** Which causes fire, by what is to become of those that were missed; oldest first, as given. `stands`: which one for all. */
export function planMissed(causes: Cause[], rule: Missed, now: number, stands: 'first' | 'last'): Plan[] {
  const late = causes.filter(({ at }) => now - at > missedAfterMs)
  if (late.length === 0 || rule.missed === 'all') {
    const passed = late.slice(0, Math.max(0, late.length - rule.missedLimit))
    const skip = `More than ${rule.missedLimit} were missed: the newest run.`
    return causes.map((cause) => (passed.includes(cause) ? { cause, skip } : { cause }))
  }
  const chosen = rule.missed === 'skip' ? undefined : late.at(stands === 'first' ? 0 : -1)
  const skip = chosen ? 'It was missed; one run stands for all that were.' : 'It was missed.'
  return causes.map((cause) => (late.includes(cause) && cause !== chosen ? { cause, skip } : { cause }))
}
/** No run for what too many runs led to. */
export function checkChain(cause: Cause): Plan {
  const chain = cause.trigger.chain ?? 0
  return chain > maxChain
    ? { cause, skip: `${chain} runs led to one another by triggers; ${maxChain} are allowed.` }
    : { cause }
}
/** `*` stands for any characters, also none. */
export function matchesPattern(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  const parts = pattern.split('*')
  if (parts.length === 1) return pattern === name
  const [first, last] = [parts[0]!, parts.at(-1)!]
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false
  let at = first.length
  const end = name.length - last.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
