/**
 * Causes among the store's records: uploads, model versions and moved aliases, finished runs, alerts. Each pass reads
 * the records of one kind in the order of a time that they carry, from a cursor that the trigger keeps in the store, and
 * every so often again from two minutes before it. So a cause is found after any restart, also where its record became
 * visible up to two minutes after the time it carries (clocks that differ, a store that refused writes); what is found
 * twice has the same key. A live event of the bus would be quicker by a second, and lost with its process.
 */
import type { Json, JsonObject } from '../json.ts'
import type { CollectionName } from '../store/collections.ts'
import type { Document, Filter, WorkspaceStore } from '../store/port.ts'
import { type Cause, matchesPattern } from './cause.ts'
import type { Place, TriggerSpec } from './trigger-document.ts'

export type RecordSpec = Exclude<TriggerSpec, { type: 'api' | 'schedule' | 'stream' }>
export const graceMs = 120_000
const sweepEveryMs = 10_000
const pageSize = 500
const maxPages = 10
/** Nested runs that are followed to the one that a trigger started. */
const maxNested = 20

interface Source {
  collection: CollectionName
  time: string
  filter: Filter
  toCauses: (document: Document) => Cause[]
  /** The run that made the record. */
  runOf: (document: Document) => Json | undefined
}
interface Event {
  at: number
  key: string
  type: RecordSpec['type']
  subject: string
  name: string
  more?: { version?: number; alias?: string; change?: string }
  offered: JsonObject
}
const toCause = ({ at, key, type, subject, name, more = {}, offered }: Event): Cause => ({
  key,
  at,
  trigger: { type, subject, name, at, ...more },
  offered,
})

function toSources(spec: RecordSpec): Source[] {
  switch (spec.type) {
    case 'object':
      return [
        {
          collection: 'objects',
          time: 'uploadedAt',
          filter: spec.tag === undefined ? {} : { tags: { $contains: spec.tag } },
          runOf: ({ run }) => run,
          toCauses({ id, name: given, uploadedAt }) {
            const [name, at] = [String(given), Number(uploadedAt)]
            if (!matchesPattern(spec.pattern, name)) return []
            const key = `object ${id} ${at}`
            return [toCause({ at, key, type: 'object', subject: id, name, offered: { object: name } })]
          },
        },
      ]
    case 'model':
      return [spec.alias === undefined ? toVersions(spec) : toMoves(spec, spec.alias)]
    case 'run':
      return [
        {
          collection: 'runs',
          time: 'endedAt',
          filter: {
            state: { $in: spec.states ?? ['succeeded'] },
            ...(spec.notebook === undefined ? {} : { notebook: spec.notebook }),
          },
          runOf: ({ id }) => id,
          toCauses({ id, notebook, notebookName, state, endedAt }) {
            const offered = { run: id, notebook: String(notebook), state: String(state) }
            const more = { change: String(state) }
            const [at, name] = [Number(endedAt), String(notebookName)]
            return [toCause({ at, key: `run ${id}`, type: 'run', subject: id, name, more, offered })]
          },
        },
      ]
    case 'alert':
      return (spec.on ?? ['raised']).map((change) => toAlerts(spec, change))
  }
}
function toVersions(spec: RecordSpec & { type: 'model' }): Source {
  return {
    collection: 'modelVersions',
    time: 'createdAt',
    filter: {},
    runOf: ({ run }) => run,
    toCauses({ id, name: given, model, version: number, createdAt }) {
      const [name, version, at] = [String(given), Number(number), Number(createdAt)]
      if (!matchesPattern(spec.pattern, name)) return []
      const more = { version, change: 'saved' }
      const offered = { model: name, version }
      return [
        toCause({ at, key: `version ${id}`, type: 'model', subject: String(model), name, more, offered }),
      ]
    },
  }
}
function toMoves(spec: RecordSpec & { type: 'model' }, alias: string): Source {
  return {
    collection: 'models',
    time: 'updatedAt',
    filter: {},
    runOf: () => null,
    toCauses({ id, name: given, history }) {
      const name = String(given)
      if (!matchesPattern(spec.pattern, name)) return []
      const moves = (history ?? []) as unknown as { alias: string; version: number; at: number }[]
      return moves
        .filter((move) => move.alias === alias)
        .map(({ version, at }) => {
          const more = { version, alias, change: 'moved' }
          const key = `alias ${id} ${alias} ${version} ${at}`
          return toCause({
            at,
            key,
            type: 'model',
            subject: id,
            name,
            more,
            offered: { model: name, version, alias },
          })
        })
    },
  }
}
function toAlerts(spec: RecordSpec & { type: 'alert' }, change: 'raised' | 'cleared'): Source {
  const time = change === 'raised' ? 'createdAt' : 'resolvedAt'
  return {
    collection: 'alerts',
    time,
    filter: spec.severities?.length ? { severity: { $in: spec.severities } } : {},
    runOf: ({ run }) => run,
    toCauses(document) {
      const { id, title, severity } = document
      const [name, at] = [String(title), Number(document[time])]
      if (!matchesPattern(spec.pattern, name)) return []
      const offered = { alert: id, title: name, severity: String(severity), change }
      const more = { change }
      return [toCause({ at, key: `alert ${id} ${change}`, type: 'alert', subject: id, name, more, offered })]
    },
  }
}

export interface RecordCause {
  cause: Cause
  /** The run that made the record. */
  run: string | null
}
/** Oldest first, and where to look from next time. */
export async function findInRecords(
  within: WorkspaceStore,
  spec: RecordSpec,
  place: Place,
  now: number,
): Promise<{ found: RecordCause[]; cursor: number; sweptAt: number }> {
  const sweeps = now - place.sweptAt >= sweepEveryMs
  const from = Math.max(place.since, sweeps ? place.cursor - graceMs : place.cursor)
  const reads = await Promise.all(toSources(spec).map((source) => readSource(within, source, from)))
  const found = reads.flatMap((read) => read.found).filter(({ cause }) => cause.at >= from)
  found.sort((a, b) => a.cause.at - b.cause.at)
  const cut = reads.filter(({ complete }) => !complete)
  const lasts = (cut.length > 0 ? cut : reads).map(({ last }) => last)
  const cursor = cut.length > 0 ? Math.min(...lasts) : Math.max(...lasts)
  return { found, cursor: Math.max(place.cursor, cursor), sweptAt: sweeps ? now : place.sweptAt }
}
async function readSource(
  within: WorkspaceStore,
  { collection, time, filter, toCauses, runOf }: Source,
  from: number,
): Promise<{ found: RecordCause[]; last: number; complete: boolean }> {
  const found: RecordCause[] = []
  let last = 0
  let cursor: string | null = null
  for (let page = 0; page < maxPages; page++) {
    const query = { filter: { ...filter, [time]: { $gte: from } }, sort: time, limit: pageSize }
    const read: Awaited<ReturnType<WorkspaceStore['find']>> = await within.find(collection, {
      ...query,
      ...(cursor === null ? {} : { cursor }),
    })
    for (const document of read.items) {
      last = Number(document[time])
      const run = runOf(document)
      for (const cause of toCauses(document)) found.push({ cause, run: typeof run === 'string' ? run : null })
    }
    cursor = read.nextCursor
    if (cursor === null) return { found, last, complete: true }
  }
  return { found, last, complete: false }
}

/** How many runs led to what this run made; 0 where no trigger is in it. */
export async function findChain(within: WorkspaceStore, run: string | null): Promise<number> {
  let id = run
  for (let nested = 0; id !== null && nested < maxNested; nested++) {
    const document: Document | undefined = await within.maybe('runs', id)
    const trigger = document?.['triggered'] as { type?: string; id?: string; chain?: number } | undefined
    if (!trigger) return 0
    if (trigger.type !== 'notebook') return (trigger.chain ?? 0) + 1
    id = trigger.id?.startsWith('run_') ? trigger.id : null
  }
  return 0
}
