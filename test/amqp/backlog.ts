/** A queue with many waiting before its stream is defined: how fast it is worked off, and what of memory that takes. */
import { readFile } from 'node:fs/promises'
import { connect } from 'amqplib'
import type { Broker } from '../broker.ts'
import type { Rig } from '../stream/rig.ts'
import { until } from '../stream/until.ts'
import { publishAll } from './publisher.ts'

export interface Backlog {
  waiting: number
  stored: number
  duplicates: number
  lastIsLast: boolean
  perSecond: number
  /** Resident memory of the ingest process at the most. */
  peakMb: number
}
const queue = 'backlog'
const group = 50_000

export async function workOffBacklog(
  broker: Broker,
  rig: Rig,
  count: number,
  limitMs: number,
): Promise<Backlog> {
  const connection = await connect(broker.url())
  await (await connection.createChannel()).assertQueue(queue, { durable: true })
  await connection.close()
  for (let from = 0; from < count; from += group) {
    const size = Math.min(group, count - from)
    const messages = Array.from({ length: size }, (_, i) => ({
      id: `b${from + i}`,
      body: `{"n":${from + i}}`,
    }))
    await publishAll(broker.url(), queue, messages)
  }
  const began = performance.now()
  const id = await rig.define({ name: queue, source: { type: 'amqp', url: broker.url(), queue } })
  const log = rig.store.in('w1').log
  let peakMb = 0
  await until(async () => {
    peakMb = Math.max(peakMb, await findResident(rig.ingest.pid))
    return (await log.head(id)).nextSeq > count
  }, limitMs)
  const seconds = (performance.now() - began) / 1000
  const [last] = await log.last(id, 1)
  return {
    waiting: count,
    stored: (await log.head(id)).nextSeq - 1,
    duplicates: (await rig.streams.get('w1', id)).ingest.duplicates ?? 0,
    lastIsLast: last?.messageId === `b${count - 1}`,
    perSecond: Math.round(count / seconds),
    peakMb,
  }
}

/** 0 where there is no /proc. */
async function findResident(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid ?? 'none'}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024)
}
