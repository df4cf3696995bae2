/** The grids of aligned windows: which windows hold an instant, and where they end. Windows are half-open. */
import { createCalendar } from './calendar.ts'
import type { WindowKind } from './operator.ts'
import { floorMod } from './window-config.ts'

export type AlignedKind = WindowKind & { type: 'tumbling' | 'hopping' | 'calendar' | 'global' }
export interface Grid {
  /** The first start whose window holds the instant, and the one after a start. */
  firstOf(ts: number): number
  nextOf(start: number): number
  /** The last start at or before the instant. */
  startOf(ts: number): number
  endOf(start: number): number
  /** A start from which at most `count` windows lie before `upTo`. */
  skip(start: number, upTo: number, count: number): number
}

export function createGrid(window: AlignedKind): Grid {
  switch (window.type) {
    case 'global':
      return {
        firstOf: () => -Number.MAX_SAFE_INTEGER,
        nextOf: () => Infinity,
        startOf: () => -Number.MAX_SAFE_INTEGER,
        endOf: () => Infinity,
        skip: (start) => start,
      }
    case 'calendar': {
      const calendar = createCalendar(window.unit, window.zone)
      const startOf = (ts: number): number => calendar.startOf(ts)
      const endOf = (start: number): number => calendar.endOf(start)
      return { firstOf: startOf, nextOf: endOf, startOf, endOf, skip: (start) => start }
    }
    default: {
      const { sizeMs, offsetMs = 0 } = window
      const step = window.type === 'hopping' ? window.hopMs : sizeMs
      const startOf = (ts: number): number => ts - floorMod(ts - offsetMs, step)
      return {
        // The earliest start after ts - size, on the same grid as the latest.
        firstOf(ts) {
          const last = startOf(ts)
          return last - Math.floor((last - ts + sizeMs - 1) / step) * step
        },
        nextOf: (start) => start + step,
        startOf,
        endOf: (start) => start + sizeMs,
        skip: (start, upTo, count) => Math.max(start, upTo - count * sizeMs),
      }
    }
  }
}
