/**
 * Triggers: runs by call, schedule, stream and by records that changed. A due one is looked at under a lease, and what it
 * finds is recorded as firings, each with an id made of its cause, before it is told as found: of many processes, and over
 * a kill and a restart, one firing for each cause. What becomes of a firing is firings.ts.
 */
import type { Logger } from 'pino'
import type { Firing, Trigger, TriggerRules } from '../api/triggers.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import { checkParameters, fillParameters } from '../notebook/parameters.ts'
import { findParameters } from '../notebook/declared.ts'
import { named } from '../project/missing.ts'
import type { Notebooks } from '../project/notebooks.ts'
import type { Document, Filter, Page, Store } from '../store/port.ts'
import type { Streams } from '../stream/streams.ts'
import { toFiringId } from './cause.ts'
import { detect } from './detect.ts'
import { openFirings } from './firings.ts'
import type { Runs } from './runs.ts'
import { nextTimes } from './schedule.ts'
import {
  checkSpec,
  type Place,
  type StoredTrigger,
  toNextAt,
  toPlace,
  toRules,
  toStoredTrigger,
  toTrigger,
  toTriggerDocument,
  type TriggerSpec,
} from './trigger-document.ts'
import { isTriggerToken, newTriggerToken, parseTriggerToken } from './trigger-token.ts'

const tickMs = 500
const leaseMs = 30_000
const againMs = 2000
/** In one pass. */
const maxLooked = 1000

export interface TriggersDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  runs: Pick<Runs, 'create' | 'skip' | 'head'> & Partial<Pick<Runs, 'cancel'>>
  streams: Pick<Streams, 'get' | 'head'>
  notebooks: Pick<Notebooks, 'get' | 'versionFor'>
}
type Given<T> = { [K in keyof T]?: T[K] | undefined }
export type TriggerChange = Given<TriggerRules> & {
  /** null: the notebook as it is when it fires. */
  version?: number | null | undefined
  spec?: TriggerSpec | undefined
  parameters?: JsonObject | undefined
  enabled?: boolean | undefined
}
export interface TriggerCall {
  parameters?: JsonObject
  /** Calls with the same key are one. */
  key?: string | undefined
  by: 'api' | 'person'
}
interface PageQuery {
  limit?: number | undefined
  cursor?: string | undefined
}
export interface Triggers {
  find(workspace: string, query: PageQuery & { notebook?: string | undefined }): Promise<Page<Trigger>>
  get(workspace: string, id: string): Promise<Trigger>
  create(
    workspace: string,
    trigger: TriggerChange & { notebook: string; spec: TriggerSpec },
  ): Promise<Trigger>
  update(workspace: string, id: string, change: TriggerChange, revision: number): Promise<Trigger>
  delete(workspace: string, id: string): Promise<void>
  /** Now, also one that is no api trigger; conflict when it is off. */
  call(workspace: string, id: string, call: TriggerCall): Promise<Firing>
  /** By its own path; not-found for a wrong token. */
  callHook(token: string, call: Omit<TriggerCall, 'by'>): Promise<Firing>
  /** The path's last part; the one before it ends. */
  createToken(workspace: string, id: string): Promise<string>
  firings(workspace: string, id: string, page: PageQuery): Promise<Page<Firing>>
  /** Of a schedule that need not be stored. invalid: it is none. */
  preview(cron: string, zone: string, count: number): number[]
  /** Fires everything that is due now; also done twice a second. How many causes will run. */
  fire(): Promise<number>
  close(): Promise<void>
}

export function openTriggers(deps: TriggersDeps): Triggers {
  const { store, bus, clock, log, streams, notebooks } = deps
  const owner = newId('trg')
  const firings = openFirings({ ...deps, owner })
  let firing: Promise<number> = Promise.resolve(0)
  const tell = (workspace: string, id: string): void =>
    bus.publish(workspace, { topic: `triggers/${id}`, data: { id } })
  const read = (workspace: string, id: string): Promise<Document> =>
    named('trigger', id, store.in(workspace).get('triggers', id))
  const show = async (workspace: string, document: Document): Promise<Trigger> =>
    toTrigger(document, await firings.last(workspace, document.id), clock.now())

  async function check(workspace: string, trigger: StoredTrigger): Promise<void> {
    const { notebook, version, spec, parameters, onFailure } = trigger
    checkSpec(spec)
    const { cells, kind } = await getNotebook(workspace, notebook, version)
    const { schema, complete } = findParameters(cells)
    if (complete) checkParameters(schema, parameters)
    else fillParameters(schema, parameters)
    if (spec.type === 'stream') await streams.get(workspace, spec.stream)
    else if (kind === 'processing')
      throw new AppError(
        'conflict',
        'A processing notebook has no schedule: deploy it, or let a stream trigger it.',
        { path: 'spec' },
      )
    if (onFailure) {
      const { kind: failureKind } = await getNotebook(workspace, onFailure.notebook, onFailure.version)
      if (failureKind === 'processing')
        throw new AppError('conflict', 'The notebook for failures must be an analytics notebook.', {
          path: 'onFailure.notebook',
        })
    }
  }
  const getNotebook = (workspace: string, id: string, version: number | null) =>
    version === null ? notebooks.get(workspace, id) : notebooks.versionFor(workspace, id, version)
  async function start(workspace: string, spec: TriggerSpec): Promise<{ spec: TriggerSpec; place: Place }> {
    const now = clock.now()
    const place = { since: now, cursor: now, sweptAt: now, nextSeq: null }
    if (spec.type !== 'stream') return { spec, place }
    const { id } = await streams.get(workspace, spec.stream)
    const { nextSeq } = await streams.head(workspace, id)
    return { spec: { ...spec, stream: id }, place: { ...place, nextSeq } }
  }

  async function look(workspace: string, document: Document): Promise<number> {
    const trigger = toStoredTrigger(document)
    const now = clock.now()
    const within = store.in(workspace)
    const head = (stream: string) => streams.head(workspace, stream)
    const { plans, set } = await detect({ within, firings, head }, workspace, trigger, document, now)
    const count = await firings.record(workspace, trigger, plans)
    const chained = plans.find(({ skip, cause }) => skip !== undefined && cause.trigger.chain !== undefined)
    if (chained?.skip !== undefined) set['lastError'] = chained.skip
    const unset = ['leaseOwner', 'leaseUntil']
    // An edit meanwhile has set another place.
    const mine = { filter: { id: trigger.id, leaseOwner: owner, edition: trigger.revision } }
    const saved = await within.findAndUpdate('triggers', mine, { set, unset })
    if (!saved)
      await within.findAndUpdate('triggers', { filter: { id: trigger.id, leaseOwner: owner } }, { unset })
    if (set['lastError'] !== undefined) tell(workspace, trigger.id)
    return count
  }
  async function fireAll(): Promise<number> {
    let fired = 0
    for (let looked = 0; looked < maxLooked; looked++) {
      const now = clock.now()
      const due = await store.system.claimDue('triggers', {
        filter: { enabled: true, nextAt: { $lte: now } },
        sort: 'nextAt',
        owner,
        now,
        until: now + leaseMs,
      })
      if (!due) break
      try {
        fired += await look(due.workspace, due.document)
      } catch (error) {
        log.warn({ err: error, trigger: due.document.id }, 'a trigger could not be looked at')
        const mine = { filter: { id: due.document.id, leaseOwner: owner } }
        const patch = { set: { nextAt: now + againMs }, unset: ['leaseOwner', 'leaseUntil'] }
        // Where that fails too, the lease ends by itself.
        if (toStoredTrigger(due.document).spec.type !== 'schedule')
          await store
            .in(due.workspace)
            .findAndUpdate('triggers', mine, patch)
            .catch(() => undefined)
      }
    }
    await firings.work()
    return fired
  }
  const fireNow = (): void => {
    triggers.fire().catch((error: unknown) => log.warn({ err: error }, 'triggers could not be looked at'))
  }

  const triggers: Triggers = {
    async find(workspace, { notebook, limit = 100, cursor }) {
      const filter: Filter = notebook ? { notebook } : {}
      const page = await store
        .in(workspace)
        .find('triggers', { filter, sort: '-createdAt', limit, ...(cursor ? { cursor } : {}) })
      const items = await Promise.all(page.items.map((document) => show(workspace, document)))
      return { items, nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      return show(workspace, await read(workspace, id))
    },
    async create(workspace, given) {
      const now = clock.now()
      const trigger: StoredTrigger = {
        id: newId('trg', now),
        notebook: given.notebook,
        version: given.version ?? null,
        spec: given.spec,
        parameters: given.parameters ?? {},
        enabled: given.enabled ?? true,
        ...toRules(given.spec, given),
        nextAt: null,
        lastRun: null,
        lastError: null,
        createdAt: now,
        revision: 1,
      }
      await check(workspace, trigger)
      const { spec, place } = await start(workspace, given.spec)
      const made = toTriggerDocument({ ...trigger, spec, nextAt: toNextAt(spec, now) }, place)
      const [document] = await store.in(workspace).insert('triggers', [made])
      tell(workspace, trigger.id)
      return show(workspace, document!)
    },
    async update(workspace, id, change, revision) {
      for (let attempt = 0; ; attempt++) {
        const document = await read(workspace, id)
        const before = toStoredTrigger(document)
        if (before.revision !== revision)
          throw new AppError('stale', 'Somebody has changed the trigger since. Read it again.')
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
        const next: StoredTrigger = { ...before, ...given, lastError: null, revision: revision + 1 }
        await check(workspace, next)
        // What came while it was off is not its business.
        const anew = change.spec !== undefined || (next.enabled && !before.enabled)
        const begun = anew
          ? await start(workspace, next.spec)
          : { spec: before.spec, place: toPlace(document) }
        const nextAt = anew ? toNextAt(begun.spec, clock.now()) : before.nextAt
        const made = toTriggerDocument({ ...next, spec: begun.spec, nextAt }, begun.place)
        const set: JsonObject = { ...made, ...(anew ? { lookedAt: clock.now() } : {}) }
        delete set['id']
        try {
          const changed = await store.in(workspace).update('triggers', id, { set }, document.revision)
          if (!next.enabled) await firings.wake(workspace, id)
          tell(workspace, id)
          return await show(workspace, changed)
        } catch (error) {
          // It fired meanwhile.
          if (!isAppError(error, 'stale') || attempt >= 10) throw error
        }
      }
    },
    async delete(workspace, id) {
      await read(workspace, id)
      await store.in(workspace).delete('triggers', { id })
      await firings.forget(workspace, id)
      tell(workspace, id)
    },
    async call(workspace, id, { parameters = {}, key, by }) {
      const document = await read(workspace, id)
      const trigger = toStoredTrigger(document)
      if (!trigger.enabled) throw new AppError('conflict', 'The trigger is off. Turn it on first.')
      await check(workspace, { ...trigger, parameters: { ...trigger.parameters, ...parameters } })
      const now = clock.now()
      const cause = {
        key: `call ${key ?? newId('call', now)}`,
        at: now,
        trigger: { type: by, at: now },
        parameters,
      }
      const known = key !== undefined && (await firings.newOnes(workspace, id, [{ cause }])).length === 0
      if (!known && (await firings.room(workspace, id)) === 0)
        throw new AppError('limit', 'As many calls as may wait do wait. Try again when some have run.')
      await firings.record(workspace, trigger, [{ cause }])
      fireNow()
      return firings.get(workspace, toFiringId(id, cause.key))
    },
    async callHook(token, call) {
      const parsed = parseTriggerToken(token)
      const document = parsed && (await store.in(parsed.workspace).maybe('triggers', parsed.trigger))
      if (!document || !isTriggerToken(parsed.secret, document['tokenHash']))
        throw new AppError('not-found', 'There is no trigger with this path, or it has another one by now.')
      return triggers.call(parsed.workspace, parsed.trigger, { ...call, by: 'api' })
    },
    async createToken(workspace, id) {
      await read(workspace, id)
      const { token, tokenHash } = newTriggerToken(workspace, id)
      await store.in(workspace).update('triggers', id, { set: { tokenHash } })
      tell(workspace, id)
      return token
    },
    async firings(workspace, id, page) {
      await read(workspace, id)
      return firings.find(workspace, id, page)
    },
    preview: (cron, zone, count) => nextTimes(cron, zone, clock.now(), count),
    fire() {
      firing = firing.catch(() => 0).then(() => (closed ? 0 : fireAll()))
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
