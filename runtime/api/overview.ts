import { z } from 'zod'
import { operation, time } from './operation.ts'

const point = z.object({ at: time, value: z.number() })
export const overview = z.object({
  at: time,
  data: z.object({ objects: z.number(), streams: z.number(), rate: z.number(), spark: z.array(point) }),
  analytics: z.object({ notebooks: z.number(), lastRunAt: time.nullable() }),
  processing: z.object({ notebooks: z.number(), deployed: z.number(), failed: z.number(), lag: z.number() }),
  watches: z.object({ on: z.number(), openAlerts: z.number() }),
  models: z.object({ models: z.number(), versions: z.number(), lastAt: time.nullable() }),
  runs: z.object({
    queued: z.number(),
    running: z.number(),
    today: z.number(),
    failedToday: z.number(),
    cpuMsToday: z.number(),
    spark: z.array(point),
  }),
  kernels: z.number(),
  storeBytes: z.number(),
  /** The last hour on one time axis, by arrival; event time beside it. Newest last, at most 500. */
  timeline: z.array(
    z.object({
      at: time,
      eventTime: time.nullable(),
      kind: z.enum(['row', 'action', 'alert', 'run']),
      id: z.string(),
      title: z.string(),
      state: z.string(),
      value: z.number().nullable(),
      link: z.string(),
    }),
  ),
})
export type Overview = z.infer<typeof overview>
export const health = z.object({ status: z.literal('ok'), version: z.string() })
export const readiness = z.object({
  status: z.enum(['ok', 'degraded']),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
})

export const overviewOperations = {
  getOverview: operation({
    method: 'get',
    path: '/overview',
    tag: 'overview',
    summary: 'The figures of the overview',
    scope: 'read',
    response: overview,
  }),
  getEvents: operation({
    method: 'get',
    path: '/events',
    tag: 'overview',
    summary: 'Everything of the workspace, live: what changed, by topic',
    scope: 'read',
    events: true,
  }),
  getHealth: operation({
    method: 'get',
    path: '/health',
    tag: 'overview',
    summary: 'Alive',
    scope: 'public',
    response: health,
  }),
  getReady: operation({
    method: 'get',
    path: '/ready',
    tag: 'overview',
    summary: 'Store, ingest and sandboxes answer',
    scope: 'public',
    response: readiness,
  }),
  getMetrics: operation({
    method: 'get',
    path: '/metrics',
    tag: 'overview',
    summary: 'Prometheus text',
    scope: 'read',
    produces: ['text/plain'],
  }),
  getSdkTypes: operation({
    method: 'get',
    path: '/sdk.d.ts',
    tag: 'overview',
    summary: 'TypeScript declarations of what a notebook can call',
    scope: 'read',
    produces: ['text/plain'],
  }),
  getOpenApi: operation({
    method: 'get',
    path: '/openapi.json',
    tag: 'overview',
    summary: 'This description, OpenAPI 3.1',
    scope: 'public',
    response: z.record(z.string(), z.unknown()),
  }),
}
