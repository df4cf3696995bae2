/**
 * Too many rejects within the last events, or within the last milliseconds of arrival. Edge-triggered: it fires when
 * the count passes the limit and re-arms when it is back at it. Events that arrive in one millisecond share an entry,
 * so that the horizon by time holds at most `lastMs` entries; the one by events holds rejects only.
 */
import type { Json } from '../json.ts'
import type { OperatorConfig } from './operator.ts'

export interface LateAlarm {
  /** Called with every event, rejected or not. */
  see(at: number, rejected: boolean): { rejects: number; of: number } | undefined
  snapshot(): Json
}

export function createLateAlarm(spec: NonNullable<OperatorConfig['lateAlarm']>, restore?: Json): LateAlarm {
  const saved = Array.isArray(restore) ? restore : []
  let on = saved[0] === true
  let seen = Number(saved[1] ?? 0)
  /** [position, rejects] or [arrival, rejects, events], oldest first from `head`. */
  let entries = (Array.isArray(saved[2]) ? saved[2] : []) as number[][]
  let head = 0
  let rejects = 0
  let events = 0
  for (const entry of entries) {
    rejects += entry[1] ?? 0
    events += entry[2] ?? 0
  }
  const forget = (upTo: number): void => {
    while (head < entries.length && entries[head]![0]! <= upTo) {
      rejects -= entries[head]![1]!
      events -= entries[head]![2] ?? 0
      head++
    }
    if (head > 1024 && head * 2 > entries.length) {
      entries = entries.slice(head)
      head = 0
    }
  }
  return {
    see(at, rejected) {
      seen++
      if (spec.lastEvents !== undefined) {
        if (rejected) {
          entries.push([seen, 1])
          rejects++
        }
        forget(seen - spec.lastEvents)
      } else {
        const last = entries.length > head ? entries.at(-1)! : undefined
        if (last?.[0] === at) {
          last[1]! += rejected ? 1 : 0
          last[2]!++
        } else entries.push([at, rejected ? 1 : 0, 1])
        rejects += rejected ? 1 : 0
        events++
        forget(at - spec.lastMs!)
      }
      const over = rejects > spec.maxRejects
      const fires = over && !on
      on = over
      return fires
        ? { rejects, of: spec.lastEvents === undefined ? events : Math.min(seen, spec.lastEvents) }
        : undefined
    },
    snapshot: () => [on, seen, entries.slice(head).map((entry) => [...entry])],
  }
}
