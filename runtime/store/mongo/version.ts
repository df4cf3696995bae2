/**
 * The records of commits on MongoDB: a head per deployment, and versions of what it committed (commits.ts; its state
 * lies in runs, state-run.ts). An id is
 * made of parts in the order in which they are read (`toPlace`), then the number, newest first, and the tag: so that
 * the versions of one key are neighbours, and one range of ids holds a page, a deployment, or what a version replaced.
 * There is no other index: on a MongoDB-compatible server another kind of index may not outlive a crash.
 */
import type { LeaseHead } from './lease.ts'

/** Of the state of a deployment: what lies together and never changes. */
export interface StateRun {
  id: string
  /** How often what is in it was merged. */
  level: number
}
export interface CommitHeadRecord extends LeaseHead {
  number: number
  offsets: string
  clocks: string
  history: { tag: string; from: number }[]
  /** The state, newest first. */
  runs: StateRun[]
}
export interface Version {
  _id: string
  n: number
  tag: string
}
export interface RowVersion extends Version {
  id: string
  end: number
  start: number
  key: string | null
  pane: number
  at: number
  /** null: the row is gone. */
  fields: string | null
}
export interface OutboxVersion extends Version {
  d: string
  id: string
  ticket: number
  kind: string
  at: number
  body: string
}
export const versioned = ['rowVersions', 'outboxVersions'] as const

export function isCommitted(head: CommitHeadRecord, version: Version): boolean {
  if (version.n > head.number) return false
  const entry = head.history.findLast(({ from }) => from <= version.n)
  return entry?.tag === version.tag
}

// Texts never hold NUL (checkKey), and U+0001 only here: parts compare as if each were compared alone.
const end = '\u0001'
const beyond = '\u0002'
const width = String(Number.MAX_SAFE_INTEGER).length

export function toPlace(...parts: (string | number)[]): string {
  return parts.map((part) => (typeof part === 'number' ? toDigits(part) : escape(part)) + end).join('')
}
export function afterPlace(place: string): string {
  return place.slice(0, -1) + beyond
}
/** Every id whose first parts are these. */
export function within(place: string): { $gt: string; $lt: string } {
  return { $gt: place, $lt: afterPlace(place) }
}
export function versionId(place: string, n: number, tag: string): string {
  return place + toDigits(-n) + end + tag
}
/** The versions at a place with a number below `n`. */
export function olderThan(place: string, n: number): { $gt: string; $lt: string } {
  return { $gt: place + toDigits(-n) + beyond, $lt: afterPlace(place) }
}
export function placeOf(versionOf: string): string {
  return versionOf.slice(0, versionOf.lastIndexOf(end, versionOf.lastIndexOf(end) - 1) + 1)
}
/** The last part of an id that begins with this place. */
export function lastPartOf(id: string, place: string): string {
  return id.slice(place.length, -1).replace(escaped, (_, mark) => (mark === beyond ? end : beyond))
}
/** Text that compares as the number does; a fraction counts as the next whole number. */
export function toDigits(number: number): string {
  const most = Number.MAX_SAFE_INTEGER
  if (number > most) return '2'
  if (number < -most) return '0'
  const whole = Math.ceil(number)
  return (whole < 0 ? '0' : '1') + String(whole < 0 ? most + whole : whole).padStart(width, '0')
}
const escaped = /\u0002([\u0002\u0003])/g
function escape(text: string): string {
  return text.replaceAll(beyond, '\u0002\u0003').replaceAll(end, '\u0002\u0002')
}
