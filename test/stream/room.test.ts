import { expect, test, vi } from 'vitest'
import { createGate, watchRoom } from '../../runtime/stream/room.ts'

test('createGate: closes below low, opens again above high alone', () => {
  const gate = createGate({ low: 10, high: 20 })
  expect([30, 15, 10, 9, 15, 19, 20, 12].map(gate)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    true,
    true,
  ])
})
test('watchRoom: tells each change once', async () => {
  vi.useFakeTimers()
  try {
    const told: (string | null)[] = []
    const free = [2e9, 4e8, 6e8, 3e8, 2e9, 2e9]
    let at = 0
    const room = watchRoom(
      '/',
      (reason) => told.push(reason),
      () => Promise.resolve(free[at++]!),
    )
    await vi.advanceTimersByTimeAsync(25_000)
    room.close()
    expect(told).toEqual([
      'The disk has 400 MB left: nothing is taken from the broker until there is 1 GB.',
      null,
    ])
  } finally {
    vi.useRealTimers()
  }
})
