import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openRig, type Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'
import { publishAll } from './publisher.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

describe.skipIf(brokerMissing)('AMQP ingest against a real broker', () => {
  let broker: Broker
  let rig: Rig
  let connection: ChannelModel
  let channel: Channel
  const at = '2014-02-07 14:55'
  const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } }

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
  const amqp = (source: object) => ({ type: 'amqp', url: broker.url(), ...source })
  const send = (queue: string, body: string, options = {}): boolean =>
    channel.sendToQueue(queue, Buffer.from(body), { persistent: true, ...options })

  test('messages arrive with headers, key, time and id; the queue is empty when it is idle', async () => {
    await channel.assertQueue('plain', { durable: true })
    const id = await rig.define({
      name: 'plain',
      source: amqp({ queue: 'plain' }),
      eventTime: { path: 'at' },
      key: { path: 'host' },
    })
    send('plain', JSON.stringify({ at, host: 'a', v: 1 }), { messageId: 'm1', headers: { unit: 'C' } })
    await until(async () => (await rig.streams.get('w1', id)).messages === 1)
    const [message] = await rig.streams.fromSeq('w1', id, 1, 10)
    expect(message).toEqual({
      seq: 1,
      body: { at, host: 'a', v: 1 },
      headers: { unit: 'C', 'amqp-routing-key': 'plain' },
      key: 'a',
      eventTime: Date.UTC(2014, 1, 7, 14, 55),
      receivedAt: expect.any(Number) as number,
      messageId: 'm1',
      redelivered: false,
      definition: 1,
      bytes: 42,
    })
    send('plain', JSON.stringify({ at, v: 'again' }), { messageId: 'm1' })
    send('plain', 'nonsense')
    send('plain', JSON.stringify({ v: 1 }))
    send('plain', JSON.stringify({ at: 'noon' }))
    await until(async () => (await rig.streams.get('w1', id)).deadLetters === 3)
    await until(async () => (await channel.checkQueue('plain')).messageCount === 0)
    await until(async () => (await rig.streams.get('w1', id)).ingest.duplicates === 1)
    const stream = await rig.streams.get('w1', id)
    expect(stream).toMatchObject({ state: 'consuming', messages: 1, deadLetters: 3, lastError: null })
    expect(stream.ingest).toMatchObject({ delivered: 5, duplicates: 1, deadLetters: 3, sessions: 1 })
    const { items } = await rig.streams.deadLetters('w1', id, {})
    expect(items.map((one) => one.raw)).toEqual(['{"at":"noon"}', '{"v":1}', 'nonsense'])
  })
  test('an AMQP timestamp counts only where the definition names no time', async () => {
    await channel.assertQueue('stamped', { durable: true })
    const id = await rig.define({ name: 'stamped', source: amqp({ queue: 'stamped' }) })
    send('stamped', '{}', { timestamp: 1_391_784_900 })
    await until(async () => (await rig.streams.get('w1', id)).messages === 1)
    expect((await rig.streams.get('w1', id)).maxEventTime).toBe(1_391_784_900_000)
  })
  test('an exchange gets a quorum queue of our own; changed routing keys lose nothing', async () => {
    await channel.assertExchange('readings', 'topic', { durable: true })
    const source = amqp({ exchange: 'readings', routingKeys: ['room.*'] })
    const id = await rig.define({ name: 'routed', source })
    await until(async () => (await rig.state(id)) === 'consuming')
    const publish = (key: string) => channel.publish('readings', key, Buffer.from(JSON.stringify(key)))
    publish('room.1')
    await until(async () => (await rig.streams.get('w1', id)).messages === 1)
    const changed = amqp({ exchange: 'readings', routingKeys: ['hall.*'] }) as never
    await rig.streams.update('w1', id, { source: changed })
    publish('hall.1')
    await until(async () => {
      const bindings = await broker.ctl('list_bindings', 'destination_name', 'routing_key')
      return bindings.includes(`suricate.w1.${id}\thall.*`) && !bindings.includes('room.*')
    })
    publish('room.2')
    publish('hall.2')
    await until(async () => (await rig.bodies(id)).includes('hall.2'))
    expect(await rig.bodies(id)).toEqual(expect.arrayContaining(['room.1', 'hall.2']))
    expect(await rig.bodies(id)).not.toContain('room.2')
    const queues = await broker.ctl('list_queues', 'name', 'type')
    expect(queues).toContain(`suricate.w1.${id}\tquorum`)
    await rig.streams.delete('w1', id)
    expect(await broker.ctl('list_queues', 'name')).not.toContain(id)
  })
  test('a stream queue is read from its first message and each offset is stored once, over a kill', async () => {
    await channel.assertQueue('replay', { durable: true, arguments: { 'x-queue-type': 'stream' } })
    for (let i = 0; i < 100; i++) send('replay', String(i))
    const id = await rig.define({ name: 'replay', source: amqp({ queue: 'replay' }) })
    await until(async () => (await rig.streams.get('w1', id)).messages === 100)
    await rig.killIngest()
    for (let i = 100; i < 150; i++) send('replay', String(i))
    await until(async () => (await rig.streams.get('w1', id)).messages === 150)
    expect(await rig.bodies(id)).toEqual(Array.from({ length: 150 }, (_, i) => i))
  })
  test('what a person must change is misconfigured, with the reason and without the address', async () => {
    await channel.assertQueue('taken', { durable: true })
    await channel.consume('taken', () => undefined)
    const cases = {
      'a missing queue': [amqp({ queue: 'nowhere' }), "NOT_FOUND - no queue 'nowhere' in vhost '/'"],
      'a wrong password': [
        { type: 'amqp', url: broker.url('/', 'tester', 'wrong'), queue: 'plain' },
        'The broker refused the user name or password.',
      ],
      'an unknown vhost': [
        { type: 'amqp', url: broker.url('elsewhere'), queue: 'plain' },
        'The broker does not open this virtual host',
      ],
      'a queue with another consumer': [amqp({ queue: 'taken' }), 'The queue has 1 other consumer(s), which'],
    } as const
    for (const [name, [source, reason]] of Object.entries(cases)) {
      const id = await rig.define({ name, source })
      await until(async () => (await rig.state(id)) === 'misconfigured')
      const { lastError } = await rig.streams.get('w1', id)
      expect(lastError, name).toContain(reason)
      expect(lastError, name).not.toContain('secret')
      await rig.streams.update('w1', id, { enabled: false })
    }
    const nobody = await rig.define({
      name: 'an unreachable broker',
      source: { type: 'amqp', url: 'amqp://127.0.0.1:1', queue: 'q' },
    })
    await until(async () => (await rig.state(nobody)) === 'backoff')
    expect((await rig.streams.get('w1', nobody)).lastError).toBe('Nothing listens at this host and port.')
    await rig.streams.update('w1', nobody, { enabled: false })
  })
  test('pause acknowledges what was stored and leaves the rest on the broker', async () => {
    await channel.assertQueue('halt', quorum)
    const id = await rig.define({ name: 'halt', source: amqp({ queue: 'halt' }) })
    send('halt', '1')
    await until(async () => (await rig.streams.get('w1', id)).messages === 1)
    await rig.streams.update('w1', id, { enabled: false })
    await until(() => rig.ingest.report('w1', id)?.state === 'paused')
    send('halt', '2')
    await until(async () => (await channel.checkQueue('halt')).messageCount === 1)
    await rig.streams.update('w1', id, { enabled: true })
    await until(async () => (await rig.streams.get('w1', id)).messages === 2)
    await until(async () => (await rig.streams.get('w1', id)).ingest.prefetch! >= 1500)
    expect((await rig.streams.get('w1', id)).ingest).toMatchObject({ maxDeliveryCount: 0 })
  })
  test('the connection test tells and takes nothing; a preview of an exchange reads beside it', async () => {
    await channel.assertQueue('looked-at', { durable: true })
    for (let i = 0; i < 6; i++) send('looked-at', String(i))
    await until(async () => (await channel.checkQueue('looked-at')).messageCount === 6)
    const id = await rig.define({ name: 'looked-at', source: amqp({ queue: 'plain' }) })
    await rig.streams.update('w1', id, { enabled: false })
    const definition = {
      ...(await rig.streams.resolve('w1', id)),
      source: amqp({ queue: 'looked-at' }) as never,
    }
    expect(await rig.streams.test('w1', definition)).toEqual({
      ok: true,
      detail: 'The queue has 6 message(s) ready and 0 consumer(s).',
      messages: 6,
      consumers: 0,
      queueType: 'classic',
      sample: [],
    })
    const first = await channel.get('looked-at')
    expect(first && [first.content.toString(), first.fields.redelivered]).toEqual(['0', false])
    await channel.assertExchange('seen', 'fanout', { durable: true })
    const beat = setInterval(() => channel.publish('seen', '', Buffer.from('{"v":1}')), 20)
    try {
      const tested = await rig.streams.test('w1', {
        ...definition,
        source: amqp({ exchange: 'seen', routingKeys: [''] }) as never,
      })
      expect(tested).toMatchObject({ ok: true, sample: expect.arrayContaining([{ v: 1 }]) as unknown })
    } finally {
      clearInterval(beat)
    }
  })
  test('messages without an id survive a kill of ingest; equal ones stay as many as they are', async () => {
    const queue = 'nameless'
    await channel.assertQueue(queue, quorum)
    const id = await rig.define({ name: queue, source: amqp({ queue }) })
    await until(async () => (await rig.state(id)) === 'consuming')
    for (let i = 0; i < 3000; i++) send(queue, String(i % 1000))
    await until(async () => (await rig.streams.get('w1', id)).messages > 0)
    await rig.killIngest()
    await until(async () => (await rig.bodies(id)).length >= 3000)
    await until(async () => (await channel.checkQueue(queue)).messageCount === 0)
    const counts = new Map<unknown, number>()
    for (const body of await rig.bodies(id)) counts.set(body, (counts.get(body) ?? 0) + 1)
    expect([counts.size, Math.min(...counts.values()), Math.max(...counts.values())]).toEqual([1000, 3, 3])
  })
  test('20,000 messages are each stored once while broker and ingest are killed', async () => {
    const queue = 'flow'
    await channel.assertQueue(queue, quorum)
    const id = await rig.define({ name: 'flow', source: amqp({ queue }) })
    await until(async () => (await rig.state(id)) === 'consuming')
    await new Promise((resolve) => setTimeout(resolve, 2000)) // RabbitMQ 3.10 forgets a younger quorum queue
    const messages = Array.from({ length: 20_000 }, (_, i) => ({ id: `id-${i}`, body: String(i) }))
    let faults = Promise.resolve()
    let count = 0
    let next = 3000
    connection.on('error', () => undefined)
    await publishAll(broker.url(), queue, messages, (confirmed) => {
      if (confirmed < next) return
      const isBroker = next === 9000
      faults = faults.then(() => (isBroker ? broker.kill().then(() => broker.start()) : rig.killIngest()))
      count++
      next += 3000
    })
    await faults
    await until(async () => (await rig.streams.get('w1', id)).messages >= 20_000, 60_000)
    const bodies = (await rig.bodies(id)).map(Number)
    expect(count).toBe(6)
    expect(bodies.length).toBe(20_000)
    expect(new Set(bodies).size).toBe(20_000)
  }, 120_000)
})
