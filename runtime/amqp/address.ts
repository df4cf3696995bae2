import { AppError } from '../error.ts'

/** invalid, without repeating the address: it may hold a password. */
export function toAmqpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^amqps?:$/.test(url.protocol) || url.hostname === '')
    throw new AppError('invalid', 'The address must look like amqp://user:password@host:5672/vhost.', {
      path: 'source.url',
    })
  return url
}

/** The host without the brackets of IPv6, and the port with its default. */
export function toHostPort(url: URL): { host: string; port: number } {
  const port = url.port === '' ? (url.protocol === 'amqps:' ? 5671 : 5672) : Number(url.port)
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }
}
