/**
 * The message log inside its worker thread: a file of its own, a row per message, and a row per stream that holds
 * lease and head, so that the epoch is checked in the transaction of the batch. `ID/dead` and `ID/late` are streams
 * of their own that also accept the lease of `ID`.
 */
import { AppError } from '../../error.ts'
import type { Lease, TimeRange } from '../log.ts'
import type { Database, Value } from './database.ts'
import { packRows, readRows, type PackedRows } from './packing.ts'

export const messageSchema = `
create table if not exists meta (name text primary key, value) without rowid;
create table if not exists streams (
  id integer primary key autoincrement, workspace text not null, name text not null,
  epoch integer not null default 0, owner text, until integer not null default 0,
  firstSeq integer not null default 1, nextSeq integer not null default 1, bytes integer not null default 0,
  lastReceivedAt integer, maxEventTime integer, ackedSeq integer not null default 0, source text not null default 'null',
  unique (workspace, name));
create table if not exists messages (
  stream integer not null, seq integer not null, eventTime integer not null, receivedAt integer not null,
  bytes integer not null, flags integer not null, messageId text, hash text, key text, headers text, body text not null,
  primary key (stream, seq)) without rowid;
create index if not exists messages_event on messages (stream, eventTime, seq);
create index if not exists messages_arrival on messages (stream, receivedAt, seq, bytes);
`
/** Of a message that is appended: eventTime, receivedAt, bytes, flags; messageId, hash, key, headers, body. */
export const newNumbers = 4
export const newTexts = 5
/** Of one that is read: seq before them. */
export const readNumbers = 5
type Row = [
  seq: number,
  eventTime: number,
  receivedAt: number,
  bytes: number,
  flags: number,
  messageId: string | null,
  hash: string | null,
  key: string | null,
  headers: string | null,
  body: string,
]
const readBytes = 8_000_000
const columns = 'seq, eventTime, receivedAt, bytes, flags, messageId, hash, key, headers, body'

export function messageMethods(db: Database) {
  const idOf = (workspace: string, stream: string): number | undefined => {
    const found = db.first('select id from streams where workspace = ? and name = ?', [workspace, stream])
    return found && Number(found[0])
  }
  const holds = (workspace: string, stream: string, lease: Lease): boolean => {
    const found = db.first('select epoch, owner from streams where workspace = ? and name = ?', [
      workspace,
      stream,
    ])
    return found?.[0] === lease.epoch && found[1] === lease.owner
  }
  const none = (): PackedRows => pack([])
  const bounded = (sql: string, values: Value[]): PackedRows => {
    const found: Row[] = []
    let size = 0
    for (const row of db.iterate(sql, values) as Iterable<Row>) {
      found.push(row)
      size += row[9].length + (row[8]?.length ?? 0) + 100
      if (size > readBytes) break
    }
    return pack(found)
  }

  return {
    logLease(
      workspace: string,
      stream: string,
      owner: string,
      now: number,
      ttlMs: number,
    ): Promise<Lease | undefined> {
      return db.write(() => {
        const until = now + ttlMs
        db.run('insert into streams (workspace, name) values (?, ?) on conflict do nothing', [
          workspace,
          stream,
        ])
        const found = db.first(
          `update streams set owner = ?3, until = ?4, epoch = epoch + (owner is not ?3)
           where workspace = ?1 and name = ?2 and (owner is null or owner = ?3 or until <= ?5) returning epoch`,
          [workspace, stream, owner, until, now],
        )
        return found && { owner, epoch: Number(found[0]), until }
      })
    },
    logRelease(workspace: string, stream: string, lease: Lease): Promise<void> {
      return db.write(() => {
        db.run(
          'update streams set owner = null, until = 0 where workspace = ? and name = ? and owner = ? and epoch = ?',
          [workspace, stream, lease.owner, lease.epoch],
        )
      })
    },
    logAppend(
      workspace: string,
      stream: string,
      lease: Lease,
      packed: PackedRows,
      more: {
        ackedSeq?: number
        source?: string
        bytes: number
        lastReceivedAt: number | null
        maxEventTime: number | null
      },
    ): Promise<{ firstSeq: number; lastSeq: number }> {
      return db.write(() => {
        const parent = stream.split('/')[0] ?? stream
        const held = holds(workspace, stream, lease) || (parent !== stream && holds(workspace, parent, lease))
        if (!held) throw new AppError('fenced', `The lease of ${stream} belongs to another owner now.`)
        db.run('insert into streams (workspace, name) values (?, ?) on conflict do nothing', [
          workspace,
          stream,
        ])
        const head = db.first('select id, nextSeq from streams where workspace = ? and name = ?', [
          workspace,
          stream,
        ])
        const id = Number(head?.[0])
        const firstSeq = Number(head?.[1])
        let seq = firstSeq
        const { numbers } = packed
        readRows(packed, newNumbers, (row) => {
          const { at } = row
          db.run('insert into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [
            id,
            seq++,
            numbers[at]!,
            numbers[at + 1]!,
            numbers[at + 2]!,
            numbers[at + 3]!,
            row.text(),
            row.text(),
            row.text(),
            row.text(),
            row.text(),
          ])
        })
        db.run(
          `update streams set nextSeq = ?2, bytes = bytes + ?3, lastReceivedAt = coalesce(?4, lastReceivedAt),
           maxEventTime = max(coalesce(maxEventTime, ?5), coalesce(?5, maxEventTime)), ackedSeq = coalesce(?6, ackedSeq),
           source = coalesce(?7, source) where id = ?1`,
          [
            id,
            seq,
            more.bytes,
            more.lastReceivedAt,
            more.maxEventTime,
            more.ackedSeq ?? null,
            more.source ?? null,
          ],
        )
        return { firstSeq, lastSeq: seq - 1 }
      })
    },
    logHead(workspace: string, stream: string): unknown[] | undefined {
      return db.first(
        'select firstSeq, nextSeq, bytes, lastReceivedAt, maxEventTime, ackedSeq, source from streams where workspace = ? and name = ?',
        [workspace, stream],
      )
    },
    logRead(workspace: string, stream: string, fromSeq: number, limit: number): PackedRows {
      const id = idOf(workspace, stream)
      if (id === undefined) return none()
      return bounded(`select ${columns} from messages where stream = ? and seq >= ? order by seq limit ?`, [
        id,
        fromSeq,
        limit,
      ])
    },
    logByArrival(workspace: string, stream: string, range: TimeRange): PackedRows {
      const id = idOf(workspace, stream)
      if (id === undefined) return none()
      // Arrival grows with seq but for a clock set back, so seq is the order and arrival the filter.
      const ends = db.first(
        'select min(seq), max(seq) from messages indexed by messages_arrival where stream = ? and receivedAt >= ? and receivedAt < ?',
        [id, range.from, range.to],
      )
      if (ends?.[0] === null || ends === undefined) return none()
      const from = Math.max(Number(ends[0]), (range.afterSeq ?? 0) + 1)
      return bounded(
        `select ${columns} from messages where stream = ? and seq >= ? and seq <= ? and receivedAt >= ? and receivedAt < ? order by seq limit ?`,
        [id, from, Number(ends[1]), range.from, range.to, range.limit],
      )
    },
    logByEventTime(workspace: string, stream: string, range: TimeRange): PackedRows {
      const id = idOf(workspace, stream)
      if (id === undefined) return none()
      const { after } = range
      const place = after ? ' and (eventTime, seq) > (?, ?)' : ''
      return bounded(
        `select ${columns} from messages indexed by messages_event where stream = ? and eventTime >= ? and eventTime < ?${place} order by eventTime, seq limit ?`,
        [id, range.from, range.to, ...(after ? [after.eventTime, after.seq] : []), range.limit],
      )
    },
    logLast(workspace: string, stream: string, limit: number): PackedRows {
      const id = idOf(workspace, stream)
      if (id === undefined) return none()
      return bounded(`select ${columns} from messages where stream = ? order by seq desc limit ?`, [
        id,
        limit,
      ])
    },
    logIdentities(workspace: string, stream: string, fromSeq: number, limit: number): unknown[][] {
      const id = idOf(workspace, stream)
      if (id === undefined) return []
      return db.all(
        'select seq, messageId, hash from messages where stream = ? and seq >= ? order by seq desc limit ?',
        [id, fromSeq, limit],
      )
    },
    logRates(workspace: string, stream: string, from: number, to: number, bucketMs: number): unknown[][] {
      const id = idOf(workspace, stream)
      if (id === undefined) return []
      return db.all(
        `select receivedAt - (receivedAt % ?1 + ?1) % ?1, count(*), sum(bytes) from messages indexed by messages_arrival
         where stream = ?2 and receivedAt >= ?3 and receivedAt < ?4 group by 1 order by 1`,
        [bucketMs, id, from, to],
      )
    },
    logTrim(workspace: string, stream: string, beforeSeq: number): Promise<void> {
      return db.write(() => {
        const id = idOf(workspace, stream)
        if (id === undefined) return
        const gone = db.first('select coalesce(sum(bytes), 0) from messages where stream = ? and seq < ?', [
          id,
          beforeSeq,
        ])
        db.run('delete from messages where stream = ? and seq < ?', [id, beforeSeq])
        db.run(
          'update streams set bytes = bytes - ?2, firstSeq = max(firstSeq, min(nextSeq, ?3)) where id = ?1',
          [id, gone?.[0] as number, beforeSeq],
        )
      })
    },
    logDrop(workspace: string, stream: string): Promise<void> {
      return db.write(() => {
        const where = `workspace = ?1 and (name = ?2 or substr(name, 1, length(?2) + 1) = ?2 || '/')`
        db.run(`delete from messages where stream in (select id from streams where ${where})`, [
          workspace,
          stream,
        ])
        db.run(`delete from streams where ${where}`, [workspace, stream])
      })
    },
  }
}

function pack(rows: Row[]): PackedRows {
  return packRows(rows, { numbers: readNumbers, texts: newTexts }, (row, numbers, at, put) => {
    for (let i = 0; i < readNumbers; i++) numbers[at + i] = row[i] as number
    for (let i = readNumbers; i < row.length; i++) put(row[i] as string | null)
  })
}
