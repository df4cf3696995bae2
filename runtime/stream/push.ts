/**
 * HTTP push: the web process writes to the log itself, under the stream's lease, and answers when it is durable.
 * Pushes that arrive while a batch is being written are written together. The lease is given back after a second
 * without pushes, so that other web processes may have it.
 */
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { MessageLog } from '../store/log.ts'
import type { StoredStream } from './definition.ts'
import type { Record } from './record.ts'
import { createLogWriter, renewMs, toShares, type LogWriter, type Written } from './writer.ts'

export interface PushResult {
  accepted: number
  duplicates: number
  deadLetters: number
  lastSeq: number
}
export interface Pusher {
  push(stream: StoredStream, log: MessageLog, workspace: string, records: Record[]): Promise<Written>
  /** Gives the lease back, after what is under way. */
  forget(workspace: string, id: string): Promise<void>
  close(): Promise<void>
}
interface Waiting {
  records: Record[]
  bytes: number
  settle: PromiseWithResolvers<Written>
}
interface Lane {
  writer: LogWriter
  waiting: Waiting[]
  busy: Promise<void> | undefined
  renewAt: number
  idle: NodeJS.Timeout | undefined
}

const maxBatch = 500
const maxBatchBytes = 1_048_576
const maxWaiting = 10_000
const idleMs = 1000
const leaseWaitMs = 20_000
const leasePollMs = 100

export function createPusher(owner: string, clock: Clock): Pusher {
  const lanes = new Map<string, Lane>()

  async function hold(lane: Lane): Promise<void> {
    if (lane.writer.held && clock.now() < lane.renewAt) return
    const end = performance.now() + leaseWaitMs
    while (!(await lane.writer.acquire())) {
      if (performance.now() > end)
        throw new AppError('unavailable', 'Another process writes to this stream; try again.')
      await new Promise((resolve) => setTimeout(resolve, leasePollMs))
    }
    lane.renewAt = clock.now() + renewMs
  }
  async function write(lane: Lane, group: Waiting[]): Promise<void> {
    const records = group.flatMap((one) => one.records)
    try {
      for (let attempt = 0; ; attempt++) {
        await hold(lane)
        const batch = lane.writer.prepare(records)
        try {
          const written = await lane.writer.commit(batch)
          const groups = group.map((one) => one.records)
          for (const [i, share] of toShares(written, batch.outcomes, groups).entries())
            group[i]!.settle.resolve(share)
          return
        } catch (error) {
          // The lease went elsewhere while nobody pushed: once more, with the one of now.
          if (!isAppError(error, 'fenced') || attempt > 0) throw error
        }
      }
    } catch (error) {
      lane.writer.invalidate()
      lane.renewAt = 0
      for (const one of group) one.settle.reject(error)
    }
  }
  async function drain(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const group: Waiting[] = []
      let messages = 0
      let bytes = 0
      while (lane.waiting.length > 0) {
        const next = lane.waiting[0]!
        if (
          group.length > 0 &&
          (messages + next.records.length > maxBatch || bytes + next.bytes > maxBatchBytes)
        )
          break
        messages += next.records.length
        bytes += next.bytes
        group.push(lane.waiting.shift()!)
      }
      await write(lane, group)
    }
  }
  const release = (lane: Lane): Promise<void> => lane.writer.release().catch(() => undefined) // it ends by itself

  function laneOf(workspace: string, log: MessageLog, id: string): Lane {
    const name = `${workspace}/${id}`
    let lane = lanes.get(name)
    if (!lane) {
      const writer = createLogWriter({ log, stream: id, owner, clock })
      lane = { writer, waiting: [], busy: undefined, renewAt: 0, idle: undefined }
      lanes.set(name, lane)
    }
    return lane
  }
  function kick(lane: Lane): void {
    clearTimeout(lane.idle)
    lane.busy ??= drain(lane).finally(() => {
      lane.busy = undefined
      if (lane.waiting.length > 0) kick(lane)
      else
        lane.idle = setTimeout(() => {
          lane.busy ??= release(lane).finally(() => {
            lane.busy = undefined
            if (lane.waiting.length > 0) kick(lane)
          })
        }, idleMs).unref()
    })
  }
  async function settle(lane: Lane): Promise<void> {
    while (lane.busy) await lane.busy
    clearTimeout(lane.idle)
    await release(lane)
  }
  return {
    async push(stream, log, workspace, records) {
      const lane = laneOf(workspace, log, stream.id)
      if (lane.waiting.length >= maxWaiting)
        throw new AppError(
          'limit',
          `More than ${maxWaiting} pushes wait for this stream; send more messages in each.`,
        )
      const total: Written = { accepted: 0, duplicates: 0, deadLetters: 0, firstSeq: 0, lastSeq: 0 }
      for (let at = 0; at < records.length; at += maxBatch) {
        const part = records.slice(at, at + maxBatch)
        const settle = Promise.withResolvers<Written>()
        const bytes = part.reduce((sum, { message }) => sum + message.bytes, 0)
        lane.waiting.push({ records: part, bytes, settle })
        kick(lane)
        const written = await settle.promise
        total.accepted += written.accepted
        total.duplicates += written.duplicates
        total.deadLetters += written.deadLetters
        total.firstSeq ||= written.firstSeq
        total.lastSeq = written.lastSeq
      }
      return total
    },
    async forget(workspace, id) {
      const lane = lanes.get(`${workspace}/${id}`)
      lanes.delete(`${workspace}/${id}`)
      if (lane) await settle(lane)
    },
    async close() {
      await Promise.all([...lanes.values()].map(settle))
      lanes.clear()
    },
  }
}
