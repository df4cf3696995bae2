/**
 * Performs what firing-state.ts decides, over all processes. A firing is worked on under a lease; its runs have ids made
 * of its own id and the attempt, so that a process that dies anywhere in between leads to the same run and not to a
 * second. What an end asks for is done before the end is written.
 */
import type { Logger } from 'pino'
import type { Run } from '../api/runs.ts'
import type { Firing } from '../api/triggers.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { isAppError, toMessage } from '../error.ts'
import type { JsonObject } from '../json.ts'
import { findFault, type ParameterSchema } from '../notebook/parameters.ts'
import type { Notebooks } from '../project/notebooks.ts'
import type { Document, Page, Store, WorkspaceStore } from '../store/port.ts'
import { type Cause, type Plan, toFiringId } from './cause.ts'
import { claimFiring } from './claim.ts'
import {
  type FiringFacts,
  toFiring,
  toFiringDocument,
  toFiringFacts,
  toFiringFields,
  toFiringRecord,
} from './firing-document.ts'
import { apply, type FiringOperation } from './firing-state.ts'
import { isFinal } from './run-state.ts'
import type { Runs, RunSpec } from './runs.ts'
import { toDay } from './schedule.ts'
import { lookEveryMs, type StoredTrigger } from './trigger-document.ts'
import { leaveTurn, takeTurn } from './turn.ts'

const leaseMs = 30_000
const againMs = 5000
/** In one pass. */
const maxWorked = 1000
/** Waiting firings of one trigger. */
export const maxWaiting = 100

export interface FiringsDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Logger
  owner: string
  runs: Pick<Runs, 'create' | 'skip' | 'head'> & Partial<Pick<Runs, 'cancel'>>
  notebooks: Pick<Notebooks, 'versionFor'>
}
export interface Firings {
  /** Those that are not there yet; how many of them will run. */
  record(workspace: string, trigger: StoredTrigger, plans: Plan[]): Promise<number>
  /** Those of the causes that no firing stands for. */
  newOnes<T extends { cause: Cause }>(workspace: string, trigger: string, causes: T[]): Promise<T[]>
  /** How many more a trigger may have waiting. */
  room(workspace: string, trigger: string): Promise<number>
  find(
    workspace: string,
    trigger: string,
    page: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<Firing>>
  last(workspace: string, trigger: string): Promise<Firing | null>
  get(workspace: string, id: string): Promise<Firing>
  /** What waits of it is looked at now. */
  wake(workspace: string, trigger: string): Promise<void>
  forget(workspace: string, trigger: string): Promise<void>
  /** Works on all that are due now. */
  work(): Promise<void>
}

export function openFirings({ store, bus, clock, log, owner, runs, notebooks }: FiringsDeps): Firings {
  const tell = (workspace: string, trigger: string): void =>
    bus.publish(workspace, { topic: `triggers/${trigger}`, data: { id: trigger } })

  async function work(workspace: string, document: Document): Promise<void> {
    const facts = toFiringFacts(document)
    const now = clock.now()
    const operation = await next(workspace, document, facts, now)
    const before = toFiringRecord(document)
    if (!operation) {
      await save(workspace, document.id, { nextAt: now + lookEveryMs })
      return
    }
    const { firing, effects } = apply(before, operation, facts.rules)
    const more: JsonObject = {}
    for (const effect of effects)
      if (effect === 'skip') await skip(workspace, document, facts, firing.reason ?? '')
      else if (effect === 'evict') await evict(workspace, document.id, facts)
      else if (effect === 'cancel') await cancel(workspace, firing.attempts.at(-1)?.run ?? null)
      else if (effect === 'failure')
        Object.assign(more, await runFailure(workspace, document.id, facts, firing.attempts.at(-1)))
    await save(workspace, document.id, { ...toFiringFields(firing), ...more })
    if (effects.includes('release')) await leave(workspace, document.id, facts.turn)
    if (operation.type === 'started' || operation.type === 'refused')
      await tellTrigger(workspace, facts.trigger, operation)
    if (firing.state !== before.state) tell(workspace, facts.trigger)
  }
  /** The oldest that waits is next. */
  async function leave(workspace: string, id: string, turn: string): Promise<void> {
    const within = store.in(workspace)
    await leaveTurn(within, turn, id)
    const filter = { turn, live: true, state: 'waiting' }
    await within.findAndUpdate('firings', { filter, sort: 'order' }, { set: { nextAt: clock.now() } })
  }
  /** What happens to it now; undefined: nothing. */
  async function next(
    workspace: string,
    document: Document,
    facts: FiringFacts,
    now: number,
  ): Promise<FiringOperation | undefined> {
    const { state, attempts } = toFiringRecord(document)
    const within = store.in(workspace)
    if (state === 'running') {
      const run = await maybeHead(workspace, attempts.at(-1)?.run ?? '')
      const replaced = facts.replaced
      if (!run) return { type: 'ended', state: 'failed', error: 'The run is gone.', replaced, at: now }
      if (isFinal(run.state))
        return { type: 'ended', state: run.state, error: run.error?.message ?? null, replaced, at: now }
      return replaced ? { type: 'replace', at: now } : undefined
    }
    if (facts.replaced) return { type: 'replace', at: now }
    if (state === 'waiting') {
      const trigger = await within.maybe('triggers', facts.trigger)
      if (!trigger) return { type: 'drop', reason: 'The trigger was deleted.', at: now }
      if (trigger['enabled'] !== true) return { type: 'drop', reason: 'The trigger was turned off.', at: now }
      const holder = (await olderOne(within, facts)) ?? (await takeTurn(within, facts.turn, document.id))
      if (holder !== null) return { type: 'busy', holder: await toHolder(within, holder), at: now }
    }
    return start(workspace, document.id, facts, attempts.length + 1, now)
  }
  /** In a queue the oldest goes first. */
  async function olderOne(
    within: WorkspaceStore,
    { turn, order, rules }: FiringFacts,
  ): Promise<string | null> {
    if (rules.overlap !== 'queue') return null
    const filter = { turn, live: true, state: 'waiting', order: { $lt: order } }
    return (await within.find('firings', { filter, sort: 'order', limit: 1 })).items[0]?.id ?? null
  }
  async function toHolder(within: WorkspaceStore, id: string): Promise<string> {
    const holder = await within.maybe('firings', id)
    return (holder && toFiringRecord(holder).attempts.at(-1)?.run) ?? id
  }
  async function start(
    workspace: string,
    id: string,
    facts: FiringFacts,
    attempt: number,
    now: number,
  ): Promise<FiringOperation> {
    try {
      const run = await runs.create(workspace, facts.notebook, await toSpec(workspace, id, facts, attempt))
      return { type: 'started', run: run.id, at: now }
    } catch (error) {
      if (!isAppError(error) || isTransient(error)) throw error
      return { type: 'refused', error: error.message, at: now }
    }
  }
  async function toSpec(
    workspace: string,
    id: string,
    facts: FiringFacts,
    attempt: number,
  ): Promise<RunSpec> {
    const { cause, trigger, notebook, parameters } = facts
    const version = facts.version ?? undefined
    const offered: JsonObject = { day: toDay(cause.at, facts.zone), ...cause.offered }
    const { parameters: schema } = await notebooks.versionFor(workspace, notebook, version)
    return {
      id: toRunId(id, attempt),
      version,
      parameters: { ...fit(schema, offered), ...parameters },
      ...(cause.range ? { range: cause.range } : {}),
      trigger: { ...cause.trigger, id: trigger, ...(attempt > 1 ? { attempt } : {}) },
    }
  }
  async function skip(
    workspace: string,
    document: Document,
    facts: FiringFacts,
    reason: string,
  ): Promise<void> {
    try {
      await runs.skip(workspace, facts.notebook, await toSpec(workspace, document.id, facts, 1), reason)
    } catch (error) {
      if (!isAppError(error) || isTransient(error)) throw error
    }
  }
  /** Who runs and who waits before it. */
  async function evict(workspace: string, id: string, { turn, order }: FiringFacts): Promise<void> {
    const filter = { turn, live: true, order: { $lt: order } }
    const set = { replacedBy: id, nextAt: clock.now() }
    await store.in(workspace).updateMany('firings', filter, { set })
  }
  async function cancel(workspace: string, run: string | null): Promise<void> {
    try {
      if (run !== null) await runs.cancel?.(workspace, run)
    } catch (error) {
      // Another process has it; that one looks at the firing too.
      if (!isAppError(error, 'conflict') && !isAppError(error, 'not-found')) throw error
    }
  }
  /** A plain run: it is not tried again, and its own failure starts nothing. */
  async function runFailure(
    workspace: string,
    id: string,
    facts: FiringFacts,
    attempt: Firing['attempts'][number] | undefined,
  ): Promise<JsonObject> {
    if (!facts.onFailure) return {}
    const { notebook } = facts.onFailure
    const version = facts.onFailure.version ?? undefined
    try {
      const { parameters: schema } = await notebooks.versionFor(workspace, notebook, version)
      const told = {
        run: attempt?.run ?? '',
        error: attempt?.error ?? '',
        notebook: facts.notebook,
        trigger: facts.trigger,
        firing: id,
        attempts: toFiringRecord(await store.in(workspace).get('firings', id)).attempts.length + 1,
      }
      const chain = (facts.cause.trigger.chain ?? 0) + 1
      const failed = attempt?.run ? { subject: attempt.run } : {}
      const run = await runs.create(workspace, notebook, {
        id: `${toRunId(id, 0)}`,
        version,
        parameters: fit(schema, told),
        trigger: { type: 'failure', id: facts.trigger, chain, ...failed },
      })
      return { failureRun: run.id }
    } catch (error) {
      if (!isAppError(error) || isTransient(error)) throw error
      return { failureError: error.message }
    }
  }
  async function maybeHead(workspace: string, run: string): Promise<Run | undefined> {
    try {
      return await runs.head(workspace, run)
    } catch (error) {
      if (isAppError(error, 'not-found')) return undefined
      throw error
    }
  }
  async function save(workspace: string, id: string, set: JsonObject): Promise<void> {
    const query = { filter: { id, leaseOwner: owner } }
    await store.in(workspace).findAndUpdate('firings', query, { set, unset: ['leaseOwner', 'leaseUntil'] })
  }
  async function tellTrigger(
    workspace: string,
    id: string,
    operation: { type: 'started'; run: string } | { type: 'refused'; error: string },
  ): Promise<void> {
    const set: JsonObject =
      operation.type === 'started'
        ? { lastRun: operation.run, lastError: null }
        : { lastError: operation.error }
    await store.in(workspace).updateMany('triggers', { id }, { set })
  }

  const firings: Firings = {
    async record(workspace, trigger, plans) {
      const within = store.in(workspace)
      const now = clock.now()
      const wanted = plans.map((plan, i) => toFiringDocument(trigger, plan, now * 1000 + (i % 1000), now))
      let count = 0
      for (const document of wanted) {
        try {
          await within.insert('firings', [document])
          if (document['live'] === true) count++
        } catch (error) {
          if (!isAppError(error, 'conflict')) throw error
        }
      }
      if (count > 0) tell(workspace, trigger.id)
      return count
    },
    async newOnes(workspace, trigger, causes) {
      const known = new Set<string>()
      const idOf = ({ cause }: { cause: Cause }): string => toFiringId(trigger, cause.key)
      for (let at = 0; at < causes.length; at += 500) {
        const ids = causes.slice(at, at + 500).map(idOf)
        const query = { filter: { id: { $in: ids } }, limit: 500 }
        for (const { id } of (await store.in(workspace).find('firings', query)).items) known.add(id)
      }
      return causes.filter((one) => !known.has(idOf(one)))
    },
    async room(workspace, trigger) {
      const waiting = await store.in(workspace).count('firings', { trigger, live: true, state: 'waiting' })
      return Math.max(0, maxWaiting - waiting)
    },
    async find(workspace, trigger, { limit = 50, cursor }) {
      const page = await store
        .in(workspace)
        .find('firings', { filter: { trigger }, sort: '-order', limit, ...(cursor ? { cursor } : {}) })
      return { items: page.items.map(toFiring), nextCursor: page.nextCursor }
    },
    async last(workspace, trigger) {
      return (await firings.find(workspace, trigger, { limit: 1 })).items[0] ?? null
    },
    async get(workspace, id) {
      return toFiring(await store.in(workspace).get('firings', id))
    },
    async wake(workspace, trigger) {
      const filter = { trigger, live: true, state: 'waiting' }
      await store.in(workspace).updateMany('firings', filter, { set: { nextAt: clock.now() } })
    },
    async forget(workspace, trigger) {
      // What runs goes on to its end, unrecorded.
      await store.in(workspace).delete('firings', { trigger })
    },
    async work() {
      for (let count = 0; count < maxWorked; count++) {
        const now = clock.now()
        const due = await claimFiring(store, { owner, now, until: now + leaseMs })
        if (!due) return
        try {
          await work(due.workspace, due.document)
        } catch (error) {
          log.warn({ err: error, firing: due.document.id }, 'a firing waits: it could not be worked on')
          const reason = toMessage(error)
          await save(due.workspace, due.document.id, { nextAt: now + againMs, reason }).catch(() => undefined)
        }
      }
    },
  }
  return firings
}

function isTransient(error: unknown): boolean {
  return isAppError(error, 'unavailable') || isAppError(error, 'timeout') || isAppError(error, 'limit')
}
function toRunId(firing: string, attempt: number): string {
  return `run_${firing.slice(firing.indexOf('_') + 1)}_${attempt === 0 ? 'failure' : attempt}`
}
/** Of what is offered, what the notebook declares and takes. */
function fit(schema: ParameterSchema, offered: JsonObject): JsonObject {
  const fitting: JsonObject = {}
  for (const [name, value] of Object.entries(offered)) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (property && findFault(property, value) === undefined) fitting[name] = value
  }
  return fitting
}
