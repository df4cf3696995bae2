/**
 * Terms, sorts and places as SQL. One expression per field serves filters, sorts and indexes alike: numbers and texts
 * are themselves and booleans are one-byte blobs, so that SQLite's own order of storage classes (null, number, text,
 * blob) is the order that the port promises.
 */
import type { CheckedQuery, Place, Sort } from '../cursor.ts'
import type { Bound, Term } from '../filter.ts'
import type { Json } from '../../json.ts'
import type { Scalar } from '../port.ts'
import type { Value } from './database.ts'

export interface Sql {
  text: string
  values: Value[]
}

export function fieldSql(field: string): string {
  if (field === 'id') return 'id'
  return `case json_type(doc,'$.${field}') when 'true' then x'01' when 'false' then x'00' else json_extract(doc,'$.${field}') end`
}
export function toValue(value: Scalar): Value {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0)
  // JSON writes large whole numbers by their shortest digits; SQLite reads those as exact 64-bit integers.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    const text = JSON.stringify(value)
    if (/^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return BigInt(text)
  }
  return value
}
export function fromValue(value: unknown): Json {
  if (value instanceof Uint8Array) return value[0] === 1
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

export function whereSql(terms: Term[]): Sql {
  const parts = terms.map(termSql)
  return { text: parts.map((p) => ` and ${p.text}`).join(''), values: parts.flatMap((p) => p.values) }
}
const operators: { [B in Bound]: string } = { gt: '>', gte: '>=', lt: '<', lte: '<=' }
function termSql(term: Term): Sql {
  const field = fieldSql(term.field)
  switch (term.op) {
    case 'in': {
      const values = term.values.map(toValue)
      const some = values.length === 1 ? `${field} = ?` : `${field} in (${values.map(() => '?').join(',')})`
      if (!term.orNull) return { text: values.length === 0 ? 'false' : some, values }
      return { text: values.length === 0 ? `${field} is null` : `(${field} is null or ${some})`, values }
    }
    case 'contains':
      return {
        text: `json_type(doc,'$.${term.field}') = 'array' and exists (select 1 from json_each(doc,'$.${term.field}') where type ${typeof term.value === 'string' ? "= 'text'" : "in ('integer','real')"} and value = ?)`,
        values: [toValue(term.value)],
      }
    case 'exists':
      return { text: `${field} is ${term.exists ? 'not ' : ''}null`, values: [] }
    case 'free':
      return { text: `(${field} is null or ${field} <= ?)`, values: [term.now] }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte': {
      // Stay within the type: every text is above every number, every blob above every text.
      const within =
        typeof term.value === 'string'
          ? term.op.startsWith('g')
            ? ` and ${field} < x''`
            : ` and ${field} >= ''`
          : term.op.startsWith('g')
            ? ` and ${field} < ''`
            : ''
      return { text: `${field} ${operators[term.op]} ?${within}`, values: [toValue(term.value)] }
    }
  }
}
export function orderSql(sort: Sort): string {
  if (sort.field === 'id') return sort.descending ? 'id desc' : 'id'
  return `${fieldSql(sort.field)}${sort.descending ? ' desc' : ''}, id`
}
/** The stretches of an order that follow a place, one after the other; each can be read from an index. */
export function afterSql(sort: Sort, after: Place | null): Sql[] {
  if (!after) return [{ text: '', values: [] }]
  const field = fieldSql(sort.field)
  if (sort.field === 'id') return [{ text: ` and id ${sort.descending ? '<' : '>'} ?`, values: [after.id] }]
  if (after.value === null) {
    const rest: Sql = { text: ` and ${field} is null and id > ?`, values: [after.id] }
    return sort.descending ? [rest] : [rest, { text: ` and ${field} is not null`, values: [] }]
  }
  const value = toValue(after.value)
  const compare = sort.descending ? '<' : '>'
  const rest: Sql = {
    text: ` and ${field} ${compare}= ? and (${field} ${compare} ? or id > ?)`,
    values: [value, value, after.id],
  }
  return sort.descending ? [rest, { text: ` and ${field} is null`, values: [] }] : [rest]
}
export function selectSql(table: string, workspace: string, query: CheckedQuery): Sql[] {
  const where = whereSql(query.terms)
  return afterSql(query.sort, query.after).map((after) => ({
    text: `select id, revision, json(doc) from "${table}" where workspace = ?${where.text}${after.text} order by ${orderSql(query.sort)} limit ?`,
    values: [workspace, ...where.values, ...after.values],
  }))
}
