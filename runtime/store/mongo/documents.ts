/**
 * Documents on MongoDB: `{_id: workspace/id, w, id, r: revision, d: JSON text, f: declared fields, x: expiry dates}`.
 * A patch is applied here, in the same words as on SQLite, and written if the revision is still the one that was
 * read; those who come too late read again. Queues of one process take turns, so that they do not race themselves.
 */
import { AppError } from '../../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import { maxGroups, toAggregate, tooManyGroups } from '../aggregate.ts'
import type { Collection } from '../collections.ts'
import { toPage, toQuery, toSort, type Sort } from '../cursor.ts'
import { checkFields, getCollection, toDocument, toStored, toText, type Schema } from '../document.ts'
import { toTerms, type Term } from '../filter.ts'
import { applyPatch, checkPatch } from '../patch.ts'
import type { Document, Group, Patch, WorkspaceStore } from '../port.ts'
import { isDuplicate, type MongoCollection, type MongoDatabase } from './database.ts'
import { fieldPath, sortOf, toFields } from './expression.ts'
import { openOwn } from './own.ts'
import { openTurns } from './turns.ts'

export interface Stored {
  _id: string
  w: string
  id: string
  r: number
  d: string
  f: JsonObject
  x: { [field: string]: Date }
}
export type DocumentStore = Omit<WorkspaceStore, 'log' | 'commits' | 'blobs'>
const tries = 200

export function readStored(stored: Stored): Document {
  return toDocument(stored.id, stored.r, stored.d)
}
export function openDocuments(db: MongoDatabase, schema: Schema) {
  const inTurn = openTurns()
  const of = (name: string): MongoCollection<Stored> => db.collection<Stored>(`c_${name}`)

  /** undefined when somebody else changed it meanwhile. */
  const write = async (name: string, before: Stored, patch: Patch): Promise<Document | undefined> => {
    const changed = applyPatch(parse(before.d), patch)
    const collection = getCollection(schema, name)
    checkFields(name, collection, changed)
    const d = toText(changed, `The document ${before.id} in ${name}`)
    const after = { d, r: before.r + 1, ...toFields(collection, parse(d)) }
    const filter = { _id: before._id, r: before.r }
    const result = await conflicts(name, () => db.change(() => of(name).updateOne(filter, { $set: after })))
    return result.matchedCount === 0 ? undefined : toDocument(before.id, after.r, d)
  }
  /** The first that `where` matches, changed. */
  const takeFirst = async (
    name: string,
    where: object[],
    sort: Sort,
    patch: Patch,
  ): Promise<{ workspace: string; document: Document } | undefined> => {
    for (let i = 0; i < tries; i++) {
      const cursor = of(name)
        .find(where.length > 0 ? { $and: where } : {})
        .sort({ ...sortOf(sort), w: 1 })
        .limit(1)
      const [before] = await db.read(() => cursor.toArray())
      if (!before) return undefined
      const document = await write(name, before, patch)
      if (document) return { workspace: before.w, document }
    }
    throw contended(name)
  }

  return {
    in: (workspace: string): DocumentStore => openIn(workspace),
    takeFirst: (name: string, where: object[], sort: Sort, patch: Patch) =>
      inTurn(name, () => takeFirst(name, where, sort, patch)),
    of,
  }

  function openIn(workspace: string): DocumentStore {
    const own = openOwn(workspace)
    const where = (terms: Term[]): { $and: object[] } => ({ $and: own.where(terms) })
    const one = (name: string, id: string): Promise<Stored | null> =>
      db.read(() => of(name).findOne({ _id: `${workspace}/${id}` }))
    return {
      workspace,
      async insert(name, documents) {
        const collection = getCollection(schema, name)
        const stored = documents.map((document) => toStored(name, collection, document))
        const made = stored.map(({ id, text }) => toNew(workspace, collection, id, text))
        if (made.length > 0)
          await conflicts(name, () => db.change(() => of(name).insertMany(made, { ordered: true })))
        return made.map(readStored)
      },
      async find(name, query) {
        const checked = toQuery(name, getCollection(schema, name), query)
        const { filter, sort } = own.query(checked)
        const cursor = of(name)
          .find(filter)
          .sort(sort)
          .limit(checked.limit + 1)
        return toPage(checked, (await db.read(() => cursor.toArray())).map(readStored))
      },
      async get(name, id) {
        getCollection(schema, name)
        const found = await one(name, id)
        if (!found) throw missing(name, id)
        return readStored(found)
      },
      async maybe(name, id) {
        getCollection(schema, name)
        const found = await one(name, id)
        return found ? readStored(found) : undefined
      },
      async count(name, filter) {
        const terms = toTerms(name, getCollection(schema, name), filter)
        return db.read(() => of(name).countDocuments(where(terms)))
      },
      async update(name, id, patch, revision) {
        getCollection(schema, name)
        checkPatch(patch)
        for (let i = 0; i < tries; i++) {
          const before = await one(name, id)
          if (!before) throw missing(name, id)
          if (revision !== undefined && before.r !== revision)
            throw new AppError(
              'stale',
              `${id} in ${name} was changed: it has revision ${before.r}, not ${revision}.`,
            )
          const after = await write(name, before, patch)
          if (after) return after
        }
        throw contended(name)
      },
      async updateMany(name, filter, patch) {
        checkPatch(patch)
        const matching = where(toTerms(name, getCollection(schema, name), filter))
        let changed = 0
        for (const cursor = of(name).find(matching).sort({ _id: 1 }); ;) {
          let before: Stored | null = await db.read(() => cursor.next())
          if (!before) return changed
          for (let i = 0; before && !(await write(name, before, patch)); i++) {
            if (i === tries) throw contended(name)
            const again: object = { $and: [{ _id: before._id }, ...matching.$and] }
            before = await db.read(() => of(name).findOne(again))
          }
          if (before) changed++
        }
      },
      async findAndUpdate(name, { filter, sort }, patch) {
        checkPatch(patch)
        const collection = getCollection(schema, name)
        const terms = toTerms(name, collection, filter)
        const order = toSort(name, collection, sort)
        const taken = await inTurn(`${name}/${workspace}`, () =>
          takeFirst(name, own.where(terms, order), order, patch),
        )
        return taken?.document
      },
      async delete(name, filter) {
        const terms = toTerms(name, getCollection(schema, name), filter)
        return (await db.change(() => of(name).deleteMany(where(terms)))).deletedCount
      },
      async aggregate(name, aggregate) {
        const { terms, by, sum, min, max } = toAggregate(name, getCollection(schema, name), aggregate)
        const number = (field: string): object => ({
          $cond: [{ $isNumber: `$${fieldPath(field)}` }, `$${fieldPath(field)}`, null],
        })
        const stages: object[] = [
          { $match: where(terms) },
          {
            $group: {
              _id: Object.fromEntries(by.map((f, i) => [`b${i}`, { $ifNull: [`$${fieldPath(f)}`, null] }])),
              count: { $sum: 1 },
              ...Object.fromEntries(sum.map((f, i) => [`s${i}`, { $sum: number(f) }])),
              ...Object.fromEntries(min.map((f, i) => [`l${i}`, { $min: number(f) }])),
              ...Object.fromEntries(max.map((f, i) => [`h${i}`, { $max: number(f) }])),
            },
          },
        ]
        if (by.length > 0) stages.push({ $sort: Object.fromEntries(by.map((_, i) => [`_id.b${i}`, 1])) })
        stages.push({ $limit: maxGroups + 1 })
        const found = await db.read(() => of(name).aggregate<GroupRow>(stages).toArray())
        if (found.length > maxGroups) throw tooManyGroups(name)
        if (found.length === 0 && by.length === 0) found.push({ _id: {}, count: 0 })
        const take = <T>(fields: string[], get: (i: number) => T): { [field: string]: T } =>
          Object.fromEntries(fields.map((field, i) => [field, get(i)]))
        return found.map((row): Group => ({
          by: take(by, (i) => row._id[`b${i}`] ?? null),
          count: row.count,
          sum: take(sum, (i) => Number(row[`s${i}`] ?? 0)),
          min: take(min, (i) => (row[`l${i}`] as number | undefined) ?? null),
          max: take(max, (i) => (row[`h${i}`] as number | undefined) ?? null),
        }))
      },
    }
  }
}
type GroupRow = { _id: { [by: string]: Json }; count: number } & { [key: string]: unknown }

export function toNew(workspace: string, collection: Collection, id: string, text: string): Stored {
  return { _id: `${workspace}/${id}`, w: workspace, id, r: 1, d: text, ...toFields(collection, parse(text)) }
}
function parse(text: string): JsonObject {
  const value: unknown = JSON.parse(text)
  return isJsonObject(value) ? value : {}
}
function missing(name: string, id: string): AppError {
  return new AppError('not-found', `There is no ${id} in ${name}.`)
}
function contended(name: string): AppError {
  return new AppError('unavailable', `Too many change the same documents of ${name} at once. Try again.`)
}
async function conflicts<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const index = /[Ii]ndex:? '?([^' ]+)/.exec(error.message)?.[1] ?? '_id_'
    const fields = index === '_id_' ? ['id'] : [...index.matchAll(/f\.([A-Za-z]+)_1/g)].map((m) => m[1] ?? '')
    throw new AppError('conflict', `There is already one in ${name} with the same ${fields.join(' and ')}.`, {
      fields,
    })
  }
}
