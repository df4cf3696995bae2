/**
 * The state of one handler by key: plain JSON, bounded in keys and bytes, gone when event time has passed its last
 * change by `expireMs`. It gathers what the next commit must write. When a key changed is saved beside it (`t`), only
 * where states expire.
 */
import type { Json } from '../json.ts'
import { DueHeap } from '../stream/due-heap.ts'
import { HandlerFailed } from './handler.ts'

export interface KeyedState {
  get(stateKey: string): Json | undefined
  /** null removes it. HandlerFailed names the bound. */
  set(stateKey: string, value: Json, at: number): void
  /** Drops what event time has passed. */
  expire(watermark: number): void
  /** Into the state of a commit, under the keys that `restore` had. */
  changes(into: { [key: string]: Json | null }): void
  readonly size: number
  readonly expired: number
}
export interface KeyedStateOptions {
  index: number
  stream: string
  expireMs: number | undefined
  maxKeys: number | undefined
  maxBytes?: number
  state: Iterable<[string, Json]>
  touched: Iterable<[string, Json]>
}
export const defaultMaxKeys = 100_000
const defaultMaxBytes = 256_000_000

export function createKeyedState(options: KeyedStateOptions): KeyedState {
  const { index, stream, expireMs, maxKeys = defaultMaxKeys, maxBytes = defaultMaxBytes } = options
  const values = new Map<string, { value: Json; bytes: number }>()
  const touched = new Map<string, number>()
  const heap = new DueHeap<string>()
  let changed = new Map<string, Json | null>()
  let moved = new Set<string>()
  let bytes = 0
  let expired = 0

  function put(key: string, value: Json, size: number): void {
    bytes += size - (values.get(key)?.bytes ?? 0)
    values.set(key, { value, bytes: size })
  }
  function drop(key: string): void {
    bytes -= values.get(key)?.bytes ?? 0
    values.delete(key)
    changed.set(key, null)
    if (touched.delete(key)) moved.add(key)
  }
  function fail(message: string): never {
    throw new HandlerFailed({ name: 'RangeError', message })
  }
  const textOf = (key: string): string => (key === '-' ? 'null' : JSON.stringify(key.slice(1, 101)))

  for (const [key, value] of options.state) put(key, value, JSON.stringify(value).length)
  if (expireMs !== undefined)
    for (const [key, at] of options.touched)
      if (typeof at === 'number' && values.has(key)) {
        touched.set(key, at)
        heap.push(at + expireMs, key)
      }
  return {
    get: (key) => values.get(key)?.value,
    set(key, value, at) {
      if (value === null) return drop(key)
      if (!values.has(key) && values.size >= maxKeys)
        fail(
          `The handler on "${stream}" keeps the state of ${values.size} keys, and key ${textOf(key)} is one more than its bound (maxKeys: ${maxKeys}). Give the states an end with expire, or raise maxKeys.`,
        )
      const size = JSON.stringify(value).length
      if (bytes + size - (values.get(key)?.bytes ?? 0) > maxBytes)
        fail(
          `The states of the handler on "${stream}" have more than their bound of ${maxBytes / 1_000_000} MB (maxStateBytes) at key ${textOf(key)}. Keep less for each key, or give the states an end with expire.`,
        )
      put(key, value, size)
      changed.set(key, value)
      if (expireMs === undefined) return
      const before = touched.get(key)
      if (before !== undefined && before >= at) return
      touched.set(key, at)
      moved.add(key)
      // the entry that waits moves itself on
      if (before === undefined) heap.push(at + expireMs, key)
    },
    expire(watermark) {
      if (expireMs === undefined) return
      for (let next = heap.take(watermark); next; next = heap.take(watermark)) {
        const at = touched.get(next.value)
        if (at === undefined) continue
        if (at + expireMs > watermark) heap.push(at + expireMs, next.value)
        else {
          drop(next.value)
          expired += 1
        }
      }
    },
    changes(into) {
      for (const [key, value] of changed) into[`${index} s ${key}`] = value
      for (const key of moved) into[`${index} t ${key}`] = touched.get(key) ?? null
      changed = new Map()
      moved = new Set()
    },
    get size() {
      return values.size
    },
    get expired() {
      return expired
    },
  }
}
