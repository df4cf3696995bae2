/**
 * One session of a consumer: passive check, consume, batches, one acknowledgement for each, until the connection ends
 * or a stop is asked for. Quorum queues know no prefetch for a channel, so it changes by a new consumer: cancel,
 * acknowledge, consume again.
 */
import type { Channel, ConsumeMessage } from 'amqplib'
import { AppError, toMessage } from '../error.ts'
import { adaptBatch, batchSizes } from './batch-size.ts'
import { within, type AmqpConnection } from './connection.ts'
import { toDelivery, type Delivery } from './delivery.ts'
import { declareQueue, findQueueType, type Declared } from './topology.ts'

export interface ConsumerCounters {
  delivered: number
  redelivered: number
  sessions: number
  reconnects: number
  unacknowledged: number
  maxDeliveryCount: number
  prefetch: number
  /** Messages in one commit at most. */
  batch: number
  /** Ready in the queue, from the last passive check; -1: unknown. */
  queueDepth: number
}
export interface SessionOptions {
  /** A queue of the user's, which is only looked at; or one that is ours, bound to an exchange. */
  source: { queue: string; share: boolean } | Declared
  counters: ConsumerCounters
  clean: boolean
  /** Of a stream queue: the last that was stored. */
  offset: number | null
  stopping: AbortSignal
  /** Nothing of it may be stored before `turn`: then the batch before is stored and acknowledged. */
  write(batch: Delivery[], signal: AbortSignal, turn: Promise<void>): Promise<void>
  onConsuming(): void
}

/** In commits: one is written, one decoded, one on the way. */
const prefetchFactor = 3
const usualPrefetch = prefetchFactor * batchSizes.least
const maxBatchBytes = 1_048_576
const flushMs = 10
const stepMs = 10_000
const depthMs = 2000

/** Resolves true after a graceful stop, false when stopped with a write still failing; rejects with why it ended. */
export async function runSession(connection: AmqpConnection, options: SessionOptions): Promise<boolean> {
  const { counters, stopping } = options
  let timers: NodeJS.Timeout | undefined
  try {
    const queue = await setUp(connection, options)
    const channel = await connection.channel()
    const isStream = !('exchange' in options.source) && (await findQueueType(connection, queue)) === 'stream'
    const pump = createPump(connection, channel, queue, isStream, options)
    await pump.consume()
    options.onConsuming()
    timers = watchDepth(await connection.channel(), queue, counters)
    const { promise: stopped, resolve } = Promise.withResolvers<'stop'>()
    if (stopping.aborted) resolve('stop')
    else stopping.addEventListener('abort', () => resolve('stop'), { once: true })
    const why = await Promise.race([connection.ended, stopped])
    if (why !== 'stop') {
      await pump.idle()
      throw why
    }
    return await pump.finish()
  } finally {
    clearInterval(timers)
    await connection.close()
  }
}

async function setUp(connection: AmqpConnection, { source, clean }: SessionOptions): Promise<string> {
  const channel = await connection.channel()
  if ('exchange' in source) return declareQueue(channel, source)
  const found = await within(stepMs, channel.checkQueue(source.queue))
  // After an unclean end the other consumer may be our own, which the broker has not yet given up.
  if (found.consumerCount > 0 && !source.share && clean)
    throw new AppError(
      'conflict',
      `The queue has ${found.consumerCount} other consumer(s), which would lose messages to this stream. Set shareQueue to share it.`,
    )
  return source.queue
}

function watchDepth(channel: Channel, queue: string, counters: ConsumerCounters): NodeJS.Timeout {
  const look = (): void => {
    channel.checkQueue(queue).then(
      (found) => {
        counters.queueDepth = found.messageCount
      },
      () => undefined,
    )
  }
  look()
  return setInterval(look, depthMs)
}

interface Pump {
  consume(): Promise<void>
  idle(): Promise<void>
  finish(): Promise<boolean>
}

function createPump(
  connection: AmqpConnection,
  channel: Channel,
  queue: string,
  isStream: boolean,
  options: SessionOptions,
): Pump {
  const { counters, stopping } = options
  const aborted = new AbortController()
  // A stream queue neither counts deliveries nor drops messages for them.
  let prefetch = options.clean || isStream ? usualPrefetch : 1
  let size = batchSizes.least
  let offset = options.offset
  let tag = ''
  let waiting: ConsumeMessage[] = []
  let waitingBytes = 0
  let timer: NodeJS.Timeout | undefined
  let writing = 0
  let settled: Promise<void> = Promise.resolve()
  let settledAt = 0
  let finishing = false

  function take(): ConsumeMessage[] {
    let bytes = 0
    let count = 0
    const most = maxBatchBytes * (size / batchSizes.least)
    while (count < waiting.length && count < size) {
      bytes += waiting[count]!.content.length
      if (count > 0 && bytes > most) break
      count++
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    waitingBytes = waiting.reduce((sum, message) => sum + message.content.length, 0)
    return batch
  }
  /** Beside one that is written there is time to gather the largest. */
  const isFull = (): boolean =>
    waiting.length >= Math.min(writing > 0 ? size : batchSizes.least, prefetch) ||
    waitingBytes >= maxBatchBytes
  const wanted = (): number => Math.max(usualPrefetch, prefetchFactor * size)

  /** Begins the next batch: it is decoded while the one before is written, and acknowledged after it. */
  function begin(): void {
    const batch = take()
    const { length } = batch
    const last = batch.at(-1)!
    const before = settled
    const deliveries = batch.map(toDelivery)
    writing++
    const started = performance.now()
    const turn = before.then(() => {
      if (!connection.live) throw new AppError('cancelled', 'The connection ended before its turn.')
    })
    turn.catch(() => undefined) // who waits for it is told
    const written = write(deliveries, turn)
    written.catch(() => undefined) // it is told in its turn
    settled = before
      .then(async () => {
        await written
        const now = performance.now()
        size = adaptBatch(size, length, now - Math.max(started, settledAt))
        settledAt = now
        counters.batch = size
        await acknowledge(last, length)
      })
      .catch((error: unknown) => {
        connection.fail(error instanceof Error ? error : new Error(toMessage(error)))
      })
      .finally(() => {
        writing--
        kick(finishing)
      })
  }
  async function write(deliveries: Delivery[], turn: Promise<void>): Promise<void> {
    // A stream queue begins with the whole chunk in which the offset lies.
    const fresh = deliveries.filter((one) => {
      if (one.offset === null) return true
      if (offset !== null && one.offset <= offset) return false
      offset = one.offset
      return true
    })
    if (fresh.length > 0) await options.write(fresh, aborted.signal, turn)
  }
  async function acknowledge(last: ConsumeMessage, count: number): Promise<void> {
    if (!connection.live) return
    const grow = prefetch < wanted() && !finishing
    if (grow) await within(stepMs, channel.cancel(tag))
    channel.ack(last, true)
    counters.unacknowledged -= count
    if (!grow) return
    prefetch = Math.min(prefetch * 2, wanted())
    if (!finishing) await consume()
  }
  /** `now`: also what fills no batch. While the prefetch grows there is one batch at a time. */
  function kick(now: boolean): void {
    clearTimeout(timer)
    timer = undefined
    const atOnce = prefetch < wanted() ? 1 : 2
    while (connection.live && waiting.length > 0 && writing < atOnce && (now || isFull())) begin()
    if (waiting.length > 0 && writing === 0) timer ??= setTimeout(kick, flushMs, true)
  }
  function receive(message: ConsumeMessage | null): void {
    if (message === null) return connection.fail(new Error('The broker cancelled the consumer.'))
    if (!connection.live) return
    counters.delivered++
    counters.unacknowledged++
    if (message.fields.redelivered) counters.redelivered++
    const count = Number(message.properties.headers?.['x-delivery-count'] ?? 0)
    if (count > counters.maxDeliveryCount) counters.maxDeliveryCount = count
    waiting.push(message)
    waitingBytes += message.content.length
    if (isFull()) kick(false)
    else if (writing === 0) timer ??= setTimeout(kick, flushMs, true)
  }
  async function consume(): Promise<void> {
    counters.prefetch = prefetch
    await within(stepMs, channel.prefetch(prefetch))
    const from = isStream ? { 'x-stream-offset': offset === null ? 'first' : offset + 1 } : {}
    const consumed = await within(stepMs, channel.consume(queue, receive, { noAck: false, arguments: from }))
    tag = consumed.consumerTag
  }
  return {
    consume,
    /** A write under way goes on after the connection ended: what it stores is recognised when it comes again. */
    async idle() {
      clearTimeout(timer)
      const stop = (): void => aborted.abort()
      stopping.addEventListener('abort', stop, { once: true })
      if (stopping.aborted) stop()
      await settled
      stopping.removeEventListener('abort', stop)
    },
    async finish() {
      finishing = true
      clearTimeout(timer)
      const limit = setTimeout(() => aborted.abort(), stepMs)
      try {
        await settled
        if (connection.live) await within(stepMs, channel.cancel(tag))
        kick(true)
        while (writing > 0) await settled
        if (!connection.live) return false
        // The broker answers the close after it has taken every acknowledgement before it.
        await within(stepMs, channel.close())
        return counters.unacknowledged === 0
      } catch (error) {
        connection.fail(error instanceof Error ? error : new Error(toMessage(error)))
        aborted.abort()
        await settled
        throw error
      } finally {
        clearTimeout(limit)
      }
    },
  }
}
