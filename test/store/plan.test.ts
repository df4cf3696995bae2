/** The indexes of every collection serve the filters and sorts that they were made for: asserted with EXPLAIN. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { collections, type Collection, type FieldType } from '../../runtime/store/collections.ts'
import { toQuery } from '../../runtime/store/cursor.ts'
import type { Filter } from '../../runtime/store/port.ts'
import { openDatabase, type Value } from '../../runtime/store/sqlite/database.ts'
import { fieldSql, selectSql, whereSql } from '../../runtime/store/sqlite/expression.ts'
import { loadStatistics, makeTable } from '../../runtime/store/sqlite/table.ts'
import { messageSchema } from '../../runtime/store/sqlite/messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'store-plan-'))
const db = openDatabase(join(folder, 'plan.db'))
db.exec(messageSchema)
for (const [name, collection] of Object.entries(collections)) makeTable(db, name, collection)
loadStatistics(db)
afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})
const plan = (sql: string, values: Value[]): string =>
  db
    .all(`explain query plan ${sql}`, values)
    .map((row) => String(row[3]))
    .join('; ')

const values: { [type in FieldType]: string | number | boolean | null } = {
  string: 'a',
  number: 1,
  boolean: true,
  time: 1,
  strings: null,
}
const cases = Object.entries(collections as Record<string, Collection>).flatMap(([name, collection]) =>
  collection.indexes.map((index) => ({
    name,
    collection,
    index,
    title: `${name} by ${index.fields.join(', ')}`,
  })),
)
test.each(cases)('$title', ({ name, collection, index }) => {
  const table = `c_${name}`
  const last = index.fields.at(-1) ?? 'id'
  if (index.expires) {
    const found = plan(`delete from "${table}" where ${fieldSql(last)} < ?`, [1])
    expect(found).toMatch(new RegExp(`USING (COVERING )?INDEX ${table}_expires`))
    return
  }
  const equal: Filter = Object.fromEntries(
    index.fields.map((field) => [field, values[collection.fields[field] ?? 'string']]),
  )
  const [byKey] = selectSql(table, 'w', toQuery(name, collection, { filter: equal }))
  expect(plan(byKey?.text ?? '', [...(byKey?.values ?? []), 10])).toMatch(
    /USING INDEX c_\w+_(by|unique|all)_\w+ \((workspace=\? AND )?<expr>=\?/,
  )
  const { [last]: _, ...prefix } = equal
  for (const sort of [last, `-${last}`]) {
    const query = toQuery(name, collection, { filter: prefix, sort })
    const [first] = selectSql(table, 'w', query)
    const [after] = selectSql(table, 'w', { ...query, after: { value: 'x', id: 'a' } })
    for (const select of [first, after]) {
      const found = plan(select?.text ?? '', [...(select?.values ?? []), 10])
      expect(found, sort).toMatch(/USING INDEX c_\w+_(by|unique)/)
      // Documents of the same value may still have to be put in the order of their ids.
      expect(found, sort).not.toContain('USE TEMP B-TREE FOR ORDER BY')
    }
  }
})
test('a claim over all workspaces by state', () => {
  const where = whereSql([{ field: 'state', op: 'in', values: ['queued'], orNull: false }])
  const sql = `select id from c_runs where true${where.text} order by ${fieldSql('createdAt')}, id limit 1`
  expect(plan(sql, where.values)).toContain('INDEX c_runs_all_state_createdAt')
})
test('messages by seq, arrival and event time', () => {
  expect(plan('select seq from messages where stream = ? and seq >= ? order by seq', [1, 1])).toContain(
    'PRIMARY KEY',
  )
  for (const [field, index] of [
    ['eventTime', 'messages_event'],
    ['receivedAt', 'messages_arrival'],
  ] as const) {
    const sql = `select body from messages where stream = ? and ${field} >= ? and ${field} < ? order by ${field}, seq`
    const found = plan(sql, [1, 1, 2])
    expect(found).toContain(index)
    expect(found).not.toContain('TEMP B-TREE')
  }
})
