/**
 * Event-time windows: tumbling and hopping, with a bounded watermark, lateness and panes. One event is one step: it is
 * judged against the watermark before it, added, and late panes go out; then the watermark advances, windows fire in
 * the order of end, start, key, and what is past its lateness is dropped (Akidau et al., "The Dataflow Model").
 * Windows lie in slots by start, so that the hot path is two map look-ups and a push.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type {
  Counters,
  CreateOperator,
  Operator,
  OperatorConfig,
  OperatorEvent,
  OperatorResult,
  Pane,
} from './operator.ts'
import { createLateAlarm } from './window-alarm.ts'
import { checkOperatorConfig, lastStart } from './window-config.ts'
import { WindowState, type OpenWindow, type Slot } from './window-state.ts'

/** A gap of more windows than this is not filled to its beginning by emitEmpty. */
const maxEmpty = 10_000
const nothing: OperatorResult<never> = Object.freeze({ panes: Object.freeze([]) as unknown as never[] })

const byEndStartKey = (a: Pane<unknown>, b: Pane<unknown>): number =>
  a.end - b.end ||
  a.start - b.start ||
  (a.key === b.key ? 0 : a.key === null || (b.key !== null && a.key < b.key) ? -1 : 1)

interface Clocks {
  watermark: number | 'end' | null
  maxTs: number | null
  counters: Counters
  alarm: Json
}

export const createOperator: CreateOperator = <T extends Json>(
  config: OperatorConfig,
  restore?: { clocks: Json; state: Iterable<[string, Json]> },
): Operator<T> => {
  checkOperatorConfig(config)
  const { window, keyed, allowedLatenessMs: lateness } = config
  const size = window.sizeMs
  const step = window.type === 'hopping' ? window.hopMs : size
  const bound = config.watermark.boundMs
  const maxSkew = config.maxFutureSkewMs ?? Infinity
  const discarding = config.accumulation === 'discarding'
  const state = new WindowState<T>()
  const counters: Counters = {
    received: 0,
    outOfOrder: 0,
    behindWatermark: 0,
    lateAccepted: 0,
    rejected: 0,
    rejectedAssignments: 0,
    future: 0,
  }
  let watermark = -Infinity
  let maxTs = -Infinity
  /** The least watermark at which a window fires or is dropped. */
  let nextDue = Infinity
  let savedAlarm: Json = null
  if (restore) {
    const saved = restore.clocks as unknown as Clocks
    if (typeof saved !== 'object' || saved === null || typeof saved.counters !== 'object')
      throw new AppError('invalid', 'The saved clocks of the window operator are wrong.')
    watermark = saved.watermark === 'end' ? Infinity : (saved.watermark ?? -Infinity)
    maxTs = saved.maxTs ?? -Infinity
    for (const name of Object.keys(counters) as (keyof Counters)[])
      counters[name] = Number(saved.counters[name] ?? 0)
    savedAlarm = saved.alarm
    state.restore(restore.state, slotOf)
    findNextDue()
  }
  const alarm = config.lateAlarm ? createLateAlarm(config.lateAlarm, savedAlarm) : undefined

  function slotOf(start: number): Slot<T> {
    let slot = state.slots.get(start)
    if (!slot) {
      slot = { start, end: start + size, windows: new Map() }
      state.slots.set(start, slot)
      nextDue = Math.min(nextDue, dueOf(slot))
    }
    return slot
  }
  function dueOf(slot: Slot<T>): number {
    return watermark < slot.end ? slot.end : slot.end + lateness
  }
  function findNextDue(): void {
    nextDue = Infinity
    for (const slot of state.slots.values()) nextDue = Math.min(nextDue, dueOf(slot))
  }
  function toPane(opened: OpenWindow<T>, kind: 'onTime' | 'late'): Pane<T> {
    const { key, start, items } = opened
    const end = start + size
    const pane: Pane<T> = { key, start, end, pane: kind, index: opened.panes++, items }
    if (discarding) opened.items = []
    else if (lateness > 0) pane.items = items.slice()
    state.touch(opened)
    return pane
  }
  /** The key's empty windows are counted from its first one; an earlier one moves that while none is due. */
  function hear(key: string | null, start: number): void {
    const silence = state.silences.get(key)
    if (!silence) {
      const fresh = { key, first: start, next: start, dirty: false }
      state.silences.set(key, fresh)
      state.touchSilence(fresh)
    } else if (start < silence.first && silence.next === silence.first) {
      silence.first = silence.next = start
      state.touchSilence(silence)
    }
  }
  function fillEmpty(panes: Pane<T>[]): void {
    // At the end the watermark is infinite: silence is then known up to the last window that anybody filled.
    const upTo = watermark === Infinity ? lastStart(window, maxTs) + size : watermark
    for (const silence of state.silences.values()) {
      const due = Math.floor((upTo - silence.next) / size)
      if (due <= 0) continue
      const until = silence.next + due * size
      for (let start = Math.max(silence.next, until - maxEmpty * size); start < until; start += size)
        if (!state.slots.get(start)?.windows.has(silence.key))
          panes.push({
            key: silence.key,
            start,
            end: start + size,
            pane: 'onTime',
            index: 0,
            items: [],
          })
      silence.next = until
      state.touchSilence(silence)
    }
  }
  function advance(to: number): Pane<T>[] {
    const before = watermark
    watermark = to
    const panes: Pane<T>[] = []
    if (config.emitEmpty && maxTs > -Infinity && lastStart(window, before) !== lastStart(window, to))
      fillEmpty(panes)
    if (to >= nextDue) {
      for (const slot of state.slots.values()) {
        if (before < slot.end && to >= slot.end)
          for (const opened of slot.windows.values()) panes.push(toPane(opened, 'onTime'))
        if (to >= slot.end + lateness) state.drop(slot)
      }
      findNextDue()
    }
    return panes.length > 1 ? panes.sort(byEndStartKey) : panes
  }
  function place(event: OperatorEvent<T>, panes: Pane<T>[]): boolean {
    const { ts } = event
    const key = keyed ? event.key : null
    const last = lastStart(window, ts)
    let accepted = false
    let fired = false
    // The earliest start after ts - size, on the same grid as the latest.
    for (let start = last - Math.floor((last - ts + size - 1) / step) * step; start <= last; start += step) {
      const end = start + size
      if (watermark >= end + lateness) {
        counters.rejectedAssignments++
        continue
      }
      const slot = slotOf(start)
      let opened = slot.windows.get(key)
      if (!opened) {
        opened = state.open(slot, key)
        if (config.emitEmpty) {
          const silence = state.silences.get(key)
          if (silence && start >= silence.first && start < silence.next) opened.panes = 1
          hear(key, start)
        }
      }
      opened.items.push(event.value)
      state.touch(opened)
      accepted = true
      if (watermark >= end) {
        fired = true
        panes.push(toPane(opened, 'late'))
      }
    }
    if (fired) counters.lateAccepted++
    return accepted
  }

  return {
    add(event) {
      const { ts, at } = event
      if (!Number.isFinite(ts)) throw new AppError('invalid', 'An event time must be a finite number of ms.')
      counters.received++
      let panes: Pane<T>[] | undefined
      let rejected: 'late' | 'future' | undefined
      if (ts - at > maxSkew) {
        counters.future++
        rejected = 'future'
      } else {
        if (ts < maxTs) counters.outOfOrder++
        if (ts < watermark) counters.behindWatermark++
        panes = []
        if (!place(event, panes)) rejected = 'late'
        if (ts > maxTs) maxTs = ts
        if (maxTs - bound > watermark) {
          if (config.emitEmpty || maxTs - bound >= nextDue) panes.push(...advance(maxTs - bound))
          else watermark = maxTs - bound
        }
      }
      if (rejected) counters.rejected++
      const fires = alarm?.see(at, rejected !== undefined)
      if (!rejected && !fires && !panes?.length) return nothing
      const result: OperatorResult<T> = { panes: panes ?? [] }
      if (rejected) result.rejected = rejected
      if (fires) result.alarm = fires
      return result
    },
    end: () => ({ panes: advance(Infinity) }),
    get watermark() {
      return watermark
    },
    counters,
    clocks: () => ({
      watermark: watermark === Infinity ? 'end' : watermark === -Infinity ? null : watermark,
      maxTs: maxTs === -Infinity ? null : maxTs,
      counters: { ...counters },
      alarm: alarm?.snapshot() ?? null,
    }),
    changes: () => state.changes(),
  }
}
