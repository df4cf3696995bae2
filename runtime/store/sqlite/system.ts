/** What reaches across workspaces in the documents' file: migrations, workspaces, tokens, due work, expiry. */
import type { JsonObject } from '../../json.ts'
import { AppError } from '../../error.ts'
import type { Sort } from '../cursor.ts'
import { checkFields, getCollection, toDocument, toText, type Schema } from '../document.ts'
import type { Term } from '../filter.ts'
import { findPending, type Migration } from '../migrations.ts'
import { applyPatch } from '../patch.ts'
import type { Workspace } from '../port.ts'
import { commitSchema } from './commits.ts'
import { isUnique, whenFree, type Database } from './database.ts'
import type { Record3 } from './documents.ts'
import { fieldSql, orderSql, whereSql } from './expression.ts'
import { loadStatistics, makeTable } from './table.ts'

const baseSchema = `
create table if not exists meta (name text primary key, value) without rowid;
create table if not exists workspaces (id text primary key, name text not null, createdAt integer not null) without rowid;
`
export function systemMethods(db: Database, schema: Schema, migrations: readonly Migration[]) {
  const version = (): number => Number(db.first("select value from meta where name = 'schema'")?.[0] ?? 0)
  const change = (
    name: string,
    rewrite: (document: JsonObject & { id: string }) => JsonObject | null,
  ): void => {
    const found = db.all(`select workspace, id, revision, json(doc) from "c_${name}"`)
    for (const row of found as [string, string, number, string][]) {
      const [workspace, id, revision, text] = row
      const { revision: _, ...before } = toDocument(id, revision, text)
      const after = rewrite(before as JsonObject & { id: string })
      const place = [workspace, id]
      if (!after) db.run(`delete from "c_${name}" where workspace = ? and id = ?`, place)
      else {
        const { id: _id, revision: _revision, ...rest } = after
        checkFields(name, getCollection(schema, name), rest)
        const doc = toText(rest, id)
        db.run(
          `update "c_${name}" set doc = jsonb(?), revision = revision + 1 where workspace = ? and id = ?`,
          [doc, ...place],
        )
      }
    }
  }
  return {
    /** Refuses a newer schema at once; a new folder has none. */
    checkVersion(): number {
      const known = db.first("select 1 from sqlite_schema where name = 'meta'")
      const current = known ? version() : 0
      findPending(migrations, current)
      return current
    },
    async migrate(now: number): Promise<number[]> {
      await whenFree(() => db.exec(baseSchema))
      return db.write(() => {
        const pending = findPending(migrations, version())
        db.exec(commitSchema)
        for (const [name, collection] of Object.entries(schema)) makeTable(db, name, collection)
        loadStatistics(db)
        for (const migration of pending)
          for (const [name, rewrite] of Object.entries(migration.changes ?? {})) change(name, rewrite)
        const newest = pending.at(-1)?.version
        if (newest !== undefined) db.run("insert or replace into meta values ('schema', ?)", [newest])
        db.run("insert into workspaces values ('tenant0', 'tenant0', ?) on conflict do nothing", [now])
        return pending.map((migration) => migration.version)
      })
    },
    createWorkspace(workspace: Workspace): Promise<void> {
      return db.write(() => {
        try {
          db.run('insert into workspaces values (?, ?, ?)', [
            workspace.id,
            workspace.name,
            workspace.createdAt,
          ])
        } catch (error) {
          if (!isUnique(error)) throw error
          throw new AppError('conflict', `There is already a workspace ${workspace.id}.`)
        }
      })
    },
    findWorkspaces(): unknown[][] {
      return db.all('select id, name, createdAt from workspaces order by id')
    },
    resolveToken(hash: string): Record3 | undefined {
      const sql = `select id, revision, json(doc) from c_tokens where workspace = 'tenant0' and ${fieldSql('hash')} = ?`
      return db.first(sql, [hash]) as Record3 | undefined
    },
    claimDue(
      name: string,
      terms: Term[],
      sort: Sort,
      claim: { owner: string; until: number },
    ): Promise<{ workspace: string; record: Record3 } | undefined> {
      return db.write(() => {
        const where = whereSql(terms)
        const found = db.first(
          `select workspace, id, revision, json(doc) from "c_${name}" where true${where.text} order by ${orderSql(sort)}, workspace limit 1`,
          where.values,
        ) as [string, string, number, string] | undefined
        if (!found) return undefined
        const [workspace, id, revision, text] = found
        const patch = { set: { leaseOwner: claim.owner, leaseUntil: claim.until } }
        const after = toText(applyPatch(JSON.parse(text) as JsonObject, patch), id)
        db.run(
          `update "c_${name}" set doc = jsonb(?), revision = revision + 1 where workspace = ? and id = ?`,
          [after, workspace, id],
        )
        return { workspace, record: [id, revision + 1, after] }
      })
    },
    expire(now: number): Promise<number> {
      return db.write(() => {
        let gone = 0
        for (const [name, collection] of Object.entries(schema))
          for (const index of collection.indexes)
            for (const field of index.expires ? index.fields : [])
              gone += db.run(`delete from "c_${name}" where ${fieldSql(field)} < ?`, [now])
        return gone
      })
    },
  }
}
