/**
 * Queues of our own: quorum, with a delivery limit whose victims go to a dead-letter queue, and a single active
 * consumer. New bindings come before old ones go, so that a change of routing keys loses nothing.
 */
import type { Channel } from 'amqplib'
import { toMessage } from '../error.ts'
import { within, type AmqpConnection } from './connection.ts'

export interface Declared {
  /** The queue's name, ours. */
  queue: string
  exchange: string
  routingKeys: string[]
  /** Bound by an earlier definition, from the notes of the stream. */
  oldBindings: { exchange: string; routingKey: string }[]
}

const deadLetters = 'suricate.dead-letters'
const stepMs = 10_000

export async function declareQueue(channel: Channel, source: Declared): Promise<string> {
  const { queue, exchange, routingKeys } = source
  // A missing exchange is the user's to know, before anything of ours is made.
  if (exchange !== '') await within(stepMs, channel.checkExchange(exchange))
  await within(stepMs, channel.assertExchange(deadLetters, 'direct', { durable: true }))
  const dead = `${queue}.dead`
  await within(stepMs, channel.assertQueue(dead, { durable: true, arguments: { 'x-queue-type': 'quorum' } }))
  await within(stepMs, channel.bindQueue(dead, deadLetters, queue))
  await within(
    stepMs,
    channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': 20,
        'x-dead-letter-exchange': deadLetters,
        'x-dead-letter-routing-key': queue,
        'x-single-active-consumer': true,
      },
    }),
  )
  for (const key of routingKeys) await within(stepMs, channel.bindQueue(queue, exchange, key))
  for (const old of source.oldBindings)
    if (old.exchange !== exchange || !routingKeys.includes(old.routingKey))
      await within(stepMs, channel.unbindQueue(queue, old.exchange, old.routingKey))
  return queue
}

/** For a person who asks for it: a queue of theirs from then on. One that is there with other arguments is refused. */
export async function makeQueue(channel: Channel, queue: string): Promise<void> {
  await within(stepMs, channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } }))
}

/** When a stream is deleted. */
export async function deleteQueue(channel: Channel, queue: string): Promise<void> {
  await within(stepMs, channel.deleteQueue(queue))
  await within(stepMs, channel.deleteQueue(`${queue}.dead`))
}

/**
 * classic, quorum or stream. A passive check does not tell; consuming with a stream's offset does, for any other kind
 * refuses the argument before it delivers anything, and names itself. A stream loses nothing by being read.
 */
export async function findQueueType(connection: AmqpConnection, queue: string): Promise<string | null> {
  try {
    await connection.trial(async (channel) => {
      await channel.prefetch(1)
      const { consumerTag } = await channel.consume(queue, () => undefined, {
        arguments: { 'x-stream-offset': 'next' },
      })
      await channel.cancel(consumerTag)
    })
    return 'stream'
  } catch (error) {
    const kind = /invalid arg 'x-stream-offset'.* of queue type rabbit_(\w+)_queue/.exec(
      toMessage(error),
    )?.[1]
    if (kind === undefined) throw error
    return kind
  }
}
