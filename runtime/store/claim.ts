/** What `claimDue` looks for: the caller's filter and no living lease. */
import { AppError } from '../error.ts'
import type { Collection } from './collections.ts'
import { toSort, type Sort } from './cursor.ts'
import { checkKey } from './document.ts'
import { toTerms, type Term } from './filter.ts'
import { checkInteger } from './message.ts'
import type { SystemStore } from './port.ts'

export type Claim = Parameters<SystemStore['claimDue']>[1]

/** The last term is an alternative: no lease, or one that has ended by `now`. */
export function toClaim(name: string, collection: Collection, claim: Claim): { terms: Term[]; sort: Sort } {
  if (!('leaseUntil' in collection.fields) || !('leaseOwner' in collection.fields))
    throw new AppError('invalid', `${name} has no leases to claim.`)
  checkKey(claim.owner, 'The owner of a lease')
  checkInteger(claim.now, 'now')
  checkInteger(claim.until, 'until')
  const terms = toTerms(name, collection, claim.filter)
  return {
    terms: [...terms, { field: 'leaseUntil', op: 'free', now: claim.now }],
    sort: toSort(name, collection, claim.sort),
  }
}
