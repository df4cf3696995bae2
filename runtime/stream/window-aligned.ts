/**
 * Windows on a grid that is the same for every key: tumbling, hopping, calendar, and the global one. They lie in slots
 * by start, so that the hot path is two map look-ups and a push. Windows that `emitEmpty` tells lie between the first
 * window of a key and the watermark; where they begin and which is the next is saved as `e KEY`.
 */
import type { Json } from '../json.ts'
import { createGrid, type AlignedKind } from './window-grid.ts'
import type { OperatorEvent, Pane } from './operator.ts'
import { Bags, newBag, type Bag } from './window-bag.ts'
import { createEarly, type Early } from './window-early.ts'
import {
  accepted,
  badState,
  byEndStartKey,
  earlyCountOf,
  late,
  toKeyText,
  type Windows,
  type WindowsOptions,
} from './windows.ts'

interface OpenWindow<T> extends Bag<T>, Early {
  slot: Slot<T>
  /** How many panes it has emitted. */
  panes: number
}
interface Slot<T> {
  start: number
  end: number
  windows: Map<string | null, OpenWindow<T>>
}
interface Silence {
  key: string | null
  first: number
  next: number
  dirty: boolean
}
/** A gap of more windows than this is not filled to its beginning by emitEmpty. */
const maxEmpty = 10_000

export function createAlignedWindows<T extends Json>(options: WindowsOptions<AlignedKind>): Windows<T> {
  const { config, window, counters } = options
  const lateness = config.allowedLatenessMs
  const grid = createGrid(window)
  const isGlobal = window.type === 'global'
  const slots = new Map<number, Slot<T>>()
  const silences = new Map<string | null, Silence>()
  let dirtySilences: Silence[] = []
  const early = createEarly<OpenWindow<T>>(config)
  const bags = new Bags<T, OpenWindow<T>>((bag) => ({ panes: bag.panes, ...early.toJson(bag) }))
  const earlyCount = earlyCountOf(config)
  const discarding = config.accumulation === 'discarding'
  const keepsItems = lateness > 0 || earlyCount < Infinity || config.trigger?.earlyEveryMs !== undefined
  let watermark = options.watermark

  function slotOf(start: number): Slot<T> {
    let slot = slots.get(start)
    if (!slot) {
      slot = { start, end: grid.endOf(start), windows: new Map() }
      slots.set(start, slot)
      windows.nextDue = Math.min(windows.nextDue, dueOf(slot))
    }
    return slot
  }
  function dueOf(slot: Slot<T>): number {
    return watermark < slot.end ? slot.end : slot.end + lateness
  }
  function open(slot: Slot<T>, key: string | null): OpenWindow<T> {
    const opened = { ...newBag<T>(slot.start, key), slot, panes: 0, reported: 0, dueAt: Infinity }
    slot.windows.set(key, opened)
    return opened
  }
  function toPane(opened: OpenWindow<T>, pane: Pane<T>['pane']): Pane<T> {
    const { key, slot, items } = opened
    const told: Pane<T> = {
      key,
      start: isGlobal ? null : slot.start,
      end: isGlobal ? null : slot.end,
      pane,
      index: opened.panes++,
      items,
    }
    if (discarding) {
      opened.items = []
      bags.rewrite(opened)
    } else if (keepsItems) told.items = items.slice()
    early.told(opened)
    bags.touch(opened)
    return told
  }
  /** The key's empty windows are counted from its first one; an earlier one moves that while none is due. */
  function hear(key: string | null, start: number): void {
    const silence = silences.get(key)
    if (!silence) {
      const fresh = { key, first: start, next: start, dirty: false }
      silences.set(key, fresh)
      touchSilence(fresh)
    } else if (start < silence.first && silence.next === silence.first) {
      silence.first = silence.next = start
      touchSilence(silence)
    }
  }
  function touchSilence(silence: Silence): void {
    if (silence.dirty) return
    silence.dirty = true
    dirtySilences.push(silence)
  }
  function fillEmpty(to: number, panes: Pane<T>[]): void {
    // At the end the watermark is infinite: silence is then known up to the last window that anybody filled.
    const upTo = to === Infinity ? highest : grid.startOf(to)
    for (const silence of silences.values()) {
      if (silence.next >= upTo) continue
      const { key } = silence
      for (let start = grid.skip(silence.next, upTo, maxEmpty); start < upTo; start = grid.endOf(start))
        if (!slots.get(start)?.windows.has(key))
          panes.push({ key, start, end: grid.endOf(start), pane: 'onTime', index: 0, items: [] })
      silence.next = upTo
      touchSilence(silence)
    }
  }
  /** The end of the latest window that was filled. */
  let highest = -Infinity

  function fire(before: number, to: number, panes: Pane<T>[]): void {
    windows.nextDue = Infinity
    const gone: Slot<T>[] = []
    for (const slot of slots.values()) {
      // The end of the global window is never passed, also not by the end.
      if (isGlobal) continue
      if (before < slot.end && to >= slot.end)
        for (const opened of slot.windows.values()) panes.push(toPane(opened, 'onTime'))
      if (to >= slot.end + lateness) gone.push(slot)
      else windows.nextDue = Math.min(windows.nextDue, dueOf(slot))
    }
    if (gone.length === 0) return
    for (const slot of gone) {
      slots.delete(slot.start)
      for (const opened of slot.windows.values()) early.told(opened)
    }
    bags.drop(gone.flatMap((slot) => [...slot.windows.values()]))
  }

  const windows: Windows<T> = {
    nextDue: Infinity,
    add(event: OperatorEvent<T>, at: number, panes: Pane<T>[]): number {
      watermark = at
      const { ts } = event
      const key = config.keyed ? event.key : null
      let result = 0
      for (let start = grid.firstOf(ts); start <= ts; start = grid.nextOf(start)) {
        const end = grid.endOf(start)
        if (!isGlobal && watermark >= end + lateness) {
          counters.rejectedAssignments++
          continue
        }
        const slot = slotOf(start)
        let opened = slot.windows.get(key)
        if (!opened) {
          opened = open(slot, key)
          if (config.emitEmpty) {
            const silence = silences.get(key)
            if (silence && start >= silence.first && start < silence.next) opened.panes = 1
            hear(key, start)
            highest = Math.max(highest, end)
          }
        }
        opened.items.push(event.value)
        bags.touch(opened)
        result |= accepted
        if (!isGlobal && watermark >= end) {
          result |= late
          panes.push(toPane(opened, 'late'))
        } else if (early.heard(opened, event.at)) panes.push(toPane(opened, 'early'))
      }
      return result
    },
    advance(before, to, panes) {
      watermark = to
      const fired: Pane<T>[] = []
      if (
        config.emitEmpty &&
        (to === Infinity || before === -Infinity || to >= grid.endOf(grid.startOf(before)))
      )
        fillEmpty(to, fired)
      if (to >= windows.nextDue) fire(before, to, fired)
      if (fired.length > 1) fired.sort(byEndStartKey)
      for (const pane of fired) panes.push(pane)
    },
    tick(at, panes) {
      const due = early.due(at).map((opened) => toPane(opened, 'early'))
      panes.push(...due.sort(byEndStartKey))
    },
    changes() {
      const result = bags.changes()
      for (const silence of dirtySilences) {
        result[`e ${toKeyText(silence.key)}`] = [silence.first, silence.next]
        silence.dirty = false
      }
      dirtySilences = []
      return result
    },
  }
  Bags.restore<T, OpenWindow<T>>(
    options.state,
    (start, key, saved) => {
      if (!Number.isInteger(saved['panes'])) return undefined
      const slot = slotOf(start)
      const opened = open(slot, key)
      opened.panes = Number(saved['panes'])
      highest = Math.max(highest, slot.end)
      early.restore(opened, saved)
      return opened
    },
    (stateKey, value) => {
      const match = /^e (?:-|=([\s\S]*))$/.exec(stateKey)
      if (!match || !Array.isArray(value) || value.length !== 2) badState(stateKey)
      const [first, next] = value.map(Number) as [number, number]
      const key = match[1] ?? null
      silences.set(key, { key, first, next, dirty: false })
      highest = Math.max(highest, next)
    },
  )
  return windows
}
