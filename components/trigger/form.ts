/** What the dialog of a trigger holds, what is sent of it, and how a trigger is said in words. */
import type { Input, Result } from '../../runtime/api/client.ts'
import type { TriggerSpec } from '../../runtime/api/triggers.ts'

export type Trigger = Result<'getTrigger'>
export type TriggerBody = Input<'updateTrigger'>['body']
type Type = TriggerSpec['type']

export interface TriggerForm {
  type: Type
  zone: string
  cron: string
  stream: string
  by: 'messages' | 'seconds' | 'match'
  everyMessages: number
  everySeconds: number
  path: string
  is: 'there' | 'equal' | 'above' | 'below' | 'contains'
  value: string
  pattern: string
  tag: string
  alias: string
  notebook: string
  states: string[]
  on: string[]
  severities: string[]
  overlap: Trigger['overlap']
  missed: Trigger['missed']
  missedLimit: number
  attempts: number
  backoffSeconds: number
  concurrencyKey: string
  failure: string
}

export const kinds: { value: Type; label: string }[] = [
  { value: 'schedule', label: 'a schedule' },
  { value: 'stream', label: 'messages of a stream' },
  { value: 'object', label: 'an upload' },
  { value: 'model', label: 'a model' },
  { value: 'run', label: 'a run that ended' },
  { value: 'alert', label: 'an alert' },
  { value: 'api', label: 'a call' },
]
export const overlaps = [
  { value: 'skip', label: 'skip this one' },
  { value: 'queue', label: 'wait for its end' },
  { value: 'replace', label: 'cancel it and run this one' },
]
export const misses = [
  { value: 'skip', label: 'are skipped' },
  { value: 'once', label: 'are one run' },
  { value: 'all', label: 'all run' },
]
export const comparisons = [
  { value: 'above', label: 'is above' },
  { value: 'below', label: 'is below' },
  { value: 'equal', label: 'equals' },
  { value: 'contains', label: 'contains' },
  { value: 'there', label: 'is there' },
]

export function newForm(trigger: Trigger | null, zone: string): TriggerForm {
  const form: TriggerForm = {
    type: 'schedule',
    zone,
    cron: '0 * * * *',
    stream: '',
    by: 'messages',
    everyMessages: 1000,
    everySeconds: 60,
    path: '',
    is: 'above',
    value: '',
    pattern: '*',
    tag: '',
    alias: '',
    notebook: '',
    states: ['succeeded'],
    on: ['raised'],
    severities: [],
    overlap: 'skip',
    missed: 'once',
    missedLimit: 100,
    attempts: 1,
    backoffSeconds: 30,
    concurrencyKey: '',
    failure: '',
  }
  if (!trigger) return form
  const { spec } = trigger
  const { type } = spec
  const rules = {
    type,
    zone: spec.zone ?? 'UTC',
    overlap: trigger.overlap,
    missed: trigger.missed,
    missedLimit: trigger.missedLimit,
    ...trigger.retries,
    concurrencyKey: trigger.concurrencyKey ?? '',
    failure: trigger.onFailure?.notebook ?? '',
  }
  if (type !== 'stream') {
    const own = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined))
    return { ...form, ...own, ...rules }
  }
  const { everyMessages, everySeconds, match } = spec
  const by = match ? 'match' : everySeconds === undefined ? 'messages' : 'seconds'
  return {
    ...form,
    ...rules,
    by,
    stream: spec.stream,
    everyMessages: everyMessages ?? form.everyMessages,
    everySeconds: everySeconds ?? form.everySeconds,
    ...(match ? { path: match.path, is: match.is, value: String(match.value ?? '') } : {}),
  }
}
/** Another kind has other rules to begin with. */
export function toKind(form: TriggerForm, type: Type): TriggerForm {
  const schedule = type === 'schedule'
  return { ...form, type, overlap: schedule ? 'skip' : 'queue', missed: schedule ? 'once' : 'all' }
}

function toValue(is: TriggerForm['is'], text: string): string | number | boolean {
  if (is === 'above' || is === 'below') return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return is === 'equal' && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
function toStream(form: TriggerForm): TriggerSpec {
  const base = { type: 'stream' as const, stream: form.stream, zone: form.zone }
  if (form.by === 'messages') return { ...base, everyMessages: form.everyMessages }
  if (form.by === 'seconds') return { ...base, everySeconds: form.everySeconds }
  const { path, is } = form
  return { ...base, match: { path, is, ...(is === 'there' ? {} : { value: toValue(is, form.value) }) } }
}
export function toSpec(form: TriggerForm): TriggerSpec {
  const { type, zone, cron, tag, alias, notebook } = form
  const pattern = form.pattern === '' || form.pattern === '*' ? {} : { pattern: form.pattern }
  switch (type) {
    case 'schedule':
      return { type, cron, zone }
    case 'stream':
      return toStream(form)
    case 'object':
      return { type, zone, ...pattern, ...(tag ? { tag } : {}) }
    case 'model':
      return { type, zone, ...pattern, ...(alias ? { alias } : {}) }
    case 'run':
      return { type, zone, states: form.states as ['failed'], ...(notebook ? { notebook } : {}) }
    case 'alert': {
      const severities = form.severities as ('info' | 'warning' | 'critical')[]
      return {
        type,
        zone,
        ...pattern,
        on: form.on as ['raised'],
        ...(severities.length ? { severities } : {}),
      }
    }
    case 'api':
      return { type, zone }
  }
}
export function toBody(form: TriggerForm): TriggerBody & { spec: TriggerSpec } {
  return {
    spec: toSpec(form),
    overlap: form.overlap,
    missed: form.missed,
    missedLimit: form.missedLimit,
    retries: { attempts: form.attempts, backoffSeconds: form.backoffSeconds },
    concurrencyKey: form.concurrencyKey.trim() || null,
    onFailure: form.failure ? { notebook: form.failure, version: null } : null,
  }
}

export function describeSpec(spec: TriggerSpec, names: (id: string) => string = (id) => id): string {
  switch (spec.type) {
    case 'schedule':
      return `${spec.cron} ${spec.zone}`
    case 'stream': {
      const { stream, everyMessages, everySeconds, match } = spec
      if (match)
        return `each message of ${names(stream)} with ${match.path} ${match.is} ${String(match.value ?? '')}`.trim()
      return everyMessages === undefined
        ? `every ${everySeconds} s of ${names(stream)}`
        : `every ${everyMessages} messages of ${names(stream)}`
    }
    case 'object':
      return `upload of ${spec.pattern ?? 'any object'}${spec.tag === undefined ? '' : ` tagged ${spec.tag}`}`
    case 'model':
      return spec.alias === undefined
        ? `new version of ${spec.pattern ?? 'any model'}`
        : `${spec.alias} of ${spec.pattern ?? 'any model'} moves`
    case 'run':
      return `${spec.notebook === undefined ? 'any notebook' : names(spec.notebook)} ${(spec.states ?? ['succeeded']).join(' or ')}`
    case 'alert':
      return `alert ${spec.pattern ?? ''} ${(spec.on ?? ['raised']).join(' or ')}`.replace('  ', ' ')
    case 'api':
      return 'a call'
  }
}
/** In the trigger's own zone, which is said. */
export function toZoned(at: number, zone: string): string {
  const text = new Date(at).toLocaleString('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
  return `${text} ${zone}`
}
