/**
 * Publishes lines from stdin over AMQP, for the command line, which has no broker client of its own. The first line is
 * where to: `{url, queue}` or `{url, exchange, routingKey}`; it comes by the pipe, because arguments can be seen by
 * everybody. Each further line is `{id, body}`, the body as text. On stdout the state, a line whenever it changes.
 */
import { lookup } from 'node:dns/promises'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { openPublisher, type Publisher } from '../runtime/amqp/publisher.ts'

const target = z.union([
  z.object({ url: z.string(), queue: z.string().min(1).max(255) }),
  z.object({ url: z.string(), exchange: z.string().max(255), routingKey: z.string().max(255) }),
])
const line = z.object({ id: z.string(), body: z.string() })
const closeMs = 5000

let publisher: Publisher | undefined
const encoder = new TextEncoder()
// An interrupt of the terminal reaches the command too, which ends this process by closing its input.
process.on('SIGINT', () => undefined)
for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (publisher) {
    const { id, body } = line.parse(JSON.parse(text))
    publisher.publish({ id, body: encoder.encode(body) })
    continue
  }
  const { url, ...to } = target.parse(JSON.parse(text))
  publisher = openPublisher({
    url,
    target: to,
    name: 'suricate collect',
    resolve: (host) => lookup(host),
    onState: (state) => process.stdout.write(`${JSON.stringify(state)}\n`),
  })
}
await publisher?.close(closeMs)
