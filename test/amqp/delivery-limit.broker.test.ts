import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openRig, type Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'
import { publishAll } from './publisher.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

/** Another process holds the file's write lock until `release`. */
async function lock(file: string): Promise<{ release(): Promise<void> }> {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 10000 })
    db.exec('begin immediate')
    process.stdout.write('held')
    process.stdin.on('end', () => { db.exec('rollback'); process.exit() }).resume()`
  const holder = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  return {
    async release() {
      const ended = new Promise((resolve) => holder.once('exit', resolve))
      holder.stdin.end()
      await ended
    },
  }
}

describe.skipIf(brokerMissing)('a quorum queue with a delivery limit and no dead-letter exchange', () => {
  let broker: Broker
  let rig: Rig
  beforeAll(async () => {
    ;[broker, rig] = await Promise.all([openBroker(), openRig()])
  })
  afterAll(async () => {
    await rig?.close()
    await broker?.close()
  })

  test('nothing is lost when the store refuses writes for a minute and ingest is killed 35 times', async () => {
    const queue = 'limited'
    const connection = await connect(broker.url())
    const channel = await connection.createChannel()
    await channel.assertQueue(queue, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 },
    })
    const id = await rig.define({ name: queue, source: { type: 'amqp', url: broker.url(), queue } })
    let published = 0
    const publish = async (count: number): Promise<void> => {
      const from = published
      published += count
      const messages = Array.from({ length: count }, (_, i) => ({
        id: `id-${from + i}`,
        body: String(from + i),
      }))
      await publishAll(broker.url(), queue, messages)
    }
    const stored = async (): Promise<number> => (await rig.store.in('w1').log.head(id)).nextSeq - 1
    await publish(1000)
    await until(async () => (await stored()) === 1000)

    const held = await lock(join(rig.folder, 'log.db'))
    const started = performance.now()
    await publish(4000)
    await until(async () => (await rig.streams.get('w1', id)).ingest.unacknowledged! >= 1500)
    for (let kill = 1; kill <= 10; kill++) {
      await until(() => performance.now() - started > kill * 5500, 60_000)
      await rig.killIngest()
    }
    await until(() => performance.now() - started > 60_000, 60_000)
    expect(await stored()).toBe(1000)
    await held.release()

    let highest = 0
    const see = async (): Promise<void> => {
      await until(async () => (await rig.state(id)) === 'consuming')
      highest = Math.max(highest, rig.ingest.report('w1', id)?.counters.maxDeliveryCount ?? 0)
    }
    for (let kill = 1; kill <= 25; kill++) {
      await publish(200)
      const before = await stored()
      await until(async () => (await stored()) > before, 40_000)
      if (kill % 5 === 0) await see()
      await rig.killIngest()
    }
    await until(async () => (await stored()) >= published, 60_000)
    await until(async () => (await channel.checkQueue(queue)).messageCount === 0)
    await see()
    const bodies = (await rig.bodies(id)).map(Number)
    expect(bodies.toSorted((a, b) => a - b)).toEqual(Array.from({ length: published }, (_, i) => i))
    console.log(`delivery limit: the highest count of ${published} messages was ${highest}`)
    expect(highest).toBeLessThan(20)
    await connection.close()
  }, 200_000)
})
