/** Firings as documents and resources. The rules and the turn are those of the trigger when the cause came. */
import type { Firing, TriggerRules } from '../api/triggers.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Document, NewDocument } from '../store/port.ts'
import { type Cause, type Plan, toFiringId } from './cause.ts'
import { type FiringRecord, type FiringRules, isLive } from './firing-state.ts'
import type { StoredTrigger } from './trigger-document.ts'
import { toTurn } from './turn.ts'

/** Ended ones are kept so long. */
const keptMs = 30 * 86_400_000

export interface FiringFacts {
  trigger: string
  notebook: string
  version: number | null
  zone: string
  turn: string
  order: number
  cause: Cause
  parameters: JsonObject
  rules: FiringRules
  onFailure: TriggerRules['onFailure']
  replaced: boolean
}

export function toFiringDocument(
  trigger: StoredTrigger,
  plan: Plan,
  order: number,
  now: number,
): NewDocument {
  const { cause, skip } = plan
  return {
    id: toFiringId(trigger.id, cause.key),
    trigger: trigger.id,
    notebook: trigger.notebook,
    version: trigger.version,
    zone: trigger.spec.zone ?? 'UTC',
    turn: toTurn(trigger.concurrencyKey ?? trigger.id),
    order,
    cause: cause as unknown as Json,
    parameters: { ...trigger.parameters, ...cause.parameters },
    rules: { overlap: trigger.overlap, retries: trigger.retries },
    onFailure: trigger.onFailure,
    replacedBy: null,
    failureRun: null,
    failureError: null,
    createdAt: now,
    ...toFiringFields(
      skip === undefined
        ? { state: 'waiting', attempts: [], reason: null, nextAt: now, endedAt: null }
        : { state: 'skipped', attempts: [], reason: skip, nextAt: null, endedAt: now },
    ),
  }
}
export function toFiringFields(firing: FiringRecord): JsonObject {
  return {
    state: firing.state,
    attempts: firing.attempts,
    reason: firing.reason,
    nextAt: firing.nextAt,
    endedAt: firing.endedAt,
    live: isLive(firing.state),
    expiresAt: firing.endedAt === null ? null : firing.endedAt + keptMs,
  }
}
export function toFiringRecord(document: Document): FiringRecord {
  return {
    state: document['state'] as Firing['state'],
    attempts: document['attempts'] as Firing['attempts'],
    reason: (document['reason'] ?? null) as string | null,
    nextAt: (document['nextAt'] ?? null) as number | null,
    endedAt: (document['endedAt'] ?? null) as number | null,
  }
}
export function toFiringFacts(document: Document): FiringFacts {
  return {
    trigger: document['trigger'] as string,
    notebook: document['notebook'] as string,
    version: document['version'] as number | null,
    zone: document['zone'] as string,
    turn: document['turn'] as string,
    order: document['order'] as number,
    cause: document['cause'] as unknown as Cause,
    parameters: document['parameters'] as JsonObject,
    rules: document['rules'] as unknown as FiringRules,
    onFailure: document['onFailure'] as unknown as TriggerRules['onFailure'],
    replaced: typeof document['replacedBy'] === 'string',
  }
}
export function toFiring(document: Document): Firing {
  const { trigger, cause } = toFiringFacts(document)
  const record = toFiringRecord(document)
  return {
    id: document.id,
    trigger,
    ...record,
    nextAt: record.state === 'waiting' || record.state === 'retrying' ? record.nextAt : null,
    cause: cause.trigger,
    at: cause.at,
    run: record.attempts.at(-1)?.run ?? null,
    failureRun: (document['failureRun'] ?? null) as string | null,
    failureError: (document['failureError'] ?? null) as string | null,
    createdAt: document['createdAt'] as number,
  }
}
