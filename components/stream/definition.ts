/** The definition that a form becomes, and that of a stream that is there. */
import type { z } from 'zod'
import type { Stream, streamDefinition } from '../../runtime/api/streams.ts'
import type { StreamForm } from './form.ts'
import { toRetention } from './retention.ts'

export type Definition = z.input<typeof streamDefinition>

export function toDefinition(form: StreamForm): Definition {
  return { name: form.name.trim(), source: toSource(form), ...toReading(form), ...toKeeping(form) }
}
/** How bodies become messages: what a preview needs. */
export function toReading(
  form: StreamForm,
): Pick<Definition, 'format' | 'parse' | 'eventTime' | 'key' | 'identity'> {
  return {
    format: form.format,
    parse: toParse(form),
    eventTime: toEventTime(form),
    key: toPath(form.keyPath),
    identity: toPath(form.identityPath),
  }
}
function toKeeping(form: StreamForm): Partial<Definition> {
  return {
    outOfOrder: toMs(form.outOfOrder),
    lateness: toMs(form.lateness),
    maxFuture: form.maxFuture === '' ? null : toMs(form.maxFuture),
    retention: toRetention(form),
  }
}
const toMs = (seconds: number | string): number => Math.round(Number(seconds) * 1000) || 0
const toPath = (path: string) => (path.trim() === '' ? null : { path: path.trim() })

function toParse({ format, columns, delimiter, pattern }: StreamForm): Definition['parse'] {
  if (format === 'pattern') return pattern === '' ? {} : { pattern }
  if (format !== 'csv') return {}
  const names = toList(columns)
  return {
    ...(names.length === 0 ? {} : { columns: names }),
    ...(delimiter === ',' ? {} : { delimiter }),
  }
}
function toEventTime({ timeFrom, timePath, timeHeader, timeUnit }: StreamForm): Definition['eventTime'] {
  const unit = timeUnit === 'auto' ? {} : { unit: timeUnit }
  if (timeFrom === 'header' && timeHeader.trim() !== '') return { header: timeHeader.trim(), ...unit }
  if (timeFrom === 'path' && timePath.trim() !== '') return { path: timePath.trim(), ...unit }
  return {}
}
function toList(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
}

function toSource(form: StreamForm): Definition['source'] {
  if (form.type === 'http') return { type: 'http' }
  if (form.type === 'simulator')
    return {
      type: 'simulator',
      object: form.object,
      speed: toSpeed(form.speed),
      repeat: form.repeat,
      ...(form.from.trim() === '' ? {} : { from: toBound(form.from) }),
      ...(form.to.trim() === '' ? {} : { to: toBound(form.to) }),
    }
  const address = {
    type: 'amqp' as const,
    url: form.url.trim(),
    ...(form.ca.trim() === '' ? {} : { ca: form.ca }),
  }
  if (form.binding === 'queue')
    return { ...address, queue: form.queue.trim(), ...(form.shareQueue ? { shareQueue: true } : {}) }
  return { ...address, exchange: form.exchange.trim(), routingKeys: toList(form.routingKeys) }
}
/** ms since 1970, or what ISO 8601 says. */
const toBound = (text: string): number | string => (/^-?\d+$/.test(text.trim()) ? Number(text) : text.trim())

export function toSpeed(speed: number | string): number | { until?: number | string; speed: number }[] {
  if (typeof speed === 'string' && speed.trim().startsWith('['))
    return JSON.parse(speed) as { speed: number }[]
  return Number(speed)
}

/** What of a stream a person defined. */
export function pickDefinition(stream: Stream) {
  const { name, source, format, parse, eventTime, key, identity, outOfOrder, lateness, ...rest } = stream
  const { retention, maxFuture } = rest
  const reading = { name, source, format, parse, eventTime, key, identity }
  return { ...reading, outOfOrder, lateness, maxFuture, retention }
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
