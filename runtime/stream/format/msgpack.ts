import { decodeMulti, ExtData } from '@msgpack/msgpack'
import { AppError, toMessage } from '../../error.ts'
import type { Json } from '../../json.ts'
import { maxDepth } from './json.ts'

const most = 33_554_432
const maxItems = 1_000_000
const limits = {
  useBigInt64: true,
  maxStrLength: most,
  maxBinLength: most,
  maxExtLength: most,
  maxArrayLength: maxItems,
  maxMapLength: maxItems,
  mapKeyConverter: (key: unknown): string => (typeof key === 'string' ? key : String(key)),
}

/**
 * Every value of the body, one after the other. Bytes and extensions become base64, timestamps ISO 8601, nan and inf
 * null, whole numbers beyond 2^53 text. invalid: cut short, not MessagePack, nested too deep.
 */
export function parseMsgpack(bytes: Uint8Array): Json[] {
  try {
    return Array.from(decodeMulti(bytes, limits), (value) => toJson(value, 0))
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid', `Not MessagePack: ${toMessage(error).slice(0, 200)}`)
  }
}

function toJson(value: unknown, depth: number): Json {
  if (depth > maxDepth) throw new AppError('invalid', `The MessagePack is nested deeper than ${maxDepth}.`)
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
    case 'object':
      if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1))
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
      if (value instanceof ExtData) return toExtension(value)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item, depth + 1)]))
    default:
      return null
  }
}
function toExtension({ type, data }: ExtData): Json {
  const bytes = typeof data === 'function' ? data(0) : data
  return { extension: type, data: Buffer.from(bytes).toString('base64') }
}
