/**
 * Sends single messages and says of each what became of it: it is durable with the broker, no queue takes it, or it is
 * not known. The connection is made with the first message and goes after a while without any. What is under way is
 * bounded from the asking on, and every message has a limit of time; where a broker takes none for that long, the
 * connection goes, and what it still held with it.
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
interface Session {
  connection: AmqpConnection
  channel: ConfirmChannel
  /** By a number of ours: two messages may have one id. */
  waiting: Map<string, (error: AppError) => void>
}
const sendMs = 8_000
const openMs = 10_000
const idleMs = 30_000
const maxWaiting = 1000

export function openSender(options: ConnectionOptions & { now(): number }): Sender {
  let session: Promise<Session> | undefined
  let count = 0
  let busy = 0
  let closed = false
  let usedAt = options.now()

  async function open(): Promise<Session> {
    const connection = await openConnection(options)
    try {
      const channel = await connection.confirmChannel()
      if (closed) throw new AppError('unavailable', 'The stream is not sent to any more.')
      const waiting: Session['waiting'] = new Map()
      channel.on('return', ({ fields, properties }) => {
        waiting.get(String(properties.correlationId))?.(new AppError('conflict', toReturned(fields)))
      })
      void connection.ended.then((error) => {
        session = undefined
        for (const refuse of waiting.values()) refuse(toError(error))
        return connection.close()
      })
      return { connection, channel, waiting }
    } catch (error) {
      await connection.close()
      throw error
    }
  }
  async function getSession(): Promise<Session> {
    const opening = (session ??= open())
    try {
      return await within(openMs, opening)
    } catch (error) {
      if (session === opening) session = undefined
      throw toError(error)
    }
  }
  async function send({ id, exchange, routingKey, body, contentType, headers }: Sent): Promise<void> {
    const { connection, channel, waiting } = await getSession()
    const own = String((count += 1))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.set(own, reject)
    const properties = {
      persistent: true,
      mandatory: true,
      messageId: id,
      correlationId: own,
      contentType,
      headers,
    }
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    try {
      channel.publish(exchange, routingKey, bytes, properties, (error: unknown) =>
        error ? reject(toError(error)) : resolve(),
      )
      await within(sendMs, promise)
    } catch (error) {
      const known = toError(error)
      if (known.code === 'timeout') connection.fail(known)
      throw known
    } finally {
      waiting.delete(own)
    }
  }
  return {
    async send(message) {
      if (closed) throw new AppError('unavailable', 'The stream is not sent to any more.')
      if (busy >= maxWaiting)
        throw new AppError(
          'limit',
          `More than ${maxWaiting} messages wait for the broker; send fewer at once.`,
        )
      usedAt = options.now()
      busy += 1
      try {
        await send(message)
      } finally {
        busy -= 1
      }
    },
    get idle() {
      return busy === 0 && options.now() - usedAt > idleMs
    },
    async close() {
      closed = true
      const opened = await session?.catch(() => undefined)
      await opened?.connection.close()
    },
  }
}

function toReturned(fields: object): string {
  const { exchange, routingKey } = fields as { exchange: string; routingKey: string }
  return exchange === ''
    ? `There is no queue "${routingKey}".`
    : `No queue of the exchange "${exchange}" takes "${routingKey}".`
}
function toError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError(isMisconfigured(error) ? 'conflict' : 'unavailable', toFault(error))
}
