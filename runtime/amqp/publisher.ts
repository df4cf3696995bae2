/**
 * Publishes with confirms through connections that come and go. What is not confirmed is kept, in order, and sent
 * again on the next connection; its message id lets the reader know a repeat. The buffer is bounded: when a broker is
 * away for long the oldest go, and are counted. A message that no queue took is counted too, it is not tried again.
 */
import type { ConfirmChannel } from 'amqplib'
import { openConnection, within, type AmqpConnection, type ConnectionOptions } from './connection.ts'
import { isMisconfigured, toFault } from './fault.ts'

export interface PublisherOptions extends ConnectionOptions {
  /** A queue of ours, made when it is missing; or an exchange of somebody's with a routing key. */
  target: { queue: string } | { exchange: string; routingKey: string }
  maxMessages?: number
  maxBytes?: number
  /** A broker that confirms nothing for as long is left, and what waits goes again on the next connection. */
  confirmMs?: number
  onState: (state: PublisherState) => void
}
export interface PublisherState {
  connected: boolean
  /** Why not, as people read it; misconfigured: it will not heal by itself. */
  detail: string | null
  misconfigured: boolean
  confirmed: number
  dropped: number
  returned: number
}
export interface Outgoing {
  id: string
  body: Uint8Array
}
export interface Publisher {
  publish(message: Outgoing): void
  readonly waiting: number
  /** After everything is confirmed, or after `ms`. */
  close(ms: number): Promise<void>
}

const stepMs = 10_000
const firstPauseMs = 200
const maxPauseMs = 10_000
/** Where nobody reads the oldest go: a probe's readings are worth little when they are old. */
const queueBytes = 256 * 1024 * 1024

export function openPublisher(options: PublisherOptions): Publisher {
  const { maxMessages = 5000, maxBytes = 32 * 1024 * 1024, confirmMs = 30_000, target } = options
  const kept = new Map<string, Uint8Array>()
  const state: PublisherState = {
    connected: false,
    detail: null,
    misconfigured: false,
    confirmed: 0,
    dropped: 0,
    returned: 0,
  }
  let bytes = 0
  let channel: ConfirmChannel | undefined
  let connection: AmqpConnection | undefined
  const stopping = new AbortController()
  /** When a confirm came last, or nothing waited for one. */
  let confirmedAt = 0
  let emptied = (): void => undefined

  function remove(id: string): void {
    const body = kept.get(id)
    if (!body) return
    kept.delete(id)
    bytes -= body.byteLength
    if (kept.size === 0) emptied()
  }
  function put(id: string, body: Uint8Array): void {
    const [exchange, key] = 'queue' in target ? ['', target.queue] : [target.exchange, target.routingKey]
    channel?.publish(
      exchange,
      key,
      Buffer.from(body.buffer, body.byteOffset, body.byteLength),
      { persistent: true, messageId: id, contentType: 'application/json', mandatory: true },
      (error: unknown) => {
        if (error) return // it is kept, and goes again
        state.confirmed++
        confirmedAt = performance.now()
        remove(id)
      },
    )
  }
  const tell = (): void => options.onState({ ...state })

  async function session(): Promise<void> {
    const own = await openConnection(options)
    connection = own
    confirmedAt = performance.now()
    const watch = setInterval(() => {
      if (kept.size > 0 && performance.now() - confirmedAt > confirmMs)
        own.fail(new Error(`The broker has confirmed nothing for ${confirmMs / 1000} s.`))
    }, confirmMs / 10)
    try {
      if ('queue' in target) await prepareQueue(own, target.queue)
      const opened = await own.confirmChannel()
      opened.on('return', () => {
        state.returned++
        tell()
      })
      channel = opened
      confirmedAt = performance.now()
      Object.assign(state, { connected: true, detail: null, misconfigured: false })
      tell()
      for (const [id, body] of kept) put(id, body)
      throw await own.ended
    } finally {
      clearInterval(watch)
      channel = undefined
      await own.close()
    }
  }
  async function run(): Promise<void> {
    let pause = firstPauseMs
    while (!stopping.signal.aborted) {
      try {
        await session()
      } catch (error) {
        if (stopping.signal.aborted) return
        if (state.connected) pause = firstPauseMs
        Object.assign(state, {
          connected: false,
          detail: toFault(error),
          misconfigured: isMisconfigured(error),
        })
        tell()
      }
      await rest(pause, stopping.signal)
      pause = Math.min(pause * 2, maxPauseMs)
    }
  }
  const running = run()
  return {
    publish({ id, body }) {
      if (kept.size === 0) confirmedAt = performance.now()
      kept.set(id, body)
      bytes += body.byteLength
      for (const [oldest] of kept) {
        if (kept.size <= maxMessages && bytes <= maxBytes) break
        state.dropped++
        remove(oldest)
      }
      if (kept.has(id)) put(id, body)
    },
    get waiting() {
      return kept.size
    },
    async close(ms) {
      const { promise, resolve } = Promise.withResolvers<void>()
      emptied = resolve
      const timer = setTimeout(resolve, ms)
      if (kept.size > 0) await promise
      clearTimeout(timer)
      stopping.abort()
      await connection?.close()
      await running
      tell()
    },
  }
}

async function prepareQueue(connection: AmqpConnection, queue: string): Promise<void> {
  try {
    await connection.trial((channel) => channel.checkQueue(queue))
  } catch (error) {
    if (!/NOT.FOUND/i.test(String(error))) throw error
    const channel = await connection.channel()
    const bounds = { 'x-queue-type': 'quorum', 'x-max-length-bytes': queueBytes, 'x-overflow': 'drop-head' }
    await within(stepMs, channel.assertQueue(queue, { durable: true, arguments: bounds }))
  }
}
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
    if (signal.aborted) resolve()
  })
}
