/**
 * Where event time stands, by the strategies of STREAMS.md. W is exclusive: no more events before it are expected. It
 * moves by events, by marks of the source, and by stored ticks of the arrival clock, never by a live timer: a replay
 * moves it alike. Each call answers how far W may go; the operator never lets it go back.
 */
import { isJsonObject, type Json } from '../json.ts'
import type { WatermarkKind } from './operator.ts'

export interface Watermark {
  /** Whether the arrival clock moves it. */
  readonly timed: boolean
  event(ts: number, at: number, partition: string | undefined): number
  tick(at: number, backlog?: readonly string[]): number
  mark(to: number): number
  snapshot(): Json
}

export function createWatermark(kind: WatermarkKind, saved: Json): Watermark {
  const none = { timed: false, tick: () => -Infinity, mark: () => -Infinity, snapshot: () => null }
  switch (kind.type) {
    case 'bounded':
      if (kind.perPartition) return createPartitioned(kind, saved)
      return { ...none, event: (ts) => ts - kind.boundMs }
    case 'boundedPlusWallclock':
      return createSilent(kind.boundMs, saved)
    case 'punctuated':
      return { ...none, event: () => -Infinity, mark: (to) => to }
    case 'wallClockLag':
      return { ...none, timed: true, event: () => -Infinity, tick: (at) => at - kind.lagMs }
  }
}

/** From the event that last moved it, W goes on as the arrival clock does. */
function createSilent(boundMs: number, saved: Json): Watermark {
  const [savedBase, savedAt] = Array.isArray(saved) ? saved : []
  let base = typeof savedBase === 'number' ? savedBase : -Infinity
  let anchor = Number(savedAt ?? 0)
  const now = (at: number): number => base + Math.max(at - anchor, 0)
  return {
    timed: true,
    event(ts, at) {
      if (ts - boundMs > now(at)) {
        base = ts - boundMs
        anchor = at
      }
      return now(at)
    },
    tick: now,
    mark: () => -Infinity,
    snapshot: () => (base === -Infinity ? null : [base, anchor]),
  }
}

interface Partition {
  maxTs: number
  seenAt: number
}
/** The least of the partitions that are not idle; where all are, W holds. */
function createPartitioned(kind: WatermarkKind & { type: 'bounded' }, saved: Json): Watermark {
  const { boundMs, idleTimeoutMs = Infinity, startAt } = kind
  const partitions = new Map<string, Partition>()
  let now = -Infinity
  for (const name of kind.partitions ?? []) partitions.set(name, { maxTs: -Infinity, seenAt: startAt ?? NaN })
  if (isJsonObject(saved)) {
    if (typeof saved['now'] === 'number') now = saved['now']
    for (const [name, entry] of Object.entries(
      isJsonObject(saved['partitions']) ? saved['partitions'] : {},
    )) {
      const [maxTs, seenAt] = entry as (number | null)[]
      partitions.set(name, { maxTs: maxTs ?? -Infinity, seenAt: seenAt ?? NaN })
    }
  }
  const reach = (at: number): void => {
    now = Math.max(now, at)
    for (const partition of partitions.values()) if (Number.isNaN(partition.seenAt)) partition.seenAt = now
  }
  const least = (): number => {
    let min = Infinity
    for (const { maxTs, seenAt } of partitions.values())
      if (now - seenAt < idleTimeoutMs) min = Math.min(min, maxTs)
    return min === Infinity ? -Infinity : min - boundMs
  }
  return {
    timed: true,
    event(ts, at, name = '') {
      reach(at)
      const partition = partitions.get(name)
      if (!partition) partitions.set(name, { maxTs: ts, seenAt: now })
      else {
        partition.maxTs = Math.max(partition.maxTs, ts)
        partition.seenAt = now
      }
      return least()
    },
    tick(at, backlog = []) {
      reach(at)
      for (const name of backlog) {
        const partition = partitions.get(name)
        if (partition) partition.seenAt = now
      }
      return least()
    },
    mark: () => -Infinity,
    snapshot: () => ({
      now: Number.isFinite(now) ? now : null,
      partitions: Object.fromEntries(
        [...partitions].map(([name, { maxTs, seenAt }]) => [
          name,
          [Number.isFinite(maxTs) ? maxTs : null, Number.isFinite(seenAt) ? seenAt : null],
        ]),
      ),
    }),
  }
}
