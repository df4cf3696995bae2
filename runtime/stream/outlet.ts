/**
 * Messages into a stream from a notebook: by push where it is pushed to, else to the broker that it listens to, with
 * persistence and a confirm. One connection for each stream that is sent to, which goes when it is idle.
 */
import { openSender, type Sender } from '../amqp/sender.ts'
import type { Clock } from '../clock.ts'
import type { Egress } from '../egress/port.ts'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { StoredStream } from './definition.ts'
import { type Record, toRecord, toRecords } from './record.ts'
import type { Streams } from './streams.ts'

export interface OutletMessage {
  /** The message id, by which a repeat is known. */
  id: string
  body: Json
  headers?: { [name: string]: string } | undefined
  /** Of an exchange; default: the only key that the stream listens to. */
  routingKey?: string | undefined
}
export interface Outlet {
  /** Durable when it resolves. */
  publish(workspace: string, stream: string, message: OutletMessage): Promise<void>
  close(): Promise<void>
}
export interface OutletDeps {
  streams: Pick<Streams, 'resolve' | 'pushRecords'>
  egress: Pick<Egress, 'resolve'>
  clock: Clock
}
const sweepMs = 10_000
/** Of one workspace. */
const maxSenders = 20

export function openOutlet({ streams, egress, clock }: OutletDeps): Outlet {
  const senders = new Map<string, Sender>()
  const timer = setInterval(() => {
    for (const [key, sender] of senders)
      if (sender.idle) {
        senders.delete(key)
        void sender.close()
      }
  }, sweepMs)
  timer.unref()

  function getSender(workspace: string, { id, definition, source }: StoredStream): Sender {
    if (source.type !== 'amqp') throw new AppError('internal', 'Only a stream of a broker has a sender.')
    const key = `${workspace}/${id}/${definition}`
    const known = senders.get(key)
    if (known) return known
    if ([...senders.keys()].filter((one) => one.startsWith(`${workspace}/`)).length >= maxSenders)
      throw new AppError('limit', `A workspace sends to at most ${maxSenders} streams of brokers at once.`)
    const { url, ca } = source
    const resolve = (host: string, port: number) => egress.resolve(workspace, host, port)
    const sender = openSender({ url, ca, resolve, name: 'suricate publish', now: () => clock.now() })
    senders.set(key, sender)
    return sender
  }
  return {
    async publish(workspace, name, message) {
      const stream = await streams.resolve(workspace, name)
      const { source } = stream
      if (source.type === 'simulator')
        throw new AppError(
          'conflict',
          `The stream "${stream.name}" replays an object; nothing is published to it.`,
        )
      if (source.type === 'http') {
        const { deadLetters } = await streams.pushRecords(workspace, stream.id, (known, now) =>
          toPublished(known, message, now),
        )
        if (deadLetters > 0)
          throw new AppError(
            'invalid',
            `The stream "${stream.name}" cannot use the message; its dead letters say why.`,
          )
        return
      }
      const { id, headers = {} } = message
      await getSender(workspace, stream).send({
        id,
        ...toTarget(stream, message),
        body: Buffer.from(toText(stream, message)),
        contentType: isJson(stream) ? 'application/json' : 'text/plain',
        headers,
      })
    },
    async close() {
      clearInterval(timer)
      await Promise.all([...senders.values()].map((sender) => sender.close()))
    },
  }
}

const isJson = ({ format }: StoredStream): boolean => format === 'json' || format === 'ndjson'
function toText(stream: StoredStream, { body }: OutletMessage): string {
  if (isJson(stream)) return JSON.stringify(body)
  if (typeof body === 'string') return body
  throw new AppError(
    'invalid',
    `Messages of the stream "${stream.name}" are read as ${stream.format}: publish a text.`,
  )
}
function toPublished(stream: StoredStream, message: OutletMessage, receivedAt: number): Record[] {
  const text = toText(stream, message)
  const received = {
    bytes: Buffer.from(text),
    headers: message.headers ?? {},
    messageId: message.id,
    redelivered: false,
    receivedAt,
    timestamp: null,
  }
  if (!isJson(stream)) return toRecords(stream, received)
  return [toRecord(stream, received, message.body, received.bytes.byteLength, text)]
}

function toTarget(
  { name, source }: StoredStream,
  { routingKey }: Pick<OutletMessage, 'routingKey'>,
): { exchange: string; routingKey: string } {
  if (source.type !== 'amqp') return { exchange: '', routingKey: '' }
  if (source.exchange === undefined) return { exchange: '', routingKey: String(source.queue) }
  const { exchange, routingKeys = [] } = source
  const [only] = routingKeys.length === 1 && !/[*#]/.test(routingKeys[0]!) ? routingKeys : []
  const key = routingKey ?? only
  if (key === undefined)
    throw new AppError(
      'invalid',
      `The stream "${name}" listens to ${routingKeys.join(', ') || 'every key'} of "${exchange}": give the routingKey.`,
      { path: 'routingKey' },
    )
  return { exchange, routingKey: key }
}
