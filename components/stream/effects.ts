/** What saving a changed definition does to a stream that lives. */
import type { Stream } from '../../runtime/api/streams.ts'
import { pickDefinition, type Definition } from './definition.ts'

const reading = ['format', 'parse', 'eventTime', 'key', 'identity', 'maxFuture'] as const
const titles: Record<(typeof reading)[number], string> = {
  format: 'format',
  parse: 'how lines are read',
  eventTime: 'event time',
  key: 'key',
  identity: 'dedupe field',
  maxFuture: 'the limit of times ahead',
}

/** A sentence for each kind of change; none when nothing changes. */
export function findEffects(stream: Stream, next: Definition): string[] {
  const now: Record<string, unknown> = pickDefinition(stream)
  const wanted = next as Record<string, unknown>
  const differs = (name: string): boolean => !isEqual(now[name], wanted[name])
  const found: string[] = []
  if (differs('name'))
    found.push('Notebooks name a stream by its name: those that say the old one have to be changed.')
  if (differs('source')) found.push(toSourceEffect(stream, next))
  const read = reading.filter(differs)
  if (read.length > 0)
    found.push(
      `Parsing from the next batch on, by ${read.map((name) => titles[name]).join(', ')}. What is in the log stays as it was read; dead letters can be replayed.`,
    )
  if (differs('outOfOrder') || differs('lateness'))
    found.push('A deployment takes the bounds of time when it starts; one at work keeps its own.')
  if (differs('retention')) found.push('What is beyond the retention goes within a minute or two.')
  return found
}
function toSourceEffect({ source }: Stream, next: Definition): string {
  if (
    source.type === 'amqp' &&
    next.source.type === 'amqp' &&
    isEqual(toRoutes(source), toRoutes(next.source))
  )
    return 'The new bindings are made before the old ones are taken away: no message is missed.'
  return 'The source is drained, stopped and opened anew. What is not acknowledged stays at the broker until then.'
}
const toRoutes = (source: object): object => ({ ...source, routingKeys: [] })

/** Of JSON; a field that is undefined is one that is not there. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const one = a as Record<string, unknown>
  const other = b as Record<string, unknown>
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    isEqual(one[key], other[key]),
  )
}
