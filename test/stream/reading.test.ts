import { expect, test } from 'vitest'
import type { Message, MessageLog } from '../../runtime/store/log.ts'
import { lastBelow, readRecent } from '../../runtime/stream/reading.ts'

/** 3,000 messages: the first 1,900 of 100 KB each as far as anybody counts, the rest small. */
const all = Array.from({ length: 3000 }, (_, i) => {
  const bytes = i < 1900 ? 100_000 : 10
  return { seq: i + 1, receivedAt: i, bytes } as Message
})
const log = {
  read: (_stream: string, from: number, limit: number) =>
    Promise.resolve(all.slice(from - 1, from - 1 + Math.min(limit, 80))),
  last: (_stream: string, limit: number) => Promise.resolve(all.slice(-limit).reverse()),
} as unknown as MessageLog
const sum = (messages: Message[]): number => messages.reduce((bytes, one) => bytes + one.bytes, 0)

test('readRecent: of large messages the newest 32 MB, oldest first', async () => {
  const found = await readRecent(log, 's', { from: 0, to: 1e9, limit: 3000 })
  expect([found.at(-1)!.seq, found.length, sum(found) <= 32_000_000]).toEqual([3000, 1419, true])
  expect(found.every((one, i) => i === 0 || one.seq === found[i - 1]!.seq + 1)).toBe(true)
})
test('readRecent: what lies outside of the time takes no room', async () => {
  const found = await readRecent(log, 's', { from: 1895, to: 1e9, limit: 3000 })
  expect([found[0]!.seq, found.at(-1)!.seq]).toEqual([1896, 3000])
})
test('lastBelow: newest first, at most 32 MB', async () => {
  const found = await lastBelow(log, 's', 1000, 1501)
  expect([found[0]!.seq, found.length]).toEqual([1500, 320])
})
