/** From a URL or a host and port to what is connected to, in one notation, or a clear refusal. Pure. */
import { isIP } from 'node:net'
import { AppError } from '../error.ts'

export interface Target {
  /** Lower case, no brackets, no trailing dot; an IPv4 address in any notation is dotted decimal here. */
  host: string
  port: number
  /** 4 or 6 for a literal address, 0 for a name. */
  family: 0 | 4 | 6
}

export function toTarget(host: string, port: number): Target {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new AppError('invalid', `${port} is no port. Give one from 1 to 65535.`)
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (bare.length > 253 || /[\s/@?#\\%]/.test(bare))
    throw new AppError('invalid', 'The host of the address is no host name.')
  // the URL parser knows every notation of an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1, 127.1
  const url = URL.parse(`http://${bare.includes(':') ? `[${bare}]` : bare}/`)
  const name = url?.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '') ?? ''
  if (name === '') throw new AppError('invalid', 'The host of the address is no host name.')
  return { host: name, port, family: isIP(name) as 0 | 4 | 6 }
}

/** `host:port` as allow-lists hold it. */
export function toPair(target: Target): string {
  return `${target.family === 6 ? `[${target.host}]` : target.host}:${target.port}`
}

/** An entry of an allow-list in the notation of toPair. invalid: no exact host:port. */
export function parsePair(pair: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^\s/:,*]+):(\d{1,5})$/.exec(pair.trim())
  if (!match?.[1])
    throw new AppError(
      'invalid',
      `"${pair.slice(0, 100)}" is no exact host:port pair, such as 127.0.0.1:8080.`,
    )
  return toPair(toTarget(match[1], Number(match[2])))
}

/** invalid: what is no http(s) URL, or carries credentials. */
export function parseUrl(text: string): { url: URL; target: Target } {
  const url = text.length > 8192 ? null : URL.parse(text)
  if (!url) throw new AppError('invalid', 'The address is no URL. Give one such as https://example.org/path.')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new AppError(
      'invalid',
      `${url.protocol.slice(0, 40)}// is not possible here. Use http:// or https://.`,
    )
  if (url.username !== '' || url.password !== '')
    throw new AppError(
      'invalid',
      'The URL holds a user name or password. Send an Authorization header instead.',
    )
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { url, target: toTarget(url.hostname, port) }
}
