/** What is kept of a stream beside its messages: schema, drift, rollups, and what keeping costs. */
import { z } from 'zod'
import { idParams, operation, page, time, timeQuery } from './operation.ts'

const count = z.number().int()
const field = z.object({
  /** `$` the body itself, `a.b`, `a[]` for the items of an array. */
  path: z.string(),
  types: z.record(z.string(), count),
  optional: z.boolean(),
  /** Of those that had what is around it; null for the body and for items of arrays. */
  share: z.number().nullable(),
  /** Arrival of the first and the last message that had it; null where it was not kept then. */
  firstAt: time.nullable(),
  lastAt: time.nullable(),
  /** Not in the last 1,000 messages, though nearly all had it before. */
  vanished: z.boolean(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  minLength: count.nullable(),
  maxLength: count.nullable(),
})
const drift = z.object({
  kind: z.enum(['appeared', 'vanished', 'returned', 'type']),
  path: z.string(),
  seq: count,
  at: time,
  detail: z.string(),
})
export const streamSchema = z.object({
  observed: count,
  /** Messages that wait to be looked at. */
  behind: count,
  fields: z.array(field),
  truncated: z.boolean(),
  /** The newest last. */
  drift: z.array(drift),
  /** The body as a type of TypeScript, as notebooks know it; null without messages. */
  type: z.string().nullable(),
})
export type StreamSchema = z.infer<typeof streamSchema>
export const rollup = z.object({
  start: time,
  count,
  /** Messages a second. */
  rate: z.number(),
  bytes: count,
  fields: z.array(
    z.object({
      path: z.string(),
      count,
      mean: z.number(),
      min: z.number(),
      max: z.number(),
      /** Within 1% of the true value. */
      p50: z.number(),
      p90: z.number(),
      p99: z.number(),
    }),
  ),
})
export type StreamRollup = z.infer<typeof rollup>
export const retentionView = z.object({
  ageMs: count.nullable(),
  bytes: count.nullable(),
  kept: z.object({ messages: count, bytes: count, since: time.nullable() }),
  bytesPerDay: z.number(),
  /** What the retention comes to hold at this rate; null: it grows without an end. */
  projectedBytes: count.nullable(),
  /** At SURICATE_PRICE_STORED_GB_MONTH: of what is kept, and of what it comes to. */
  costPerMonth: z.number(),
  projectedCostPerMonth: z.number().nullable(),
})

export const digestOperations = {
  getStreamSchema: operation({
    method: 'get',
    path: '/streams/{id}/schema',
    tag: 'streams',
    summary: 'Fields that the messages have had, with types and ranges, and how they drifted',
    scope: 'read',
    params: idParams,
    response: streamSchema,
  }),
  findStreamRollups: operation({
    method: 'get',
    path: '/streams/{id}/rollups',
    tag: 'streams',
    summary: 'Count, rate and quantiles of numeric fields by minute or hour of event time; kept 90 days',
    scope: 'read',
    params: idParams,
    query: z.object({
      unit: z.enum(['minute', 'hour']).default('minute'),
      from: timeQuery.optional(),
      to: timeQuery.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: z.string().max(2000).optional(),
    }),
    response: page(rollup),
  }),
  getStreamRetention: operation({
    method: 'get',
    path: '/streams/{id}/retention',
    tag: 'streams',
    summary: 'What is kept of the messages, and its cost',
    scope: 'read',
    params: idParams,
    response: retentionView,
  }),
}
