/**
 * What keeps the windows of one kind (aligned, session, sliding, count), behind the operator: it judges an event
 * against the watermark before it, and fires and drops as the watermark goes on.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { Counters, OperatorConfig, OperatorEvent, Pane } from './operator.ts'

/** What became of an event: bits. */
export const accepted = 1
/** It was added to a window that had fired. */
export const late = 2

export interface Windows<T> {
  /** Element triggers and late panes go to `panes`. */
  add(event: OperatorEvent<T>, watermark: number, panes: Pane<T>[]): number
  advance(from: number, to: number, panes: Pane<T>[]): void
  /** Early panes that the arrival clock makes due. */
  tick(at: number, panes: Pane<T>[]): void
  /** The least watermark at which `advance` has something to do. */
  nextDue: number
  changes(): { [stateKey: string]: Json | null }
}
export interface WindowsOptions<W extends OperatorConfig['window']> {
  config: OperatorConfig
  window: W
  counters: Counters
  watermark: number
  state: Iterable<[string, Json]>
}

export function byEndStartKey(a: Pane<unknown>, b: Pane<unknown>): number {
  return (
    (a.end ?? Infinity) - (b.end ?? Infinity) ||
    (a.start ?? 0) - (b.start ?? 0) ||
    (a.key === b.key ? 0 : a.key === null || (b.key !== null && a.key < b.key) ? -1 : 1)
  )
}
/** How many unreported events make an early pane. */
export function earlyCountOf({ trigger }: OperatorConfig): number {
  return trigger?.type === 'element' ? 1 : (trigger?.earlyCount ?? Infinity)
}
export const toKeyText = (key: string | null): string => (key === null ? '-' : `=${key}`)
export function badState(stateKey: string): never {
  throw new AppError('invalid', `The saved window state is wrong at "${stateKey.slice(0, 100)}".`)
}
