/**
 * The one error of the engine, with a closed set of codes. The table from code to HTTP status lives in app/api.
 * `message` is written for the person who caused it: what happened, why, and what would be right.
 */
export const errorCodes = [
  'invalid', // the input is wrong; details.path names the field
  'unauthorized', // no valid token
  'forbidden', // a valid token without the right
  'not-found', // also for what belongs to another workspace
  'conflict', // a name that exists, a state that does not allow it
  'stale', // If-Match does not match
  'precondition-required', // If-Match is missing
  'too-large', // over a size limit, which the message names
  'unsupported', // a media type or feature that is refused by name
  'limit', // over a rate or quota, which the message names
  'timeout', // a wait that reached its limit
  'cancelled', // ended by a person or by shutdown
  'fenced', // another owner has the lease
  'unavailable', // a store, broker or receiver cannot be reached now; worth a retry
  'refused', // egress to an address that is not allowed
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}

/** Of a code that crossed a process as text. */
export function toErrorCode(code: string): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'internal'
}

/** What to show of anything that was thrown. */
export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
