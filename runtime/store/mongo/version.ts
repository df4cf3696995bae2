/** The records of commits on MongoDB: a head per deployment, and versions of what it committed (commits.ts). */
import type { LeaseHead } from './lease.ts'

export interface CommitHeadRecord extends LeaseHead {
  number: number
  offsets: string
  clocks: string
  history: { tag: string; from: number }[]
}
export interface Version {
  _id: string
  /** workspace/deployment */
  p: string
  n: number
  tag: string
}
export interface StateVersion extends Version {
  key: string
  value: string | null
}
export interface RowVersion extends Version {
  id: string
  end: number
  start: number
  key: string | null
  pane: number
  at: number
  /** null: removed. */
  fields: string | null
}
export interface OutboxVersion extends Version {
  w: string
  d: string
  id: string
  ticket: number
  kind: string
  at: number
  body: string
}
export function isCommitted(head: CommitHeadRecord, version: Version): boolean {
  if (version.n > head.number) return false
  const entry = head.history.findLast(({ from }) => from <= version.n)
  return entry?.tag === version.tag
}
