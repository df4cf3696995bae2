/**
 * A queue of 100,000 messages into the durable log, by the ingest process as it is (SQLite, synchronous FULL), beside
 * consumers without a store: amqplib that acknowledges nothing, pika that acknowledges one by one and many at once.
 * Each empties a queue of its own with the same messages; in turns, another first in each round, and the best of six
 * counts: after a fill, and at times without one, the broker spends twice as long on the same queue, collecting garbage.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openBroker } from '../test/broker.ts'
import { openRig, type Rig } from '../test/stream/rig.ts'
import { findPython, runPeer, tell } from './peers.ts'
import { openFiller } from './queue.ts'

const count = 100_000
const rounds = Number(process.argv[2] ?? 6)
const settleMs = 3000

async function measureIngest(rig: Rig, url: string, queue: string): Promise<number> {
  const { log } = rig.store.in('w1')
  const source = { type: 'amqp', url, queue }
  const id = await rig.define({ name: queue, source, eventTime: { path: 'at' }, key: { path: 'host' } })
  for (;;) {
    await new Promise((done) => setTimeout(done, 10))
    const { nextSeq } = await log.head(id)
    if (nextSeq <= count) continue
    const end = Date.now()
    const [first] = await log.read(id, 1, 1)
    const { commitP50Ms, commitP99Ms } = rig.ingest.report('w1', id)?.counters ?? {}
    const rate = (count * 1000) / (end - first!.receivedAt)
    console.log(`  ingest ${Math.round(rate)}/s, commits p50 ${commitP50Ms} ms, p99 ${commitP99Ms} ms`)
    await rig.streams.delete('w1', id)
    return rate
  }
}

async function measureBare(url: string, queue: string): Promise<number> {
  const script = join(import.meta.dirname, 'peers', 'amqplib-consumer.ts')
  const child = spawn(process.execPath, [script, url, queue, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const part of child.stdout) text += String(part)
  return (JSON.parse(text) as { rate: number }).rate
}

const python = findPython()
const broker = await openBroker()
const filler = await openFiller(broker.url())
const rig = await openRig()
const best: { [who: string]: number } = {}
try {
  const url = broker.url()
  const all: [string, (queue: string) => number | Promise<number>][] = [
    ['ours', (queue) => measureIngest(rig, url, queue)],
    ['bare', (queue) => measureBare(url, queue)],
  ]
  if (python)
    for (const mode of ['one', 'many'])
      all.push([
        mode,
        (queue) =>
          runPeer<{ rate: number }>(python, 'pika_consumer.py', url, queue, String(count), mode).rate,
      ])
  for (let round = 1; round <= rounds; round++) {
    const queueOf = (who: string): string => `${who}-${round}`
    await filler.fill(
      all.map(([who]) => queueOf(who)),
      0,
      count,
    )
    const turns = [...all.slice(round % all.length), ...all.slice(0, round % all.length)]
    for (const [who, measure] of turns) {
      await new Promise((done) => setTimeout(done, settleMs))
      const rate = await measure(queueOf(who))
      console.log(`  ${who} ${Math.round(rate)}/s`)
      best[who] = Math.max(best[who] ?? 0, rate)
    }
  }
  const { ours = 0, bare = 0, one, many } = best
  tell('AMQP to durable log', ours, '/s', 'amqplib, no acknowledgement', bare)
  if (one) tell('AMQP to durable log', ours, '/s', 'pika, one by one', one)
  if (many) tell('AMQP to durable log', ours, '/s', 'pika, many at once', many)
} finally {
  await rig.close()
  await filler.close().catch(() => undefined)
  await broker.close()
}
