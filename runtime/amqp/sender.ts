/**
 * Sends single messages and says of each what became of it: it is durable with the broker, no queue takes it, or it is
 * not known. The connection is made with the first message and goes after a while without any. What is under way is
 * bounded, and every message has a limit of time.
 */
import type { ConfirmChannel } from 'amqplib'
import { AppError } from '../error.ts'
import { openConnection, within, type AmqpConnection, type ConnectionOptions } from './connection.ts'
import { isMisconfigured, toFault } from './fault.ts'

export interface Sent {
  id: string
  exchange: string
  routingKey: string
  body: Uint8Array
  contentType: string
  headers: { [name: string]: string }
}
export interface Sender {
  /** conflict: no queue takes it, or a person must change something; unavailable, timeout: not known, try again. */
  send(message: Sent): Promise<void>
  /** Nothing was sent for a while. */
  readonly idle: boolean
  close(): Promise<void>
}
const sendMs = 10_000
const idleMs = 30_000
const maxWaiting = 1000

export function openSender(options: ConnectionOptions & { now(): number }): Sender {
  const waiting = new Map<string, (error?: unknown) => void>()
  let opened: Promise<ConfirmChannel> | undefined
  let connection: AmqpConnection | undefined
  let usedAt = options.now()

  async function open(): Promise<ConfirmChannel> {
    const made = await openConnection(options)
    connection = made
    const channel = await made.confirmChannel()
    channel.on('return', ({ fields, properties }) => {
      const { exchange, routingKey } = fields as { exchange: string; routingKey: string }
      const where =
        exchange === ''
          ? `There is no queue "${routingKey}"`
          : `No queue of the exchange "${exchange}" takes "${routingKey}"`
      waiting.get(String(properties.messageId))?.(new AppError('conflict', `${where}.`))
    })
    void made.ended.then((error) => {
      opened = undefined
      for (const settle of waiting.values()) settle(toError(error))
      return made.close()
    })
    return channel
  }
  async function getChannel(): Promise<ConfirmChannel> {
    opened ??= open()
    try {
      return await opened
    } catch (error) {
      opened = undefined
      await connection?.close()
      throw toError(error)
    }
  }
  return {
    async send({ id, exchange, routingKey, body, contentType, headers }) {
      if (waiting.size >= maxWaiting)
        throw new AppError(
          'limit',
          `More than ${maxWaiting} messages wait for the broker; send fewer at once.`,
        )
      usedAt = options.now()
      const channel = await getChannel()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.set(id, (error) => (error === undefined ? resolve() : reject(error)))
      try {
        channel.publish(
          exchange,
          routingKey,
          Buffer.from(body.buffer, body.byteOffset, body.byteLength),
          { persistent: true, mandatory: true, messageId: id, contentType, headers },
          (error: unknown) => waiting.get(id)?.(error ? toError(error) : undefined),
        )
        await within(sendMs, promise)
      } finally {
        waiting.delete(id)
      }
    },
    get idle() {
      return waiting.size === 0 && options.now() - usedAt > idleMs
    },
    async close() {
      await connection?.close()
    },
  }
}

function toError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError(isMisconfigured(error) ? 'conflict' : 'unavailable', toFault(error))
}
