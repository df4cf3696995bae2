/**
 * The filter language, checked once for both adapters: a filter becomes a list of terms that all hold. Fields are
 * declared in collections.ts (or `id`), values have the field's type; anything else is invalid. A range compares
 * within one type only, so that a stored text is never "greater" than a number.
 */
import { AppError } from '../error.ts'
import type { Collection, FieldType } from './collections.ts'
import { checkText } from './document.ts'
import type { Filter, Scalar } from './port.ts'

export type Bound = 'gt' | 'gte' | 'lt' | 'lte'
export type Term =
  | { field: string; op: 'in'; values: Exclude<Scalar, null>[]; orNull: boolean }
  | { field: string; op: Bound; value: string | number }
  | { field: string; op: 'contains'; value: string | number }
  | { field: string; op: 'exists'; exists: boolean }
  /** No lease, or one that has ended by now; made by claim.ts alone. */
  | { field: string; op: 'free'; now: number }

const maxTerms = 20
const maxIn = 1_000

export function toTerms(name: string, collection: Collection, filter: Filter = {}): Term[] {
  const entries = Object.entries(filter)
  if (entries.length > maxTerms)
    throw new AppError(
      'invalid',
      `A filter has at most ${maxTerms} conditions, this one has ${entries.length}.`,
    )
  return entries.flatMap(([field, condition]) =>
    toTerm(name, field, getType(name, collection, field), condition),
  )
}
export function getType(name: string, collection: Collection, field: string): FieldType {
  if (field === 'id') return 'string'
  const type = Object.hasOwn(collection.fields, field) ? collection.fields[field] : undefined
  if (!type)
    throw new AppError(
      'invalid',
      `The field "${field}" of ${name} cannot be asked for. Declared are: ${['id', ...Object.keys(collection.fields)].join(', ')}.`,
      { path: field },
    )
  return type
}
function toTerm(name: string, field: string, type: FieldType, condition: unknown): Term[] {
  const what = `The filter on ${name}.${field}`
  const refuse = (why: string): never => {
    throw new AppError('invalid', `${what} ${why}.`, { path: field })
  }
  const scalar = (value: unknown): Exclude<Scalar, null> => {
    const wanted = type === 'time' || type === 'number' ? 'number' : type === 'boolean' ? 'boolean' : 'string'
    if (type === 'strings') refuse('must be {$contains: value}, {$exists: true or false} or null')
    if (typeof value !== wanted)
      refuse(`compares with a ${value === null ? 'null' : typeof value}, but the field is a ${type}`)
    if (typeof value === 'number' && !Number.isFinite(value))
      refuse('compares with a number that is not finite')
    if (typeof value === 'string') checkText(value, what)
    return value as Exclude<Scalar, null>
  }
  if (condition === null) return [{ field, op: 'in', values: [], orNull: true }]
  if (typeof condition !== 'object') return [{ field, op: 'in', values: [scalar(condition)], orNull: false }]
  const operators = Object.entries(condition)
  const names = operators.map(([operator]) => operator)
  if (names.length === 0) refuse('has no operator')
  if (names.length > 1 && names.some((n) => !isRange(n))) refuse(`cannot combine ${names.join(' and ')}`)
  return operators.map(([operator, value]): Term => {
    switch (operator) {
      case '$in': {
        if (!Array.isArray(value)) return refuse('needs a list for $in')
        if (value.length > maxIn) refuse(`has ${value.length} values for $in; at most ${maxIn}`)
        const values = value.filter((v) => v !== null).map(scalar)
        if (type === 'strings') refuse('cannot use $in')
        return { field, op: 'in', values: [...new Set(values)], orNull: value.includes(null) }
      }
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte': {
        const bound = scalar(value)
        if (typeof bound === 'boolean') return refuse('cannot compare booleans by range')
        return { field, op: operator.slice(1) as Bound, value: bound }
      }
      case '$contains':
        if (type !== 'strings') refuse('uses $contains, which is for list fields')
        if (typeof value === 'string') checkText(value, what)
        else if (typeof value !== 'number' || !Number.isFinite(value))
          refuse('needs a text or number for $contains')
        return { field, op: 'contains', value: value as string | number }
      case '$exists':
        if (typeof value !== 'boolean') refuse('needs true or false for $exists')
        return { field, op: 'exists', exists: value === true }
      default:
        return refuse(`has the unknown operator "${operator}"`)
    }
  })
}
function isRange(operator: string): boolean {
  return operator === '$gt' || operator === '$gte' || operator === '$lt' || operator === '$lte'
}
