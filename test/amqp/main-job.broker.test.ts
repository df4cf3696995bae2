import { afterAll, expect, test } from 'vitest'
import { connect } from 'amqplib'
import { brokerMissing, openBroker } from '../broker.ts'
import { findFirings, liveRows, openWebhooks, setUpMainJob, waitForGuard } from '../main-job.ts'
import { judge } from '../sample/episodes.ts'
import { startServer } from '../server.ts'
import { publishAll } from './publisher.ts'

const cleanups: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

test.skipIf(brokerMissing)(
  'the same notebooks over a real queue: the series is published, the webhook of the failure comes',
  async () => {
    const broker = await openBroker()
    const webhooks = await openWebhooks()
    const server = await startServer()
    cleanups.push(
      () => broker.close(),
      () => webhooks.close(),
      () => server.close(),
    )
    const connection = await connect(broker.url())
    const channel = await connection.createChannel()
    await channel.assertQueue('machine', { durable: true })
    await connection.close()

    const source = { type: 'amqp' as const, url: broker.url(), queue: 'machine' }
    const ids = await setUpMainJob(server.client, webhooks, source, [`127.0.0.1:${broker.port}`])
    const messages = liveRows.map((row) => ({ id: `m${row.n}`, body: JSON.stringify(row) }))
    await publishAll(broker.url(), 'machine', messages)
    await waitForGuard(server.client, ids.deployment, webhooks)
    expect(judge(await findFirings(server.client, ids.deployment))).toMatchObject({ caught: true })
    const stream = await server.client.call('getStream', { params: { id: ids.stream } })
    expect([stream.messages, stream.deadLetters, stream.lastError]).toEqual([liveRows.length, 0, null])
  },
  180_000,
)
