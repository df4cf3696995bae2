/** Aggregates, checked for both adapters. Sums and extremes see numbers only; a group value is null when missing. */
import { AppError } from '../error.ts'
import type { Collection } from './collections.ts'
import { getType, toTerms, type Term } from './filter.ts'
import type { Aggregate } from './port.ts'

export const maxGroups = 10_000

export interface CheckedAggregate {
  terms: Term[]
  by: string[]
  sum: string[]
  min: string[]
  max: string[]
}
export function toAggregate(name: string, collection: Collection, aggregate: Aggregate): CheckedAggregate {
  const { filter, by = [], sum = [], min = [], max = [], ...rest } = aggregate
  const unknown = Object.keys(rest)[0]
  if (unknown) throw new AppError('invalid', `An aggregate has no part "${unknown}".`)
  if (by.length > 4) throw new AppError('invalid', 'An aggregate groups by at most 4 fields.')
  for (const field of by)
    if (getType(name, collection, field) === 'strings')
      throw new AppError('invalid', `${name} cannot be grouped by the list field "${field}".`, {
        path: field,
      })
  for (const field of [...sum, ...min, ...max]) {
    const type = getType(name, collection, field)
    if (type !== 'number' && type !== 'time')
      throw new AppError('invalid', `"${field}" of ${name} is a ${type}, not a number.`, { path: field })
  }
  return { terms: toTerms(name, collection, filter), by, sum, min, max }
}
export function tooManyGroups(name: string): AppError {
  return new AppError(
    'limit',
    `The aggregate of ${name} has more than ${maxGroups} groups. Narrow the filter.`,
  )
}
