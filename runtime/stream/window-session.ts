/**
 * Session windows: the events of a key whose distance is strictly less than the gap. An event makes a session of its
 * own, which takes in those that it touches; the merged one is judged against the watermark. What was told of parts of
 * it is replaced by its next pane, which names their bounds.
 */
import type { Json } from '../json.ts'
import { DueHeap } from './due-heap.ts'
import type { OperatorEvent, Pane, WindowKind } from './operator.ts'
import { Bags, newBag, type Bag } from './window-bag.ts'
import { createEarly, type Early } from './window-early.ts'
import { accepted, byEndStartKey, late, type Windows, type WindowsOptions } from './windows.ts'

/** With its number of arrival, so that merged sessions keep that order. */
type Entry<T> = [number, T]
interface Session<T> extends Bag<Entry<T>>, Early {
  start: number
  end: number
  panes: number
  /** Bounds of panes that no later one replaced. */
  told: [number, number][]
  /** A pane told of it as complete. */
  fired: boolean
  /** The one entry of the heap that counts. */
  queued: number
  gone: boolean
}

export function createSessionWindows<T extends Json>(
  options: WindowsOptions<WindowKind & { type: 'session' }>,
): Windows<T> {
  const { config, window, counters } = options
  const { gapMs } = window
  const lateness = config.allowedLatenessMs
  const discarding = config.accumulation === 'discarding'
  /** Of each key, by start; they do not touch. */
  const sessions = new Map<string | null, Session<T>[]>()
  const early = createEarly<Session<T>>(config)
  const bags = new Bags<Entry<T>, Session<T>>((session) => ({
    start: session.start,
    end: session.end,
    panes: session.panes,
    told: session.told,
    ...early.toJson(session),
  }))
  const heap = new DueHeap<Session<T>>()
  let arrivals = 0
  let watermark = options.watermark

  function queue(session: Session<T>): void {
    const due = session.fired ? session.end + lateness : session.end
    if (due >= session.queued) return
    session.queued = due
    heap.push(due, session)
  }
  function toPane(session: Session<T>, pane: Pane<T>['pane']): Pane<T> {
    const { key, start, end, items } = session
    const replaces = session.told.filter(([from, to]) => from !== start || to !== end)
    const told: Pane<T> = {
      key,
      start,
      end,
      pane,
      index: session.panes++,
      items: items.map(([, value]) => value),
    }
    if (replaces.length > 0) told.replaces = replaces
    session.told = [[start, end]]
    if (discarding) {
      session.items = []
      bags.rewrite(session)
    }
    early.told(session)
    bags.touch(session)
    return told
  }
  /** Into the longest of them; the others are gone. */
  function merge(
    parts: Session<T>[],
    entry: Entry<T>,
    key: string | null,
    start: number,
    end: number,
  ): Session<T> {
    const [first] = parts
    if (!first) {
      const session = newSession<T>(entry[0], key, start, end)
      session.items.push(entry)
      bags.touch(session)
      return session
    }
    const kept = parts.reduce((a, b) => (b.items.length > a.items.length ? b : a))
    const others = parts.filter((part) => part !== kept)
    kept.start = start
    kept.end = end
    if (others.length > 0) {
      for (const other of others) {
        kept.items.push(...other.items)
        kept.panes += other.panes
        kept.told.push(...other.told)
        kept.reported += other.reported
        kept.dueAt = Math.min(kept.dueAt, other.dueAt)
        other.gone = true
        other.dueAt = Infinity
        early.moved(other)
      }
      kept.items.sort(([a], [b]) => a - b)
      kept.told.sort(([a], [b]) => a - b)
      early.moved(kept)
      bags.rewrite(kept)
      bags.drop(others)
    }
    kept.items.push(entry)
    bags.touch(kept)
    return kept
  }

  const windows: Windows<T> = {
    get nextDue() {
      return heap.next
    },
    add(event: OperatorEvent<T>, at: number, panes: Pane<T>[]): number {
      watermark = at
      const key = config.keyed ? event.key : null
      const list = sessions.get(key) ?? []
      let from = 0
      while (from < list.length && list[from]!.end <= event.ts) from++
      let to = from
      while (to < list.length && list[to]!.start < event.ts + gapMs) to++
      const parts = list.slice(from, to)
      const start = Math.min(event.ts, parts[0]?.start ?? Infinity)
      const end = Math.max(event.ts + gapMs, parts.at(-1)?.end ?? -Infinity)
      if (watermark >= end + lateness) {
        counters.rejectedAssignments++
        return 0
      }
      const session = merge(parts, [arrivals++, event.value], key, start, end)
      list.splice(from, parts.length, session)
      sessions.set(key, list)
      session.fired = watermark >= end
      queue(session)
      if (session.fired) {
        panes.push(toPane(session, 'late'))
        return accepted | late
      }
      if (early.heard(session, event.at)) panes.push(toPane(session, 'early'))
      return accepted
    },
    advance(_from, to, panes) {
      watermark = to
      const gone: Session<T>[] = []
      const fired: Pane<T>[] = []
      for (let next = heap.take(to); next; next = heap.take(to)) {
        const { due, value: session } = next
        if (session.gone || due !== session.queued) continue
        session.queued = Infinity
        if (!session.fired && to >= session.end) {
          session.fired = true
          fired.push(toPane(session, 'onTime'))
        }
        if (to >= session.end + lateness) {
          session.gone = true
          gone.push(session)
        } else queue(session)
      }
      panes.push(...fired.sort(byEndStartKey))
      if (gone.length === 0) return
      bags.drop(gone)
      for (const key of new Set(gone.map((session) => session.key))) {
        const left = sessions.get(key)!.filter((session) => !session.gone)
        if (left.length === 0) sessions.delete(key)
        else sessions.set(key, left)
      }
    },
    tick(at, panes) {
      const due = early.due(at).map((session) => toPane(session, 'early'))
      panes.push(...due.sort(byEndStartKey))
    },
    changes: () => bags.changes(),
  }
  Bags.restore<Entry<T>, Session<T>>(options.state, (name, key, saved) => {
    const { start, end, panes, told } = saved
    if (typeof start !== 'number' || typeof end !== 'number' || !Array.isArray(told)) return undefined
    const session = newSession<T>(name, key, start, end)
    session.panes = Number(panes)
    session.told = told as [number, number][]
    session.fired = watermark >= end
    early.restore(session, saved)
    queue(session)
    sessions.set(key, [...(sessions.get(key) ?? []), session])
    return session
  })
  for (const list of sessions.values()) {
    list.sort((a, b) => a.start - b.start)
    for (const { name, items } of list)
      arrivals = Math.max(arrivals, name + 1, ...items.slice(-1).map(([arrival]) => arrival + 1))
  }
  return windows
}

function newSession<T>(name: number, key: string | null, start: number, end: number): Session<T> {
  return {
    ...newBag<Entry<T>>(name, key),
    start,
    end,
    panes: 0,
    told: [],
    fired: false,
    queued: Infinity,
    gone: false,
    reported: 0,
    dueAt: Infinity,
  }
}
