/** What handlers left behind since the last commit: rows by identity, rows that others took the place of, actions. */
import { digest } from '../action/entry.ts'
import type { Json, JsonObject } from '../json.ts'
import type { OutboxEntry, Row, RowPlace } from '../store/log.ts'
import type { CallRecord } from './record.ts'

export interface Changes {
  clocks: Json
  state: { [key: string]: Json | null }
  rows: Row[]
  /** Rows that a merged session took the place of. */
  gone: RowPlace[]
  outbox: OutboxEntry[]
  /** Of calls that asked the host or for actions. */
  records: CallRecord[]
}
/** Where a row stands among those of its handler: a later one at the same place takes its place. */
export interface RowTarget {
  stream: string
  index: number
  key: string | null
  start: number
  end: number
  /** What tells rows of the same times apart: a seq, a pane. */
  mark: string
}
function toId({ stream, index, key, start, end, mark }: RowTarget): string {
  const name = key === null || key.length > 100 ? digest(key) : key
  return `${stream} ${start} ${end} ${index} ${mark} ${name}`
}

export interface Gathered {
  put(target: RowTarget, row: { pane: number; at: number; fields: JsonObject }): void
  remove(target: RowTarget): void
  readonly outbox: OutboxEntry[]
  readonly records: CallRecord[]
  readonly size: number
  take(): Pick<Changes, 'rows' | 'gone' | 'outbox' | 'records'>
}
export function gatherChanges(): Gathered {
  let rows = new Map<string, Row>()
  let gone = new Map<string, RowPlace>()
  let outbox: OutboxEntry[] = []
  let records: CallRecord[] = []
  return {
    put(target, { pane, at, fields }) {
      const id = toId(target)
      const { key, start, end } = target
      rows.set(id, { id, key, start, end, pane, at, fields })
      gone.delete(id)
    },
    remove(target) {
      const id = toId(target)
      rows.delete(id)
      gone.set(id, { id, start: target.start, end: target.end })
    },
    get outbox() {
      return outbox
    },
    get records() {
      return records
    },
    get size() {
      return rows.size + gone.size + outbox.length
    },
    take() {
      const taken = { rows: [...rows.values()], gone: [...gone.values()], outbox, records }
      rows = new Map()
      gone = new Map()
      outbox = []
      records = []
      return taken
    },
  }
}
