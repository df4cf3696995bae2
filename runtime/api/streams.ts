import { z } from 'zod'
import {
  id,
  idParams,
  json,
  jsonObject,
  name,
  operation,
  page,
  pageQuery,
  time,
  timeQuery,
} from './operation.ts'

export const amqpSource = z.object({
  type: z.literal('amqp'),
  /** amqp:// or amqps://; the password never comes back: it is shown as *** and kept when *** is sent. */
  url: z.string().max(2000),
  /** PEM of an own certificate authority, for amqps. */
  ca: z
    .string()
    .max(50_000)
    .regex(/-----BEGIN CERTIFICATE-----/, 'must be certificates as PEM')
    .optional(),
  queue: z.string().min(1).max(255).optional(),
  exchange: z.string().max(255).optional(),
  routingKeys: z.array(z.string().max(255)).max(100).optional(),
  /** Typed by the person where a queue has other consumers. */
  shareQueue: z.boolean().optional(),
})
export const speed = z.union([
  z.number().positive(),
  z
    .array(z.object({ until: z.union([z.number(), z.string()]).optional(), speed: z.number().positive() }))
    .min(1),
])
export const simulatorSource = z.object({
  type: z.literal('simulator'),
  /** Id or name of the object whose rows are replayed. */
  object: z.string(),
  /** Event seconds per wall second, or a list of {until, speed}; the last without until. */
  speed: speed.default(1),
  repeat: z.boolean().default(false),
  from: z.union([z.number(), z.string()]).optional(),
  to: z.union([z.number(), z.string()]).optional(),
})
export const streamSource = z.discriminatedUnion('type', [
  amqpSource,
  z.object({ type: z.literal('http') }),
  simulatorSource,
])
export type StreamSource = z.infer<typeof streamSource>
export const eventTimeSpec = z.object({
  path: z.string().max(200).optional(),
  header: z.string().max(200).optional(),
  unit: z.enum(['ms', 's', 'us', 'ns', 'iso']).optional(),
})
export const streamFormat = z.enum([
  'json',
  'ndjson',
  'csv',
  'text',
  'access-log',
  'syslog',
  'pattern',
  'msgpack',
  'python',
])
export const parseSpec = z.object({
  columns: z.array(z.string().min(1).max(200)).min(1).max(1000).optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** RE2 with named groups, such as (?<host>\S+) (?<ms>\d+); it has to match the whole line. */
  pattern: z.string().min(1).max(2000).optional(),
})
/** What is beyond the age of arrival or the size goes, once it is in the rollups and read by every deployment at work. */
export const retentionSpec = z.object({
  ageMs: z.number().int().min(60_000).nullable().default(null),
  bytes: z.number().int().min(1_000_000).nullable().default(null),
})
/** Without defaults, so that a patch changes what it names and nothing else. */
const streamFields = z.object({
  name,
  source: streamSource,
  format: streamFormat,
  /** How lines are read: names of the columns of CSV lines without a heading, the pattern of format pattern. */
  parse: parseSpec,
  /** Neither path nor header: the AMQP timestamp, else arrival. */
  eventTime: eventTimeSpec,
  key: z.object({ path: z.string().max(200) }).nullable(),
  /** Business key for recognising repeats, where messages have no id. */
  identity: z.object({ path: z.string().max(200) }).nullable(),
  outOfOrder: z.number().int().min(0).describe('ms'),
  lateness: z.number().int().min(0).describe('ms'),
  retention: retentionSpec,
  /** A message further ahead of arrival than this is a dead letter; null: no limit. ms */
  maxFuture: z.number().int().min(0).nullable(),
})
const { shape } = streamFields
export const streamDefinition = streamFields.extend({
  format: shape.format.default('json'),
  parse: shape.parse.default({}),
  eventTime: shape.eventTime.default({}),
  key: shape.key.default(null),
  identity: shape.identity.default(null),
  outOfOrder: shape.outOfOrder.default(0),
  lateness: shape.lateness.default(0),
  retention: shape.retention.default({ ageMs: null, bytes: null }),
  maxFuture: shape.maxFuture.default(86_400_000),
})
export type StreamDefinition = z.infer<typeof streamDefinition>
export const streamState = z.enum([
  'starting',
  'consuming',
  'idle',
  'backoff',
  'misconfigured',
  'paused',
  'stopped',
])
export const stream = streamDefinition.extend({
  id,
  definition: z.number().int(),
  enabled: z.boolean(),
  state: streamState,
  lastError: z.string().nullable(),
  /** Messages a second over the last 10 s. */
  rate: z.number(),
  /** Bytes a second over the same time. */
  byteRate: z.number(),
  /** Messages waiting at the source, where it can be known. */
  lag: z.number().nullable(),
  messages: z.number().int(),
  bytes: z.number().int(),
  deadLetters: z.number().int(),
  lastReceivedAt: time.nullable(),
  maxEventTime: time.nullable(),
  /** Counters of the ingest worker: delivered, redelivered, duplicates, deadLetters, sessions, commitP50Ms, commitP99Ms, unacknowledged, maxDeliveryCount … */
  ingest: z.record(z.string(), z.number()),
  createdAt: time,
  revision: z.number().int(),
})
export type Stream = z.infer<typeof stream>
export const message = z.object({
  seq: z.number().int(),
  body: json,
  headers: jsonObject,
  key: z.string().nullable(),
  eventTime: time,
  receivedAt: time,
  messageId: z.string().nullable(),
})
export type Message = z.infer<typeof message>
export const connectionTest = z.object({
  ok: z.boolean(),
  detail: z.string(),
  messages: z.number().int().nullable(),
  consumers: z.number().int().nullable(),
  queueType: z.string().nullable(),
  sample: z.array(json),
  missing: z.literal('queue').optional().describe('what could be made there: POST /streams/queues'),
})
const figure = z.number().int()
export const timeView = z.object({
  messages: figure,
  outOfOrder: figure.describe('behind a message before it, all of them'),
  late: figure.describe('behind the watermark, within lateness'),
  rejected: figure.describe('beyond lateness; a window that is still open takes them'),
  points: z.array(
    z.object({
      seq: figure,
      eventTime: time,
      receivedAt: time,
      state: z.enum(['inOrder', 'outOfOrder', 'late', 'rejected']),
    }),
  ),
  watermark: z.array(z.object({ at: time, watermark: time })),
  histogram: z
    .array(z.object({ from: figure, to: figure.nullable(), count: figure }))
    .describe('messages by disorder in (from, to] ms; the first: in order'),
  choices: z.array(z.object({ bound: figure.describe('ms'), behind: figure, rejected: figure })),
  proposed: figure.describe('ms'),
})
export type TimeView = z.infer<typeof timeView>
/** One event that a message has in it, or why it would be a dead letter. */
const previewed = z.object({
  body: json,
  key: z.string().nullable(),
  eventTime: time.nullable(),
  messageId: z.string().nullable(),
  reason: z.string().nullable(),
})
const rate = z.object({ at: time, count: z.number().int(), bytes: z.number().int() })

export const streamOperations = {
  findStreams: operation({
    method: 'get',
    path: '/streams',
    tag: 'streams',
    summary: 'Streams',
    scope: 'read',
    query: pageQuery,
    response: page(stream),
  }),
  createStream: operation({
    method: 'post',
    path: '/streams',
    tag: 'streams',
    summary: 'Define a stream',
    scope: 'write',
    body: streamDefinition.extend({ enabled: z.boolean().default(true) }),
    status: 201,
    response: stream,
    etag: 'answers',
    idempotent: true,
  }),
  testStream: operation({
    method: 'post',
    path: '/streams/test',
    tag: 'streams',
    summary: 'Test a definition; takes no message',
    scope: 'write',
    body: streamDefinition.partial({ name: true }),
    response: connectionTest,
  }),
  makeQueue: operation({
    method: 'post',
    path: '/streams/queues',
    tag: 'streams',
    summary: 'Make the queue that a definition names, durable and quorum, where there is none',
    scope: 'write',
    body: streamDefinition.partial({ name: true }),
    response: connectionTest,
  }),
  previewMessage: operation({
    method: 'post',
    path: '/streams/preview',
    tag: 'streams',
    summary: 'What a definition makes of one message; nothing is stored',
    scope: 'write',
    body: z.object({
      definition: streamDefinition.partial({ name: true, source: true }),
      text: z.string().max(100_000),
      encoding: z.enum(['utf-8', 'base64']).default('utf-8'),
    }),
    response: z.object({ events: z.array(previewed), count: figure.describe('before the first 20') }),
  }),
  getStream: operation({
    method: 'get',
    path: '/streams/{id}',
    tag: 'streams',
    summary: 'A stream',
    scope: 'read',
    params: idParams,
    response: stream,
    etag: 'answers',
  }),
  updateStream: operation({
    method: 'patch',
    path: '/streams/{id}',
    tag: 'streams',
    summary: 'Change the definition, pause (enabled: false) or resume',
    scope: 'write',
    params: idParams,
    body: streamFields.partial().extend({ enabled: z.boolean().optional() }),
    response: stream,
    etag: 'requires',
  }),
  deleteStream: operation({
    method: 'delete',
    path: '/streams/{id}',
    tag: 'streams',
    summary: 'Delete with its log, unless a deployment uses it',
    scope: 'write',
    params: idParams,
    status: 204,
  }),
  testSavedStream: operation({
    method: 'post',
    path: '/streams/{id}/test',
    tag: 'streams',
    summary: 'Test the connection; takes no message',
    scope: 'write',
    params: idParams,
    response: connectionTest,
  }),
  findMessages: operation({
    method: 'get',
    path: '/streams/{id}/messages',
    tag: 'streams',
    summary: 'By event time (from, to), by seq (fromSeq), or the last',
    scope: 'read',
    params: idParams,
    query: z.object({
      from: timeQuery.optional(),
      to: timeQuery.optional(),
      fromSeq: z.coerce.number().int().min(1).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: z.string().optional(),
    }),
    response: page(message),
  }),
  pushMessages: operation({
    method: 'post',
    path: '/streams/{id}/messages',
    tag: 'streams',
    summary: 'Push messages; durable when answered',
    scope: 'run',
    params: idParams,
    raw: {
      description:
        'JSON, an array of messages, NDJSON, MessagePack, CSV, CloudEvents 1.0, or the stream’s own format as application/octet-stream; also compressed with gzip',
      mediaTypes: [
        'application/json',
        'application/x-ndjson',
        'application/cloudevents+json',
        'application/cloudevents-batch+json',
        'application/msgpack',
        'text/csv',
        'application/octet-stream',
      ],
    },
    response: z.object({
      accepted: z.number().int(),
      duplicates: z.number().int(),
      deadLetters: z.number().int(),
      lastSeq: z.number().int(),
    }),
  }),
  getStreamRates: operation({
    method: 'get',
    path: '/streams/{id}/rates',
    tag: 'streams',
    summary: 'Messages by bucket of arrival',
    scope: 'read',
    params: idParams,
    query: z.object({
      seconds: z.coerce.number().int().min(1).max(86_400).default(300),
      bucket: z.coerce.number().int().min(1).max(3600).default(5),
    }),
    response: z.object({ items: z.array(rate) }),
  }),
  getStreamTime: operation({
    method: 'get',
    path: '/streams/{id}/time',
    tag: 'streams',
    summary: 'Event time against arrival, disorder, and what each bound would do',
    scope: 'read',
    params: idParams,
    query: z.object({
      messages: z.coerce.number().int().min(1).max(20_000).default(2000).describe('of the newest'),
    }),
    response: timeView,
  }),
  getStreamEvents: operation({
    method: 'get',
    path: '/streams/{id}/events',
    tag: 'streams',
    summary: 'messages and state events, live',
    scope: 'read',
    params: idParams,
    events: true,
  }),
}
