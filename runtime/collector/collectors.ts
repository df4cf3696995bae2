/**
 * Collectors on other machines, and the scripts that members send them. A collector says who it is and holds an event
 * stream; while it does, it is connected. A job waits in the collector's document, so a collector that comes back
 * finds it; the bus only wakes. A collector that did not ask for scripts is refused them here, and refuses them itself.
 */
import type { Collector, CollectorJob } from '../api/collectors.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Page, Store } from '../store/port.ts'

type Introduction = Pick<Collector, 'host' | 'name' | 'stream' | 'bpftrace' | 'scripts' | 'every'>
export interface Collectors {
  find(workspace: string, query: { limit?: number; cursor?: string }): Promise<Page<Collector>>
  put(workspace: string, id: string, introduction: Introduction): Promise<Collector>
  delete(workspace: string, id: string): Promise<void>
  /** `job` events: the job as it is, whenever it changed. */
  follow(
    workspace: string,
    id: string,
    signal: AbortSignal,
  ): AsyncIterable<{ id: string; event: string; data: CollectorJob }>
  send(
    workspace: string,
    id: string,
    job: { script: string; seconds: number; by: string },
  ): Promise<CollectorJob>
  cancel(workspace: string, id: string, job: string): Promise<CollectorJob>
  report(
    workspace: string,
    id: string,
    job: string,
    told: Pick<CollectorJob, 'state' | 'error'>,
  ): Promise<CollectorJob>
}
export interface CollectorsDeps {
  store: Pick<Store, 'in'>
  bus: Bus
  clock: Clock
  /** not-found for a stream that is not there. */
  streams: { resolve(workspace: string, id: string): Promise<unknown> }
}

const beatMs = 5000
const goneMs = 15_000
const keptMs = 86_400_000
const ended: readonly string[] = ['done', 'failed', 'cancelled']

export function openCollectors({ store, bus, clock, streams }: CollectorsDeps): Collectors {
  const toCollector = (document: Document): Collector => {
    const { revision: _revision, expiresAt: _expiresAt, holder, ...rest } = document
    const one = rest as unknown as Collector
    return { ...one, connected: holder !== null && clock.now() - one.seenAt < goneMs }
  }
  async function read(workspace: string, id: string): Promise<Collector> {
    return toCollector(await store.in(workspace).get('collectors', id))
  }
  async function set(
    workspace: string,
    id: string,
    change: JsonObject,
    revision?: number,
  ): Promise<Collector> {
    const document = await store.in(workspace).update('collectors', id, { set: change }, revision)
    bus.publish(workspace, { topic: `collectors/${id}`, data: { id } })
    return toCollector(document)
  }
  /** Two who change a job at once: the second sees the first's change and decides again. */
  async function setJob(
    workspace: string,
    id: string,
    next: (one: Collector) => CollectorJob,
  ): Promise<CollectorJob> {
    for (let attempt = 0; ; attempt++) {
      const document = await store.in(workspace).get('collectors', id)
      const job = next(toCollector(document))
      try {
        const change = { set: { job: { ...job } } }
        await store.in(workspace).update('collectors', id, change, document.revision)
        bus.publish(workspace, { topic: `collectors/${id}`, data: { id } })
        return job
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'stale') || attempt >= 10) throw error
      }
    }
  }
  const beat = (): { seenAt: number; expiresAt: number } => ({
    seenAt: clock.now(),
    expiresAt: clock.now() + keptMs,
  })
  const getJob = (one: Collector, job: string): CollectorJob => {
    if (one.job?.id === job) return one.job
    throw new AppError('not-found', `The collector on ${one.host} has no job "${job.slice(0, 80)}".`)
  }
  return {
    async find(workspace, query) {
      const { items, nextCursor } = await store.in(workspace).find('collectors', { sort: 'host', ...query })
      return { items: items.map(toCollector), nextCursor }
    },
    async put(workspace, id, introduction) {
      await streams.resolve(workspace, introduction.stream)
      const mine = store.in(workspace)
      if (await mine.maybe('collectors', id)) return set(workspace, id, { ...introduction, ...beat() })
      const [made] = await mine.insert('collectors', [
        { ...introduction, ...beat(), id, startedAt: clock.now(), holder: null, job: null },
      ])
      bus.publish(workspace, { topic: `collectors/${id}`, data: { id } })
      return toCollector(made!)
    },
    async delete(workspace, id) {
      await store.in(workspace).delete('collectors', { id })
      bus.publish(workspace, { topic: `collectors/${id}`, data: { id } })
    },
    async *follow(workspace, id, signal) {
      let wake = Promise.withResolvers<void>()
      const stir = (): void => wake.resolve()
      const unsubscribe = bus.subscribe(workspace, `collectors/${id}`, stir)
      signal.addEventListener('abort', stir)
      const timer = setInterval(stir, beatMs)
      const me = newId('hold', clock.now())
      let told = ''
      let beaten = -Infinity
      try {
        while (!signal.aborted) {
          wake = Promise.withResolvers<void>()
          if (clock.now() - beaten >= beatMs - 100) {
            beaten = clock.now()
            await set(workspace, id, { holder: me, ...beat() })
          }
          const { job } = await read(workspace, id)
          const now = job ? `${job.id}/${job.state}` : ''
          if (job && now !== told) yield { id: now, event: 'job', data: job }
          told = now
          await wake.promise
        }
      } finally {
        clearInterval(timer)
        unsubscribe()
        signal.removeEventListener('abort', stir)
        // It may be gone already, or hold another connection by now.
        const left = await store.in(workspace).maybe('collectors', id)
        if (left?.['holder'] === me)
          await set(workspace, id, { holder: null }, left.revision).catch(() => undefined)
      }
    },
    send: (workspace, id, { script, seconds, by }) =>
      setJob(workspace, id, (one) => {
        if (!one.scripts)
          throw new AppError(
            'conflict',
            `The collector on ${one.host} takes no scripts; start it with: suricate collect --scripts`,
          )
        if (!one.bpftrace)
          throw new AppError('conflict', `There is no bpftrace on ${one.host}; install it there.`)
        if (!one.connected) throw new AppError('conflict', `The collector on ${one.host} is not connected.`)
        if (one.job && !ended.includes(one.job.state))
          throw new AppError('conflict', `The collector on ${one.host} runs a script; cancel it first.`)
        const now = clock.now()
        const state = 'waiting' as const
        return {
          id: newId('job', now),
          script,
          seconds,
          state,
          error: null,
          by,
          createdAt: now,
          endedAt: null,
        }
      }),
    cancel: (workspace, id, wanted) =>
      setJob(workspace, id, (one) => {
        const job = getJob(one, wanted)
        return ended.includes(job.state) ? job : { ...job, state: 'cancelled', endedAt: clock.now() }
      }),
    report: (workspace, id, wanted, { state, error }) =>
      setJob(workspace, id, (one) => {
        const job = getJob(one, wanted)
        if (ended.includes(job.state)) return job
        return { ...job, state, error, endedAt: ended.includes(state) ? clock.now() : null }
      }),
  }
}
