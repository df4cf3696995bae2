/**
 * What the notebook of the fault rounds must have made of a log, computed in one pass over it and by nothing of the
 * product: which windows took which messages, their rows in the order of their ends, the state, the actions.
 */
import { boundMs, type Fact, isActedOn, windowMs } from './facts.ts'

export interface ExpectedRow {
  key: string
  start: number
  count: number
  sum: number
  numbers: number
  windows: number
  total: number
}
export interface Expected {
  rows: ExpectedRow[]
  state: Map<string, { windows: number; count: number; sum: number }>
  actions: { key: string; start: number; sum: number; total: number }[]
  late: number
}

export async function recompute(log: AsyncIterable<Fact>): Promise<Expected> {
  const expected: Expected = { rows: [], state: new Map(), actions: [], late: 0 }
  const open = new Map<number, Map<string, { count: number; sum: number; numbers: number }>>()
  let watermark = -Infinity
  for await (const { i, key, at, v } of log) {
    const start = Math.floor(at / windowMs) * windowMs
    if (start + windowMs <= watermark) expected.late++
    else {
      const byKey = open.get(start) ?? new Map<string, { count: number; sum: number; numbers: number }>()
      open.set(start, byKey)
      const { count, sum, numbers } = byKey.get(key) ?? { count: 0, sum: 0, numbers: 0 }
      byKey.set(key, { count: count + 1, sum: sum + v, numbers: numbers + i })
    }
    if (at - boundMs <= watermark) continue
    watermark = at - boundMs
    for (const due of [...open.keys()].filter((one) => one + windowMs <= watermark).toSorted((a, b) => a - b))
      close(due)
  }
  return expected

  function close(start: number): void {
    for (const [key, { count, sum, numbers }] of open.get(start)!) {
      const state = expected.state.get(key) ?? { windows: 0, count: 0, sum: 0 }
      state.windows++
      state.count += count
      state.sum += sum
      expected.state.set(key, state)
      const { windows, sum: total } = state
      expected.rows.push({ key, start, count, sum, numbers, windows, total })
      if (isActedOn(count, sum)) expected.actions.push({ key, start, sum, total })
    }
    open.delete(start)
  }
}
