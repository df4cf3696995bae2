/**
 * What a value holds, in bytes, as an estimate: of long lists a hundred entries are looked at and stand for the rest,
 * and after some thousand objects the rest counts as nothing. What several variables share counts for the first. Looks
 * at slots and at data properties alone: no getter, trap or method of the user's runs.
 */
import {
  $WeakSet,
  bufferLength,
  dictionary,
  getOwnPropertyDescriptor,
  isArray,
  mapEntries,
  mapSize,
  ownKeys,
  setSize,
  setValues,
  trunc,
  typedArrayBytes,
  weakSetAdd,
  weakSetHas,
} from './primordials.ts'
import { isProxy } from './proxy.ts'

const maxNodes = 5_000
const maxDepth = 8
const sampled = 100

export interface Measure {
  bytes(value: unknown): number
}

/** What `read` gives, or undefined where the value is not of that kind. */
export function maybe<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

export function createMeasure(): Measure {
  const seen = new $WeakSet()
  let nodes = 0

  function sizeOf(value: unknown, depth: number): number {
    if (typeof value === 'string') return 16 + value.length
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return 8
    if (weakSetHas(seen, value)) return 8
    weakSetAdd(seen, value)
    nodes += 1
    if (nodes > maxNodes || depth > maxDepth || isProxy(value)) return 64
    if (typeof value === 'function') return 64
    const binary = maybe(() => typedArrayBytes(value)) ?? maybe(() => bufferLength(value))
    if (binary !== undefined) return 64 + binary
    const entries = maybe(() => mapSize(value))
    if (entries !== undefined)
      return iterated(entries, 48, depth, mapEntries(value as Map<unknown, unknown>), true)
    const members = maybe(() => setSize(value))
    if (members !== undefined) return iterated(members, 32, depth, setValues(value as Set<unknown>), false)
    return isArray(value) ? listed(value, depth) : keyed(value, depth)
  }

  function iterated(
    size: number,
    each: number,
    depth: number,
    next: () => { left: unknown; right: unknown } | undefined,
    isPair: boolean,
  ): number {
    let sum = 0
    let count = 0
    for (let entry = next(); entry && count < sampled; entry = next()) {
      sum += sizeOf(entry.left, depth + 1) + (isPair ? sizeOf(entry.right, depth + 1) : 0)
      count += 1
    }
    return 64 + size * each + (count === 0 ? 0 : trunc((sum / count) * size))
  }

  function listed(value: unknown[], depth: number): number {
    const { length } = value
    const step = length > sampled ? length / sampled : 1
    let sum = 0
    let count = 0
    for (let i = 0; i < length && count < sampled; i += step) {
      const found = getOwnPropertyDescriptor(value, trunc(i))
      sum += found ? sizeOf(found.value, depth + 1) : 0
      count += 1
    }
    return 16 + (count === 0 ? 0 : trunc((sum / count) * length))
  }

  function keyed(value: object, depth: number): number {
    const keys = ownKeys(value)
    const { length } = keys
    let sum = 0
    let count = 0
    for (let i = 0; i < length && count < sampled; i++) {
      const found = getOwnPropertyDescriptor(value, keys[i] as PropertyKey)
      sum += 8 + (found ? sizeOf(found.value, depth + 1) : 0)
      count += 1
    }
    return 24 + (count === 0 ? 0 : trunc((sum / count) * length))
  }

  return {
    bytes(value) {
      nodes = 0
      return sizeOf(value, 0)
    },
  }
}

/** The own data properties among `names`; a getter counts as none. */
export function readOwn(value: object, ...names: string[]): { [name: string]: unknown } {
  const found = dictionary<unknown>()
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    found[name] = getOwnPropertyDescriptor(value, name)?.value as unknown
  }
  return found
}
