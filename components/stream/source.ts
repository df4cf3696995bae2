/** The stream form: what a person types, and the definition that it becomes. */
import type { z } from 'zod'
import type { streamDefinition, Stream, StreamSource } from '../../runtime/api/streams.ts'

export type SourceType = StreamSource['type']
export interface StreamForm {
  name: string
  type: SourceType
  url: string
  binding: 'queue' | 'exchange'
  queue: string
  shareQueue: boolean
  exchange: string
  routingKeys: string
  object: string
  speed: number | string
  repeat: boolean
  format: Stream['format']
  timePath: string
  timeUnit: 'ms' | 's' | 'us' | 'ns' | 'iso'
  keyPath: string
  outOfOrder: number | string
  lateness: number | string
}
export const emptyForm: StreamForm = {
  name: '',
  type: 'amqp',
  url: 'amqp://guest:guest@localhost:5672',
  binding: 'queue',
  queue: '',
  shareQueue: false,
  exchange: '',
  routingKeys: '#',
  object: '',
  speed: 1,
  repeat: false,
  format: 'json',
  timePath: '',
  timeUnit: 'iso',
  keyPath: '',
  outOfOrder: 0,
  lateness: 0,
}

export function toForm(stream: Stream): StreamForm {
  const { source } = stream
  const form: StreamForm = {
    ...emptyForm,
    name: stream.name,
    type: source.type,
    format: stream.format,
    timePath: stream.eventTime.path ?? '',
    timeUnit: stream.eventTime.unit ?? 'iso',
    keyPath: stream.key?.path ?? '',
    outOfOrder: stream.outOfOrder / 1000,
    lateness: stream.lateness / 1000,
  }
  if (source.type === 'amqp')
    return {
      ...form,
      url: source.url,
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
    }
  return form
}

export function toDefinition(form: StreamForm): z.input<typeof streamDefinition> {
  return {
    name: form.name.trim(),
    source: toSource(form),
    format: form.format,
    eventTime: form.timePath.trim() ? { path: form.timePath.trim(), unit: form.timeUnit } : {},
    key: form.keyPath.trim() ? { path: form.keyPath.trim() } : null,
    outOfOrder: Math.round(Number(form.outOfOrder) * 1000) || 0,
    lateness: Math.round(Number(form.lateness) * 1000) || 0,
  }
}
function toSource(form: StreamForm): z.input<typeof streamDefinition>['source'] {
  if (form.type === 'http') return { type: 'http' }
  if (form.type === 'simulator')
    return { type: 'simulator', object: form.object, speed: toSpeed(form.speed), repeat: form.repeat }
  if (form.binding === 'queue')
    return {
      type: 'amqp',
      url: form.url.trim(),
      queue: form.queue.trim(),
      ...(form.shareQueue ? { shareQueue: true } : {}),
    }
  const routingKeys = form.routingKeys
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
  return { type: 'amqp', url: form.url.trim(), exchange: form.exchange.trim(), routingKeys }
}
function toSpeed(speed: number | string): number | { until?: number | string; speed: number }[] {
  if (typeof speed === 'string' && speed.trim().startsWith('['))
    return JSON.parse(speed) as { speed: number }[]
  return Number(speed)
}

/** What keeps the form from being saved, by field. */
export function findMistakes(form: StreamForm): Partial<Record<keyof StreamForm, string>> {
  const mistakes: Partial<Record<keyof StreamForm, string>> = {}
  if (!form.name.trim()) mistakes.name = 'Give the stream a name'
  if (form.type === 'amqp') {
    if (!/^amqps?:\/\/[^\s]+$/.test(form.url.trim())) mistakes.url = 'Must begin with amqp:// or amqps://'
    if (form.binding === 'queue' && !form.queue.trim()) mistakes.queue = 'Name the queue'
    if (form.binding === 'exchange' && !form.exchange.trim()) mistakes.exchange = 'Name the exchange'
  }
  if (form.type === 'simulator') {
    if (!form.object) mistakes.object = 'Choose the object to replay'
    try {
      if (typeof toSpeed(form.speed) === 'number' && !(Number(form.speed) > 0))
        mistakes.speed = 'Must be above 0'
    } catch {
      mistakes.speed = 'Must be a number, or JSON such as [{"until":"2014-02-09","speed":9000},{"speed":1}]'
    }
  }
  return mistakes
}

export function toPushCurl(id: string): string {
  const origin = typeof location === 'undefined' ? 'http://localhost:3000' : location.origin
  return [
    `curl -X POST ${origin}/api/v1/streams/${id}/messages \\`,
    '  -H "authorization: Bearer $SURICATE_TOKEN" \\',
    "  -H 'content-type: application/json' \\",
    '  -d \'{"timestamp":"2026-01-01T00:00:00Z","value":42}\'',
  ].join('\n')
}
