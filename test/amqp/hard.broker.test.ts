import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamDefinition } from '../../runtime/api/streams.ts'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openRig, type Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'
import { workOffBacklog } from './backlog.ts'
import { pikaFacts, pikaMissing, sendByPika } from './pika.ts'
import { publishAll } from './publisher.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')
if (pikaMissing)
  console.warn('No python3-pika here: its bytes come from another client (apt-get install python3-pika)')

describe.skipIf(brokerMissing)('AMQP ingest where it is hard', () => {
  let broker: Broker
  let rig: Rig
  let connection: ChannelModel
  let channel: Channel

  beforeAll(async () => {
    ;[broker, rig] = await Promise.all([openBroker(), openRig()])
    connection = await connect(broker.url())
    channel = await connection.createChannel()
  })
  afterAll(async () => {
    await connection?.close().catch(() => undefined)
    await rig?.close()
    await broker?.close()
  })
  const amqp = (source: object) => ({ type: 'amqp', url: broker.url(), ...source }) as never

  test('a queue with many waiting is worked off once each, in order, in bounded memory', async () => {
    const { perSecond, peakMb, ...result } = await workOffBacklog(broker, rig, 20_000, 60_000)
    expect(result).toEqual({ waiting: 20_000, stored: 20_000, duplicates: 0, lastIsLast: true })
    expect(peakMb).toBeLessThan(400)
    console.log(`backlog: ${perSecond} messages a second, ${peakMb} MB`)
  }, 90_000)

  test('a definition that changes under load: key, routing and queue; nothing is lost or doubled', async () => {
    await channel.assertExchange('loaded', 'topic', { durable: true })
    const id = await rig.define({
      name: 'loaded',
      source: amqp({ exchange: 'loaded', routingKeys: ['a'] }),
      key: { path: 'host' },
    })
    await until(async () => (await rig.state(id)) === 'consuming')
    await channel.assertQueue('loaded-2', { durable: true })
    await channel.bindQueue('loaded-2', 'loaded', 'b')
    const confirm = await connection.createConfirmChannel()
    let sent = 0
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++, sent++) {
        const body = Buffer.from(JSON.stringify({ n: sent, host: `h${sent % 3}`, room: `r${sent % 2}` }))
        confirm.publish('loaded', 'a', body, { persistent: true, messageId: `l${sent}` })
      }
      await confirm.waitForConfirms()
    }
    const changes = [
      { key: { path: 'room' } },
      { source: amqp({ exchange: 'loaded', routingKeys: ['a', 'c.*'] }) },
      { key: { path: 'host' } },
      { source: amqp({ exchange: 'loaded', routingKeys: ['a'] }) },
      { format: 'json' as const, lateness: 5000 },
    ]
    for (const change of changes) {
      const load = send(2000)
      await rig.streams.update('w1', id, change)
      await load
    }
    await until(async () => (await rig.streams.get('w1', id)).messages === sent)
    // To a queue of the sender's: what waits in ours is taken first, then it goes.
    await rig.streams.update('w1', id, { source: amqp({ queue: 'loaded-2' }) })
    await until(async () => (await rig.state(id)) === 'consuming')
    confirm.publish('loaded', 'b', Buffer.from(`{"n":${sent},"host":"h0"}`), { messageId: `l${sent}` })
    sent++
    await until(async () => (await rig.streams.get('w1', id)).messages === sent)
    const stored = [
      ...(await rig.streams.fromSeq('w1', id, 1, 5000)),
      ...(await rig.streams.fromSeq('w1', id, 5001, 5000)),
      ...(await rig.streams.fromSeq('w1', id, 10_001, 5000)),
    ]
    const numbers = stored.map(({ body }) => (body as { n: number }).n)
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, i) => i))
    const versions = stored.map(({ definition }) => definition)
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(stored.every(({ key, body }) => Object.values(body as object).includes(key))).toBe(true)
    expect(new Set(stored.map(({ key }) => key![0]))).toEqual(new Set(['h', 'r']))
  }, 60_000)

  test('dicts that Python writes are messages with key and time; sent again they are facts of their own', async () => {
    await channel.assertQueue('old', { durable: true })
    const id = await rig.define({
      name: 'old',
      source: amqp({ queue: 'old' }),
      format: 'python',
      eventTime: { path: 'at', unit: 's' },
      key: { path: 'host' },
    })
    await sendByPika(broker.url(), 'old')
    await sendByPika(broker.url(), 'old')
    await until(async () => (await rig.streams.get('w1', id)).messages === 6)
    const found = await rig.streams.fromSeq('w1', id, 1, 10)
    const expected = [...pikaFacts, ...pikaFacts]
    expect(found.map(({ body, key, eventTime }) => ({ body, key, eventTime }))).toEqual(
      expected.map((body) => ({ body, key: 'web 1', eventTime: body.at * 1000 })),
    )
    expect(await rig.streams.get('w1', id)).toMatchObject({ deadLetters: 0, lastError: null })
  })

  test('looking at somebody else’s queue takes nothing: replicated, with a consumer, a stream', async () => {
    const limited = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1 }
    await channel.assertQueue('theirs', { durable: true, arguments: limited })
    await channel.assertQueue('their-log', { durable: true, arguments: { 'x-queue-type': 'stream' } })
    const bodies = ['0', '1', '2'].map((body) => ({ id: body, body }))
    for (const queue of ['theirs', 'their-log']) await publishAll(broker.url(), queue, bodies)
    const look = (queue: string) =>
      rig.streams.test('w1', streamDefinition.parse({ name: 'looking', source: amqp({ queue }) }))
    for (let i = 0; i < 5; i++)
      expect(await look('theirs')).toMatchObject({ ok: true, messages: 3, queueType: 'quorum', sample: [] })
    expect(await look('their-log')).toMatchObject({ ok: true, queueType: 'stream' })
    const taken: unknown[] = []
    const { consumerTag } = await channel.consume('theirs', (message) => {
      if (message)
        taken.push([message.content.toString(), message.fields.redelivered, message.properties.headers])
    })
    await until(() => taken.length === 3)
    expect(taken).toEqual(bodies.map(({ body }) => [body, false, {}]))
    expect(await look('theirs')).toMatchObject({ ok: true, messages: 0, consumers: 1 })
    await channel.cancel(consumerTag)
  })
})
