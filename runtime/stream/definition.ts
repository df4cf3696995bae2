/**
 * A stream's definition as it is stored (with its secret), and as it is shown (without). The password of an AMQP
 * address never leaves: it is shown as `***`, and `***` sent back keeps it only for the same host and user, so that
 * nobody can have it sent to an address of their own.
 */
import { toAmqpUrl } from '../amqp/address.ts'
import type { StreamDefinition, StreamSource } from '../api/streams.ts'
import { AppError } from '../error.ts'
import { toPattern } from './format/pattern.ts'
import type { JsonObject } from '../json.ts'
import type { Document } from '../store/port.ts'

export interface StoredStream extends StreamDefinition {
  id: string
  type: StreamSource['type']
  /** Version of the definition: grows with each change of what parsing or routing depends on. */
  definition: number
  enabled: boolean
  createdAt: number
  revision: number
}

/** What a definition has that was stored before there was such a field. */
const added = { parse: {}, retention: { ageMs: null, bytes: null } }
export function toStoredStream(document: Document): StoredStream {
  return { ...added, ...document } as unknown as StoredStream
}

/** invalid: what is missing or does not go together. */
export function checkDefinition(definition: StreamDefinition): void {
  const { source, eventTime, name } = definition
  if (name.startsWith('str_'))
    throw new AppError('invalid', 'A stream’s name must not begin with "str_": ids do.', { path: 'name' })
  if (eventTime.path !== undefined && eventTime.header !== undefined)
    throw new AppError('invalid', 'The event time has a path or a header, not both.', { path: 'eventTime' })
  checkParse(definition)
  if (source.type === 'amqp') {
    toAmqpUrl(source.url)
    if ((source.queue === undefined) === (source.exchange === undefined))
      throw new AppError(
        'invalid',
        'An AMQP source names either a queue, or an exchange with routing keys.',
        {
          path: 'source.queue',
        },
      )
  }
  if (source.type === 'simulator') {
    if (eventTime.path === undefined)
      throw new AppError('invalid', 'A simulator needs eventTime.path: the column that holds the time.', {
        path: 'eventTime.path',
      })
    if (Array.isArray(source.speed)) {
      const open = source.speed.findIndex((part) => part.until === undefined)
      if (open !== source.speed.length - 1)
        throw new AppError('invalid', 'In a list of speeds every part but the last has "until".', {
          path: 'source.speed',
        })
    }
  }
}

function checkParse({ format, parse }: StreamDefinition): void {
  if (format === 'pattern') {
    if (parse.pattern === undefined)
      throw new AppError('invalid', 'The format pattern needs parse.pattern.', { path: 'parse.pattern' })
    toPattern(parse.pattern)
  }
  if (new Set(parse.columns).size !== (parse.columns?.length ?? 0))
    throw new AppError('invalid', 'Each column has a name of its own.', { path: 'parse.columns' })
}

export function maskSource(source: StreamSource): StreamSource {
  if (source.type !== 'amqp') return source
  const url = toAmqpUrl(source.url)
  if (url.password !== '') url.password = '***'
  return { ...source, url: url.toString() }
}

/** Puts the known password where `***` stands. invalid when the address is another one. */
export function keepPassword(source: StreamSource, known: StreamSource | undefined): StreamSource {
  if (source.type !== 'amqp') return source
  const url = toAmqpUrl(source.url)
  if (decodeURIComponent(url.password) !== '***') return source
  const old = known?.type === 'amqp' ? toAmqpUrl(known.url) : undefined
  if (!old || old.host !== url.host || old.username !== url.username || old.protocol !== url.protocol)
    throw new AppError('invalid', 'Give the password again: *** keeps it for the same host and user only.', {
      path: 'source.url',
    })
  url.password = old.password
  return { ...source, url: url.toString() }
}

/** What changes of a definition make it a new version for those who read messages. */
export function toDefinition(stream: StoredStream): StreamDefinition {
  const { name, source, format, parse, eventTime, key, identity, ...others } = stream
  const { outOfOrder, lateness, retention, maxFuture } = others
  const reading = { name, source, format, parse, eventTime, key, identity }
  return { ...reading, outOfOrder, lateness, retention, maxFuture }
}

export function toDocument(stream: StreamDefinition): JsonObject {
  return { ...(stream as unknown as JsonObject), type: stream.source.type }
}
