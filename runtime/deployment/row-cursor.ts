/** The place of a row in the order of end, start, id, as the text that a page hands on. */
import { AppError } from '../error.ts'
import type { Row } from '../store/log.ts'

export interface RowPlace {
  end: number
  start: number
  id: string
}
export function toRowCursor({ end, start, id }: Row): string {
  return Buffer.from(JSON.stringify([end, start, id])).toString('base64url')
}
export function toRowPlace(cursor: string): RowPlace {
  try {
    const [end, start, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof end === 'number' && typeof start === 'number' && typeof id === 'string')
      return { end, start, id }
  } catch {
    // said below
  }
  throw new AppError('invalid', 'The cursor is not one that a page of rows gave.', { path: 'cursor' })
}
