/**
 * Time and chance of a processing notebook: while a handler runs, `Date` is the message clock (`Temporal.Now` is gone) and
 * `Math.random` is a generator seeded by the call (Mulberry32, 32 bits of state: Tommy Ettinger, 2017). The same
 * messages then give the same actions. Outside handlers both are the real ones, or where a clock is given for the cells,
 * that one: it stands still.
 */
import { $Date, construct, dateText, defineProperty, random, wallNow } from './primordials.ts'

export interface MessageClock {
  start(now: number, seed: number): void
  stop(): void
}

export function installClock(cells?: { now: number; seed: number }): MessageClock {
  let at = cells?.now
  let state = (cells?.seed ?? 0) | 0

  const now = (): number => at ?? wallNow()
  const MessageDate = function (this: unknown, ...given: unknown[]): unknown {
    const target = new.target as unknown as NewableFunction | undefined
    if (!target) return dateText(construct($Date, [now()]) as Date)
    return construct($Date, given.length === 0 ? [now()] : given, target)
  }
  hide(MessageDate, 'name', 'Date')
  // a function's own prototype is not configurable
  defineProperty(MessageDate, 'prototype', { value: $Date.prototype })
  hide(MessageDate, 'now', now)
  hide(MessageDate, 'parse', $Date.parse)
  hide(MessageDate, 'UTC', $Date.UTC)
  hide($Date.prototype, 'constructor', MessageDate)
  hide(globalThis, 'Date', MessageDate)
  hide(Math, 'random', () => {
    if (at === undefined) return random()
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  })
  // Its functions read the machine's clock; `Date.now()` is the way to the message's.
  const temporal = (globalThis as { Temporal?: object }).Temporal
  if (temporal) Reflect.deleteProperty(temporal, 'Now')
  return {
    start(time, seed) {
      at = time
      state = seed | 0
    },
    stop() {
      at = cells?.now
    },
  }
}

function hide(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true })
}
