/** Pages of a list that is in memory: the cursor is the place in it. */
import { AppError } from '../error.ts'
import type { Page } from '../store/port.ts'

export interface PageQuery {
  limit?: number | undefined
  cursor?: string | undefined
}
const defaultLimit = 100

export function toPage<T>(items: readonly T[], { limit = defaultLimit, cursor }: PageQuery = {}): Page<T> {
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor))
    throw new AppError('invalid', 'This cursor is not one of this list.', { path: 'cursor' })
  const from = Number(cursor ?? 0)
  const to = from + limit
  return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null }
}
