/**
 * Sliding windows: each event looks back over (t - size, t] of its key, and is told once the watermark is past t; peers
 * at one instant see each other. A late event within the lateness tells its own window, and again those that had
 * already been told without it.
 */
import type { Json, JsonObject } from '../json.ts'
import { DueHeap } from './due-heap.ts'
import type { OperatorEvent, Pane, WindowKind } from './operator.ts'
import { Rings, type Ring } from './window-ring.ts'
import { accepted, byEndStartKey, late, type Windows, type WindowsOptions } from './windows.ts'

/** [event time, panes that were told, arrivals that the last one knew, value] */
type Entry<T> = [number, number, number, T]
type Look<T> = { ring: Ring<Entry<T>, JsonObject>; position: number }

export function createSlidingWindows<T extends Json>(
  options: WindowsOptions<WindowKind & { type: 'sliding' }>,
): Windows<T> {
  const { config, window, counters } = options
  const lateness = config.allowedLatenessMs
  const discarding = config.accumulation === 'discarding'
  /** The farthest that a window of a later event looks back to an event. */
  const reach = window.closed === 'both' ? window.sizeMs : window.sizeMs - 1
  const rings = new Rings<Entry<T>, JsonObject>()
  /** Events that were not told yet, by the least watermark that tells them. */
  const waiting = new DueHeap<Look<T>>()

  function toPane({ ring, position }: Look<T>, pane: Pane<T>['pane']): Pane<T> {
    const index = position - ring.base
    const entry = ring.entries[index]!
    const [ts, panes, known, value] = entry
    const items: T[] = []
    for (const [i, [at, , , item]] of ring.entries.entries())
      if (at >= ts - reach && at <= ts && (!discarding || ring.base + i >= known)) items.push(item)
    entry[1] = panes + 1
    entry[2] = ring.base + ring.entries.length
    rings.touch(ring, index)
    return { key: ring.key, start: ts - window.sizeMs, end: ts, pane, index: panes, items, trigger: value }
  }
  rings.restore(options.state, (saved): saved is JsonObject => Object.keys(saved).length === 0)
  for (const ring of rings.all.values())
    for (const [i, [ts, told]] of ring.entries.entries())
      if (told === 0) waiting.push(ts + 1, { ring, position: ring.base + i })
  return {
    get nextDue() {
      return waiting.next
    },
    add(event: OperatorEvent<T>, watermark: number, panes: Pane<T>[]): number {
      const { ts, value } = event
      if (watermark > ts + lateness) {
        counters.rejectedAssignments++
        return 0
      }
      const ring = rings.of(config.keyed ? event.key : null, () => ({}))
      rings.push(ring, [ts, 0, 0, value])
      const position = ring.base + ring.entries.length - 1
      if (watermark <= ts) waiting.push(ts + 1, { ring, position })
      const again: Pane<T>[] = []
      for (const [i, [at, told]] of ring.entries.entries())
        if (at >= ts && at - ts <= reach && watermark > at && (told > 0 || ring.base + i === position))
          again.push(toPane({ ring, position: ring.base + i }, 'late'))
      panes.push(...again.sort(byEndStartKey))
      return again.length > 0 ? accepted | late : accepted
    },
    advance(_from, to, panes) {
      const fired: { pane: Pane<T>; position: number }[] = []
      for (let next = waiting.take(to); next; next = waiting.take(to))
        fired.push({ pane: toPane(next.value, 'onTime'), position: next.value.position })
      fired.sort((a, b) => byEndStartKey(a.pane, b.pane) || a.position - b.position)
      for (const { pane } of fired) panes.push(pane)
      // Only from the front: what came out of order waits for those before it.
      for (const ring of rings.all.values()) {
        let count = 0
        while (count < ring.entries.length && to > ring.entries[count]![0] + reach + lateness) count++
        if (count === ring.entries.length) rings.delete(ring)
        else rings.shift(ring, count)
      }
    },
    tick() {},
    changes: () => rings.changes(),
  } satisfies Windows<T>
}
