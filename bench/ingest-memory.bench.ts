/**
 * The memory of the ingest process over 2,000,000 messages with ids of their own: resident bytes, sampled while they
 * come, and the middle of the last third beside that of the first.
 */
import { readFileSync } from 'node:fs'
import { openBroker } from '../test/broker.ts'
import { openRig } from '../test/stream/rig.ts'
import { quantile, tell } from './peers.ts'
import { openFiller } from './queue.ts'

const count = Number(process.argv[2] ?? 2_000_000)
const ahead = 50_000
const step = 10_000
const queue = 'memory'

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

const broker = await openBroker()
const filler = await openFiller(broker.url())
const rig = await openRig()
try {
  await filler.fill([queue], 0, step)
  const source = { type: 'amqp', url: broker.url(), queue }
  const id = await rig.define({ name: queue, source, eventTime: { path: 'at' }, key: { path: 'host' } })
  const { log } = rig.store.in('w1')
  const samples: { stored: number; mb: number }[] = []
  const begin = performance.now()
  let sent = step
  for (let stored = 0; stored < count;) {
    if (sent < count && sent - stored < ahead) {
      const to = Math.min(sent + step, count)
      await filler.fill([queue], sent, to)
      sent = to
    } else await new Promise((done) => setTimeout(done, 50))
    stored = (await log.head(id)).nextSeq - 1
    if (stored > 0) samples.push({ stored, mb: residentMb(rig.ingest.pid!) })
  }
  const rate = (count * 1000) / (performance.now() - begin)
  console.log(`${count.toLocaleString('en')} messages, published and stored at ${Math.round(rate)}/s`)
  const third = (n: number): number[] =>
    samples.filter(({ stored }) => Math.min(Math.floor((3 * stored) / count), 2) === n).map(({ mb }) => mb)
  console.log(`highest: ${Math.round(Math.max(...samples.map(({ mb }) => mb)))} MB`)
  tell('memory of ingest, last third', quantile(third(2), 0.5), 'MB', 'first third', quantile(third(0), 0.5))
} finally {
  await rig.close()
  await filler.close().catch(() => undefined)
  await broker.close()
}
