/**
 * One line of `bpftrace -f json` as a reading. A map is `{"type": "map", "data": {"@name": 3 | {key: 3}}}`; keys of
 * several parts are joined by commas there. Buckets of histograms have inclusive ends, and no end where they are open;
 * bpftrace calls both kinds `hist`, so that widths tell the scale. Pure.
 */
import type { Bucket, Reading } from '../../runtime/api/probe-message.ts'
import type { Json, JsonObject } from '../../runtime/json.ts'
import { isJsonObject } from '../../runtime/json.ts'

const maxKeys = 1000
const maxText = 4000

export interface OutputOptions {
  /** Whether the map is cleared after each print. */
  isCleared: (map: string) => boolean
}
/** Of a line that is none of it, its text. */
export function parseOutput(line: string, options: OutputOptions): Reading[] {
  if (line.trim() === '') return []
  let value: Json
  try {
    value = JSON.parse(line) as Json
  } catch {
    return [toText(line)]
  }
  if (!isJsonObject(value) || typeof value['type'] !== 'string') return [toText(line)]
  const { type, data } = value
  if (data === undefined) return []
  switch (type) {
    case 'map':
    case 'stats':
      return isJsonObject(data) ? Object.entries(data).map(([map, held]) => toCounts(map, held, options)) : []
    case 'hist':
    case 'lhist':
      return isJsonObject(data)
        ? Object.entries(data).map(([map, held]) => toHistogram(map, held, type, options))
        : []
    case 'attached_probes':
      return [toNote('info', `${toNumber(data, 'probes')} probes are attached.`)]
    case 'lost_events':
      return [toNote('error', `${toNumber(data, 'events')} events were lost: print less, or less often.`)]
    case 'helper_error':
      return [toNote('error', `A helper failed: ${JSON.stringify(data)}`)]
    default:
      return [toText(typeof data === 'string' ? data : JSON.stringify(data))]
  }
}

function toCounts(name: string, held: Json, { isCleared }: OutputOptions): Reading {
  // {"count": 2, "average": 3, "total": 6} is one value, not three keys.
  const isKeyed = isJsonObject(held) && !isStats(held)
  const entries: [string, Json][] = isKeyed ? Object.entries(held) : [['', held]]
  const items = entries.slice(0, maxKeys).flatMap(([key, one]) => {
    const value = isJsonObject(one) && isStats(one) ? one['total'] : one
    return typeof value === 'number' ? [{ key: splitKey(key), value }] : []
  })
  return { kind: 'counts', name, total: !isCleared(name), items }
}
const isStats = (value: JsonObject): boolean => 'count' in value && 'average' in value && 'total' in value

function toHistogram(name: string, held: Json, type: string, { isCleared }: OutputOptions): Reading {
  const entries: [string, Json][] = Array.isArray(held)
    ? [['', held]]
    : isJsonObject(held)
      ? Object.entries(held)
      : []
  const items = entries.slice(0, maxKeys).map(([key, buckets]) => ({
    key: splitKey(key),
    buckets: Array.isArray(buckets) ? buckets.flatMap(toBucket) : [],
  }))
  const isLinear = type === 'lhist' || items.some(({ buckets }) => !buckets.every(isPowerOfTwo))
  return { kind: 'histogram', name, scale: isLinear ? 'linear' : 'log2', total: !isCleared(name), items }
}
function toBucket(value: Json): Bucket[] {
  if (!isJsonObject(value) || typeof value['count'] !== 'number') return []
  const { min, max, count } = value
  return [
    {
      from: typeof min === 'number' ? min : null,
      to: typeof max === 'number' ? max + 1 : null,
      count,
    },
  ]
}
function isPowerOfTwo({ from, to }: Bucket): boolean {
  if (from === null) return to === 0
  return to !== null && (from === 0 ? to <= 2 : to === from * 2)
}

/** `bash,2` is two parts; the parentheses of a tuple are dropped. */
export function splitKey(key: string): string[] {
  if (key === '') return []
  return key
    .replace(/^\((.*)\)$/, '$1')
    .split(',')
    .map((part) => part.trim())
}
function toNumber(data: Json, field: string): number {
  const value = isJsonObject(data) ? data[field] : undefined
  return typeof value === 'number' ? value : 0
}
function toText(text: string): Reading {
  return { kind: 'text', text: text.replace(/\n$/, '').slice(0, maxText) }
}
function toNote(level: 'info' | 'error', text: string): Reading {
  return { kind: 'note', level, text }
}
