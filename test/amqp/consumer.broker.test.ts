/** Two batches under way at once: the order of acknowledgements, and a write that fails before one that does not. */
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConsumer, type Consumer } from '../../runtime/amqp/consumer.ts'
import type { Delivery } from '../../runtime/amqp/delivery.ts'
import { AppError } from '../../runtime/error.ts'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { until } from '../stream/until.ts'

describe.skipIf(brokerMissing)('openConsumer', () => {
  let broker: Broker
  let connection: ChannelModel
  let channel: Channel
  beforeAll(async () => {
    broker = await openBroker()
    connection = await connect(broker.url())
    channel = await connection.createChannel()
  })
  afterAll(async () => {
    await connection?.close().catch(() => undefined)
    await broker?.close()
  })

  interface Write {
    batch: number[]
    done: PromiseWithResolvers<void>
  }
  async function open(queue: string): Promise<{ writes: Write[]; consumer: Consumer }> {
    await channel.assertQueue(queue, { durable: true })
    for (let i = 0; i < 1200; i++) channel.sendToQueue(queue, Buffer.from(String(i)))
    await until(async () => (await channel.checkQueue(queue)).messageCount === 1200)
    const writes: Write[] = []
    const consumer = openConsumer({
      connection: {
        url: broker.url(),
        resolve: (host) => Promise.resolve({ address: host }),
        name: queue,
      },
      source: { queue, share: false },
      ready: () => Promise.resolve({ clean: true, offset: null }),
      write(batch: Delivery[]) {
        const done = Promise.withResolvers<void>()
        writes.push({ batch: batch.map(({ content }) => Number(Buffer.from(content).toString())), done })
        return done.promise
      },
      settled: () => Promise.resolve(),
      onState: () => undefined,
      random: () => 0,
    })
    return { writes, consumer }
  }
  const ready = async (queue: string): Promise<number> => (await channel.checkQueue(queue)).messageCount

  test('the next batch begins while one is written; what was stored first is acknowledged first', async () => {
    const { writes, consumer } = await open('order')
    await until(() => writes.length === 2)
    await until(() => consumer.counters.unacknowledged === 1200)
    expect(writes.map(({ batch }) => [batch[0], batch.length])).toEqual([
      [0, 500],
      [500, 500],
    ])
    writes[1]!.done.resolve()
    await new Promise((done) => setTimeout(done, 100))
    expect([writes.length, consumer.counters.unacknowledged]).toEqual([2, 1200])
    writes[0]!.done.resolve()
    await until(() => writes.length === 3)
    expect([writes[2]!.batch[0], consumer.counters.unacknowledged]).toEqual([1000, 200])
    const stopped = consumer.stop()
    writes[2]!.done.resolve()
    await stopped
    expect([await ready('order'), consumer.counters.unacknowledged]).toEqual([0, 0])
  })
  test('after a write that failed nothing is acknowledged, and the session ends when all writes have', async () => {
    const { writes, consumer } = await open('failed')
    await until(() => writes.length === 2)
    writes[0]!.done.reject(new AppError('fenced', 'Another worker holds this stream.'))
    await new Promise((done) => setTimeout(done, 500))
    expect(writes).toHaveLength(2)
    writes[1]!.done.resolve()
    await until(() => writes.length === 4)
    expect(writes[2]!.batch[0]).toBe(0)
    await until(() => consumer.counters.redelivered === 1200)
    expect(consumer.counters.sessions).toBe(2)
    for (const { done } of writes) done.resolve()
    const stopped = consumer.stop()
    await until(() => writes.length === 5)
    writes[4]!.done.resolve()
    await stopped
    expect(await ready('failed')).toBe(0)
  })
})
