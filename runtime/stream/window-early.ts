/**
 * Early panes of open windows: after so many events that no pane told of, or so long, by the arrival clock, after the
 * first of them. Both are saved with the window.
 */
import type { JsonObject } from '../json.ts'
import type { OperatorConfig } from './operator.ts'
import { earlyCountOf } from './windows.ts'

export interface Early {
  /** Items at the last pane. */
  reported: number
  /** Arrival at which an early pane is due. */
  dueAt: number
}
type Held = Early & { items: unknown[] }

export function createEarly<W extends Held>(config: OperatorConfig) {
  const count = earlyCountOf(config)
  const every = config.trigger?.earlyEveryMs ?? Infinity
  const isOn = count < Infinity || every < Infinity
  const timers = new Set<W>()
  let next = Infinity
  return {
    /** An item was added: whether a pane is due now. */
    heard(window: W, at: number): boolean {
      if (!isOn) return false
      if (every < Infinity && window.dueAt === Infinity) {
        window.dueAt = at + every
        timers.add(window)
        next = Math.min(next, window.dueAt)
      }
      return window.items.length - window.reported >= count
    },
    /** A pane told of all, or the window is gone. */
    told(window: W): void {
      window.reported = window.items.length
      window.dueAt = Infinity
      timers.delete(window)
    },
    due(at: number): W[] {
      if (at < next) return []
      const found = [...timers].filter((window) => window.dueAt <= at)
      next = Math.min(
        ...[...timers].filter((window) => window.dueAt > at).map((window) => window.dueAt),
        Infinity,
      )
      return found
    },
    /** Timers of windows that became one, or that an element no longer waits for. */
    moved(window: W): void {
      if (window.dueAt === Infinity) timers.delete(window)
      else {
        timers.add(window)
        next = Math.min(next, window.dueAt)
      }
    },
    toJson: ({ reported, dueAt }: W): JsonObject =>
      isOn ? { reported, due: dueAt === Infinity ? null : dueAt } : {},
    restore(window: W, saved: JsonObject): void {
      window.reported = Number(saved['reported'] ?? 0)
      window.dueAt = typeof saved['due'] === 'number' ? saved['due'] : Infinity
      this.moved(window)
    },
  }
}
