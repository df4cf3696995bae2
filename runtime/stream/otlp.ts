/**
 * Data points and log records of OTLP as messages of a stream. A data point is one message with an id made of what
 * identifies it (resource, scope, metric, attributes, times), so that a request that an exporter sends again adds
 * nothing; equal log records are facts of their own and all stay. A point without a time is a dead letter.
 */
import { createHash } from 'node:crypto'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { StoredStream } from './definition.ts'
import type { OtlpSignal } from './otlp-definition.ts'
import { toDead, toRecord, type Received, type Record } from './record.ts'

const kinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const
const temporalities: { [number: number]: string } = { 1: 'delta', 2: 'cumulative' }
const maxDepth = 32

/** From a request in the shape of OTLP/JSON. */
export function toOtlpRecords(
  signal: OtlpSignal,
  stream: StoredStream,
  request: JsonObject,
  receivedAt: number,
): Record[] {
  const received: Received = {
    bytes: new Uint8Array(),
    headers: { 'otlp-signal': signal },
    messageId: null,
    redelivered: false,
    receivedAt,
    timestamp: null,
  }
  const bodies = signal === 'metrics' ? findPoints(request) : findLogs(request)
  return bodies.map(({ body, nanos, id }) => {
    const raw = JSON.stringify(body)
    const timestamp = toMs(nanos)
    if (timestamp === null && signal === 'metrics')
      return toDead(
        stream,
        { ...received, format: 'otlp' },
        raw,
        'The data point has no time (timeUnixNano).',
      )
    return toRecord(stream, { ...received, timestamp, messageId: id }, body, Buffer.byteLength(raw), raw)
  })
}

interface Found {
  body: JsonObject
  nanos: Json | undefined
  id: string | null
}

function findPoints(request: JsonObject): Found[] {
  return list(request.resourceMetrics).flatMap((one) => {
    const resource = toAttributes(object(one.resource).attributes)
    return list(one.scopeMetrics).flatMap((group) =>
      list(group.metrics).flatMap((metric) => {
        const kind = kinds.find((name) => isJsonObject(metric[name]))
        if (!kind) return []
        const data = object(metric[kind])
        return list(data.dataPoints).map((point) => {
          const attributes = toAttributes(point.attributes)
          const { scope, ...about } = toAbout(group, resource)
          const name = metric.name ?? ''
          const times = [String(point.timeUnixNano), String(point.startTimeUnixNano)]
          const id = createHash('sha256').update(
            JSON.stringify([resource, scope, name, kind, attributes, times]),
          )
          const temporality = temporalities[toNumber(data.aggregationTemporality) ?? 0]
          return {
            nanos: point.timeUnixNano,
            id: `otlp-${id.digest('hex').slice(0, 32)}`,
            body: {
              name,
              kind,
              unit: metric.unit ?? '',
              ...toValue(kind, point),
              ...(kind === 'sum' ? { monotonic: data.isMonotonic === true } : {}),
              ...(temporality === undefined ? {} : { temporality }),
              attributes,
              ...about,
              scope,
              time: toIso(point.timeUnixNano),
            },
          }
        })
      }),
    )
  })
}

function findLogs(request: JsonObject): Found[] {
  return list(request.resourceLogs).flatMap((one) => {
    const resource = toAttributes(object(one.resource).attributes)
    return list(one.scopeLogs).flatMap((group) =>
      list(group.logRecords).map((log) => {
        const nanos = toMs(log.timeUnixNano) === null ? log.observedTimeUnixNano : log.timeUnixNano
        return {
          nanos,
          id: null,
          body: {
            body: toAny(log.body),
            severity: toNumber(log.severityNumber) ?? 0,
            severityText: log.severityText ?? '',
            event: log.eventName ?? '',
            attributes: toAttributes(log.attributes),
            ...toAbout(group, resource),
            traceId: toHex(log.traceId, 16),
            spanId: toHex(log.spanId, 8),
            time: toIso(nanos),
          },
        }
      }),
    )
  })
}

function toAbout(group: JsonObject, resource: JsonObject): { resource: JsonObject; scope: Json } {
  const { name = '', version = '' } = object(group.scope)
  return { resource, scope: name === '' && version === '' ? null : { name, version } }
}

function toValue(kind: (typeof kinds)[number], point: JsonObject): JsonObject {
  if (kind === 'gauge' || kind === 'sum') return { value: toNumber(point.asDouble ?? point.asInt) }
  const all = { count: toNumber(point.count) ?? 0, sum: toNumber(point.sum) }
  if (kind === 'summary')
    return {
      ...all,
      quantiles: list(point.quantileValues).map((one) => ({
        quantile: toNumber(one.quantile) ?? 0,
        value: toNumber(one.value) ?? 0,
      })),
    }
  const ends = { min: toNumber(point.min), max: toNumber(point.max) }
  if (kind === 'histogram')
    return { ...all, ...ends, bounds: numbers(point.explicitBounds), counts: numbers(point.bucketCounts) }
  return {
    ...all,
    ...ends,
    scale: toNumber(point.scale) ?? 0,
    zeros: toNumber(point.zeroCount) ?? 0,
    positive: toBuckets(point.positive),
    negative: toBuckets(point.negative),
  }
}
function toBuckets(value: Json | undefined): JsonObject {
  const { offset, bucketCounts } = object(value)
  return { offset: toNumber(offset) ?? 0, counts: numbers(bucketCounts) }
}

function toAttributes(value: Json | undefined, depth = 0): JsonObject {
  return Object.fromEntries(list(value).map((one) => [String(one.key ?? ''), toAny(one.value, depth)]))
}
function toAny(value: Json | undefined, depth = 0): Json {
  const any = object(value)
  if (depth > maxDepth) return null
  if (any.stringValue !== undefined) return any.stringValue
  if (any.boolValue !== undefined) return any.boolValue
  if (any.intValue !== undefined) {
    const number = toNumber(any.intValue)
    return number !== null && Number.isSafeInteger(number) ? number : String(any.intValue)
  }
  if (any.doubleValue !== undefined) return toNumber(any.doubleValue)
  if (any.bytesValue !== undefined) return any.bytesValue
  if (any.arrayValue !== undefined)
    return list(object(any.arrayValue).values).map((one) => toAny(one, depth + 1))
  if (any.kvlistValue !== undefined) return toAttributes(object(any.kvlistValue).values, depth + 1)
  return null
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
function numbers(value: Json | undefined): number[] {
  return Array.isArray(value) ? value.map((one) => toNumber(one) ?? 0) : []
}
/** JSON writes whole numbers of 64 bits as text; nan and inf are null. */
function toNumber(value: Json | undefined): number | null {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : NaN
  return Number.isFinite(number) ? number : null
}
/** null for 0, which says that there is none. */
function toMs(nanos: Json | undefined): number | null {
  const text = typeof nanos === 'number' ? String(nanos) : nanos
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) return null
  const value = BigInt(text)
  return value === 0n ? null : Number(value / 1_000_000n)
}
function toIso(nanos: Json | undefined): string | null {
  const ms = toMs(nanos)
  return ms === null || ms > 8.64e15 ? null : new Date(ms).toISOString()
}
/** Ids are hexadecimal in JSON and bytes, here base64, in Protocol Buffers. */
function toHex(value: Json | undefined, bytes: number): string | null {
  if (typeof value !== 'string' || value === '') return null
  return /^[0-9a-f]+$/i.test(value) && value.length === bytes * 2
    ? value.toLowerCase()
    : Buffer.from(value, 'base64').toString('hex')
}
