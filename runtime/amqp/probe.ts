/**
 * A connection test that takes no message: passive checks only. The preview reads what is published while it looks,
 * through an exclusive queue of its own bound to the same exchange, or from a stream queue's offset, which takes
 * nothing; get and requeue would reorder and raise delivery counts.
 */
import type { Channel, ConsumeMessage } from 'amqplib'
import { openConnection, within, type ConnectionOptions } from './connection.ts'
import { toFault } from './fault.ts'
import { findQueueType } from './topology.ts'

export interface ProbeResult {
  ok: boolean
  detail: string
  messages: number | null
  consumers: number | null
  queueType: string | null
  sample: Uint8Array[]
}

const stepMs = 5000
const previewMs = 1000
const previewMessages = 10

export async function probe(
  connection: ConnectionOptions,
  source: { queue?: string; exchange?: string; routingKeys?: string[] },
): Promise<ProbeResult> {
  const result: ProbeResult = {
    ok: false,
    detail: '',
    messages: null,
    consumers: null,
    queueType: null,
    sample: [],
  }
  try {
    const opened = await openConnection(connection)
    try {
      const channel = await opened.channel()
      if (source.queue !== undefined) {
        const found = await within(stepMs, channel.checkQueue(source.queue))
        result.messages = found.messageCount
        result.consumers = found.consumerCount
        result.queueType = await findQueueType(opened, source.queue)
        result.detail = `The queue has ${found.messageCount} message(s) ready and ${found.consumerCount} consumer(s).`
      } else {
        const exchange = source.exchange ?? ''
        if (exchange !== '') await within(stepMs, channel.checkExchange(exchange))
        result.detail = 'The exchange is there.'
        result.sample = await preview(channel, exchange, source.routingKeys ?? [])
      }
      result.ok = true
    } finally {
      await opened.close()
    }
  } catch (error) {
    result.detail = toFault(error)
  }
  return result
}

async function preview(channel: Channel, exchange: string, routingKeys: string[]): Promise<Uint8Array[]> {
  if (exchange === '') return []
  const { queue } = await within(
    stepMs,
    channel.assertQueue('', {
      exclusive: true,
      durable: false,
      autoDelete: true,
      arguments: { 'x-max-length': previewMessages },
    }),
  )
  for (const key of routingKeys) await within(stepMs, channel.bindQueue(queue, exchange, key))
  const sample: Uint8Array[] = []
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, previewMs)
    const take = (message: ConsumeMessage | null): void => {
      if (message) sample.push(message.content)
      if (message && sample.length < previewMessages) return
      clearTimeout(timer)
      resolve()
    }
    channel.consume(queue, take, { noAck: true }).catch(reject)
  })
  return sample.slice(0, previewMessages)
}
