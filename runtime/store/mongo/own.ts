/**
 * Filters and places within a workspace. `_id` is workspace/id, so what asks for ids alone, or for everything by id, is
 * a range of `_id`: the one index that every server keeps as a B-tree, sound after a kill. What asks for other fields
 * goes by their indexes, which begin with the workspace. No index but `_id` then needs to hold the id of a document
 * that is written all the time.
 */
import type { Document as BsonDocument } from 'mongodb'
import type { Place, Sort } from '../cursor.ts'
import type { Term } from '../filter.ts'
import { afterOf, sortOf, whereOf } from './expression.ts'

export interface Own {
  /** `sort`: of what is looked for in that order. */
  where(terms: Term[], sort?: Sort): BsonDocument[]
  query(query: { terms: Term[]; sort: Sort; after: Place | null }): {
    filter: BsonDocument
    sort: { [path: string]: 1 | -1 }
  }
}

export function openOwn(workspace: string): Own {
  // '0' follows '/'
  const all = { _id: { $gte: `${workspace}/`, $lt: `${workspace}0` } }
  const nothing = { _id: { $in: [] } }
  const toOwnId = (value: unknown): string[] => (typeof value === 'string' ? [`${workspace}/${value}`] : [])
  const whereId = (term: Term): BsonDocument => {
    switch (term.op) {
      case 'in': {
        const ids = term.values.flatMap(toOwnId)
        return { _id: ids.length === 1 ? ids[0] : { $in: ids } }
      }
      case 'exists':
        return term.exists ? {} : nothing
      case 'contains':
      case 'free':
        return nothing
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte': {
        const [id] = toOwnId(term.value)
        return id === undefined ? nothing : { _id: { [`$${term.op}`]: id } }
      }
    }
  }
  const split = (terms: Term[]): { ids: Term[]; others: Term[] } => ({
    ids: terms.filter(({ field }) => field === 'id'),
    others: terms.filter(({ field }) => field !== 'id'),
  })
  const isByField = (terms: Term[], sort?: Sort): boolean =>
    terms.some(({ field }) => field !== 'id') || (sort !== undefined && sort.field !== 'id')
  const place = (terms: Term[], byField: boolean): BsonDocument[] => {
    const { ids, others } = split(terms)
    const within = byField ? [{ w: workspace }, ...(ids.length > 0 ? [all] : [])] : [all]
    return [...within, ...whereOf(others), ...ids.map(whereId)]
  }
  return {
    where: (terms, sort) => place(terms, isByField(terms, sort)),
    query({ terms, sort, after }) {
      if (isByField(terms, sort))
        return { filter: { $and: [...place(terms, true), ...afterOf(sort, after)] }, sort: sortOf(sort) }
      const way = sort.descending ? -1 : 1
      const beyond = after ? [{ _id: { [way > 0 ? '$gt' : '$lt']: `${workspace}/${after.id}` } }] : []
      return { filter: { $and: [...place(terms, false), ...beyond] }, sort: { _id: way } }
    },
  }
}
