/** Checks and text form of a deployment's commit, shared by both adapters. */
import { AppError } from '../error.ts'
import { checkKey, toText } from './document.ts'
import type { Commit, Lease } from './log.ts'
import { checkInteger } from './message.ts'

/** A commit with its parts as JSON text. */
export interface PackedCommit {
  deployment: string
  lease: Lease
  number: number
  offsets: string
  clocks: string
  state: [key: string, value: string | null][]
  rows: [
    id: string,
    end: number,
    start: number,
    key: string | null,
    pane: number,
    at: number,
    fields: string,
  ][]
  gone: [id: string, end: number, start: number][]
  outbox: [id: string, kind: string, at: number, body: string][]
}

export function toPackedCommit(commit: Commit): PackedCommit {
  const { deployment, lease, number, gone = [] } = commit
  checkKey(deployment, 'The id of a deployment')
  if (!Number.isSafeInteger(number) || number < 1)
    throw new AppError('invalid', 'The number of a commit is a whole number from 1.', { path: 'number' })
  for (const row of commit.rows) {
    checkKey(row.id, 'The id of a row')
    checkInteger(row.end, 'end')
    checkInteger(row.start, 'start')
    checkInteger(row.pane, 'pane')
    checkInteger(row.at, 'at')
  }
  for (const place of gone) {
    checkKey(place.id, 'The id of a row')
    checkInteger(place.end, 'end')
    checkInteger(place.start, 'start')
  }
  for (const entry of commit.outbox) {
    checkKey(entry.id, 'The id of an outbox entry')
    checkInteger(entry.at, 'at')
  }
  for (const key of Object.keys(commit.state)) checkKey(key, 'A key of the state')
  return {
    deployment,
    lease,
    number,
    offsets: toText(commit.offsets, 'The offsets of a commit'),
    clocks: toText(commit.clocks, 'The clocks of a commit'),
    state: Object.entries(commit.state).map(([key, value]) => [
      key,
      value === null ? null : toText(value, `The state "${key}"`),
    ]),
    rows: commit.rows.map((row) => [
      row.id,
      row.end,
      row.start,
      row.key,
      row.pane,
      row.at,
      toText(row.fields, `The row ${row.id}`),
    ]),
    gone: gone.map(({ id, end, start }) => [id, end, start]),
    outbox: commit.outbox.map((entry) => [
      entry.id,
      entry.kind,
      entry.at,
      toText(entry.body, `The outbox entry ${entry.id}`),
    ]),
  }
}
