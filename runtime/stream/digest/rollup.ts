/**
 * Rollups: count, bytes and a sketch of each numeric field by minute and by hour of event time, which stay when the
 * messages are gone. Each knows the last seq in it: a message that comes again, after a crash between two writes, is
 * not counted twice. Pure.
 */
import { isJsonObject, type Json } from '../../json.ts'
import type { Message } from '../../store/log.ts'
import { addAll, newSketch, type Sketch } from './sketch.ts'

export const units = { minute: 60_000, hour: 3_600_000 } as const
export type Unit = keyof typeof units
export interface Rollup {
  unit: Unit
  start: number
  count: number
  bytes: number
  /** Of the last message in it. */
  seq: number
  /** By path. */
  fields: { path: string; sketch: Sketch }[]
}
const maxFields = 50
const maxDepth = 4

export function toStart(unit: Unit, time: number): number {
  return Math.floor(time / units[unit]) * units[unit]
}
export function toKey(unit: Unit, start: number): string {
  return `${unit}/${start}`
}

/** By key, those that the messages change, made of those that are there. */
export function fold(messages: readonly Message[], known: ReadonlyMap<string, Rollup>): Map<string, Rollup> {
  const groups = new Map<string, { unit: Unit; start: number; messages: Message[] }>()
  for (const message of messages)
    for (const unit of ['minute', 'hour'] as const) {
      const start = toStart(unit, message.eventTime)
      const key = toKey(unit, start)
      if (message.seq <= (known.get(key)?.seq ?? 0)) continue
      const group = groups.get(key)
      if (group) group.messages.push(message)
      else groups.set(key, { unit, start, messages: [message] })
    }
  const changed = new Map<string, Rollup>()
  for (const [key, { unit, start, messages: mine }] of groups)
    changed.set(key, add(known.get(key) ?? { unit, start, count: 0, bytes: 0, seq: 0, fields: [] }, mine))
  return changed
}
function add(rollup: Rollup, messages: Message[]): Rollup {
  const values = new Map<string, number[]>(rollup.fields.map(({ path }) => [path, []]))
  let { count, bytes, seq } = rollup
  for (const message of messages) {
    count++
    bytes += message.bytes
    seq = Math.max(seq, message.seq)
    collect(message.body, '$', 0, values)
  }
  const sketches = new Map(rollup.fields.map(({ path, sketch }) => [path, sketch]))
  const fields = [...values].map(([path, given]) => ({
    path,
    sketch: addAll(sketches.get(path) ?? newSketch(), given),
  }))
  return { ...rollup, count, bytes, seq, fields }
}
function collect(value: Json, path: string, depth: number, values: Map<string, number[]>): void {
  if (typeof value === 'number') {
    const known = values.get(path)
    if (known) known.push(value)
    else if (values.size < maxFields) values.set(path, [value])
  } else if (isJsonObject(value) && depth < maxDepth)
    for (const name of Object.keys(value))
      collect(value[name]!, path === '$' ? name : `${path}.${name}`, depth + 1, values)
}
