/**
 * Terms, places and sorts in MongoDB's words. Declared fields lie beside the document's text below `f`, where null
 * and missing are both left out; so "null" is `$exists: false`, and BSON's own order (missing, number, text, boolean)
 * is the order that the port promises. A comparison in MongoDB stays within its type; only a place in a sort needs
 * the types above or below it by name.
 */
import type { Document as BsonDocument, IndexDescription } from 'mongodb'
import type { Json, JsonObject } from '../../json.ts'
import type { Collection, Index } from '../collections.ts'
import type { Place, Sort } from '../cursor.ts'
import type { Term } from '../filter.ts'

export function fieldPath(field: string): string {
  return field === 'id' ? 'id' : `f.${field}`
}
/** Declared fields of a document, and the expiring ones as dates. */
export function toFields(
  collection: Collection,
  document: JsonObject,
): { f: JsonObject; x: { [field: string]: Date } } {
  const f: JsonObject = {}
  const x: { [field: string]: Date } = {}
  for (const field of Object.keys(collection.fields)) {
    const value: Json = Object.hasOwn(document, field) ? (document[field] ?? null) : null
    if (value !== null) f[field] = value
  }
  for (const index of collection.indexes)
    for (const field of index.expires ? index.fields : []) {
      const at = f[field]
      if (typeof at === 'number' && Math.abs(at) <= 8.64e15) x[field] = new Date(at)
    }
  return { f, x }
}
export function whereOf(terms: Term[]): BsonDocument[] {
  return terms.map((term): BsonDocument => {
    const path = fieldPath(term.field)
    switch (term.op) {
      case 'in': {
        const some = { [path]: term.values.length === 1 ? term.values[0] : { $in: term.values } }
        if (!term.orNull) return some
        return term.values.length === 0
          ? { [path]: { $exists: false } }
          : { $or: [{ [path]: { $exists: false } }, some] }
      }
      case 'contains':
        return { [path]: { $elemMatch: { $eq: term.value } } }
      case 'exists':
        return { [path]: { $exists: term.exists } }
      case 'free':
        return { $or: [{ [path]: { $exists: false } }, { [path]: { $lte: term.now } }] }
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return { [path]: { [`$${term.op}`]: term.value } }
    }
  })
}
const order = ['number', 'string', 'bool']
export function afterOf(sort: Sort, after: Place | null): BsonDocument[] {
  if (!after) return []
  const path = fieldPath(sort.field)
  if (sort.field === 'id') return [{ id: { [sort.descending ? '$lt' : '$gt']: after.id } }]
  const { value, id } = after
  const rank = value === null ? -1 : order.indexOf(typeof value === 'boolean' ? 'bool' : typeof value)
  const parts: BsonDocument[] = []
  if (value === null) parts.push({ [path]: { $exists: false }, id: { $gt: id } })
  else
    parts.push({ [path]: value, id: { $gt: id } }, { [path]: { [sort.descending ? '$lt' : '$gt']: value } })
  const types = sort.descending ? order.slice(0, Math.max(rank, 0)) : order.slice(rank + 1)
  if (types.length > 0) parts.push({ [path]: { $type: types } })
  if (sort.descending && value !== null) parts.push({ [path]: { $exists: false } })
  return [{ $or: parts }]
}
export function sortOf(sort: Sort): { [path: string]: 1 | -1 } {
  const way = sort.descending ? -1 : 1
  return sort.field === 'id' ? { id: way } : { [fieldPath(sort.field)]: way, id: 1 }
}

export function indexesOf(collection: Collection): IndexDescription[] {
  const made: IndexDescription[] = collection.indexes.map(indexOf)
  if ('leaseUntil' in collection.fields)
    for (const index of collection.indexes)
      if (!index.unique && !index.expires) made.push({ key: keyOf(index.fields) })
  return made
}
function indexOf(index: Index): IndexDescription {
  if (index.expires) return { key: keyOf(index.fields, 'x.'), expireAfterSeconds: 0 }
  const where = index.where ? { [fieldPath(index.where.field)]: index.where.equals } : {}
  if (!index.unique)
    return {
      key: { w: 1, ...keyOf(index.fields), id: 1 },
      ...(index.where ? { partialFilterExpression: where } : {}),
    }
  // As in SQL, a document without one of the fields is not compared.
  const present = Object.fromEntries(index.fields.map((field) => [fieldPath(field), { $exists: true }]))
  return {
    key: { w: 1, ...keyOf(index.fields) },
    unique: true,
    partialFilterExpression: { ...present, ...where },
  }
}
function keyOf(fields: string[], prefix = 'f.'): { [path: string]: 1 } {
  return Object.fromEntries(fields.map((field) => [field === 'id' ? 'id' : prefix + field, 1 as const]))
}
