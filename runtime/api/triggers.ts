/** Triggers: what starts runs of a notebook, under which rules, and each firing with its attempts. */
import { z } from 'zod'
import { id, idParams, jsonObject, operation, page, pageQuery, time } from './operation.ts'

const zone = z.string().max(60)
const pattern = z.string().min(1).max(200).describe('a name; * stands for any characters')

export const streamMatch = z.object({
  path: z.string().min(1).max(200).describe('a field of the body, such as cpu or disk.free'),
  is: z.enum(['there', 'equal', 'above', 'below', 'contains']),
  value: z.union([z.string().max(1000), z.number(), z.boolean()]).optional(),
})
export type StreamMatch = z.infer<typeof streamMatch>
/** `zone`: what its times are told in and what the parameter `day` means; default UTC. */
export const triggerSpec = z.discriminatedUnion('type', [
  z.object({ type: z.literal('api'), zone: zone.optional() }),
  z.object({
    type: z.literal('schedule'),
    cron: z.string().min(1).max(100),
    zone: zone.default('UTC'),
  }),
  z.object({
    type: z.literal('stream'),
    stream: id,
    everyMessages: z.number().int().min(1).optional(),
    everySeconds: z.number().min(1).optional(),
    /** A run for each message like this. */
    match: streamMatch.optional(),
    zone: zone.optional(),
  }),
  z.object({
    type: z.literal('object'),
    pattern: pattern.optional(),
    tag: z.string().min(1).max(60).optional(),
    zone: zone.optional(),
  }),
  z.object({
    type: z.literal('model'),
    pattern: pattern.optional(),
    /** When this alias moves; none: when a version is saved. */
    alias: z.string().min(1).max(60).optional(),
    zone: zone.optional(),
  }),
  z.object({
    type: z.literal('run'),
    notebook: id.optional().describe('none: any notebook'),
    states: z
      .array(z.enum(['succeeded', 'failed', 'timed_out', 'cancelled']))
      .min(1)
      .max(4)
      .optional()
      .describe('default: succeeded'),
    zone: zone.optional(),
  }),
  z.object({
    type: z.literal('alert'),
    on: z
      .array(z.enum(['raised', 'cleared']))
      .min(1)
      .max(2)
      .optional()
      .describe('default: raised'),
    severities: z
      .array(z.enum(['info', 'warning', 'critical']))
      .max(3)
      .optional(),
    pattern: pattern.optional().describe('of the title'),
    zone: zone.optional(),
  }),
])
export type TriggerSpec = z.infer<typeof triggerSpec>

export const overlap = z
  .enum(['skip', 'queue', 'replace'])
  .describe('what happens when a run of the same key has not ended')
export const missed = z
  .enum(['skip', 'once', 'all'])
  .describe('what becomes of the times and events that came while nothing could fire')
export const retries = z.object({
  attempts: z.number().int().min(1).max(10).describe('with the first'),
  backoffSeconds: z.number().min(1).max(3600).describe('before the second; doubled for each more'),
})
export const failureNotebook = z.object({ notebook: id, version: z.number().int().positive().nullable() })
const rules = {
  overlap,
  missed,
  missedLimit: z.number().int().min(1).max(1000).describe('of all: the newest so many'),
  retries,
  concurrencyKey: z.string().min(1).max(200).nullable().describe('triggers with the same key take turns'),
  onFailure: failureNotebook.nullable().describe('the notebook that runs when the last attempt has failed'),
}

export const firingState = z.enum([
  'waiting',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'replaced',
])
export const firing = z.object({
  id,
  trigger: id,
  state: firingState,
  /** The time, message or event that it is for. */
  cause: jsonObject,
  at: time.describe('of the cause'),
  attempts: z.array(
    z.object({
      run: z.string().nullable(),
      state: z.string(),
      error: z.string().nullable(),
      startedAt: time,
      endedAt: time.nullable(),
    }),
  ),
  run: z.string().nullable().describe('of the last attempt'),
  reason: z.string().nullable().describe('why it was skipped, replaced or failed'),
  nextAt: time.nullable().describe('when the next attempt is due'),
  failureRun: z.string().nullable(),
  failureError: z.string().nullable(),
  createdAt: time,
  endedAt: time.nullable(),
})
export type Firing = z.infer<typeof firing>

export const trigger = z.object({
  id,
  notebook: id,
  version: z
    .number()
    .int()
    .nullable()
    .describe('the saved version that runs; null: the notebook as it is then'),
  spec: triggerSpec,
  parameters: jsonObject,
  enabled: z.boolean(),
  ...rules,
  /** It can be called by the path that createTriggerToken answered. */
  hasToken: z.boolean(),
  nextAt: time.nullable().describe('of a schedule: the next time; otherwise when it looks again'),
  nextTimes: z.array(time).describe('of a schedule: the next 5'),
  lastFiring: firing.nullable(),
  lastRun: z.string().nullable(),
  lastError: z.string().nullable(),
  createdAt: time,
  revision: z.number().int(),
})
export type Trigger = z.infer<typeof trigger>
export type TriggerRules = Pick<Trigger, keyof typeof rules>

const triggerCall = z.object({ parameters: jsonObject.default({}) })

export const triggerOperations = {
  findTriggers: operation({
    method: 'get',
    path: '/triggers',
    tag: 'triggers',
    summary: 'Triggers with their next times and last firing',
    scope: 'read',
    query: pageQuery.extend({ notebook: id.optional() }),
    response: page(trigger),
  }),
  createTrigger: operation({
    method: 'post',
    path: '/triggers',
    tag: 'triggers',
    summary: 'Run a notebook by call, schedule, stream, upload, model, finished run or alert',
    scope: 'write',
    body: z.object({
      notebook: id,
      version: z.number().int().positive().nullable().default(null),
      spec: triggerSpec,
      parameters: jsonObject.default({}),
      enabled: z.boolean().default(true),
      ...z.object(rules).partial().shape,
    }),
    status: 201,
    response: trigger,
    idempotent: true,
  }),
  getTrigger: operation({
    method: 'get',
    path: '/triggers/{id}',
    tag: 'triggers',
    summary: 'A trigger',
    scope: 'read',
    params: idParams,
    response: trigger,
    etag: 'answers',
  }),
  updateTrigger: operation({
    method: 'patch',
    path: '/triggers/{id}',
    tag: 'triggers',
    summary: 'Enable, disable, change',
    scope: 'write',
    params: idParams,
    body: z
      .object({
        version: z.number().int().positive().nullable(),
        spec: triggerSpec,
        parameters: jsonObject,
        enabled: z.boolean(),
        ...rules,
      })
      .partial(),
    response: trigger,
    etag: 'requires',
  }),
  deleteTrigger: operation({
    method: 'delete',
    path: '/triggers/{id}',
    tag: 'triggers',
    summary: 'Delete',
    scope: 'write',
    params: idParams,
    status: 204,
  }),
  fireTrigger: operation({
    method: 'post',
    path: '/triggers/{id}/fire',
    tag: 'triggers',
    summary: 'Fire now, with parameters over its own; a repeated Idempotency-Key answers the same firing',
    scope: 'run',
    params: idParams,
    body: triggerCall,
    status: 202,
    response: firing,
  }),
  findFirings: operation({
    method: 'get',
    path: '/triggers/{id}/firings',
    tag: 'triggers',
    summary: 'Firings with their attempts, newest first',
    scope: 'read',
    params: idParams,
    query: pageQuery,
    response: page(firing),
  }),
  createTriggerToken: operation({
    method: 'post',
    path: '/triggers/{id}/token',
    tag: 'triggers',
    summary: 'A path that fires it without a bearer token; shown once, and the path before it ends',
    scope: 'write',
    params: idParams,
    status: 201,
    response: z.object({ token: z.string(), path: z.string() }),
  }),
  callHook: operation({
    method: 'post',
    path: '/hooks/{token}',
    tag: 'triggers',
    summary: 'Fire a trigger by its own path',
    scope: 'public',
    params: z.object({ token: z.string().min(1).max(300) }),
    body: triggerCall,
    status: 202,
    response: z.object({ firing: id }),
  }),
  previewSchedule: operation({
    method: 'get',
    path: '/schedules/next',
    tag: 'triggers',
    summary: 'The next times of a schedule',
    scope: 'read',
    query: z.object({
      cron: z.string().min(1).max(100),
      zone: zone.default('UTC'),
      count: z.coerce.number().int().min(1).max(50).default(5),
    }),
    response: z.object({ times: z.array(time) }),
  }),
}
