/**
 * One request to one checked address, without redirects. The socket is connected to the address that was checked, and
 * the address it reports is compared once more before a byte is sent. Each hop has a connection of its own, which ends
 * with it: nothing is shared between workspaces. Bodies are decoded here, so that the limit counts decoded bytes.
 */
import type { LookupFunction } from 'node:net'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { buildConnector, Client } from 'undici'
import { AppError } from '../error.ts'
import type { Download, EgressResponse } from './port.ts'
import { toCanonical } from './address.ts'

export interface Hop {
  url: URL
  address: string
  family: 4 | 6
  method: string
  headers: { [name: string]: string }
  body: string | Uint8Array | undefined
  maxBytes: number
  readBody: boolean
  signal: AbortSignal
  /** Takes an answer of 2xx as it arrives; it is read by nobody else. */
  take?: Download['take']
}
/** Between two pieces of a download. */
const pieceMs = 30_000

const decoders: { [coding: string]: () => Transform } = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}

async function* decode(body: Readable, coding: string, hop: Hop): AsyncGenerator<Uint8Array> {
  const codings = coding
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '' && part !== 'identity')
  const decoder = decoders[codings[0] ?? '']?.()
  if (codings.length > 1 || (codings.length === 1 && !decoder))
    throw new AppError('unsupported', `The answer has the content encoding "${coding.slice(0, 60)}".`)
  const tooLarge = (): AppError =>
    new AppError('too-large', `The answer has more than ${hop.maxBytes} bytes, which is the limit.`)
  let raw = 0
  const decoded = decoder ?? body
  if (decoder) {
    body.on('data', (chunk: Uint8Array) => {
      raw += chunk.length
      if (raw > hop.maxBytes) decoder.destroy(tooLarge())
    })
    body.on('error', (error: Error) => decoder.destroy(error))
    body.pipe(decoder)
  }
  let size = 0
  try {
    for await (const chunk of decoded as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > hop.maxBytes) throw tooLarge()
      yield chunk
    }
  } finally {
    // what it reports from now on nobody waits for
    body.on('error', () => undefined).destroy()
    decoded.on('error', () => undefined).destroy()
  }
}

export async function sendHop(hop: Hop): Promise<EgressResponse> {
  // asked for names only: a literal is connected to as it is, and was checked as it is
  const lookup = ((_host: string, options: { all?: boolean }, answer: (...args: unknown[]) => void): void =>
    options.all
      ? answer(null, [{ address: hop.address, family: hop.family }])
      : answer(null, hop.address, hop.family)) as LookupFunction
  const base = buildConnector({ lookup, timeout: 10_000, allowH2: false })
  const client = new Client(hop.url.origin, {
    maxHeaderSize: 65_536,
    pipelining: 1,
    ...(hop.take ? { headersTimeout: pieceMs, bodyTimeout: pieceMs } : {}),
    connect: (options, answer) =>
      base(options, (error, socket) => {
        if (socket && toCanonical(socket.remoteAddress ?? '') !== toCanonical(hop.address)) {
          socket.destroy()
          answer(
            new AppError('refused', 'The connection went to another address than the checked one.'),
            null,
          )
        } else if (socket) answer(null, socket)
        else answer(error ?? new Error('no connection'), null)
      }),
  })
  // destroy() may reject pending work with errors that have been reported already
  const end = (): void => void client.destroy().catch(() => undefined)
  hop.signal.addEventListener('abort', end, { once: true })
  try {
    const answer = await client.request({
      method: hop.method as 'GET',
      path: hop.url.pathname + hop.url.search,
      headers: { ...hop.headers, 'accept-encoding': 'gzip, deflate, br' },
      body: hop.body ?? null,
      signal: hop.signal,
    })
    const headers: { [name: string]: string } = {}
    for (const [name, value] of Object.entries(answer.headers))
      if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
    const { statusCode: status } = answer
    if (hop.take && status >= 200 && status < 300) {
      const chunks = decode(answer.body, headers['content-encoding'] ?? '', hop)
      try {
        await hop.take(chunks, { status, headers })
      } finally {
        await chunks.return(undefined)
        answer.body.on('error', () => undefined).destroy()
      }
      return { url: hop.url.href, status, headers, body: new Uint8Array(0) }
    }
    const empty = !hop.readBody || hop.method === 'HEAD' || answer.statusCode === 204
    if (empty) answer.body.on('error', () => undefined).destroy()
    const body = empty
      ? new Uint8Array(0)
      : Buffer.concat(await Array.fromAsync(decode(answer.body, headers['content-encoding'] ?? '', hop)))
    return { url: hop.url.href, status: answer.statusCode, headers, body }
  } finally {
    hop.signal.removeEventListener('abort', end)
    end()
  }
}
