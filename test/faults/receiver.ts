/**
 * A receiver of webhooks as a careful one is: what comes under a known Idempotency-Key is answered and not done again.
 * Now and then, by a seed, it fails: it refuses before it did anything, or does it and then says nothing.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Receiver {
  url: string
  pair: string
  /** What it did, by Idempotency-Key: the body's text. */
  done: ReadonlyMap<string, string>
  deliveries(): number
  /** Keys that came again with another body. */
  contradictions: string[]
  close(): void
}

export async function openFaultyReceiver(random: () => number): Promise<Receiver> {
  const done = new Map<string, string>()
  const contradictions: string[] = []
  let deliveries = 0
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    request.on('end', () => {
      deliveries++
      const chance = random()
      if (chance < 0.02) return response.writeHead(503).end()
      const key = String(request.headers['idempotency-key'])
      const before = done.get(key)
      if (before === undefined) done.set(key, text)
      else if (before !== text) contradictions.push(key)
      if (chance < 0.04) return request.socket.destroy()
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const pair = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${pair}/hook`,
    pair,
    done,
    contradictions,
    deliveries: () => deliveries,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
