import { z } from 'zod'
import { notebook } from './notebooks.ts'
import { id, idParams, json, jsonObject, operation, page, pageQuery, time } from './operation.ts'

export const actionState = z.enum([
  'pending',
  'waiting',
  'fired',
  'muted',
  'deduplicated',
  'limited',
  'rejected',
  'failed',
  'undone',
])
export const action = z.object({
  id,
  kind: z.enum(['webhook', 'alert', 'publish', 'mail', 'chat', 'run']),
  state: actionState,
  /** The deduplication key. */
  key: z.string(),
  /** What receivers get as Idempotency-Key. */
  idempotencyKey: z.string(),
  attempts: z.array(z.object({ at: time, ok: z.boolean(), detail: z.string() })),
  request: jsonObject,
  run: z.string().nullable(),
  deployment: z.string().nullable(),
  notebook: z.object({ id: z.string(), version: z.number().int() }).nullable(),
  model: z.object({ name: z.string(), version: z.number().int() }).nullable(),
  /** The messages it came from: seq range. */
  stream: z
    .object({ id: z.string(), name: z.string(), from: z.number().int(), to: z.number().int() })
    .nullable(),
  window: z.object({ key: z.string().nullable(), start: time, end: time, pane: z.number().int() }).nullable(),
  alert: z.string().nullable(),
  /** Event time where there is one, else when it was asked for. */
  at: time,
  createdAt: time,
  firedAt: time.nullable(),
})
export type Action = z.infer<typeof action>
export const instant = z.object({
  input: jsonObject,
  state: jsonObject,
  now: time,
  seed: z.number().int(),
  row: jsonObject.nullable(),
  actions: z.array(z.object({ kind: z.string(), request: jsonObject, key: z.string() })),
  replies: z.array(
    z.object({ name: z.string(), value: json, bytes: z.number().int(), error: z.string().nullable() }),
  ),
})
export const alertState = z.enum(['open', 'acknowledged', 'resolved', 'silenced'])
export const alert = z.object({
  id,
  fingerprint: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  details: json,
  state: alertState,
  count: z.number().int(),
  /** Event time where there is one. */
  firstAt: time,
  lastAt: time,
  links: z.object({
    action: z.string().nullable(),
    deployment: z.string().nullable(),
    notebook: z.string().nullable(),
    model: z.string().nullable(),
    run: z.string().nullable(),
  }),
  acknowledgedBy: z.string().nullable(),
  revision: z.number().int(),
})
export type Alert = z.infer<typeof alert>

export const actionOperations = {
  findActions: operation({
    method: 'get',
    path: '/actions',
    tag: 'actions',
    summary: 'The ledger, newest first',
    scope: 'read',
    query: pageQuery.extend({
      state: actionState.optional(),
      deployment: id.optional(),
      kind: z.string().optional(),
      model: z.string().optional(),
    }),
    response: page(action),
  }),
  getAction: operation({
    method: 'get',
    path: '/actions/{id}',
    tag: 'actions',
    summary: 'An action with its provenance',
    scope: 'read',
    params: idParams,
    response: action,
  }),
  getInstant: operation({
    method: 'get',
    path: '/actions/{id}/instant',
    tag: 'actions',
    summary: 'What its handler was given when it fired, and what came of it; of an action of a deployment',
    scope: 'read',
    params: idParams,
    response: instant,
  }),
  openInstant: operation({
    method: 'post',
    path: '/actions/{id}/notebook',
    tag: 'actions',
    summary: 'A notebook to step through the instant at which it fired, from the version that fired it',
    scope: 'write',
    params: idParams,
    status: 201,
    response: notebook,
    idempotent: true,
  }),
  retryAction: operation({
    method: 'post',
    path: '/actions/{id}/retry',
    tag: 'actions',
    summary: 'Send a failed action again, with the same Idempotency-Key',
    scope: 'run',
    params: idParams,
    response: action,
  }),
  findAlerts: operation({
    method: 'get',
    path: '/alerts',
    tag: 'alerts',
    summary: 'Alerts, newest first',
    scope: 'read',
    query: pageQuery.extend({ state: alertState.optional() }),
    response: page(alert),
  }),
  getAlert: operation({
    method: 'get',
    path: '/alerts/{id}',
    tag: 'alerts',
    summary: 'An alert',
    scope: 'read',
    params: idParams,
    response: alert,
  }),
  acknowledgeAlert: operation({
    method: 'post',
    path: '/alerts/{id}/acknowledge',
    tag: 'alerts',
    summary: 'Acknowledge',
    scope: 'run',
    params: idParams,
    response: alert,
  }),
  resolveAlert: operation({
    method: 'post',
    path: '/alerts/{id}/resolve',
    tag: 'alerts',
    summary: 'Resolve',
    scope: 'run',
    params: idParams,
    response: alert,
  }),
}
