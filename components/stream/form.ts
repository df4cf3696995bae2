/** The stream form: what a person types, and how a stream that is there fills it. */
import type { Stream, StreamSource } from '../../runtime/api/streams.ts'
import { fromRetention } from './retention.ts'

export interface StreamForm {
  name: string
  type: StreamSource['type']
  url: string
  ca: string
  binding: 'queue' | 'exchange'
  queue: string
  shareQueue: boolean
  exchange: string
  routingKeys: string
  object: string
  speed: number | string
  repeat: boolean
  /** Event times; empty: all. */
  from: string
  to: string
  format: Stream['format']
  /** Separated by commas; empty: by the heading. */
  columns: string
  delimiter: ',' | ';' | '\t' | '|'
  pattern: string
  timeFrom: 'path' | 'header' | 'none'
  timePath: string
  timeHeader: string
  /** auto: ms since 1970, or ISO 8601. */
  timeUnit: 'auto' | 'ms' | 's' | 'us' | 'ns' | 'iso'
  keyPath: string
  identityPath: string
  /** Seconds. */
  outOfOrder: number | string
  lateness: number | string
  /** Seconds; empty: no limit. */
  maxFuture: number | string
  days: number | string
  megabytes: number | string
}
export const emptyForm: StreamForm = {
  name: '',
  type: 'amqp',
  url: 'amqp://guest:guest@localhost:5672',
  ca: '',
  binding: 'queue',
  queue: '',
  shareQueue: false,
  exchange: '',
  routingKeys: '#',
  object: '',
  speed: 1,
  repeat: false,
  from: '',
  to: '',
  format: 'json',
  columns: '',
  delimiter: ',',
  pattern: '',
  timeFrom: 'path',
  timePath: '',
  timeHeader: '',
  timeUnit: 'auto',
  keyPath: '',
  identityPath: '',
  outOfOrder: 0,
  lateness: 0,
  maxFuture: 86_400,
  days: '',
  megabytes: '',
}

export function toForm(stream: Stream): StreamForm {
  const { source, eventTime, parse } = stream
  const form: StreamForm = {
    ...emptyForm,
    ...fromRetention(stream.retention),
    name: stream.name,
    type: source.type,
    format: stream.format,
    columns: (parse.columns ?? []).join(', '),
    delimiter: parse.delimiter ?? ',',
    pattern: parse.pattern ?? '',
    timeFrom: eventTime.header === undefined ? 'path' : 'header',
    timePath: eventTime.path ?? '',
    timeHeader: eventTime.header ?? '',
    timeUnit: eventTime.unit ?? 'auto',
    keyPath: stream.key?.path ?? '',
    identityPath: stream.identity?.path ?? '',
    outOfOrder: stream.outOfOrder / 1000,
    lateness: stream.lateness / 1000,
    maxFuture: stream.maxFuture === null ? '' : stream.maxFuture / 1000,
  }
  if (eventTime.path === undefined && eventTime.header === undefined) form.timeFrom = 'none'
  if (source.type === 'amqp')
    return {
      ...form,
      url: source.url,
      ca: source.ca ?? '',
      binding: source.queue === undefined ? 'exchange' : 'queue',
      queue: source.queue ?? '',
      shareQueue: source.shareQueue ?? false,
      exchange: source.exchange ?? '',
      routingKeys: (source.routingKeys ?? []).join(', '),
    }
  if (source.type === 'simulator')
    return {
      ...form,
      object: source.object,
      speed: typeof source.speed === 'number' ? source.speed : JSON.stringify(source.speed),
      repeat: source.repeat,
      from: String(source.from ?? ''),
      to: String(source.to ?? ''),
    }
  return form
}
