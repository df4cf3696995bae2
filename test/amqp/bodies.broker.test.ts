import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerMissing, openBroker, type Broker } from '../broker.ts'
import { openRig, type Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'

if (brokerMissing) console.warn('SKIPPED: RabbitMQ is not installed (apt-get install rabbitmq-server)')

/** An authority and a certificate for localhost that it signed. */
function makeCertificates(folder: string): { ca: string; settings: string } {
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const fresh = ['-newkey', 'rsa:2048', '-nodes']
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=own',
  )
  openssl('req', ...fresh, '-keyout', file('key.pem'), '-out', file('request.pem'), '-subj', '/CN=localhost')
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost')
  const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2']
  openssl(
    'x509',
    '-req',
    '-in',
    file('request.pem'),
    ...signing,
    '-extfile',
    file('names'),
    '-out',
    file('cert.pem'),
  )
  const settings = [
    `ssl_options.cacertfile = ${file('ca.pem')}`,
    `ssl_options.certfile = ${file('cert.pem')}`,
    `ssl_options.keyfile = ${file('key.pem')}`,
  ]
  return { ca: readFileSync(file('ca.pem'), 'utf8'), settings: `${settings.join('\n')}\n` }
}
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.skipIf(brokerMissing)('what senders publish, against a real broker', () => {
  let broker: Broker
  let rig: Rig
  let connection: ChannelModel
  let channel: Channel
  let ca = ''
  let tlsPort = 0
  const folder = mkdtempSync(join(tmpdir(), 'suricate-tls-'))

  beforeAll(async () => {
    const made = makeCertificates(folder)
    ca = made.ca
    tlsPort = await freePort()
    ;[broker, rig] = await Promise.all([
      openBroker(`listeners.ssl.1 = 127.0.0.1:${tlsPort}\n${made.settings}`),
      openRig(),
    ])
    connection = await connect(broker.url())
    channel = await connection.createChannel()
  })
  afterAll(async () => {
    await connection?.close().catch(() => undefined)
    await rig?.close()
    await broker?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  async function newStream(name: string, more: object): Promise<string> {
    await channel.assertQueue(name, { durable: true })
    return rig.define({ name, source: { type: 'amqp', url: broker.url(), queue: name }, ...more })
  }
  const send = (queue: string, body: string | Buffer, options = {}) =>
    channel.sendToQueue(queue, Buffer.from(body as string), { persistent: true, ...options })
  const count = async (id: string) => (await rig.streams.get('w1', id)).messages
  const reasons = async (id: string) =>
    (await rig.streams.deadLetters('w1', id, {})).items.map((one) => one.reason).toReversed()

  test('20 MB, bytes that are no text, absurd and negative times', async () => {
    const id = await newStream('odd', { eventTime: { path: 't' } })
    const large = 'x'.repeat(20_000_000)
    send('odd', JSON.stringify({ t: 1, large }))
    send('odd', Buffer.from([0x7b, 0xff, 0x7d]))
    send('odd', '{"t":-62135596800000}')
    send('odd', '{"t":1e20}')
    send('odd', '{"t":4102444800000}')
    send('odd', '{"t":2}')
    await until(async () => (await count(id)) === 3 && (await reasons(id)).length === 3, 30_000)
    const stored = await rig.streams.fromSeq('w1', id, 1, 10)
    const rest = stored.length < 3 ? await rig.streams.fromSeq('w1', id, stored.length + 1, 10) : []
    const all = [...stored, ...rest]
    expect(all.map((one) => [one.seq, one.eventTime])).toEqual([
      [1, 1],
      [2, -62_135_596_800_000],
      [3, 2],
    ])
    expect((all[0]!.body as { large: string }).large.length).toBe(20_000_000)
    expect(await reasons(id)).toEqual([
      'The text is not UTF-8 from byte 1 on.',
      'The event time is wrong: field "t" is 100000000000000000000, not a time.',
      expect.stringMatching(/^The event time lies \d+ s ahead of arrival; at most 86400 s\.$/),
    ])
    await until(async () => (await channel.checkQueue('odd')).messageCount === 0)
  }, 60_000)
  test('1,000 equal messages without ids are 1,000', async () => {
    const id = await newStream('equal', {})
    for (let i = 0; i < 1000; i++) send('equal', '{"cpu":3}')
    await until(async () => (await count(id)) === 1000)
    expect((await rig.streams.get('w1', id)).ingest).toMatchObject({ duplicates: 0 })
  })
  test('lines have ids made of the message’s; too many lines are one dead letter, and the queue goes on', async () => {
    const id = await newStream('lines', { format: 'ndjson' })
    send('lines', '1\n2\n3', { messageId: 'm' })
    send('lines', '0\n'.repeat(5001))
    for (let i = 0; i < 10; i++) send('lines', '9\n'.repeat(3000))
    send('lines', '1\n2\n3', { messageId: 'm' })
    await until(async () => (await count(id)) === 30_003, 20_000)
    expect((await rig.streams.fromSeq('w1', id, 1, 3)).map((one) => one.messageId)).toEqual([
      'm#0',
      'm#1',
      'm#2',
    ])
    await until(async () => (await rig.streams.get('w1', id)).ingest.duplicates === 3)
    expect(await reasons(id)).toEqual(['The message has 5001 events; at most 5000 in one message.'])
  }, 40_000)
  test('a definition that changes applies from the next batch on, without a new session', async () => {
    const id = await newStream('changing', {})
    send('changing', '{"a":1}')
    await until(async () => (await count(id)) === 1)
    await rig.streams.update('w1', id, { format: 'python' })
    await until(async () => {
      send('changing', `{'a': None}`)
      return (await count(id)) > 1
    })
    const sessions = async () => (await rig.streams.get('w1', id)).ingest.sessions ?? 0
    await until(async () => (await sessions()) > 0)
    expect(await sessions()).toBe(1)
    expect((await rig.bodies(id)).at(-1)).toEqual({ a: null })
  })
  test('TLS with an own authority; without it the broker is refused, and it says why', async () => {
    await channel.assertQueue('safe', { durable: true })
    const url = `amqps://tester:${new URL(broker.url()).password}@localhost:${tlsPort}`
    const id = await rig.define({ name: 'safe', source: { type: 'amqp', url, ca, queue: 'safe' } })
    send('safe', '1')
    await until(async () => (await count(id)) === 1)
    const other = await rig.define({ name: 'unsafe', source: { type: 'amqp', url, queue: 'safe' } })
    await until(async () => (await rig.state(other)) === 'misconfigured')
    expect((await rig.streams.get('w1', other)).lastError).toMatch(/certificate/)
  })
})
