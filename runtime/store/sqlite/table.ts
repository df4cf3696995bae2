/**
 * The table and indexes of a collection, made anew where they are missing. SQLite's planner knows nothing about a
 * table that was never analysed and takes every workspace for a handful of rows, so it reads whole workspaces by
 * primary key. Statistics written by hand say the opposite, the same in every folder: workspaces are large, values
 * of a declared field are few rows each. (ANALYZE at start would cost seconds on a large folder.)
 */
import type { Collection, Index } from '../collections.ts'
import type { Database } from './database.ts'
import { fieldSql } from './expression.ts'

interface Made {
  name: string
  sql: string
  /** sqlite_stat1: rows, then rows for each value of the first column, of the first two, and so on. */
  statistics: string
}
export function findIndexes(collectionName: string, collection: Collection): Made[] {
  const table = `c_${collectionName}`
  const made = collection.indexes.map((index) => {
    const fields = index.fields.map(fieldSql)
    if (index.expires) return makeIndex(table, 'expires', index, fields)
    const tail = index.unique ? [] : ['id']
    return makeIndex(table, index.unique ? 'unique' : 'by', index, ['workspace', ...fields, ...tail])
  })
  // claimDue looks across workspaces
  if ('leaseUntil' in collection.fields)
    for (const index of collection.indexes)
      if (!index.unique && !index.expires)
        made.push(makeIndex(table, 'all', index, index.fields.map(fieldSql)))
  return made
}
export function makeTable(db: Database, collectionName: string, collection: Collection): void {
  const table = `c_${collectionName}`
  db.exec(
    `create table if not exists "${table}" (workspace text not null, id text not null, revision integer not null, doc blob not null, primary key (workspace, id)) without rowid`,
  )
  const indexes = findIndexes(collectionName, collection)
  for (const { sql } of indexes) db.exec(sql)
  db.exec('analyze meta') // makes sqlite_stat1
  db.run('delete from sqlite_stat1 where tbl = ?', [table])
  db.run('insert into sqlite_stat1 values (?, ?, ?)', [table, table, '1000000 300000 1'])
  for (const { name, statistics } of indexes)
    db.run('insert into sqlite_stat1 values (?, ?, ?)', [table, name, statistics])
}
/** After the last table: this connection plans by the statistics from now on. */
export function loadStatistics(db: Database): void {
  db.exec('analyze sqlite_schema')
}
function makeIndex(table: string, kind: string, index: Index, columns: string[]): Made {
  const { where } = index
  const parts = [table, kind, ...index.fields, ...(where ? [where.field, String(where.equals)] : [])]
  const name = parts.join('_').replaceAll('"', '')
  const partial = where ? ` where ${fieldSql(where.field)} = ${literal(where.equals)}` : ''
  const few = columns.map((column, i) => {
    if (column === 'workspace') return 300_000
    if (column === 'id' || (index.unique && i === columns.length - 1)) return 1
    return Math.max(2, Math.round(2_000 / 20 ** i))
  })
  return {
    name,
    sql: `create ${index.unique ? 'unique ' : ''}index if not exists "${name}" on "${table}" (${columns.join(', ')})${partial}`,
    statistics: [1_000_000, ...few, 'noskipscan'].join(' '),
  }
}
function literal(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? "x'01'" : "x'00'"
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
