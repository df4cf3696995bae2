import { expect, test } from 'vitest'
import type { Stream } from '../../runtime/api/streams.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import type { Json } from '../../runtime/json.ts'
import type { Message, MessageLog } from '../../runtime/store/log.ts'
import { followStream, lastBelow, readRecent, type LiveEvent } from '../../runtime/stream/reading.ts'

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
test('followStream: messages that come in quick succession are told as one, and other events between them', async () => {
  const bus = openMemoryBus()
  const stop = new AbortController()
  const events = followStream(bus, 'w', { id: 's' } as Stream, stop.signal)
  const tell = (data: Json): void => bus.publish('w', { topic: 'streams/s', data })
  const next = async (): Promise<unknown> => {
    const { event, data } = (await events.next()).value as LiveEvent
    return [event, data]
  }
  expect(await next()).toEqual(['state', { id: 's' }])
  for (let seq = 1; seq <= 4; seq++) tell({ type: 'messages', from: seq, to: seq, count: 1 })
  tell({ type: 'drift', path: 'a' })
  tell({ type: 'messages', from: 5, to: 6, count: 2 })
  expect([await next(), await next()]).toEqual([
    ['messages', { type: 'messages', from: 1, to: 4, count: 4 }],
    ['drift', { type: 'drift', path: 'a' }],
  ])
  const later = next()
  tell({ type: 'messages', from: 7, to: 7, count: 1 })
  expect(await later).toEqual(['messages', { type: 'messages', from: 5, to: 7, count: 3 }])
  const end = events.next()
  stop.abort()
  expect((await end).done).toBe(true)
})
