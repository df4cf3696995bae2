/** Sort order and cursors of a query. A cursor is the place after a document: its sort value and id, and of which
 * query it is, so that a cursor used with another filter or sort is refused instead of skipping documents. */
import { createHash } from 'node:crypto'
import { AppError } from '../error.ts'
import type { Collection } from './collections.ts'
import { getType, toTerms, type Term } from './filter.ts'
import type { Document, Page, Query, Scalar } from './port.ts'

export interface Sort {
  field: string
  descending: boolean
}
export interface Place {
  value: Scalar
  id: string
}
export interface CheckedQuery {
  terms: Term[]
  sort: Sort
  limit: number
  after: Place | null
  /** Of filter and sort. */
  mark: string
}

export function toSort(name: string, collection: Collection, sort = 'id'): Sort {
  const descending = sort.startsWith('-')
  const field = descending ? sort.slice(1) : sort
  if (getType(name, collection, field) === 'strings')
    throw new AppError('invalid', `${name} cannot be sorted by the list field "${field}".`, { path: 'sort' })
  return { field, descending }
}
export function toQuery(name: string, collection: Collection, query: Query = {}): CheckedQuery {
  const { filter = {}, sort = 'id', limit = 100, cursor } = query
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new AppError('invalid', 'A limit is a whole number from 1 to 1000.', { path: 'limit' })
  const terms = toTerms(name, collection, filter)
  const hash = createHash('sha256').update(JSON.stringify([name, sort, terms]))
  const mark = hash.digest('base64url').slice(0, 10)
  const after = cursor === undefined ? null : parseCursor(cursor, mark)
  return { terms, sort: toSort(name, collection, sort), limit, after, mark }
}
function parseCursor(cursor: string, mark: string): Place {
  const wrong = (): AppError =>
    new AppError('invalid', 'This cursor does not belong to this query. Start again without one.', {
      path: 'cursor',
    })
  let place: unknown
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw wrong()
  }
  if (!Array.isArray(place) || place.length !== 3 || place[0] !== mark || typeof place[2] !== 'string')
    throw wrong()
  const value: unknown = place[1]
  if (typeof value === 'object' && value !== null) throw wrong()
  return { value: value as Scalar, id: place[2] }
}
/** A page from up to `limit + 1` documents in order. */
export function toPage(query: CheckedQuery, found: Document[]): Page<Document> {
  const items = found.slice(0, query.limit)
  const last = items.at(-1)
  if (found.length <= query.limit || !last) return { items, nextCursor: null }
  const value = last[query.sort.field] ?? null
  const place = JSON.stringify([query.mark, value, last.id])
  return { items, nextCursor: Buffer.from(place).toString('base64url') }
}
