/**
 * The sample's receiver of webhooks: a small server on loopback that keeps the last hundred requests in memory and
 * lists them as JSON to whoever asks. A repeated Idempotency-Key is answered and not listed again.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const kept = 100
const maxBytes = 65_536

export interface Received {
  at: number
  key: string | null
  body: string
}
export interface Receiver {
  url: string
  /** `host:port`, for the egress allow-list. */
  pair: string
  port: number
  received(): Received[]
  close(): Promise<void>
}

export async function openReceiver(port: number): Promise<Receiver> {
  const list: Received[] = []
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ received: list }, null, 2))
      return
    }
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size > maxBytes) request.destroy()
      else parts.push(part)
    })
    request.on('end', () => {
      const header = request.headers['idempotency-key']
      const key = typeof header === 'string' ? header : null
      if (key === null || !list.some((entry) => entry.key === key)) {
        list.push({ at: Date.now(), key, body: Buffer.concat(parts).toString('utf8') })
        if (list.length > kept) list.shift()
      }
      response.statusCode = 204
      response.end()
    })
  })
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  const pair = `127.0.0.1:${address.port}`
  return {
    url: `http://${pair}/webhook`,
    pair,
    port: address.port,
    received: () => [...list],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
