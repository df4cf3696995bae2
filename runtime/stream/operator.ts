/**
 * The event-time window operator's face (the contract is STREAMS.md, "Event time", and window-vectors.json). Pure and
 * deterministic: what it does depends on its inputs alone. Times are ms UTC.
 */
import type { Json } from '../json.ts'

export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'
export type WindowKind =
  | { type: 'tumbling'; sizeMs: number; offsetMs?: number }
  | { type: 'hopping'; sizeMs: number; hopMs: number; offsetMs?: number }
  /** A unit of the local calendar of an IANA zone: a day there has 23, 24 or 25 hours. Weeks begin on Monday. */
  | { type: 'calendar'; unit: CalendarUnit; zone: string }
  /** Per event, looking back over (t - size, t], or [t - size, t] when closed on both sides. */
  | { type: 'sliding'; sizeMs: number; closed?: 'right' | 'both' }
  /** Events closer than the gap belong together. */
  | { type: 'session'; gapMs: number }
  /** The last `size` events, told every `slide` of them (default: size). */
  | { type: 'count'; size: number; slide?: number }
  /** One window without end: told by its trigger alone. */
  | { type: 'global' }
export type WatermarkKind =
  | {
      type: 'bounded'
      boundMs: number
      /** The least of the partitions' own watermarks. */
      perPartition?: boolean
      /** Those that must be heard before anything moves; others are added when they are first heard. */
      partitions?: string[]
      /** A partition that was silent this long does not hold the others back. */
      idleTimeoutMs?: number
      /** Arrival from which silence counts, default: that of the first input. */
      startAt?: number
    }
  /** Goes on with the arrival clock while no event comes: closes the last windows of a silent stream. */
  | { type: 'boundedPlusWallclock'; boundMs: number }
  /** The source says it. */
  | { type: 'punctuated' }
  | { type: 'wallClockLag'; lagMs: number }
export interface Trigger {
  /** `element`: a pane with every event; `watermark`: when the window is complete, and early ones as told below. */
  type?: 'watermark' | 'element'
  /** An early pane after so many events that no pane told of. */
  earlyCount?: number
  /** An early pane so long, by arrival, after the first event that no pane told of. */
  earlyEveryMs?: number
}
export interface OperatorConfig {
  window: WindowKind
  watermark: WatermarkKind
  trigger?: Trigger
  allowedLatenessMs: number
  accumulation: 'accumulating' | 'discarding'
  keyed: boolean
  emitEmpty?: boolean
  maxFutureSkewMs?: number
  lateAlarm?: { lastEvents?: number; lastMs?: number; maxRejects: number }
}
export interface Pane<T> {
  key: string | null
  /** null for windows without bounds in time: count and global. */
  start: number | null
  end: number | null
  pane: 'early' | 'onTime' | 'late' | 'count'
  index: number
  items: T[]
  /** Of a sliding window: the event that looks back. */
  trigger?: T
  /** Bounds of panes of the same session that this one takes the place of. */
  replaces?: [number, number][]
}
export interface OperatorEvent<T> {
  ts: number
  key: string | null
  /** Arrival, ms UTC. */
  at: number
  value: T
  partition?: string | undefined
}
export interface OperatorResult<T> {
  /** In the order of end, start, key; early and late panes before those that the watermark fires. */
  panes: Pane<T>[]
  /** The event, when no window took it, with why. */
  rejected?: 'late' | 'future'
  /** `of`: how many events the horizon holds. */
  alarm?: { rejects: number; of: number }
}
export interface Counters {
  received: number
  outOfOrder: number
  behindWatermark: number
  lateAccepted: number
  rejected: number
  rejectedAssignments: number
  future: number
}
export interface Operator<T extends Json> {
  add(event: OperatorEvent<T>): OperatorResult<T>
  /** The arrival clock has come this far; `backlog`: partitions that have unread events, and so are not idle. */
  tick(at: number, backlog?: readonly string[]): OperatorResult<T>
  /** A punctuated source says that no event before `to` comes any more. */
  mark(to: number): OperatorResult<T>
  /** W = +infinity. */
  end(): OperatorResult<T>
  /** -Infinity before the first event. */
  readonly watermark: number
  readonly counters: Counters
  /** Small: watermark, highest time, counters, alarm. Changes with every event. */
  clocks(): Json
  /** Window contents by state key that changed since the last call; null: gone. */
  changes(): { [stateKey: string]: Json | null }
}
/** `restore`: the clocks and every state entry of an earlier operator of the same configuration. invalid: a bad one. */
export type CreateOperator = <T extends Json>(
  config: OperatorConfig,
  restore?: { clocks: Json; state: Iterable<[string, Json]> },
) => Operator<T>
