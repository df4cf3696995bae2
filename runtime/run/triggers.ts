/**
 * Triggers: runs by schedule and by stream. A due one is claimed under a lease, so that of many processes one fires it.
 * What was missed while nothing ran is one run, not many. A schedule that comes while its last run still goes is
 * recorded as skipped; a stream's stretch waits instead, since every message belongs to one run.
 */
import type { Logger } from 'pino'
import type { Trigger } from '../api/runs.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import { checkParameters, fillParameters } from '../notebook/parameters.ts'
import { findParameters } from '../notebook/declared.ts'
import { named } from '../project/missing.ts'
import type { Notebooks } from '../project/notebooks.ts'
import type { Document, Filter, Page, Store } from '../store/port.ts'
import type { Streams } from '../stream/streams.ts'
import { isFinal } from './run-state.ts'
import type { Runs } from './runs.ts'
import {
  checkSpec,
  countEveryMs,
  toNextAt,
  toTrigger,
  toTriggerDocument,
  type TriggerSpec,
} from './trigger-document.ts'

const tickMs = 500
const leaseMs = 30_000

export interface TriggersDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  runs: Pick<Runs, 'create' | 'skip' | 'head'>
  streams: Pick<Streams, 'get' | 'head'>
  notebooks: Pick<Notebooks, 'get' | 'versionFor'>
}
export interface TriggerChange {
  /** null: the notebook as it is when it fires. */
  version?: number | null | undefined
  spec?: TriggerSpec | undefined
  parameters?: JsonObject | undefined
  enabled?: boolean | undefined
}
export interface Triggers {
  find(
    workspace: string,
    query: { notebook?: string | undefined; limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<Trigger>>
  get(workspace: string, id: string): Promise<Trigger>
  create(
    workspace: string,
    trigger: {
      notebook: string
      version?: number | null
      spec: TriggerSpec
      parameters?: JsonObject
      enabled?: boolean
    },
  ): Promise<Trigger>
  update(workspace: string, id: string, change: TriggerChange, revision: number): Promise<Trigger>
  delete(workspace: string, id: string): Promise<void>
  /** Fires everything that is due now; also done twice a second. How many. */
  fire(): Promise<number>
  close(): Promise<void>
}

export function openTriggers(deps: TriggersDeps): Triggers {
  const { store, bus, clock, log, runs, streams, notebooks } = deps
  const owner = newId('trg')
  let firing: Promise<number> = Promise.resolve(0)
  const tell = (workspace: string, id: string): void =>
    bus.publish(workspace, { topic: `triggers/${id}`, data: { id } })
  const read = (workspace: string, id: string): Promise<Document> =>
    named('trigger', id, store.in(workspace).get('triggers', id))

  async function check(
    workspace: string,
    {
      notebook,
      version,
      spec,
      parameters: given,
    }: Pick<Trigger, 'notebook' | 'version' | 'spec' | 'parameters'>,
  ): Promise<void> {
    checkSpec(spec)
    const { cells, kind } =
      version === null
        ? await notebooks.get(workspace, notebook)
        : await notebooks.versionFor(workspace, notebook, version)
    const { schema, complete } = findParameters(cells)
    if (complete) checkParameters(schema, given)
    else fillParameters(schema, given)
    if (spec.type === 'stream') await streams.get(workspace, spec.stream)
    else if (kind === 'processing')
      throw new AppError(
        'conflict',
        'A processing notebook has no schedule: deploy it, or let a stream trigger it.',
        { path: 'spec' },
      )
  }
  async function start(
    workspace: string,
    spec: TriggerSpec,
  ): Promise<{ spec: TriggerSpec; nextSeq: number | null }> {
    if (spec.type === 'schedule') return { spec, nextSeq: null }
    const { id } = await streams.get(workspace, spec.stream)
    return { spec: { ...spec, stream: id }, nextSeq: (await streams.head(workspace, id)).nextSeq }
  }

  /** The seqs of the next run, when there are enough. */
  async function findStretch(
    workspace: string,
    spec: TriggerSpec & { type: 'stream' },
    nextSeq: number,
  ): Promise<{ stream: string; fromSeq: number; toSeq: number } | undefined> {
    const head = await streams.head(workspace, spec.stream)
    const fromSeq = Math.max(nextSeq, head.firstSeq)
    const there = head.nextSeq - fromSeq
    const count = spec.everyMessages ?? there
    return there >= count && count > 0
      ? { stream: spec.stream, fromSeq, toSeq: fromSeq + count - 1 }
      : undefined
  }
  async function isRunning(workspace: string, run: string | null): Promise<boolean> {
    if (run === null) return false
    try {
      return !isFinal((await runs.head(workspace, run)).state)
    } catch (error) {
      if (isAppError(error, 'not-found')) return false
      throw error
    }
  }

  async function fireOne(workspace: string, document: Document): Promise<void> {
    const trigger = toTrigger(document)
    const { id, notebook, version: pinned, spec, parameters } = trigger
    const version = pinned ?? undefined
    const now = clock.now()
    const set: JsonObject = { nextAt: toNextAt(spec, now), lastError: null }
    try {
      const running = await isRunning(workspace, trigger.lastRun)
      if (spec.type === 'schedule') {
        const spec = {
          version,
          parameters,
          trigger: { type: 'schedule' as const, id, at: trigger.nextAt ?? now },
        }
        const reason = `The run before, ${trigger.lastRun ?? ''}, has not ended.`
        const run = running
          ? await runs.skip(workspace, notebook, spec, reason)
          : await runs.create(workspace, notebook, spec)
        if (!running) set['lastRun'] = run.id
      } else if (running) set['nextAt'] = now + countEveryMs
      else {
        const range = await findStretch(workspace, spec, document['nextSeq'] as number)
        if (range) {
          const { stream, fromSeq: from, toSeq: to } = range
          const made = { type: 'stream' as const, id, stream, from, to }
          const run = await runs.create(workspace, notebook, { version, parameters, range, trigger: made })
          set['lastRun'] = run.id
          set['nextSeq'] = to + 1
        }
      }
    } catch (error) {
      set['lastError'] = toMessage(error)
      if (!isAppError(error)) log.error({ err: error, trigger: id }, 'a trigger could not fire')
    }
    await store
      .in(workspace)
      .findAndUpdate(
        'triggers',
        { filter: { id, leaseOwner: owner } },
        { set, unset: ['leaseOwner', 'leaseUntil'] },
      )
    if (set['lastRun'] !== undefined || set['lastError'] !== null) tell(workspace, id)
  }
  async function fireAll(): Promise<number> {
    for (let count = 0; ; count++) {
      const now = clock.now()
      const due = await store.system.claimDue('triggers', {
        filter: { enabled: true, nextAt: { $lte: now } },
        sort: 'nextAt',
        owner,
        now,
        until: now + leaseMs,
      })
      if (!due) return count
      await fireOne(due.workspace, due.document)
    }
  }

  const triggers: Triggers = {
    async find(workspace, { notebook, limit = 100, cursor }) {
      const filter: Filter = notebook ? { notebook } : {}
      const page = await store
        .in(workspace)
        .find('triggers', { filter, sort: '-createdAt', limit, ...(cursor ? { cursor } : {}) })
      return { items: page.items.map(toTrigger), nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      return toTrigger(await read(workspace, id))
    },
    async create(workspace, { notebook, version = null, spec: given, parameters = {}, enabled = true }) {
      await check(workspace, { notebook, version, spec: given, parameters })
      const { spec, nextSeq } = await start(workspace, given)
      const now = clock.now()
      const trigger: Trigger = {
        id: newId('trg', now),
        notebook,
        version,
        spec,
        parameters,
        enabled,
        nextAt: toNextAt(spec, now),
        lastRun: null,
        lastError: null,
        createdAt: now,
        revision: 1,
      }
      const [made] = await store.in(workspace).insert('triggers', [toTriggerDocument(trigger, nextSeq)])
      tell(workspace, trigger.id)
      return toTrigger(made!)
    },
    async update(workspace, id, change, revision) {
      for (let attempt = 0; ; attempt++) {
        const document = await read(workspace, id)
        const trigger = toTrigger(document)
        if (trigger.revision !== revision)
          throw new AppError('stale', 'Somebody has changed the trigger since. Read it again.')
        const parameters = change.parameters ?? trigger.parameters
        const version = change.version === undefined ? trigger.version : change.version
        await check(workspace, { ...trigger, version, spec: change.spec ?? trigger.spec, parameters })
        const enabled = change.enabled ?? trigger.enabled
        // Messages that came while it was off are not its business.
        const anew = change.spec !== undefined || (enabled && !trigger.enabled)
        const begun = anew
          ? await start(workspace, change.spec ?? trigger.spec)
          : { spec: trigger.spec, nextSeq: document['nextSeq'] as number | null }
        const nextAt = anew ? toNextAt(begun.spec, clock.now()) : trigger.nextAt
        const next = { ...trigger, version, spec: begun.spec, parameters, enabled, nextAt, lastError: null }
        const set: JsonObject = { ...toTriggerDocument({ ...next, revision: revision + 1 }, begun.nextSeq) }
        delete set['id']
        try {
          const changed = await store.in(workspace).update('triggers', id, { set }, document.revision)
          tell(workspace, id)
          return toTrigger(changed)
        } catch (error) {
          // It fired meanwhile.
          if (!isAppError(error, 'stale') || attempt >= 10) throw error
        }
      }
    },
    async delete(workspace, id) {
      await read(workspace, id)
      await store.in(workspace).delete('triggers', { id })
      tell(workspace, id)
    },
    fire() {
      firing = firing.catch(() => 0).then(fireAll)
      return firing
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await firing.catch(() => undefined)
    },
  }

  let closed = false
  let timer: NodeJS.Timeout
  const tick = (): void => {
    timer = setTimeout(() => {
      triggers
        .fire()
        .catch((error: unknown) => log.warn({ err: error }, 'triggers could not be looked at'))
        .finally(() => {
          if (!closed) tick()
        })
    }, tickMs)
    timer.unref()
  }
  tick()
  return triggers
}
