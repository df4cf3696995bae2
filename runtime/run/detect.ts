/**
 * What is due of a trigger, as plans of firings, and where to go on. The plans are recorded before the place is: a
 * process that dies in between finds the same causes again, which have the same keys.
 */
import { isAppError, toMessage } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Document, WorkspaceStore } from '../store/port.ts'
import { type Cause, checkChain, missedAfterMs, type Plan, planMissed } from './cause.ts'
import { findChain, findInRecords, type RecordSpec } from './causes.ts'
import type { Firings } from './firings.ts'
import { nextTime, timesUntil } from './schedule.ts'
import {
  lookEveryMs,
  type Place,
  toNextAt,
  toPlace,
  type StoredTrigger,
  type TriggerSpec,
} from './trigger-document.ts'
import { findInStream } from './trigger-stream.ts'
import type { Head } from '../store/log.ts'

export interface Detected {
  plans: Plan[]
  set: JsonObject
}
export interface DetectDeps {
  within: WorkspaceStore
  firings: Firings
  head: (stream: string) => Promise<Head>
}

export async function detect(
  deps: DetectDeps,
  workspace: string,
  trigger: StoredTrigger,
  document: Document,
  now: number,
): Promise<Detected> {
  const { spec } = trigger
  const place = toPlace(document)
  try {
    const room = await deps.firings.room(workspace, trigger.id)
    if (spec.type === 'schedule') return onSchedule(trigger, spec, room, now)
    // A firing of an api trigger is made by its call.
    if (spec.type === 'api') return { plans: [], set: { nextAt: null } }
    // Looked at within a minute: what waits is behind, and not missed.
    const down = now - ((document['lookedAt'] ?? place.since) as number) > missedAfterMs
    const found =
      spec.type === 'stream'
        ? await onStream(deps, trigger, spec, { place, room, down }, now)
        : await onRecords(deps, workspace, trigger, spec, { place, room, down }, now)
    return { plans: found.plans, set: { nextAt: toNextAt(spec, now), lookedAt: now, ...found.set } }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { plans: [], set: { nextAt: now + lookEveryMs, lastError: toMessage(error) } }
  }
}

function onSchedule(
  trigger: StoredTrigger,
  spec: TriggerSpec & { type: 'schedule' },
  room: number,
  now: number,
): Detected {
  const { times, more } = timesUntil(spec, trigger.nextAt ?? now, now, 1000)
  const causes = times.map<Cause>((at) => ({
    key: `schedule ${at}`,
    at,
    trigger: { type: 'schedule', at },
    offered: { at: new Date(at).toISOString() },
  }))
  const plans = planMissed(causes, trigger, now, 'first')
  const passed = plans.filter(({ skip }) => skip !== undefined)
  const fire = plans.filter(({ skip }) => skip === undefined).slice(0, Math.max(room, 1))
  const count = `${more ? 'More than ' : ''}${passed.length} of its times were missed.`
  // One record stands for all that were passed over.
  const record =
    trigger.missed === 'once' ? [] : passed.slice(-1).map(({ cause }) => ({ cause, skip: count }))
  return { plans: [...record, ...fire], set: { nextAt: nextTime(spec.cron, spec.zone, now) } }
}

interface Where {
  place: Place
  room: number
  down: boolean
}
async function onStream(
  { within, head }: DetectDeps,
  trigger: StoredTrigger,
  spec: TriggerSpec & { type: 'stream' },
  { place, room, down }: Where,
  now: number,
): Promise<Detected> {
  const there = await head(spec.stream)
  const nextSeq = place.nextSeq ?? there.nextSeq
  if (down && trigger.missed === 'skip') return { plans: [], set: { nextSeq: there.nextSeq } }
  // All that came is one stretch then.
  const once = down && trigger.missed === 'once' && !spec.match
  const wanted = once ? { ...spec, everyMessages: undefined, everySeconds: 1 } : spec
  const found = await findInStream(wanted, there, nextSeq, {
    room,
    now,
    read: (from, limit) => within.log.read(spec.stream, from, limit),
  })
  const plans =
    down && !once ? planMissed(found.causes, trigger, now, 'last') : found.causes.map((cause) => ({ cause }))
  const set: JsonObject = { nextSeq: found.nextSeq }
  if (found.more) set['nextAt'] = now
  if (found.lost > 0)
    set['lastError'] = `${found.lost} messages were no longer kept when they were looked for.`
  return { plans, set }
}

async function onRecords(
  { within, firings }: DetectDeps,
  workspace: string,
  trigger: StoredTrigger,
  spec: RecordSpec,
  { place, room, down }: Where,
  now: number,
): Promise<Detected> {
  const { found, cursor, sweptAt } = await findInRecords(within, spec, place, now)
  const fresh = await firings.newOnes(workspace, trigger.id, found)
  const causes: Cause[] = []
  for (const { cause, run } of fresh) {
    const chain = await findChain(within, run)
    causes.push(chain > 0 ? { ...cause, trigger: { ...cause.trigger, chain } } : cause)
  }
  const planned: Plan[] = down ? planMissed(causes, trigger, now, 'last') : causes.map((cause) => ({ cause }))
  const plans: Plan[] = []
  let left = room
  for (const plan of planned) {
    const checked = plan.skip === undefined ? checkChain(plan.cause) : plan
    if (checked.skip === undefined && left-- <= 0) {
      // The rest is found again when there is room.
      const at = Math.max(place.cursor, Math.min(cursor, checked.cause.at))
      return { plans, set: { cursor: at, sweptAt: place.sweptAt } }
    }
    plans.push(checked)
  }
  return { plans, set: { cursor, sweptAt } }
}
