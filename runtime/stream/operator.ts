/**
 * The event-time window operator's face (the contract is STREAMS.md, "Event time", and window-vectors.json). Pure and
 * deterministic: what it does depends on its inputs alone. Times are ms UTC.
 */
import type { Json } from '../json.ts'

export type WindowKind =
  | { type: 'tumbling'; sizeMs: number; offsetMs?: number }
  | { type: 'hopping'; sizeMs: number; hopMs: number; offsetMs?: number }
export interface OperatorConfig {
  window: WindowKind
  watermark: { type: 'bounded'; boundMs: number }
  allowedLatenessMs: number
  accumulation: 'accumulating' | 'discarding'
  keyed: boolean
  emitEmpty?: boolean
  maxFutureSkewMs?: number
  lateAlarm?: { lastEvents?: number; lastMs?: number; maxRejects: number }
}
export interface Pane<T> {
  key: string | null
  start: number
  end: number
  pane: 'early' | 'onTime' | 'late'
  index: number
  items: T[]
}
export interface OperatorEvent<T> {
  ts: number
  key: string | null
  /** Arrival, ms UTC. */
  at: number
  value: T
}
export interface OperatorResult<T> {
  /** In the order of end, start, key. */
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
