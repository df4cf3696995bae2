import { z } from 'zod'
import { id, name, operation, page, pageQuery, time } from './operation.ts'

export const jobState = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled'])
/** A script that a member sent to a collector; one at a time. */
export const collectorJob = z.object({
  id,
  /** bpftrace */
  script: z.string(),
  /** 0: until it is cancelled. */
  seconds: z.number().int(),
  state: jobState,
  error: z.string().nullable(),
  by: z.string(),
  createdAt: time,
  endedAt: time.nullable(),
})
export type CollectorJob = z.infer<typeof collectorJob>
const collectorFields = z.object({
  host: name,
  name,
  /** Id of the stream that its messages are in. */
  stream: id,
  /** Whether bpftrace is there. */
  bpftrace: z.boolean(),
  /** Whether it was started with --scripts. */
  scripts: z.boolean(),
  /** Seconds between two readings of /proc. */
  every: z.number().positive().max(3600),
})
export const collector = collectorFields.extend({
  id,
  /** Whether it holds its event stream. */
  connected: z.boolean(),
  startedAt: time,
  seenAt: time,
  job: collectorJob.nullable(),
})
export type Collector = z.infer<typeof collector>
/** Chosen by the collector, at random. */
const collectorId = z.string().regex(/^[\w.-]{8,80}$/, 'is 8 to 80 letters, digits, dots, - and _')
const collectorParams = z.object({ id: collectorId })
const jobParams = z.object({ id: collectorId, job: id })

export const maxScript = 50_000
export const collectorOperations = {
  findCollectors: operation({
    method: 'get',
    path: '/collectors',
    tag: 'collectors',
    summary: 'Collectors of the last day, by host',
    scope: 'read',
    query: pageQuery,
    response: page(collector),
  }),
  putCollector: operation({
    method: 'put',
    path: '/collectors/{id}',
    tag: 'collectors',
    summary: 'A collector says who it is',
    scope: 'run',
    params: collectorParams,
    body: collectorFields,
    response: collector,
  }),
  deleteCollector: operation({
    method: 'delete',
    path: '/collectors/{id}',
    tag: 'collectors',
    summary: 'A collector that ends takes itself from the list',
    scope: 'run',
    params: collectorParams,
    status: 204,
  }),
  getCollectorEvents: operation({
    method: 'get',
    path: '/collectors/{id}/events',
    tag: 'collectors',
    summary: 'job events, for the collector: what to run, and what was cancelled',
    scope: 'run',
    params: collectorParams,
    events: true,
  }),
  createCollectorJob: operation({
    method: 'post',
    path: '/collectors/{id}/jobs',
    tag: 'collectors',
    summary: 'Send a bpftrace script; only to a collector that was started with --scripts',
    scope: 'write',
    params: collectorParams,
    body: z.object({
      script: z.string().trim().min(1, 'must not be empty').max(maxScript),
      seconds: z.number().int().min(0).max(86_400).default(10),
    }),
    status: 201,
    response: collectorJob,
    idempotent: true,
  }),
  cancelCollectorJob: operation({
    method: 'post',
    path: '/collectors/{id}/jobs/{job}/cancel',
    tag: 'collectors',
    summary: 'Cancel a job',
    scope: 'write',
    params: jobParams,
    response: collectorJob,
  }),
  updateCollectorJob: operation({
    method: 'put',
    path: '/collectors/{id}/jobs/{job}',
    tag: 'collectors',
    summary: 'The collector says how its job goes',
    scope: 'run',
    params: jobParams,
    body: z.object({
      state: z.enum(['running', 'done', 'failed', 'cancelled']),
      error: z.string().max(4000).nullable().default(null),
    }),
    response: collectorJob,
  }),
}
