/**
 * Everything that the fault rounds need, each a process of its own or a socket of its own: broker, database, executor
 * with its ingest process, a sender, a receiver of webhooks, proxies before the broker. The store is opened here once
 * more, to read what the executor wrote.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Channel } from 'amqplib'
import { openStore } from '../../runtime/store/open.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openBroker, type Broker } from '../broker.ts'
import { startMongo, type OwnMongo } from '../mongo.ts'
import { createRandom } from '../store/fuzz.ts'
import { startExecutor, type Executor } from './executor-process.ts'
import { workspace } from './facts.ts'
import { createLogWatch, type LogWatch } from './log-watch.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { openFaultyReceiver, type Receiver } from './receiver.ts'
import { openSender, type Sender } from './sender.ts'

export interface Scene {
  data: string
  store: Store
  stream: string
  deployment: string
  broker: Broker
  mongo: OwnMongo | null
  /** Between ingest and broker. */
  proxy: Proxy
  /** Between sender and broker. */
  senderProxy: Proxy
  executor: Executor
  sender: Sender
  receiver: Receiver
  log: LogWatch
  random: () => number
  /** On a connection to the broker that no fault touches. */
  admin<T>(work: (channel: Channel) => Promise<T>): Promise<T>
  makeQueue: () => Promise<void>
  /** The queue survives a killed broker from then on. */
  settled: () => Promise<void>
  deleteQueue: () => Promise<void>
  close(): Promise<void>
}

const queue = 'facts'
/** What a broker proposes; a dead peer is noticed after two of it. */
const heartbeat = 2
/** RabbitMQ 3.10 forgets a younger quorum queue when it is killed. */
const settleMs = 2000

export async function openScene(options: {
  seed: number
  store: 'sqlite' | 'mongodb'
  group: number
}): Promise<Scene> {
  const random = createRandom(options.seed)
  const data = await mkdtemp(join(tmpdir(), 'suricate-faults-'))
  const closing: (() => Promise<unknown> | void)[] = [() => rm(data, { recursive: true, force: true })]
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).toReversed()) await one()
  }
  try {
    const mongo = options.store === 'mongodb' ? await startMongo() : null
    if (options.store === 'mongodb' && !mongo) throw new Error('There is no MongoDB: set MONGO_SERVER.')
    if (mongo) closing.push(() => mongo.close())
    const broker = await openBroker(`heartbeat = ${heartbeat}\n`)
    closing.push(() => broker.close())
    const [proxy, senderProxy] = await Promise.all([openProxy(broker.port), openProxy(broker.port)])
    closing.push(() => Promise.all([proxy.close(), senderProxy.close()]))
    const receiver = await openFaultyReceiver(createRandom(options.seed + 1))
    closing.push(() => receiver.close())
    const through = (one: Proxy): string => broker.url().replace(`:${broker.port}/`, `:${one.port}/`)

    const admin: Scene['admin'] = async (work) => {
      const connection = await connect(broker.url())
      connection.on('error', () => undefined)
      try {
        return await work(await connection.createChannel())
      } finally {
        await connection.close()
      }
    }
    let madeAt = 0
    const makeQueue = async (): Promise<void> => {
      const settings = { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 }
      await admin((channel) => channel.assertQueue(queue, { durable: true, arguments: settings }))
      madeAt = performance.now()
    }
    await makeQueue()
    const place = mongo ? { data, mongoUri: mongo.uri, mongoDatabase: mongo.database } : { data }
    const executor = await startExecutor({
      ...place,
      broker: through(proxy),
      queue,
      webhook: receiver.url,
      allow: [`127.0.0.1:${proxy.port}`, receiver.pair],
    })
    closing.push(() => executor.close())
    const store = await openStore(place)
    closing.push(() => store.close())
    const sender = openSender(through(senderProxy), queue, options.group)
    closing.push(() => sender.close())
    const find = async (collection: 'streams' | 'deployments'): Promise<string> =>
      (await store.in(workspace).find(collection, { limit: 1 })).items[0]!.id
    const stream = await find('streams')
    return {
      data,
      store,
      stream,
      deployment: await find('deployments'),
      broker,
      mongo,
      proxy,
      senderProxy,
      executor,
      sender,
      receiver,
      log: createLogWatch(store.in(workspace).log, stream),
      random,
      admin,
      makeQueue,
      settled: () => pause(Math.max(0, madeAt + settleMs - performance.now())),
      deleteQueue: () => admin((channel) => channel.deleteQueue(queue)).then(() => undefined),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
