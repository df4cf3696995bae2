/** What is wrong with a form, beside the field that it is about: what can be told here, and what the server said. */
import { ApiError } from '../../runtime/api/client.ts'
import { toSpeed } from './definition.ts'
import type { StreamForm } from './form.ts'

export type Mistakes = Partial<Record<keyof StreamForm, string>>

/** What keeps the form from being sent at all. */
export function findMistakes(form: StreamForm): Mistakes {
  const mistakes: Mistakes = {}
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
  if (form.format === 'pattern' && form.pattern === '') mistakes.pattern = 'Give the pattern'
  return mistakes
}

const fields: [string, keyof StreamForm][] = [
  ['name', 'name'],
  ['source.url', 'url'],
  ['source.ca', 'ca'],
  ['source.queue', 'queue'],
  ['source.exchange', 'exchange'],
  ['source.routingKeys', 'routingKeys'],
  ['source.object', 'object'],
  ['source.speed', 'speed'],
  ['source.from', 'from'],
  ['source.to', 'to'],
  ['format', 'format'],
  ['parse.columns', 'columns'],
  ['parse.delimiter', 'delimiter'],
  ['parse.pattern', 'pattern'],
  ['eventTime.header', 'timeHeader'],
  ['eventTime', 'timePath'],
  ['key', 'keyPath'],
  ['identity', 'identityPath'],
  ['outOfOrder', 'outOfOrder'],
  ['lateness', 'lateness'],
  ['maxFuture', 'maxFuture'],
  ['retention.ageMs', 'days'],
  ['retention.bytes', 'megabytes'],
]

/** By field, what the server refused; nothing for an error that is about no field. */
export function toRefused(error: unknown): Mistakes {
  const mistakes: Mistakes = {}
  if (!(error instanceof ApiError)) return mistakes
  for (const { path, message } of error.problem.errors ?? []) {
    const own = path.replace(/^body\.(definition\.)?/, '')
    const field = fields.find(([name]) => own === name || own.startsWith(`${name}.`))?.[1]
    if (field) mistakes[field] ??= message
  }
  return mistakes
}
