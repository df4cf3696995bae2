/** Document methods inside the worker thread. Queries arrive checked; documents as JSON text. */
import { AppError } from '../../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { maxGroups, tooManyGroups, type CheckedAggregate } from '../aggregate.ts'
import type { CheckedQuery, Sort } from '../cursor.ts'
import { checkFields, getCollection, toText, type Schema, type StoredDocument } from '../document.ts'
import type { Term } from '../filter.ts'
import { applyPatch } from '../patch.ts'
import type { Group, Patch } from '../port.ts'
import { isUnique, type Database } from './database.ts'
import { fieldSql, fromValue, orderSql, selectSql, whereSql } from './expression.ts'

/** id, revision, JSON text. */
export type Record3 = [id: string, revision: number, text: string]
export interface Problem {
  code: 'conflict' | 'invalid' | 'too-large'
  message: string
  details: Readonly<Record<string, unknown>>
}

export function documentMethods(db: Database, schema: Schema) {
  const select = 'select id, revision, json(doc) from'
  const rows = (found: unknown[][]): Record3[] => found as unknown as Record3[]
  const one = (found: unknown[] | undefined): Record3 | undefined => found as unknown as Record3 | undefined

  const write = (name: string, workspace: string, before: Record3, patch: Patch): Record3 => {
    const [id, revision, text] = before
    const changed = applyPatch(parse(text), patch)
    checkFields(name, getCollection(schema, name), changed)
    const after = toText(changed, `The document ${id} in ${name}`)
    unique(name, () =>
      db.run(`update "c_${name}" set doc = jsonb(?), revision = ? where workspace = ? and id = ?`, [
        after,
        revision + 1,
        workspace,
        id,
      ]),
    )
    return [id, revision + 1, after]
  }
  const findFirst = (name: string, workspace: string, terms: Term[], sort: Sort): Record3 | undefined => {
    const where = whereSql(terms)
    return one(
      db.first(`${select} "c_${name}" where workspace = ?${where.text} order by ${orderSql(sort)} limit 1`, [
        workspace,
        ...where.values,
      ]),
    )
  }

  return {
    insert(name: string, workspace: string, documents: StoredDocument[]): Promise<{ problem?: Problem }> {
      return db.write(() =>
        untilProblem(() => {
          for (const { id, text } of documents)
            unique(name, () =>
              db.run(`insert into "c_${name}" values (?, ?, 1, jsonb(?))`, [workspace, id, text]),
            )
        }),
      )
    },
    find(name: string, workspace: string, query: CheckedQuery): Record3[] {
      const found: Record3[] = []
      for (const { text, values } of selectSql(`c_${name}`, workspace, query)) {
        const missing = query.limit + 1 - found.length
        if (missing > 0) found.push(...rows(db.all(text, [...values, missing])))
      }
      return found
    },
    maybe(name: string, workspace: string, id: string): Record3 | undefined {
      return one(db.first(`${select} "c_${name}" where workspace = ? and id = ?`, [workspace, id]))
    },
    count(name: string, workspace: string, terms: Term[]): number {
      const where = whereSql(terms)
      const found = db.first(`select count(*) from "c_${name}" where workspace = ?${where.text}`, [
        workspace,
        ...where.values,
      ])
      return Number(found?.[0])
    },
    update(name: string, workspace: string, id: string, patch: Patch, revision?: number): Promise<Record3> {
      return db.write(() => {
        const before = one(db.first(`${select} "c_${name}" where workspace = ? and id = ?`, [workspace, id]))
        if (!before) throw new AppError('not-found', `There is no ${id} in ${name}.`)
        if (revision !== undefined && before[1] !== revision)
          throw new AppError(
            'stale',
            `${id} in ${name} was changed: it has revision ${before[1]}, not ${revision}.`,
          )
        return write(name, workspace, before, patch)
      })
    },
    updateMany(
      name: string,
      workspace: string,
      terms: Term[],
      patch: Patch,
    ): Promise<{ changed: number; problem?: Problem }> {
      return db.write(() => {
        const where = whereSql(terms)
        const found = rows(
          db.all(`${select} "c_${name}" where workspace = ?${where.text} order by id`, [
            workspace,
            ...where.values,
          ]),
        )
        let changed = 0
        const { problem } = untilProblem(() => {
          for (const before of found) {
            write(name, workspace, before, patch)
            changed++
          }
        })
        return problem ? { changed, problem } : { changed }
      })
    },
    findAndUpdate(
      name: string,
      workspace: string,
      terms: Term[],
      sort: Sort,
      patch: Patch,
    ): Promise<Record3 | undefined> {
      return db.write(() => {
        const before = findFirst(name, workspace, terms, sort)
        return before && write(name, workspace, before, patch)
      })
    },
    delete(name: string, workspace: string, terms: Term[]): Promise<number> {
      const where = whereSql(terms)
      return db.write(() =>
        db.run(`delete from "c_${name}" where workspace = ?${where.text}`, [workspace, ...where.values]),
      )
    },
    aggregate(name: string, workspace: string, aggregate: CheckedAggregate): Group[] {
      const { by, sum, min, max } = aggregate
      const where = whereSql(aggregate.terms)
      const number = (field: string): string =>
        `case when typeof(${fieldSql(field)}) in ('integer','real') then ${fieldSql(field)} end`
      const columns = [
        ...by.map(fieldSql),
        'count(*)',
        ...sum.map((field) => `coalesce(total(${number(field)}), 0)`),
        ...min.map((field) => `min(${number(field)})`),
        ...max.map((field) => `max(${number(field)})`),
      ]
      const places = by.map((_, i) => i + 1).join(', ')
      const grouping = by.length > 0 ? ` group by ${places} order by ${places} limit ${maxGroups + 1}` : ''
      const found = db.allExact(
        `select ${columns.join(', ')} from "c_${name}" where workspace = ?${where.text}${grouping}`,
        [workspace, ...where.values],
      )
      if (found.length > maxGroups) throw tooManyGroups(name)
      return found.map((row) => {
        const rest = row.map(fromValue)
        const take = (fields: string[]): { [field: string]: Json } =>
          Object.fromEntries(fields.map((field) => [field, rest.shift() ?? null]))
        const group = take(by)
        const count = Number(rest.shift())
        return {
          by: group,
          count,
          sum: take(sum) as { [field: string]: number },
          min: take(min) as { [field: string]: number | null },
          max: take(max) as { [field: string]: number | null },
        }
      })
    },
  }
}
function parse(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  return isJsonObject(value) ? value : {}
}
function unique(name: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isUnique(error)) throw error
    const index = error instanceof Error ? (/index '([^']+)'/.exec(error.message)?.[1] ?? 'id') : 'id'
    const fields = index.replace(/^.*_unique_/, '').split('_')
    throw new AppError('conflict', `There is already one in ${name} with the same ${fields.join(' and ')}.`, {
      fields,
    })
  }
}
/** What was changed before the problem stays, so the problem is a result and not thrown. */
function untilProblem(work: () => void): { problem?: Problem } {
  try {
    work()
    return {}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message, details } = error
    if (code !== 'conflict' && code !== 'invalid' && code !== 'too-large') throw error
    return { problem: { code, message, details } }
  }
}
