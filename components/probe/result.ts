/**
 * What the page shows, from the messages so far: the newest counters, maps added up, distributions as columns over
 * time. Every list is bounded, the oldest go. What a script prints as a total since its start becomes differences in
 * the heat map. Pure: a message gives a new result.
 */
import type { Bucket, Link, ProbeMessage, Process, Resource } from '../../runtime/api/probe-message.ts'

export interface Column {
  at: number
  buckets: Bucket[]
}
export interface Distribution {
  scale: 'log2' | 'linear'
  /** By key. */
  columns: Map<string, Column[]>
  /** The last totals by key, where the script prints such. */
  totals: Map<string, Bucket[]>
}
export interface Note {
  at: number
  level: 'info' | 'error'
  text: string
}
export interface Result {
  messages: number
  /** Of the newest message. */
  at: number | null
  resources: Resource[]
  processes: Process[]
  links: Link[]
  linkUnit: string
  /** By map, by key; the parts of a key joined by `joint`. */
  counts: Map<string, Map<string, number>>
  distributions: Map<string, Distribution>
  notes: Note[]
  texts: string[]
}
export const joint = ' › '
const maxColumns = 120
const maxKeys = 500
const maxMaps = 40
const maxLines = 200

export function newResult(): Result {
  return {
    messages: 0,
    at: null,
    resources: [],
    processes: [],
    links: [],
    linkUnit: 'connections',
    counts: new Map(),
    distributions: new Map(),
    notes: [],
    texts: [],
  }
}

export function addMessage(before: Result, message: ProbeMessage): Result {
  const now = { ...before, messages: before.messages + 1, at: Math.max(before.at ?? 0, message.at) }
  switch (message.kind) {
    case 'resources':
      return { ...now, resources: message.items }
    case 'processes':
      return { ...now, processes: message.items }
    case 'links':
      return { ...now, links: message.items, linkUnit: message.unit }
    case 'counts':
      return addCounts(now, message)
    case 'histogram':
      return { ...now, distributions: addColumns(now.distributions, message) }
    case 'text':
      return { ...now, texts: [...now.texts, message.text].slice(-maxLines) }
    case 'note':
      return {
        ...now,
        notes: [...now.notes, { at: message.at, level: message.level, text: message.text }].slice(-maxLines),
      }
  }
}

function addCounts(before: Result, message: Extract<ProbeMessage, { kind: 'counts' }>): Result {
  const held = new Map(message.total ? [] : before.counts.get(message.name))
  for (const { key, value } of message.items) {
    const name = key.join(joint)
    if (held.has(name) || held.size < maxKeys) held.set(name, (held.get(name) ?? 0) + value)
  }
  const counts = put(before.counts, message.name, held)
  const pairs = message.items.some(({ key }) => key.length === 2)
  if (!pairs) return { ...before, counts }
  // A map over two keys is a graph: who did it to whom.
  const links = [...held].flatMap(([name, strength]): Link[] => {
    const [from, to, ...more] = name.split(joint)
    return from !== undefined && to !== undefined && more.length === 0 ? [{ from, to, strength }] : []
  })
  return {
    ...before,
    counts,
    links: links.toSorted((a, b) => b.strength - a.strength),
    linkUnit: message.name,
  }
}

function addColumns(
  before: Result['distributions'],
  message: Extract<ProbeMessage, { kind: 'histogram' }>,
): Result['distributions'] {
  const old = before.get(message.name)
  const columns = new Map(old?.columns)
  const totals = new Map(old?.totals)
  for (const { key, buckets } of message.items) {
    const name = key.join(joint)
    if (!columns.has(name) && columns.size >= maxKeys) continue
    const fresh = message.total ? toGrowth(buckets, totals.get(name) ?? []) : buckets
    if (message.total) totals.set(name, buckets)
    columns.set(name, [...(columns.get(name) ?? []), { at: message.at, buckets: fresh }].slice(-maxColumns))
  }
  return put(before, message.name, { scale: message.scale, columns, totals })
}
function toGrowth(now: readonly Bucket[], before: readonly Bucket[]): Bucket[] {
  const old = new Map(before.map(({ from, count }) => [from, count]))
  return now.flatMap((bucket) => {
    const count = bucket.count - (old.get(bucket.from) ?? 0)
    // A total that fell was cleared meanwhile.
    return count === 0 ? [] : [{ ...bucket, count: count < 0 ? bucket.count : count }]
  })
}
function put<T>(map: Map<string, T>, key: string, value: T): Map<string, T> {
  if (!map.has(key) && map.size >= maxMaps) return map
  return new Map(map).set(key, value)
}
