/**
 * An interval join of two streams, pure and deterministic like the window operator: two events of one key are a pair
 * when their times differ by at most `within`. A pair is told as soon as its second event is there; an event waits until
 * the watermark says that no partner can come any more, and is then told alone where that was asked for. An event
 * further behind the watermark than the lateness is rejected; so every pair of accepted events is found.
 */
import { AppError } from '../error.ts'
import { isJsonObject, type Json } from '../json.ts'
import { DueHeap } from './due-heap.ts'
import type { Counters, OperatorConfig, WatermarkKind } from './operator.ts'
import { createWatermark } from './watermark.ts'
import { badState, toKeyText } from './windows.ts'

export interface JoinConfig {
  withinMs: number
  latenessMs: number
  unmatched: 'none' | 'left' | 'right' | 'both'
  /** For the owner, who says it when there are more. */
  maxWaiting: number
  watermark: WatermarkKind
  maxFutureSkewMs?: OperatorConfig['maxFutureSkewMs'] & number
}
export type Side = 'left' | 'right'
export interface Pair<T> {
  key: string | null
  left: T | null
  right: T | null
  start: number
  end: number
}
export interface JoinResult<T> {
  pairs: Pair<T>[]
  rejected?: 'late' | 'future'
}
export interface JoinEvent<T> {
  side: Side
  ts: number
  key: string | null
  at: number
  partition: string | undefined
  value: T
}
export interface Join<T extends Json> {
  add(event: JoinEvent<T>): JoinResult<T>
  tick(at: number): JoinResult<T>
  mark(to: number): JoinResult<T>
  end(): JoinResult<T>
  readonly watermark: number
  readonly counters: Counters
  /** Events that wait for a partner. */
  readonly waiting: number
  clocks(): Json
  changes(): { [stateKey: string]: Json | null }
}
interface Waiting<T> {
  side: Side
  /** Running: the order of arrival. */
  name: number
  ts: number
  key: string | null
  matched: boolean
  saved: boolean
  value: T
}
type Sides<T> = { [side in Side]: Waiting<T>[] }

export function createJoin<T extends Json>(
  config: JoinConfig,
  restore?: { clocks: Json; state: Iterable<[string, Json]> },
): Join<T> {
  const { withinMs, latenessMs, unmatched, maxFutureSkewMs = Infinity } = config
  const keys = new Map<string | null, Sides<T>>()
  const due = new DueHeap<Waiting<T>>()
  const dirty = new Set<Waiting<T>>()
  let gone: Waiting<T>[] = []
  let waiting = 0
  const saved = isJsonObject(restore?.clocks) ? restore.clocks : {}
  const number = (name: string, none: number): number =>
    typeof saved[name] === 'number' ? saved[name] : none
  let watermark = saved['watermark'] === 'end' ? Infinity : number('watermark', -Infinity)
  let maxTs = number('maxTs', -Infinity)
  let names = number('names', 0)
  const source = createWatermark(config.watermark, saved['source'] ?? null)
  const counters: Counters = {
    received: 0,
    outOfOrder: 0,
    behindWatermark: 0,
    lateAccepted: 0,
    rejected: 0,
    rejectedAssignments: 0,
    future: 0,
  }
  if (isJsonObject(saved['counters']))
    for (const name of Object.keys(counters) as (keyof Counters)[])
      counters[name] = Number(saved['counters'][name] ?? 0)

  function put(entry: Waiting<T>): void {
    let sides = keys.get(entry.key)
    if (!sides) keys.set(entry.key, (sides = { left: [], right: [] }))
    sides[entry.side].push(entry)
    due.push(entry.ts + withinMs + latenessMs + 1, entry)
    waiting++
  }
  function drop(entry: Waiting<T>): void {
    const sides = keys.get(entry.key)!
    sides[entry.side] = sides[entry.side].filter((other) => other !== entry)
    if (sides.left.length === 0 && sides.right.length === 0) keys.delete(entry.key)
    dirty.delete(entry)
    if (entry.saved) gone.push(entry)
    waiting--
  }
  function advance(to: number, pairs: Pair<T>[]): void {
    if (to <= watermark) return
    watermark = to
    const left: Waiting<T>[] = []
    for (let next = due.take(to); next; next = due.take(to)) {
      drop(next.value)
      const { side, matched } = next.value
      if (!matched && (unmatched === 'both' || unmatched === side)) left.push(next.value)
    }
    left.sort((a, b) => a.ts - b.ts || a.name - b.name)
    for (const { key, side, value, ts } of left)
      pairs.push({ key, left: null, right: null, [side]: value, start: ts, end: ts })
  }
  const toResult = (move: (pairs: Pair<T>[]) => void): JoinResult<T> => {
    const pairs: Pair<T>[] = []
    move(pairs)
    return { pairs }
  }

  for (const [stateKey, value] of restore?.state ?? []) {
    const match = /^([lr]) (\d+) (?:-|=([\s\S]*))$/.exec(stateKey)
    const [ts, matched, item] = Array.isArray(value) ? value : []
    if (!match || typeof ts !== 'number') badState(stateKey)
    put({
      side: match[1] === 'l' ? 'left' : 'right',
      name: Number(match[2]),
      ts,
      key: match[3] ?? null,
      matched: matched === 1,
      saved: true,
      value: item as T,
    })
  }
  for (const sides of keys.values())
    for (const list of [sides.left, sides.right]) list.sort((a, b) => a.name - b.name)

  return {
    add({ side, ts, key, at, partition, value }) {
      if (!Number.isFinite(ts)) throw new AppError('invalid', 'An event time must be a finite number of ms.')
      const pairs: Pair<T>[] = []
      counters.received++
      if (source.timed) advance(source.tick(at), pairs)
      if (ts - at > maxFutureSkewMs) {
        counters.future++
        counters.rejected++
        return { pairs, rejected: 'future' }
      }
      if (ts < maxTs) counters.outOfOrder++
      if (ts < watermark) counters.behindWatermark++
      const late = watermark > ts + latenessMs
      if (late) counters.rejected++
      else {
        if (ts < watermark) counters.lateAccepted++
        const entry = { side, name: names++, ts, key, matched: false, saved: false, value }
        put(entry)
        dirty.add(entry)
        const partners = keys.get(key)![side === 'left' ? 'right' : 'left']
        for (const partner of partners) {
          if (Math.abs(partner.ts - ts) > withinMs) continue
          entry.matched = true
          if (!partner.matched) {
            partner.matched = true
            dirty.add(partner)
          }
          const [left, right] = side === 'left' ? [entry, partner] : [partner, entry]
          pairs.push({
            key,
            left: left.value,
            right: right.value,
            start: Math.min(ts, partner.ts),
            end: Math.max(ts, partner.ts),
          })
        }
      }
      if (ts > maxTs) maxTs = ts
      advance(source.event(ts, at, partition), pairs)
      return late ? { pairs, rejected: 'late' } : { pairs }
    },
    tick: (at) => toResult((pairs) => (source.timed ? advance(source.tick(at), pairs) : undefined)),
    mark: (to) => toResult((pairs) => advance(source.mark(to), pairs)),
    end: () => toResult((pairs) => advance(Infinity, pairs)),
    get watermark() {
      return watermark
    },
    counters,
    get waiting() {
      return waiting
    },
    clocks: () => ({
      watermark: watermark === Infinity ? 'end' : Number.isFinite(watermark) ? watermark : null,
      maxTs: Number.isFinite(maxTs) ? maxTs : null,
      names,
      counters: { ...counters },
      source: source.snapshot(),
    }),
    changes() {
      const result: { [stateKey: string]: Json | null } = {}
      const keyOf = ({ side, name, key }: Waiting<T>): string => `${side[0]} ${name} ${toKeyText(key)}`
      for (const entry of gone) result[keyOf(entry)] = null
      for (const entry of dirty) {
        result[keyOf(entry)] = [entry.ts, entry.matched ? 1 : 0, entry.value]
        entry.saved = true
      }
      gone = []
      dirty.clear()
      return result
    },
  }
}
