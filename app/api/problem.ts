/** Errors as RFC 9457 problem details. The one table from code to HTTP status. */
import type { z } from 'zod'
import type { Problem } from '../../runtime/api/operation.ts'
import { AppError, type ErrorCode } from '../../runtime/error.ts'

const statusOf: { [C in ErrorCode]: number } = {
  invalid: 422,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  'precondition-required': 428,
  'too-large': 413,
  unsupported: 415,
  limit: 429,
  timeout: 504,
  cancelled: 409,
  fenced: 409,
  unavailable: 503,
  refused: 403,
  internal: 500,
}
const titleOf: { [C in ErrorCode]: string } = {
  invalid: 'The input is wrong',
  unauthorized: 'Sign in first',
  forbidden: 'Not allowed',
  'not-found': 'Not found',
  conflict: 'In conflict with what is there',
  stale: 'Changed in the meantime',
  'precondition-required': 'If-Match is missing',
  'too-large': 'Too large',
  unsupported: 'Not supported',
  limit: 'Over a limit',
  timeout: 'Took too long',
  cancelled: 'Cancelled',
  fenced: 'Taken over by another worker',
  unavailable: 'Not available now',
  refused: 'Address refused',
  internal: 'An error of ours',
}

export function toProblem(error: AppError, instance: string): Problem {
  const { errors, path } = error.details
  return {
    type: `urn:suricate:error:${error.code}`,
    title: titleOf[error.code],
    status: statusOf[error.code],
    code: error.code,
    detail: error.message,
    instance,
    ...(Array.isArray(errors)
      ? { errors: errors as { path: string; message: string }[] }
      : error.code === 'invalid' && typeof path === 'string'
        ? { errors: [{ path: `body.${path}`, message: error.message }] }
        : {}),
  }
}

export function toResponse(error: AppError, instance: string): Response {
  const body = toProblem(error, instance)
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (body.status === 401) headers.set('www-authenticate', 'Bearer')
  const retryAfter = error.details['retryAfterSeconds']
  if (typeof retryAfter === 'number') headers.set('retry-after', String(Math.ceil(retryAfter)))
  return new Response(JSON.stringify(body), { status: body.status, headers })
}

/** One sentence that names the first wrong field, with all of them in `errors`. */
export function toInvalid(where: string, error: z.ZodError): AppError {
  const errors = error.issues.slice(0, 20).map((issue) => ({
    path: [where, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))
  const first = errors[0]
  return new AppError('invalid', first ? `${first.path}: ${first.message}` : `${where} is wrong.`, { errors })
}
