/**
 * Triggers as documents and resources. `edition` is what people see as the revision: firing changes the document too, and
 * must not make an edit stale. `cursor`, `sweptAt`, `since` and `nextSeq` say how far its causes have been looked for.
 */
import type { Firing, Trigger, TriggerRules, TriggerSpec } from '../api/triggers.ts'
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Document, NewDocument } from '../store/port.ts'
import { checkZone, nextTime, nextTimes } from './schedule.ts'

export type { TriggerRules, TriggerSpec }
export type Missed = Pick<TriggerRules, 'missed' | 'missedLimit'>
/** As it is stored: without what is found out when it is shown. */
export type StoredTrigger = Omit<Trigger, 'nextTimes' | 'lastFiring' | 'hasToken'>
/** How often messages, records and what a firing waits for are looked at. */
export const lookEveryMs = 1000
const shownTimes = 5

/** How far causes have been looked for. */
export interface Place {
  /** Nothing from before this is its business. */
  since: number
  cursor: number
  sweptAt: number
  nextSeq: number | null
}

/** A schedule that comes while its run goes is passed over, and what it missed is one run; other causes are not lost. */
export function toRules(
  spec: TriggerSpec,
  given: { [K in keyof TriggerRules]?: TriggerRules[K] | undefined },
): TriggerRules {
  const schedule = spec.type === 'schedule'
  return {
    overlap: given.overlap ?? (schedule ? 'skip' : 'queue'),
    missed: given.missed ?? (schedule ? 'once' : 'all'),
    missedLimit: given.missedLimit ?? 100,
    retries: given.retries ?? { attempts: 1, backoffSeconds: 30 },
    concurrencyKey: given.concurrencyKey ?? null,
    onFailure: given.onFailure ?? null,
  }
}

/** invalid: what is wrong with the schedule, the zone, or what is asked of a stream. */
export function checkSpec(spec: TriggerSpec): void {
  if (spec.type === 'schedule') {
    if (nextTime(spec.cron, spec.zone, Date.UTC(2026, 0, 1)) === null)
      throw new AppError('invalid', `"${spec.cron}" never comes.`, { path: 'spec.cron' })
    return
  }
  if (spec.zone !== undefined) checkZone(spec.zone)
  if (spec.type !== 'stream') return
  const { everyMessages, everySeconds, match } = spec
  if ([everyMessages, everySeconds, match].filter((one) => one !== undefined).length !== 1)
    throw new AppError('invalid', 'A stream trigger takes one of everyMessages, everySeconds and match.', {
      path: 'spec',
    })
  if (match && match.is !== 'there' && match.value === undefined)
    throw new AppError('invalid', `"${match.is}" needs a value.`, { path: 'spec.match.value' })
  if (match && (match.is === 'above' || match.is === 'below') && typeof match.value !== 'number')
    throw new AppError('invalid', `"${match.is}" needs a number.`, { path: 'spec.match.value' })
}

/** When it is looked at next, ms UTC; null: never again. */
export function toNextAt(spec: TriggerSpec, after: number): number | null {
  if (spec.type === 'schedule') return nextTime(spec.cron, spec.zone, after)
  if (spec.type === 'api') return null
  const seconds = spec.type === 'stream' ? spec.everySeconds : undefined
  return after + (seconds === undefined ? lookEveryMs : seconds * 1000)
}

export function toTriggerDocument(trigger: StoredTrigger, place: Place): NewDocument {
  const { spec, revision: edition, ...rest } = trigger
  return {
    ...(rest as unknown as JsonObject),
    id: trigger.id,
    spec: spec as unknown as Json,
    type: spec.type,
    stream: spec.type === 'stream' ? spec.stream : null,
    ...place,
    edition,
  }
}
export function toPlace(document: Document): Place {
  const createdAt = document['createdAt'] as number
  return {
    since: (document['since'] ?? createdAt) as number,
    cursor: (document['cursor'] ?? createdAt) as number,
    sweptAt: (document['sweptAt'] ?? createdAt) as number,
    nextSeq: (document['nextSeq'] ?? null) as number | null,
  }
}
export function toStoredTrigger(document: Document): StoredTrigger {
  const spec = document['spec'] as unknown as TriggerSpec
  return {
    id: document.id,
    notebook: document['notebook'] as string,
    version: (document['version'] ?? null) as number | null,
    spec,
    parameters: document['parameters'] as JsonObject,
    enabled: document['enabled'] as boolean,
    ...toRules(spec, document as unknown as Partial<TriggerRules>),
    nextAt: (document['nextAt'] ?? null) as number | null,
    lastRun: (document['lastRun'] ?? null) as string | null,
    lastError: (document['lastError'] ?? null) as string | null,
    createdAt: document['createdAt'] as number,
    revision: document['edition'] as number,
  }
}
export function toTrigger(document: Document, lastFiring: Firing | null, now: number): Trigger {
  const trigger = toStoredTrigger(document)
  const { spec, enabled } = trigger
  return {
    ...trigger,
    hasToken: typeof document['tokenHash'] === 'string',
    nextTimes: spec.type === 'schedule' && enabled ? nextTimes(spec.cron, spec.zone, now, shownTimes) : [],
    lastFiring,
  }
}
