/**
 * What a stream's user waits for, on the server as it is. From publishing to the webhook: 1,000 messages a second over
 * AMQP, a processing notebook with windows of one second that the next event closes, and how long after the end of its
 * window each webhook arrives. The window operator alone. And a recorded day, 86,400 messages, through a saved model.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'amqplib'
import { createOperator } from '../runtime/stream/window-operator.ts'
import { openBroker } from '../test/broker.ts'
import { startServer, type TestServer, until } from '../test/server.ts'
import { quantile, tell } from './peers.ts'
import { toBody } from './queue.ts'

const perSecond = 1000
const windows = 50
const day = 86_400

async function addNotebook(
  { client }: TestServer,
  project: string,
  name: string,
  source: string,
  kind: 'analytics' | 'processing' = 'processing',
): Promise<string> {
  return (await client.call('createNotebook', { body: { name, kind, project, cells: [{ source }] } })).id
}

/** ms from the end of a window to its webhook. */
async function measureLatency(server: TestServer, project: string, url: string): Promise<number[]> {
  const times: number[] = []
  const receiver = createServer((request, response) => {
    const at = Date.now()
    let text = ''
    request.on('data', (part: Buffer) => {
      text += part.toString()
    })
    request.on('end', () => {
      times.push(at - (JSON.parse(text) as { end: number }).end)
      response.end()
    })
  })
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const { port } = receiver.address() as AddressInfo
  const allow = [`127.0.0.1:${port}`, new URL(url).host]
  await server.client.call('putEgress', { body: { allow } })
  const connection = await connect(url, { noDelay: true })
  const channel = await connection.createChannel()
  await channel.assertQueue('live', { durable: true })
  const source = { type: 'amqp' as const, url, queue: 'live' }
  await server.client.call('createStream', {
    body: { name: 'live', source, eventTime: { path: 'at' }, outOfOrder: 0 },
  })
  const notebook = await addNotebook(
    server,
    project,
    'live windows',
    `const { receiver } = parameters({ receiver: '' })
    await streams.on('live', { window: { type: 'tumbling', size: '1 s' }, by: null }, async ({ window, messages }) => {
      await act.webhook(receiver, { end: window.end, count: messages.length })
      return { count: messages.length }
    })`,
  )
  const { id } = await server.client.call('createDeployment', {
    body: { notebook, from: 'first', parameters: { receiver: `http://127.0.0.1:${port}/` } },
  })
  await until(
    async () => (await server.client.call('getDeployment', { params: { id } })).state === 'running',
    30_000,
    'the deployment to run',
  )
  const begin = Date.now()
  let sent = 0
  while (times.length < windows) {
    if (Date.now() - begin > (windows + 30) * 1000) throw new Error(`${times.length} webhooks came`)
    const due = Math.floor(((Date.now() - begin) * perSecond) / 1000)
    for (; sent < due; sent++)
      channel.sendToQueue('live', Buffer.from(toBody(sent)), { persistent: true, messageId: `m${sent}` })
    await new Promise((done) => setTimeout(done, 1))
  }
  await server.client.call('pauseDeployment', { params: { id } })
  await connection.close()
  receiver.close()
  return times
}

/** Events a second on one core. */
function measureOperator(): number {
  const operator = createOperator<number>({
    window: { type: 'tumbling', sizeMs: 60_000 },
    watermark: { type: 'bounded', boundMs: 1000 },
    allowedLatenessMs: 0,
    accumulation: 'accumulating',
    keyed: true,
  })
  const keys = Array.from({ length: 1000 }, (_, i) => `host-${i}`)
  const events = 2_000_000
  const begin = performance.now()
  for (let i = 0; i < events; i++) operator.add({ ts: i, key: keys[i % 1000]!, at: i, value: i })
  return (events * 1000) / (performance.now() - begin)
}

async function recordDay(server: TestServer): Promise<{ from: number; to: number }> {
  const from = Date.UTC(2026, 0, 1)
  const { id } = await server.client.call('createStream', {
    body: { name: 'recorded', source: { type: 'http' }, eventTime: { path: 'at' }, maxFuture: null },
  })
  for (let n = 0; n < day; n += 4800) {
    const lines = Array.from({ length: 4800 }, (_, i) => toBody(n + i, from + (n + i) * 1000))
    const answer = await server.fetch(`/streams/${id}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
  return { from, to: from + day * 1000 }
}
const learnModel = `
const rows = Array.from({ length: 2000 }, (_, i) => [((i * 7919) % 1000) / 10, ((i * 104729) % 1000) / 10])
await models.save('host', learn.isolationForest.fit(learn.matrix(rows), { seed: 1 }), {
  kind: 'isolation-forest', metrics: { f1: 1 }, baseline: { f1: 0 }, alias: 'champion',
  signature: { features: ['cpu', 'memory'].map((name) => ({ name, type: 'number' })), outputs: [{ name: 'score', type: 'number' }] },
})`
const score = `
const forest = (await models.load('host@champion')).model
const score = (messages) =>
  learn.isolationForest.score(forest, learn.matrix(messages.map(({ body }) => [body.cpu, body.memory])))
const highest = (scores) => scores.reduce((a, b) => Math.max(a, b), 0)`
const backtests: { [name: string]: string } = {
  'in batches': `await streams.on('recorded', { batch: true }, ({ messages }) => ({ score: highest(score(messages)) }))`,
  'in windows of a minute': `await streams.on('recorded', { window: { type: 'tumbling', size: '1 min' } , by: null },
    ({ messages }) => ({ score: highest(score(messages)) }))`,
  'each message': `await streams.on('recorded', { by: null }, ({ message }) => {
    const found = highest(score([message]))
    if (found > 0.75) return { score: found }
  })`,
}

async function measureBacktest(server: TestServer, project: string, limitMs: number): Promise<void> {
  const stretch = await recordDay(server)
  const learn = await addNotebook(server, project, 'learn', learnModel, 'analytics')
  const run = (id: string, body: object) =>
    server.client.call('createRun', { params: { id }, query: { wait: 120 }, body })
  const learned = await run(learn, {})
  if (learned.state !== 'succeeded') throw new Error(JSON.stringify(learned.error))
  for (const [name, handler] of Object.entries(backtests)) {
    const id = await addNotebook(server, project, name, `${score}\n${handler}`)
    const times: number[] = []
    for (let round = 0; round < 3; round++) {
      const begin = performance.now()
      const done = await run(id, stretch)
      times.push(performance.now() - begin)
      if (done.state !== 'succeeded') throw new Error(JSON.stringify(done.error))
      if ((done.receipt?.messages ?? 0) < day) throw new Error(`${done.receipt?.messages} messages`)
    }
    tell(`a recorded day through a model, ${name}`, Math.min(...times), 'ms', 'limit', limitMs)
  }
}

const part = process.argv[2]
if (part === undefined || part === 'operator')
  tell(
    'window operator, 1,000 keys',
    Math.max(measureOperator(), measureOperator(), measureOperator()),
    '/s',
    'limit',
    1_000_000,
  )
if (part !== 'operator') {
  const server = await startServer()
  try {
    const project = (await server.client.call('createProject', { body: { name: 'Bench' } })).id
    if (part !== 'latency') await measureBacktest(server, project, 5000)
    if (part !== 'backtest') {
      const broker = await openBroker()
      try {
        const times = (await measureLatency(server, project, broker.url())).slice(2)
        const name = 'publish to webhook, beyond the window'
        tell(`${name}, p50 of ${times.length}`, quantile(times, 0.5), 'ms', 'limit', 40)
        tell(`${name}, p99`, quantile(times, 0.99), 'ms', 'limit', 120)
      } finally {
        await broker.close()
      }
    }
  } finally {
    await server.close()
  }
}
