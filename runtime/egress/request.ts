/** What a request may carry: a closed list of methods, and headers that cannot break out of their line. Pure. */
import { AppError } from '../error.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Headers that the connection owns. */
const owned = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'accept-encoding',
])
/** Never carried to another origin. */
const secret = new Set(['authorization', 'cookie', 'proxy-authorization'])

export function toMethod(method: string | undefined): string {
  const upper = (method ?? 'GET').toUpperCase()
  if (!methods.has(upper))
    throw new AppError(
      'invalid',
      `The method ${upper.slice(0, 20)} is not possible. Use ${[...methods].join(', ')}.`,
    )
  return upper
}

/** Lower-case names. invalid: a bad name, a control character in a value, a header of the connection. */
export function toHeaders(given: { [name: string]: string } = {}): { [name: string]: string } {
  const headers: { [name: string]: string } = Object.create(null) as { [name: string]: string }
  const entries = Object.entries(given)
  if (entries.length > 100)
    throw new AppError('too-large', 'The request has more than 100 headers, which is the limit.')
  for (const [name, value] of entries) {
    const lower = name.toLowerCase()
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,200}$/.test(lower))
      throw new AppError('invalid', `"${name.slice(0, 60)}" is no header name.`)
    if (owned.has(lower) || lower.startsWith('proxy-'))
      throw new AppError('invalid', `The header ${lower} is set by the connection and cannot be given.`)
    const text = String(value)
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text) || text.length > 8192)
      throw new AppError(
        'invalid',
        `The value of the header ${lower} has control characters, letters outside Latin-1 or more than 8 KB.`,
      )
    headers[lower] = text
  }
  return headers
}

/** The method, headers and body of the next hop after a redirect with this status. */
export function toNextHop(
  hop: { method: string; headers: { [name: string]: string }; body: string | Uint8Array | undefined },
  status: number,
  sameOrigin: boolean,
): { method: string; headers: { [name: string]: string }; body: string | Uint8Array | undefined } {
  const toGet =
    (status === 303 && hop.method !== 'HEAD') || ((status === 301 || status === 302) && hop.method === 'POST')
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(
      ([name]) => (sameOrigin || !secret.has(name)) && !(toGet && name.startsWith('content-')),
    ),
  )
  return { method: toGet ? 'GET' : hop.method, headers, body: toGet ? undefined : hop.body }
}
