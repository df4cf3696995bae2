/** Checks at the edge of the message log that both adapters share: batches, limits and ranges. */
import { AppError } from '../error.ts'
import { checkKey } from './document.ts'
import type { NewMessage, TimeRange } from './log.ts'

export const maxBatch = 5_000
export const readBytes = 8_000_000

export function checkStream(stream: string): string {
  checkKey(stream, 'The id of a stream')
  if (!/^[^/]+(\/[^/]+)?$/.test(stream))
    throw new AppError('invalid', `"${stream}" is not the id of a stream, or ID/dead or ID/late.`)
  return stream
}
export function checkLimit(limit: number, most: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new AppError('invalid', `A limit is a whole number from 1 to ${most}.`, { path: 'limit' })
}
export function checkRange(range: TimeRange): void {
  checkLimit(range.limit, 5_000)
  checkInteger(range.from, 'from')
  checkInteger(range.to, 'to')
}
export function checkInteger(value: number, what: string): void {
  if (!Number.isSafeInteger(value))
    throw new AppError('invalid', `"${what}" must be a whole number.`, { path: what })
}
export function checkTtl(owner: string, now: number, ttlMs: number): void {
  checkKey(owner, 'The owner of a lease')
  checkInteger(now, 'now')
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw new AppError('invalid', 'A lease lasts a whole number of milliseconds, at least 1.', {
      path: 'ttlMs',
    })
}
export function checkBatch(messages: NewMessage[]): void {
  if (messages.length > maxBatch)
    throw new AppError(
      'too-large',
      `A batch has at most ${maxBatch} messages, this one has ${messages.length}.`,
    )
  for (const message of messages) {
    checkInteger(message.eventTime, 'eventTime')
    checkInteger(message.receivedAt, 'receivedAt')
    checkInteger(message.bytes, 'bytes')
    checkInteger(message.definition, 'definition')
  }
}
export function fenced(stream: string): AppError {
  return new AppError('fenced', `The lease of ${stream} belongs to another owner now.`)
}
