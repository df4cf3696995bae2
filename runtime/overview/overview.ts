/**
 * The figures of the overview page, counted from the store on each call; a second's answers are shared, so that many
 * open pages cost what one does.
 */
import type { Overview } from '../api/overview.ts'
import type { Clock } from '../clock.ts'
import type { Document, Store, WorkspaceStore } from '../store/port.ts'
import { findTimeline } from './timeline.ts'

export interface OverviewDeps {
  store: Store
  clock: Clock
  /** Living kernels of the workspace. */
  countKernels(workspace: string): number
  /** Lag in messages over the running deployments of the workspace. */
  findLag(workspace: string): Promise<number>
  storeBytes(): Promise<number>
}
export interface Overviews {
  get(workspace: string): Promise<Overview>
}

const sharedMs = 1000
const sparkMs = 300_000
const sparkBucketMs = 10_000

export function openOverviews(deps: OverviewDeps): Overviews {
  const shared = new Map<string, { at: number; value: Promise<Overview> }>()
  return {
    get(workspace) {
      const now = deps.clock.now()
      const earlier = shared.get(workspace)
      if (earlier && now - earlier.at < sharedMs) return earlier.value
      const value = count(deps, workspace, now)
      value.catch(() => shared.delete(workspace))
      if (shared.size > 1000) shared.clear()
      shared.set(workspace, { at: now, value })
      return value
    },
  }
}

async function count(deps: OverviewDeps, workspace: string, now: number): Promise<Overview> {
  const store = deps.store.in(workspace)
  const dayStart = now - (now % 86_400_000)
  const today = { createdAt: { $gte: dayStart } }
  const [
    objects,
    streams,
    notebooks,
    lastRun,
    deployments,
    openAlerts,
    models,
    versions,
    lastModel,
    states,
    cpu,
    failed,
    spark,
    timeline,
    lag,
    storeBytes,
  ] = await Promise.all([
    store.count('objects'),
    store.find('streams', { limit: 1000 }),
    store.aggregate('notebooks', { by: ['kind'] }),
    store.find('runs', { sort: '-createdAt', limit: 1 }),
    store.aggregate('deployments', { by: ['state'] }),
    store.count('alerts', { state: 'open' }),
    store.count('models'),
    store.count('modelVersions'),
    store.find('modelVersions', { sort: '-createdAt', limit: 1 }),
    store.aggregate('runs', { filter: { state: { $in: ['queued', 'running'] } }, by: ['state'] }),
    store.aggregate('runs', { filter: today, sum: ['cpuMs'] }),
    store.count('runs', { ...today, state: { $in: ['failed', 'timed_out'] } }),
    store.find('runs', { filter: { createdAt: { $gte: now - 3_600_000 } }, sort: '-createdAt', limit: 1000 }),
    findTimeline(store, now - 3_600_000),
    deps.findLag(workspace),
    deps.storeBytes(),
  ])
  const of = (
    groups: { by: { [f: string]: unknown }; count: number }[],
    field: string,
    value: string,
  ): number => groups.find((group) => group.by[field] === value)?.count ?? 0
  const rates = await findRates(store, streams.items, now)
  return {
    at: now,
    data: { objects, streams: streams.items.length, rate: rates.rate, spark: rates.spark },
    analytics: { notebooks: of(notebooks, 'kind', 'analytics'), lastRunAt: timeOf(lastRun.items[0]) },
    processing: {
      notebooks: of(notebooks, 'kind', 'processing'),
      deployed:
        of(deployments, 'state', 'running') +
        of(deployments, 'state', 'starting') +
        of(deployments, 'state', 'draining'),
      failed: of(deployments, 'state', 'failed'),
      lag,
    },
    watches: { on: of(deployments, 'state', 'running'), openAlerts },
    models: { models, versions, lastAt: timeOf(lastModel.items[0]) },
    runs: {
      queued: of(states, 'state', 'queued'),
      running: of(states, 'state', 'running'),
      today: cpu[0]?.count ?? 0,
      failedToday: failed,
      cpuMsToday: cpu[0]?.sum['cpuMs'] ?? 0,
      spark: toSpark(spark.items, now),
    },
    kernels: deps.countKernels(workspace),
    storeBytes,
    timeline,
  }
}

async function findRates(
  store: WorkspaceStore,
  streams: Document[],
  now: number,
): Promise<{ rate: number; spark: { at: number; value: number }[] }> {
  const from = now - sparkMs - ((now - sparkMs) % sparkBucketMs)
  const buckets = new Map<number, number>()
  for (let at = from; at <= now; at += sparkBucketMs) buckets.set(at, 0)
  for (const stream of streams.slice(0, 50))
    for (const rate of await store.log.rates(stream.id, from, now + 1, sparkBucketMs))
      buckets.set(rate.at, (buckets.get(rate.at) ?? 0) + rate.count)
  const spark = [...buckets].map(([at, count]) => ({ at, value: count / (sparkBucketMs / 1000) }))
  // The newest bucket is not over yet: the one before it is the rate.
  return { rate: Math.max(spark.at(-2)?.value ?? 0, spark.at(-1)?.value ?? 0), spark }
}

function toSpark(runs: Document[], now: number): { at: number; value: number }[] {
  const bucketMs = 120_000
  const first = now - 3_600_000
  const counts = Array.from({ length: 30 }, (_, i) => ({ at: first + i * bucketMs, value: 0 }))
  for (const run of runs) {
    const slot = counts[Math.floor((Number(run['createdAt']) - first) / bucketMs)]
    if (slot) slot.value++
  }
  return counts
}

function timeOf(document: Document | undefined): number | null {
  return document ? Number(document['createdAt']) : null
}
