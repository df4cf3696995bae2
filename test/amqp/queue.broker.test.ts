import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamDefinition } from '../../runtime/api/streams.ts'
import { isAppError } from '../../runtime/error.ts'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openRig, type Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

describe.skipIf(brokerMissing)('what a person asks of a queue', () => {
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
  const send = (queue: string, from: number, to: number, body: (i: number) => object): void => {
    for (let i = from; i < to; i++)
      channel.sendToQueue(queue, Buffer.from(JSON.stringify(body(i))), { persistent: true })
  }

  test.each(['classic', 'stream'])(
    'dead letters are replayed while messages come over a %s queue and the process is killed: each once',
    async (type) => {
      const queue = `letters-${type}`
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } })
      const source = { type: 'amqp', url: broker.url(), queue }
      const id = await rig.define({ name: queue, source, eventTime: { path: 'at' } })
      send(queue, 0, 600, (i) => (i % 2 === 0 ? { at: 1, i } : { i }))
      await until(async () => (await rig.streams.get('w1', id)).deadLetters === 300)
      await rig.streams.update('w1', id, { eventTime: {} })
      let from: number | null = 1
      let isKilled = false
      send(queue, 600, 900, (i) => ({ i }))
      while (from !== null) {
        const again: number = from
        const work: Promise<number | null> = rig.streams.replay('w1', id, { reason: '', from }).then(
          ({ next }) => next,
          (error: unknown) => {
            if (isAppError(error, 'unavailable')) return again
            throw error
          },
        )
        if (!isKilled) {
          isKilled = true
          await rig.killIngest()
          send(queue, 900, 1000, (i) => ({ i }))
        }
        from = await work
      }
      await until(async () => (await rig.bodies(id)).length >= 1000)
      const found = (await rig.bodies(id)).map((body) => (body as { i: number }).i)
      expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
      const { items } = await rig.streams.deadLetters('w1', id, { limit: 300 })
      expect(new Set(items.map(({ replay }) => replay?.state))).toEqual(new Set(['replayed']))
    },
  )

  test.each(['classic', 'stream'])(
    'messages of many lines keep the order of a %s queue, also where a batch is stored in parts',
    async (type) => {
      const queue = `lines-${type}`
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } })
      const lines = (i: number): string => Array.from({ length: 30 }, (_, n) => i * 30 + n).join('\n')
      for (let i = 0; i < 1500; i++) channel.sendToQueue(queue, Buffer.from(lines(i)), { persistent: true })
      const source = { type: 'amqp', url: broker.url(), queue }
      const id = await rig.define({ name: queue, source, format: 'ndjson' })
      await until(async () => (await rig.streams.get('w1', id)).messages >= 45_000)
      expect(await rig.bodies(id)).toEqual(Array.from({ length: 45_000 }, (_, n) => n))
      await rig.streams.update('w1', id, { enabled: false })
      await until(async () => (await rig.state(id)) === 'paused')
      await rig.streams.update('w1', id, { enabled: true })
      await until(async () => (await rig.state(id)) === 'consuming')
      send(queue, 0, 1, () => [1])
      await until(async () => (await rig.streams.get('w1', id)).messages > 45_000)
      expect((await rig.streams.get('w1', id)).messages).toBe(45_001)
    },
  )
  test('a missing queue is told, made when asked for, and left as it is where it is there', async () => {
    const definition = streamDefinition.parse({
      name: 'new',
      source: { type: 'amqp', url: broker.url(), queue: 'new' },
    })
    expect(await rig.streams.test('w1', definition)).toMatchObject({ ok: false, missing: 'queue' })
    const made = { ok: true, messages: 0, consumers: 0, queueType: 'quorum', sample: [] }
    expect(await rig.streams.makeQueue('w1', definition)).toMatchObject(made)
    channel.sendToQueue('new', Buffer.from('1'), { persistent: true })
    await until(async () => (await channel.checkQueue('new')).messageCount === 1)
    expect(await rig.streams.makeQueue('w1', definition)).toMatchObject({ ...made, messages: 1 })
    const wrong = streamDefinition.parse({ name: 'new', source: { type: 'http' } })
    await expect(rig.streams.makeQueue('w1', wrong)).rejects.toMatchObject({ code: 'invalid' })
  })
})
