import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPublisher, type Publisher, type PublisherState } from '../../runtime/amqp/publisher.ts'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openProxy, type Proxy } from '../faults/proxy.ts'
import { freePort } from '../server.ts'
import { until } from '../stream/until.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

describe.skipIf(brokerMissing)('openPublisher against a real broker', () => {
  let broker: Broker
  let proxy: Proxy
  let connection: ChannelModel
  let channel: Channel
  const open: Publisher[] = []

  beforeAll(async () => {
    broker = await openBroker()
    proxy = await openProxy(broker.port)
    connection = await connect(broker.url())
    channel = await connection.createChannel()
  })
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close(0)))
    await connection?.close()
    await proxy?.close()
    await broker?.close()
  })
  function publisher(
    target: { queue: string } | { exchange: string; routingKey: string },
    more: { url?: string; maxMessages?: number; maxBytes?: number; confirmMs?: number } = {},
  ): { publisher: Publisher; states: PublisherState[] } {
    const states: PublisherState[] = []
    const made = openPublisher({
      url: broker.url(),
      target,
      name: 'test',
      resolve: () => Promise.resolve({ address: '127.0.0.1' }),
      onState: (state) => states.push(state),
      ...more,
    })
    open.push(made)
    return { publisher: made, states }
  }
  const say = (to: Publisher, ...ids: string[]): void => {
    for (const id of ids) to.publish({ id, body: Buffer.from(JSON.stringify(id)) })
  }
  async function drain(queue: string): Promise<string[]> {
    const ids: string[] = []
    const { messageCount } = await channel.checkQueue(queue)
    const take = (message: ConsumeMessage | null): void => {
      if (!message) return
      expect(JSON.parse(message.content.toString())).toBe(message.properties.messageId)
      ids.push(String(message.properties.messageId))
    }
    const { consumerTag } = await channel.consume(queue, take, { noAck: true })
    await until(() => ids.length >= messageCount)
    await channel.cancel(consumerTag)
    return ids
  }

  test('makes a queue that is missing, bounded and replicated; close waits for what is not confirmed', async () => {
    const { publisher: one, states } = publisher({ queue: 'made' })
    say(one, 'a', 'b')
    await one.close(20_000)
    expect(await drain('made')).toEqual(['a', 'b'])
    expect(states.at(-1)).toMatchObject({ confirmed: 2, dropped: 0, returned: 0 })
    const listed = await broker.ctl('list_queues', 'name', 'type', 'arguments')
    expect(listed).toMatch(/made\tquorum\t.*x-max-length-bytes.*drop-head/)
  })
  test('takes a queue that is there as it is', async () => {
    await channel.assertQueue('theirs', { durable: false })
    const { publisher: one } = publisher({ queue: 'theirs' })
    say(one, 'a')
    await one.close(20_000)
    expect(await drain('theirs')).toEqual(['a'])
  })
  test('what was not confirmed goes again on the next connection, under its id and in order', async () => {
    await channel.assertQueue('cut', { durable: true })
    const { publisher: one, states } = publisher(
      { queue: 'cut' },
      { url: broker.url().replace(`${broker.port}`, `${proxy.port}`) },
    )
    const ids = Array.from({ length: 3000 }, (_, i) => `m${i}`)
    await until(() => states.at(-1)?.connected === true)
    for (let from = 0; from < ids.length; from += 500) {
      say(one, ...ids.slice(from, from + 500))
      await new Promise((resolve) => setImmediate(resolve))
      proxy.cut()
      await until(() => states.at(-1)?.connected === true)
    }
    await one.close(20_000)
    const came = await drain('cut')
    expect([...new Set(came)].toSorted()).toEqual(ids.toSorted())
    expect(states.filter(({ connected }) => connected).length).toBeGreaterThan(3)
    expect(states.at(-1)).toMatchObject({ dropped: 0, returned: 0 })
  })
  test('while nobody listens the oldest go, by number and by bytes, and are counted', async () => {
    const nobody = { url: `amqp://127.0.0.1:${await freePort()}` }
    const { publisher: few, states } = publisher({ queue: 'q' }, { ...nobody, maxMessages: 3 })
    say(few, 'a', 'b', 'c', 'd', 'e')
    expect(few.waiting).toBe(3)
    await until(() => states.length > 0)
    expect(states[0]).toEqual({
      connected: false,
      detail: 'Nothing listens at this host and port.',
      misconfigured: false,
      confirmed: 0,
      dropped: 2,
      returned: 0,
    })
    const { publisher: small } = publisher({ queue: 'q' }, { ...nobody, maxBytes: 10 })
    say(small, 'abc', 'def', 'g')
    expect(small.waiting).toBe(2)
    const began = performance.now()
    await Promise.all([few.close(50), small.close(50)])
    expect(performance.now() - began).toBeLessThan(5000)
  })
  test('a broker that confirms nothing is left, which is said; it goes on when it takes messages again', async () => {
    await channel.assertQueue('slow', { durable: true })
    const { publisher: one, states } = publisher({ queue: 'slow' }, { confirmMs: 500 })
    await until(() => states.at(-1)?.connected === true)
    await broker.ctl('set_vm_memory_high_watermark', '0.0000001')
    say(one, 'a', 'b')
    await until(() => states.some(({ detail }) => detail === 'The broker has confirmed nothing for 0.5 s.'))
    expect(one.waiting).toBe(2)
    await broker.ctl('set_vm_memory_high_watermark', '0.4')
    await one.close(20_000)
    expect(new Set(await drain('slow'))).toEqual(new Set(['a', 'b']))
  })
  test('what no queue takes is counted and not tried again', async () => {
    await channel.assertExchange('void', 'direct', { durable: false })
    const { publisher: one, states } = publisher({ exchange: 'void', routingKey: 'nobody' })
    say(one, 'a', 'b')
    await until(() => states.at(-1)?.returned === 2)
    await one.close(20_000)
    expect(states.at(-1)).toMatchObject({ confirmed: 2, returned: 2 })
    expect(one.waiting).toBe(0)
  })
  test('what a person must change is said: the exchange, the password', async () => {
    const { publisher: lost, states } = publisher({ exchange: 'nowhere', routingKey: 'k' })
    say(lost, 'a')
    await until(() => states.some(({ misconfigured }) => misconfigured))
    expect(states.find(({ misconfigured }) => misconfigured)!.detail).toContain(
      "NOT_FOUND - no exchange 'nowhere'",
    )
    const wrong = publisher({ queue: 'made' }, { url: broker.url('/', 'tester', 'wrong') })
    await until(() => wrong.states.length > 0)
    expect(wrong.states[0]).toMatchObject({
      misconfigured: true,
      detail: 'The broker refused the user name or password.',
    })
  })
})
