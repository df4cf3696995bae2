/** Count windows: the last `size` events of a key, told with every `slide` of them. Time has no part in them. */
import type { Json, JsonObject } from '../json.ts'
import type { OperatorEvent, Pane, WindowKind } from './operator.ts'
import { Rings } from './window-ring.ts'
import { accepted, type Windows, type WindowsOptions } from './windows.ts'

type Meta = { panes: number }

export function createCountWindows<T extends Json>(
  options: WindowsOptions<WindowKind & { type: 'count' }>,
): Windows<T> {
  const { config, window } = options
  const { size, slide = size } = window
  const kept = config.accumulation === 'discarding' ? slide : size
  const rings = new Rings<T, Meta>()
  rings.restore(options.state, (saved: JsonObject): saved is Meta => typeof saved['panes'] === 'number')
  return {
    nextDue: Infinity,
    add(event: OperatorEvent<T>, _watermark: number, panes: Pane<T>[]): number {
      const ring = rings.of(config.keyed ? event.key : null, () => ({ panes: 0 }))
      rings.push(ring, event.value)
      rings.shift(ring, Math.max(ring.entries.length - kept, 0))
      if ((ring.base + ring.entries.length) % slide === 0)
        panes.push({
          key: ring.key,
          start: null,
          end: null,
          pane: 'count',
          index: ring.meta.panes++,
          items: [...ring.entries],
        })
      return accepted
    },
    advance() {},
    tick() {},
    changes: () => rings.changes(),
  }
}
