/** Messages into streams from cells and handlers: by push and through a real broker, each once. */
import { connect, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { startServer, type TestServer, until } from '../server.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

describe.skipIf(brokerMissing)('streams.publish and act.publish', { timeout: 60_000 }, () => {
  let broker: Broker
  let connection: ChannelModel
  let server: TestServer
  let project: string
  let kernel: string
  const ids: { [name: string]: string } = {}

  beforeAll(async () => {
    broker = await openBroker()
    connection = await connect(broker.url())
    const channel = await connection.createChannel()
    for (const queue of ['orders', 'gone']) await channel.assertQueue(queue, { durable: true })
    await channel.assertExchange('plant', 'topic', { durable: true })
    server = await startServer()
    const { client } = server
    await client.call('putEgress', { body: { allow: [`127.0.0.1:${broker.port}`] } })
    const url = broker.url()
    const sources = {
      orders: { type: 'amqp' as const, url, queue: 'orders' },
      plant: { type: 'amqp' as const, url, exchange: 'plant', routingKeys: ['line.*'] },
      gone: { type: 'amqp' as const, url, queue: 'gone' },
      live: { type: 'http' as const },
    }
    for (const [name, source] of Object.entries(sources))
      ids[name] = (await client.call('createStream', { body: { name, source } })).id
    project = (await client.call('createProject', { body: { name: 'P' } })).id
    const notebook = (await client.call('createNotebook', { body: { name: 'cells', project } })).id
    kernel = (await client.call('openKernel', { params: { id: notebook } })).id
    await until(
      async () =>
        (await client.call('getStream', { params: { id: ids['plant']! } })).state === 'consuming' &&
        (await client.call('getStream', { params: { id: ids['orders']! } })).state === 'consuming',
      20_000,
      'the streams to listen',
    )
    await channel.deleteQueue('gone')
  }, 90_000)
  afterAll(async () => {
    await server?.close()
    await connection?.close()
    await broker?.close()
  })

  async function run(source: string): Promise<string | null> {
    const body = { source }
    const done = await server.client.call('execute', { params: { id: kernel }, query: { wait: 20 }, body })
    return done.error?.message ?? null
  }
  const bodies = async (name: string): Promise<unknown[]> =>
    (
      await server.client.call('findMessages', { params: { id: ids[name]! }, query: { limit: 100 } })
    ).items.map(({ body }) => body)

  test('from a cell, to a log, a queue and an exchange; an id is stored once', async () => {
    const twice = `await streams.publish('live', { v: 1 }, { id: 'one' })`
    expect(await run(`${twice}; ${twice}`)).toBe(null)
    expect(await bodies('live')).toEqual([{ v: 1 }])
    expect(
      await run(`await Promise.all([0, 1, 2].map((v) => streams.publish('orders', { v }, { id: 'a' + v })))`),
    ).toBe(null)
    expect(
      await run(`await Promise.all([0, 0].map((v) => streams.publish('orders', { v }, { id: 'a0' })))`),
    ).toBe(null)
    expect(await run(`await streams.publish('plant', { v: 9 }, { routingKey: 'line.7' })`)).toBe(null)
    await until(async () => (await bodies('orders')).length === 3, 10_000, 'the orders')
    await until(async () => (await bodies('plant')).length === 1, 10_000, 'the line')
    expect((await bodies('orders')).toReversed()).toEqual([{ v: 0 }, { v: 1 }, { v: 2 }])
  })

  test('what cannot be sent says why', async () => {
    expect([
      await run(`await streams.publish('gone', 1)`),
      await run(`await streams.publish('plant', 1)`),
      await run(`await streams.publish('plant', 1, { routingKey: 'door.1' })`),
      await run(`await streams.publish('nowhere', 1)`),
    ]).toEqual([
      'There is no queue "gone".',
      'The stream "plant" listens to line.* of "plant": give the routingKey.',
      'No queue of the exchange "plant" takes "door.1".',
      expect.stringContaining('There is no stream "nowhere"'),
    ])
  })

  test('from a handler it is an action: once, with its key as the message id', async () => {
    const { client } = server
    // two messages of one call are two
    const source = `await streams.on('orders', { window: { type: 'count', size: 3 } }, async ({ messages }) => {
      for (const { body } of messages) await act.publish('live', { doubled: body.v * 2 })
    })`
    const guard = await client.call('createNotebook', {
      body: { name: 'Doubling', project, kind: 'processing', cells: [{ source }] },
    })
    const made = await client.call('createDeployment', { body: { notebook: guard.id, from: 'first' } })
    const query = { deployment: made.id }
    const fired = await until(
      async () => {
        const { items } = await client.call('findActions', { query })
        return items.length === 3 && items.every(({ state }) => state === 'fired') && items
      },
      20_000,
      'the actions',
    )
    expect(fired.map(({ kind }) => kind)).toEqual(['publish', 'publish', 'publish'])
    const { items } = await client.call('findMessages', {
      params: { id: ids['live']! },
      query: { limit: 10 },
    })
    const doubled = items.filter(({ body }) => (body as { doubled?: number }).doubled !== undefined)
    expect(new Set(doubled.map(({ body }) => (body as { doubled: number }).doubled))).toEqual(
      new Set([0, 2, 4]),
    )
    expect(doubled.length).toBe(3)
    expect(new Set(doubled.map(({ messageId }) => messageId))).toEqual(
      new Set(fired.map(({ idempotencyKey }) => idempotencyKey)),
    )
  })
})
