/** What goes wrong at the command line, with the exit code that says what kind it is. */
import { ApiError } from '../runtime/api/client.ts'

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  timedOut: 3,
  cancelled: 4,
  skipped: 5,
  unreachable: 6,
}

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly exitCode: number
  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message)
    this.exitCode = exitCode
  }
}

/** One line for people. */
export function toLine(error: unknown, base: string): { text: string; exitCode: number } {
  if (error instanceof Fault) return { text: error.message, exitCode: error.exitCode }
  if (error instanceof ApiError) {
    const hint = error.problem.status === 401 ? ' Sign in with: suricate login ADDRESS' : ''
    return { text: `${error.problem.detail}${hint}`, exitCode: exitCodes.failed }
  }
  if (isUnreachable(error))
    return {
      text: `Nothing answers at ${base}. Is Suricate started (npm start)?`,
      exitCode: exitCodes.unreachable,
    }
  return { text: error instanceof Error ? error.message : String(error), exitCode: exitCodes.failed }
}
/** What fetch throws when there is no connection, or it breaks. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message)
}
