import { isAppError, toMessage } from '../error.ts'

const permanent =
  /ACCESS.REFUSED|NOT.FOUND|NOT.ALLOWED|PRECONDITION.FAILED|NOT.IMPLEMENTED|RESOURCE.LOCKED|Expected ConnectionOpenOk|Handshake terminated|certificate|\b(403|404|405|406|530|540)\b/i

/** Whether a person must change something: wrong password, unknown vhost, missing queue, inequivalent arguments. */
export function isMisconfigured(error: unknown): boolean {
  if (isAppError(error)) return ['invalid', 'refused', 'conflict', 'unsupported'].includes(error.code)
  return permanent.test(toMessage(error))
}

/** What a person sees: never the address, it holds the password. */
export function toFault(error: unknown): string {
  if (isAppError(error)) return error.message
  const text = toMessage(error).replaceAll(/amqps?:\/\/\S+/gi, 'the address')
  if (/ACCESS.REFUSED|403/i.test(text) && /login|handshake|PLAIN/i.test(text))
    return 'The broker refused the user name or password.'
  if (/Expected ConnectionOpenOk/.test(text))
    return 'The broker does not open this virtual host to this user: it does not exist, or it is not allowed.'
  if (/ECONNREFUSED/.test(text)) return 'Nothing listens at this host and port.'
  if (/ETIMEDOUT/.test(text)) return 'The broker did not answer within 5 s.'
  const server = /"([A-Z_]+ - [^"]+)"/.exec(text)?.[1]
  return (server ?? text).slice(0, 500)
}
