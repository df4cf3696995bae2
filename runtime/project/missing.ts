/** The one answer for what is not there, belongs to another workspace or to a project that the token does not see. */
import { AppError, isAppError } from '../error.ts'

export function toMissing(noun: string, id: string): AppError {
  return new AppError('not-found', `There is no ${noun} ${id}.`)
}
/** Gives the store's not-found the words of the person who asked. */
export async function named<T>(noun: string, id: string, found: Promise<T>): Promise<T> {
  try {
    return await found
  } catch (error) {
    throw isAppError(error, 'not-found') ? toMissing(noun, id) : error
  }
}
