import type { ConsumeMessage } from 'amqplib'
import type { Json, JsonObject } from '../json.ts'

/** A message as the broker delivered it, in plain data. */
export interface Delivery {
  content: Uint8Array
  headers: JsonObject
  messageId: string | null
  redelivered: boolean
  /** How often it came back, where the queue counts (quorum). */
  deliveryCount: number
  /** The AMQP timestamp in ms. */
  timestamp: number | null
  /** Place in a stream queue. */
  offset: number | null
}

export function toDelivery(message: ConsumeMessage): Delivery {
  const headers: JsonObject = {}
  for (const [name, value] of Object.entries(message.properties.headers ?? {}))
    if (name !== 'x-delivery-count' && name !== 'x-stream-offset') headers[name] = toJson(value)
  if (message.fields.routingKey) headers['amqp-routing-key'] = message.fields.routingKey
  const { messageId, timestamp } = message.properties as { messageId?: unknown; timestamp?: unknown }
  return {
    content: message.content,
    headers,
    messageId: typeof messageId === 'string' && messageId !== '' ? messageId.slice(0, 1000) : null,
    redelivered: message.fields.redelivered,
    deliveryCount: toNumber(message.properties.headers?.['x-delivery-count']) ?? 0,
    timestamp: typeof timestamp === 'number' ? timestamp * 1000 : null,
    offset: toNumber(message.properties.headers?.['x-stream-offset']),
  }
}

function toNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : null
}

/** AMQP's own types as JSON: a timestamp as seconds, bytes as base64, the rest as it is. */
function toJson(value: unknown, depth = 0): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value !== 'object' || depth > 16) return null
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1))
  const object = value as { [key: string]: unknown }
  if (object['!'] === 'timestamp') return toJson(object.value, depth + 1)
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, toJson(item, depth + 1)]))
}
