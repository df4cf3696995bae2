/** So many at once, then so many a second; `limit` beyond, with the seconds to wait. */
import { AppError } from '../error.ts'

export interface Rate {
  take(what: string): void
}
export function createRate(burst: number, perSecond: number, now: () => number): Rate {
  let left = burst
  let at = now()
  return {
    take(what) {
      const time = now()
      left = Math.min(burst, left + (Math.max(0, time - at) / 1000) * perSecond)
      at = time
      if (left < 1) {
        const retryAfterSeconds = Math.ceil((1 - left) / perSecond)
        throw new AppError('limit', `${what} Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds })
      }
      left -= 1
    },
  }
}
