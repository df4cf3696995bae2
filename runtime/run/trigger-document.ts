/**
 * Triggers as documents and resources. `edition` is what people see as the revision: firing changes the document too, and
 * must not make an edit stale.
 */
import { Cron } from 'croner'
import type { Trigger } from '../api/runs.ts'
import { AppError, toMessage } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Document, NewDocument } from '../store/port.ts'

export type TriggerSpec = Trigger['spec']
/** How often the log of a stream is looked at for a count. */
export const countEveryMs = 1000

/** invalid: what is wrong with the schedule or the zone. */
export function checkSpec(spec: TriggerSpec): void {
  if (spec.type === 'schedule') {
    toNextAt(spec, Date.UTC(2026, 0, 1))
    return
  }
  const { everyMessages, everySeconds } = spec
  if ((everyMessages === undefined) === (everySeconds === undefined))
    throw new AppError('invalid', 'A stream trigger takes everyMessages or everySeconds, one of both.', {
      path: 'spec',
    })
}

/** When it is due next, ms UTC; null: never again. */
export function toNextAt(spec: TriggerSpec, after: number): number | null {
  if (spec.type === 'stream')
    return after + (spec.everySeconds === undefined ? countEveryMs : spec.everySeconds * 1000)
  try {
    const cron = new Cron(spec.cron, { timezone: spec.zone, paused: true, mode: '5-or-6-parts' })
    return cron.nextRun(new Date(after))?.getTime() ?? null
  } catch (error) {
    const why = toMessage(error)
    const path = /zone/i.test(why) ? 'spec.zone' : 'spec.cron'
    throw new AppError('invalid', `"${spec.cron}" in ${spec.zone} is no schedule: ${why}`, { path })
  }
}

export function toTriggerDocument(trigger: Trigger, nextSeq: number | null): NewDocument {
  const { spec, revision: edition, ...rest } = trigger
  return {
    ...rest,
    spec: spec as unknown as Json,
    type: spec.type,
    stream: spec.type === 'stream' ? spec.stream : null,
    nextSeq,
    edition,
  }
}
export function toTrigger(document: Document): Trigger {
  return {
    id: document.id,
    notebook: document['notebook'] as string,
    version: (document['version'] ?? null) as number | null,
    spec: document['spec'] as unknown as TriggerSpec,
    parameters: document['parameters'] as JsonObject,
    enabled: document['enabled'] as boolean,
    nextAt: (document['nextAt'] ?? null) as number | null,
    lastRun: (document['lastRun'] ?? null) as string | null,
    lastError: (document['lastError'] ?? null) as string | null,
    createdAt: document['createdAt'] as number,
    revision: document['edition'] as number,
  }
}
