/**
 * A model that learns from a stream is the `model` of its handler's state. Here is decided when it is published: after
 * so many messages, so much event time, or only where a metric is better than at the last version. What is published
 * is an entry of the outbox, so that it belongs to the commit of the state that it was; its id is the same whenever the
 * same messages come again.
 */
import { digest } from '../action/entry.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { toMilliseconds } from '../sdk/duration.ts'
import type { HandlerSpec } from '../sdk/on.ts'
import type { OutboxEntry } from '../store/log.ts'

export const modelKind = 'model'
export interface Learned {
  stream: { id: string; name: string }
  seqs: { from: number; to: number }
  messages: number
  /** Event time. */
  start: number
  end: number
}
export interface LearnerContext {
  index: number
  notebook: { id: string; version: number }
  deployment: string | null
  run: string | null
}
export interface Learner {
  /** After each call of the handler. An entry when a version is due. */
  learn(state: Json | undefined, learned: Learned): OutboxEntry | undefined
  snapshot(): Json
}
interface Progress {
  /** Since the beginning, and since the last version. */
  from: number
  messages: number
  start: number
  sinceSeq: number | null
  sinceMessages: number
  sinceAt: number | null
  metric: number | null
  versions: number
}

export function createLearner(
  spec: NonNullable<HandlerSpec['learn']>,
  context: LearnerContext,
  saved: Json | undefined,
): Learner {
  const everyMs = spec.every === undefined ? Infinity : toMilliseconds(spec.every)
  const count = spec.count ?? Infinity
  const gateOnly = spec.every === undefined && spec.count === undefined
  let now = isJsonObject(saved) ? (saved as unknown as Progress) : undefined

  function passes(metrics: JsonObject, before: number | null): { ok: boolean; metric: number | null } {
    if (!spec.gate) return { ok: true, metric: null }
    const metric = metrics[spec.gate.metric]
    if (typeof metric !== 'number') return { ok: false, metric: before }
    const gain = before === null ? Infinity : spec.gate.better === 'lower' ? before - metric : metric - before
    return { ok: gain > (spec.gate.by ?? 0), metric }
  }
  return {
    learn(state, { stream, seqs, messages, start, end }) {
      const last = now ?? {
        from: seqs.from,
        messages: 0,
        start,
        sinceSeq: null,
        sinceMessages: 0,
        sinceAt: null,
        metric: null,
        versions: 0,
      }
      now = {
        ...last,
        messages: last.messages + messages,
        start: Math.min(last.start, start),
        sinceSeq: last.sinceSeq ?? seqs.from,
        sinceMessages: last.sinceMessages + messages,
        sinceAt: last.sinceAt ?? start,
      }
      const { sinceAt, sinceMessages, sinceSeq } = now
      const model = isJsonObject(state) ? state['model'] : undefined
      if (model === undefined || model === null) return undefined
      if (!gateOnly && sinceMessages < count && end - (sinceAt ?? end) < everyMs) return undefined
      const metrics = isJsonObject(state) && isJsonObject(state['metrics']) ? state['metrics'] : {}
      const { ok, metric } = passes(metrics, now.metric)
      if (!ok) return undefined
      const { notebook, deployment, run, index } = context
      const name = spec.model
      const lineage = {
        notebook: notebook.id,
        notebookVersion: notebook.version,
        deployment,
        run,
        messages: now.messages,
        streams: [{ name: stream.name, from: now.start, to: end + 1 }],
        seqs: { stream: stream.id, from: now.from, to: seqs.to },
        sinceLast: { from: sinceSeq, to: seqs.to, messages: sinceMessages },
      }
      const entry: OutboxEntry = {
        id: `${notebook.id}.${deployment ?? run ?? 'none'}.${modelKind}.${digest([name, index, seqs.to, now.versions])}`,
        kind: modelKind,
        at: Math.floor(end),
        body: { name, model, metrics, alias: spec.alias ?? null, lineage },
      }
      now = { ...now, sinceSeq: null, sinceMessages: 0, sinceAt: end, metric, versions: now.versions + 1 }
      return entry
    },
    snapshot: () => (now ? { ...now } : null),
  }
}
