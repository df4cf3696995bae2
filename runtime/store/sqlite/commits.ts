/** Commits of deployments inside the documents' file: head with lease, state by key, rows, outbox; one transaction. */
import { AppError } from '../../error.ts'
import type { PackedCommit } from '../commit.ts'
import type { Lease } from '../log.ts'
import type { Database, Value } from './database.ts'

export const commitSchema = `
create table if not exists commits (
  workspace text not null, deployment text not null, epoch integer not null default 0, owner text,
  until integer not null default 0, number integer not null default 0, offsets text, clocks text,
  primary key (workspace, deployment)) without rowid;
create table if not exists commitState (
  workspace text not null, deployment text not null, key text not null, value text not null,
  primary key (workspace, deployment, key)) without rowid;
create table if not exists commitRows (
  workspace text not null, deployment text not null, id text not null, end integer not null, start integer not null,
  key text, pane integer not null, at integer not null, fields text not null, primary key (workspace, deployment, id)) without rowid;
create index if not exists commitRows_end on commitRows (workspace, deployment, end, start, id);
create table if not exists outbox (
  place integer primary key autoincrement, workspace text not null, deployment text not null, id text not null,
  kind text not null, at integer not null, body text not null, unique (workspace, deployment, id));
create index if not exists outbox_place on outbox (workspace, place);
`
export interface RowQuery {
  from?: number
  to?: number
  limit: number
  after?: { end: number; start: number; id: string }
  newest?: boolean
}

export function commitMethods(db: Database) {
  return {
    commitLease(
      workspace: string,
      deployment: string,
      owner: string,
      now: number,
      ttlMs: number,
    ): Promise<Lease | undefined> {
      return db.write(() => {
        db.run('insert into commits (workspace, deployment) values (?, ?) on conflict do nothing', [
          workspace,
          deployment,
        ])
        const found = db.first(
          `update commits set owner = ?3, until = ?4, epoch = epoch + (owner is not ?3)
           where workspace = ?1 and deployment = ?2 and (owner is null or owner = ?3 or until <= ?5) returning epoch`,
          [workspace, deployment, owner, now + ttlMs, now],
        )
        return found && { owner, epoch: Number(found[0]), until: now + ttlMs }
      })
    },
    commitRelease(workspace: string, deployment: string, lease: Lease): Promise<void> {
      return db.write(() => {
        db.run(
          'update commits set owner = null, until = 0 where workspace = ? and deployment = ? and owner = ? and epoch = ?',
          [workspace, deployment, lease.owner, lease.epoch],
        )
      })
    },
    commit(workspace: string, commit: PackedCommit): Promise<void> {
      const { deployment, lease, number } = commit
      const at = [workspace, deployment]
      return db.write(() => {
        const changed = db.run(
          `update commits set number = ?3, offsets = ?4, clocks = ?5
           where workspace = ?1 and deployment = ?2 and number = ?3 - 1 and owner = ?6 and epoch = ?7`,
          [...at, number, commit.offsets, commit.clocks, lease.owner, lease.epoch],
        )
        if (changed === 0)
          throw new AppError(
            'fenced',
            `Commit ${number} of ${deployment} is not the next one of the current owner.`,
          )
        for (const [key, value] of commit.state)
          if (value === null)
            db.run('delete from commitState where workspace = ? and deployment = ? and key = ?', [...at, key])
          else db.run('insert or replace into commitState values (?, ?, ?, ?)', [...at, key, value])
        for (const [id] of commit.gone)
          db.run('delete from commitRows where workspace = ? and deployment = ? and id = ?', [...at, id])
        for (const row of commit.rows)
          db.run('insert or replace into commitRows values (?, ?, ?, ?, ?, ?, ?, ?, ?)', [...at, ...row])
        for (const entry of commit.outbox)
          db.run(
            'insert into outbox (workspace, deployment, id, kind, at, body) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
            [...at, ...entry],
          )
      })
    },
    commitHead(workspace: string, deployment: string): unknown[] | undefined {
      return db.first(
        'select number, offsets, clocks from commits where workspace = ? and deployment = ? and number > 0',
        [workspace, deployment],
      )
    },
    commitState(workspace: string, deployment: string, afterKey: string | null, limit: number): unknown[][] {
      return db.all(
        `select key, value from commitState where workspace = ? and deployment = ?${afterKey === null ? '' : ' and key > ?'} order by key limit ?`,
        [workspace, deployment, ...(afterKey === null ? [] : [afterKey]), limit],
      )
    },
    commitRows(workspace: string, deployment: string, query: RowQuery): unknown[][] {
      const parts = ['workspace = ?', 'deployment = ?']
      const values: Value[] = [workspace, deployment]
      const add = (part: string, ...more: Value[]): void => {
        parts.push(part)
        values.push(...more)
      }
      const { from, to, after, newest } = query
      if (from !== undefined) add('end >= ?', from)
      if (to !== undefined) add('end < ?', to)
      if (after) add(`(end, start, id) ${newest ? '<' : '>'} (?, ?, ?)`, after.end, after.start, after.id)
      const way = newest ? ' desc' : ''
      return db.all(
        `select id, end, start, key, pane, at, fields from commitRows where ${parts.join(' and ')} order by end${way}, start${way}, id${way} limit ?`,
        [...values, query.limit],
      )
    },
    outbox(workspace: string, deployment: string | null, limit: number): unknown[][] {
      const one = deployment === null ? '' : ' and deployment = ?'
      return db.all(
        `select deployment, id, kind, at, body from outbox where workspace = ?${one} order by place limit ?`,
        [workspace, ...(deployment === null ? [] : [deployment]), limit],
      )
    },
    settle(workspace: string, deployment: string, ids: string[]): Promise<void> {
      return db.write(() => {
        for (const id of ids)
          db.run('delete from outbox where workspace = ? and deployment = ? and id = ?', [
            workspace,
            deployment,
            id,
          ])
      })
    },
    commitDrop(workspace: string, deployment: string): Promise<void> {
      return db.write(() => {
        for (const table of ['commits', 'commitState', 'commitRows', 'outbox'])
          db.run(`delete from ${table} where workspace = ? and deployment = ?`, [workspace, deployment])
      })
    },
  }
}
