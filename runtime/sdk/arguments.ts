/** The schemas of what a notebook passes to the host: every argument of every host function, with its bounds. */
import { z } from 'zod'
import { json, jsonObject, name, tags } from '../api/operation.ts'
import { onOptions } from './on.ts'

const duration = z.union([z.number().min(0), z.string().max(40)])
const time = z.union([z.number(), z.string().max(60)])
const modelReference = z.object({ name: z.string().max(200), version: z.number().int() })
const actionOptions = {
  key: z.string().min(1).max(500).optional(),
  cooldown: duration.optional(),
  model: modelReference.optional(),
}
/** Where the frames were sent before, in parts. */
const transfer = z.number().int().min(0)
const payload = z
  .strictObject({ transfer, lengths: z.array(z.number().int().min(0)).min(1).max(10_001) })
  .optional()
const columnType = z.enum(['number', 'integer', 'bigint', 'boolean', 'time', 'text', 'json'])
const variable = z
  .string()
  .max(200)
  .regex(/^[A-Za-z_$][\w$]*$/, 'is the name of a variable')
const header = z.record(z.string().max(200), z.string().max(8000))

const publishOptions = { headers: header.optional(), routingKey: z.string().max(255).optional() }

export const argumentSchemas = {
  'objects.list': z.tuple([z.strictObject({ tag: z.string().max(60).optional() })]),
  'objects.name': z.tuple([z.string().min(1).max(200)]),
  'objects.create': z.tuple([
    name,
    z.strictObject({ tags: tags.optional(), mediaType: z.string().max(100).optional() }),
    payload,
  ]),
  'objects.import': z.tuple([
    z.string().min(1).max(4000),
    name,
    z.strictObject({ tags: tags.optional(), mediaType: z.string().max(100).optional() }),
    transfer,
  ]),
  'objects.importing': z.tuple([transfer]),
  'objects.update': z.tuple([z.string().min(1).max(200), payload]),
  'parts.send': z.tuple([transfer]),
  'tables.keep': z.tuple([
    z.strictObject({
      names: z.array(z.string().max(10_000)).min(1).max(4000),
      types: z.array(columnType).max(4000),
      rows: z.number().int().min(1).max(100_000_000),
      from: z.string().max(80).optional(),
    }),
    payload,
  ]),
  sql: z.tuple([
    z.string().min(1).max(100_000),
    z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).max(1000),
    z
      .array(
        z.union([
          z.strictObject({ name: variable, is: z.string().max(300) }),
          z.strictObject({ name: variable, from: z.string().max(80) }),
          z.strictObject({
            name: variable,
            names: z.array(z.string().min(1).max(10_000)).min(1).max(1000),
            types: z.array(columnType).max(1000),
            rows: z.number().int().min(0).max(100_000_000),
          }),
        ]),
      )
      .max(100)
      .optional(),
    payload,
  ]),
  none: z.tuple([]),
  'streams.recent': z.tuple([
    z.string().min(1).max(200),
    z.strictObject({
      seconds: z.number().positive().max(31_622_400).default(300),
      limit: z.number().int().min(1).max(10_000).default(1000),
    }),
  ]),
  'streams.between': z.tuple([
    z.string().min(1).max(200),
    time,
    time,
    z.strictObject({ limit: z.number().int().min(1).max(100_000).default(10_000) }),
  ]),
  'streams.publish': z.tuple([
    z.string().min(1).max(200),
    json,
    z.strictObject({ ...publishOptions, id: z.string().min(1).max(200).optional() }),
  ]),
  'streams.instant': z.tuple([z.string().min(1).max(200)]),
  'streams.on': z.tuple([
    z.union([
      z.string().min(1).max(200),
      z.array(z.string().min(1).max(200)).min(1, 'names at least one stream').max(16),
    ]),
    z.string().min(1).max(80),
    onOptions,
  ]),
  'models.save': z.tuple([
    name.refine((text) => !text.includes('@') && !text.includes('/'), 'must not have @ or /'),
    z.strictObject({
      kind: z.string().min(1).max(100).default('custom'),
      metrics: jsonObject.default({}),
      baseline: jsonObject.default({}),
      signature: jsonObject.nullable().default(null),
      alias: z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,59}$/, 'is lower-case letters, digits and -')
        .optional(),
    }),
    payload,
  ]),
  'models.load': z.tuple([z.string().min(1).max(300)]),
  'act.webhook': z.tuple([
    z.string().min(1).max(2000),
    json,
    z.strictObject({ ...actionOptions, headers: header.optional() }),
  ]),
  'act.publish': z.tuple([
    z.string().min(1).max(200),
    json,
    z.strictObject({ ...actionOptions, ...publishOptions }),
  ]),
  'act.alert': z.tuple([
    z.string().min(1).max(500),
    z.strictObject({
      ...actionOptions,
      severity: z.enum(['info', 'warning', 'critical']).default('warning'),
      details: jsonObject.default({}),
      fingerprint: z.string().max(500).optional(),
    }),
  ]),
  'notebooks.run': z.tuple([z.string().min(1).max(300), jsonObject]),
  'packages.import': z.tuple([z.string().max(1_000)]),
  fetch: z.tuple([
    z.string().min(1).max(4000),
    z.strictObject({
      method: z
        .string()
        .regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE)$/i, 'is GET, HEAD, POST, PUT, PATCH or DELETE')
        .optional(),
      headers: header.optional(),
      body: z.string().max(1_000_000).optional(),
    }),
  ]),
  'parameters.declare': z.tuple([
    z.strictObject({
      type: z.literal('object'),
      properties: z.record(z.string().max(64), jsonObject),
      required: z.array(z.string().max(64)).max(100).optional(),
      additionalProperties: z.literal(false),
    }),
  ]),
}
