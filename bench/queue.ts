/** Queues full of metrics for the benches: durable, persistent, about 200 bytes each, confirmed. */
import { connect } from 'amqplib'

const atOnce = 1000

export function toBody(n: number, at = Date.now()): string {
  return JSON.stringify({
    at,
    host: `web-${n % 100}`,
    n,
    cpu: ((n * 7919) % 1000) / 10,
    memory: ((n * 104_729) % 1000) / 10,
    text: 'x'.repeat(110),
  })
}

export interface Filler {
  /** The same into each queue, every message with an id of its own; resolves when the broker has them. */
  fill(queues: string[], from: number, to: number): Promise<void>
  close(): Promise<void>
}

export async function openFiller(url: string): Promise<Filler> {
  const connection = await connect(url, { noDelay: true })
  const channel = await connection.createConfirmChannel()
  return {
    async fill(queues, from, to) {
      const exchange = queues.join(' ')
      await channel.assertExchange(exchange, 'fanout')
      for (const queue of queues) {
        await channel.assertQueue(queue, { durable: true })
        await channel.bindQueue(queue, exchange, '')
      }
      for (let at = from; at < to; at += atOnce) {
        for (let n = at; n < Math.min(at + atOnce, to); n++)
          channel.publish(exchange, '', Buffer.from(toBody(n)), {
            persistent: true,
            messageId: `message-${n}`,
          })
        await channel.waitForConfirms()
      }
    },
    close: () => connection.close(),
  }
}
