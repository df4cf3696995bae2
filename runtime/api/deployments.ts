import { z } from 'zod'
import { id, idParams, json, jsonObject, operation, page, pageQuery, time, timeQuery } from './operation.ts'

export const deploymentState = z.enum(['starting', 'running', 'paused', 'draining', 'stopped', 'failed'])
export const startFrom = z.union([
  z.literal('now'),
  z.literal('first'),
  z.object({ seq: z.number().int().min(1) }),
  z.object({ eventTime: z.union([z.number(), z.string()]) }),
])
export const deployment = z.object({
  id,
  name: z.string(),
  notebook: z.object({ id, version: z.number().int(), name: z.string() }),
  parameters: jsonObject,
  from: startFrom,
  state: deploymentState,
  lastError: z.string().nullable(),
  /** {stream, outOfOrder, lateness, window?} of each handler, once the cells ran. */
  inputs: z.array(
    z.object({
      stream: z.string(),
      name: z.string(),
      window: jsonObject.nullable(),
      nextSeq: z.number().int(),
      lag: z.number().int(),
      watermark: time.nullable(),
    }),
  ),
  commit: z.number().int(),
  counters: z.record(z.string(), z.number()),
  restarts: z.number().int(),
  actions: z.number().int(),
  receipt: jsonObject.nullable(),
  createdAt: time,
  updatedAt: time,
  revision: z.number().int(),
})
export type Deployment = z.infer<typeof deployment>
export const row = z.object({
  id: z.string(),
  key: z.string().nullable(),
  start: time,
  end: time,
  pane: z.number().int(),
  /** Arrival of the message that fired it. */
  at: time,
  fields: jsonObject,
})
export type Row = z.infer<typeof row>

/** A message that came too late, or whose time is too far in the future. */
export const lateMessage = z.object({
  number: z.number().int(),
  stream: z.string(),
  seq: z.number().int(),
  key: z.string().nullable(),
  eventTime: time,
  receivedAt: time,
  reason: z.enum(['late', 'future']),
  /** Where event time stood when it came. */
  watermark: time.nullable(),
  /** Position of the handler among those of the notebook. */
  handler: z.number().int(),
  body: json,
})
export type LateMessage = z.infer<typeof lateMessage>

export const deploymentOperations = {
  findDeployments: operation({
    method: 'get',
    path: '/deployments',
    tag: 'deployments',
    summary: 'Deployments, newest first',
    scope: 'read',
    query: pageQuery.extend({ state: deploymentState.optional() }),
    response: page(deployment),
  }),
  createDeployment: operation({
    method: 'post',
    path: '/deployments',
    tag: 'deployments',
    summary: 'Hold a version of a processing notebook against its streams',
    scope: 'run',
    body: z.object({
      notebook: id,
      version: z.number().int().positive().optional(),
      parameters: jsonObject.default({}),
      from: startFrom.default('now'),
      name: z.string().max(200).optional(),
    }),
    status: 201,
    response: deployment,
    etag: 'answers',
    idempotent: true,
  }),
  getDeployment: operation({
    method: 'get',
    path: '/deployments/{id}',
    tag: 'deployments',
    summary: 'A deployment',
    scope: 'read',
    params: idParams,
    response: deployment,
    etag: 'answers',
  }),
  pauseDeployment: operation({
    method: 'post',
    path: '/deployments/{id}/pause',
    tag: 'deployments',
    summary: 'Pause after the next commit',
    scope: 'run',
    params: idParams,
    response: deployment,
  }),
  resumeDeployment: operation({
    method: 'post',
    path: '/deployments/{id}/resume',
    tag: 'deployments',
    summary: 'Go on where it was',
    scope: 'run',
    params: idParams,
    response: deployment,
  }),
  drainDeployment: operation({
    method: 'post',
    path: '/deployments/{id}/drain',
    tag: 'deployments',
    summary: 'Work off what is there, then stop',
    scope: 'run',
    params: idParams,
    response: deployment,
  }),
  moveDeployment: operation({
    method: 'post',
    path: '/deployments/{id}/move',
    tag: 'deployments',
    summary: 'Go on in another process, from the last commit',
    scope: 'run',
    params: idParams,
    response: deployment,
  }),
  deleteDeployment: operation({
    method: 'delete',
    path: '/deployments/{id}',
    tag: 'deployments',
    summary: 'Stop and delete; actions and alerts stay',
    scope: 'run',
    params: idParams,
    status: 204,
  }),
  findRows: operation({
    method: 'get',
    path: '/deployments/{id}/rows',
    tag: 'deployments',
    summary: 'What the handlers returned, newest window first',
    scope: 'read',
    params: idParams,
    query: pageQuery.extend({ from: timeQuery.optional(), to: timeQuery.optional() }),
    response: page(row),
  }),
  findLateMessages: operation({
    method: 'get',
    path: '/deployments/{id}/late',
    tag: 'deployments',
    summary: 'Messages that no window took, newest first: the last 1,000',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: page(lateMessage),
  }),
  getDeploymentEvents: operation({
    method: 'get',
    path: '/deployments/{id}/events',
    tag: 'deployments',
    summary: 'state, rows and actions, live',
    scope: 'read',
    params: idParams,
    events: true,
  }),
}
