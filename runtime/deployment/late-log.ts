/**
 * Messages that no window took, newest last: kept with the commits of the deployment that judged them, so that each is
 * there once, and bounded: the oldest makes room.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { CommitStore } from '../store/log.ts'

export interface LateMessage {
  /** Running, from 1. */
  number: number
  stream: string
  seq: number
  key: string | null
  eventTime: number
  receivedAt: number
  reason: 'late' | 'future'
  /** Where event time stood. */
  watermark: number | null
  /** Position of the handler among those of the notebook. */
  handler: number
  body: Json
}
export const lateLogSize = 1000
const prefix = 'l '
const maxBodyChars = 10_000
const toKey = (number: number): string => prefix + String(number % lateLogSize).padStart(4, '0')

export interface LateLog {
  /** All that there ever were. */
  readonly count: number
  add(message: Omit<LateMessage, 'number'>): void
  changes(into: { [key: string]: Json | null }): void
}
export function createLateLog(before: number): LateLog {
  let count = before
  let changed: { [key: string]: Json } = {}
  return {
    get count() {
      return count
    },
    add(message) {
      count += 1
      const text = JSON.stringify(message.body)
      const body = text.length > maxBodyChars ? `${text.slice(0, maxBodyChars)}…` : message.body
      changed[toKey(count)] = { number: count, ...message, body }
    },
    changes(into) {
      Object.assign(into, changed)
      changed = {}
    },
  }
}

/** Newest first, below the number `before`. */
export async function findLate(
  commits: Pick<CommitStore, 'state'>,
  deployment: string,
  { limit, before = Infinity }: { limit: number; before?: number },
): Promise<LateMessage[]> {
  const found = await commits.state(deployment, prefix, lateLogSize)
  return found
    .filter(({ key, value }) => key.startsWith(prefix) && isJsonObject(value))
    .map(({ value }) => value as JsonObject as unknown as LateMessage)
    .filter(({ number }) => number < before)
    .toSorted((a, b) => b.number - a.number)
    .slice(0, limit)
}
