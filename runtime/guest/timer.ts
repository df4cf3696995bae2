/**
 * setTimeout and its family: the child's main isolate keeps the time and enters again with `fire`. At most 1,000 at
 * once; all of them end with the cell that started them, so that nothing of it runs unmeasured later.
 */
import type { Post } from './message.ts'
import { $Error, $TypeError, apply, dictionary, hasOwn } from './primordials.ts'

interface Timer {
  run: (...given: unknown[]) => unknown
  given: unknown[]
  every: number | undefined
}
export interface Timers {
  setTimeout: (run: unknown, ms?: unknown, ...given: unknown[]) => number
  setInterval: (run: unknown, ms?: unknown, ...given: unknown[]) => number
  clearTimeout: (id?: unknown) => void
  queueMicrotask: (run: unknown) => void
  fire(id: number): void
  readonly waiting: number
  clear(): void
}

const most = 1_000
const longest = 0x7f_ff_ff_ff

export function createTimers(
  post: Post,
  isOpen: () => boolean,
  later: (run: () => void) => void,
  onError: (error: unknown) => void,
): Timers {
  let timers = dictionary<Timer>()
  let count = 0
  let nextId = 0

  function start(run: unknown, ms: unknown, given: unknown[], repeat: boolean): number {
    if (typeof run !== 'function') throw new $TypeError('A timer takes a function.')
    const id = ++nextId
    if (!isOpen()) return id
    if (count >= most) throw new $Error(`More than ${most} timers at once; clear some first.`)
    const wait = typeof ms === 'number' && ms >= 1 ? (ms > longest ? longest : ms) : 1
    count += 1
    timers[id] = { run: run as Timer['run'], given, every: repeat ? wait : undefined }
    post('timer', id, '', `${wait}`)
    return id
  }

  return {
    get waiting() {
      return count
    },
    setTimeout: (run, ms, ...given) => start(run, ms, given, false),
    setInterval: (run, ms, ...given) => start(run, ms, given, true),
    clearTimeout(id) {
      if (typeof id !== 'number' || !hasOwn(timers, id)) return
      delete timers[id]
      count -= 1
      post('untimer', id, '', '')
    },
    queueMicrotask(run) {
      if (typeof run !== 'function') throw new $TypeError('queueMicrotask takes a function.')
      later(() => {
        try {
          ;(run as () => void)()
        } catch (error) {
          onError(error)
        }
      })
    },
    fire(id) {
      if (!hasOwn(timers, id)) return
      const timer = timers[id] as Timer
      if (timer.every === undefined) {
        delete timers[id]
        count -= 1
      } else post('timer', id, '', `${timer.every}`)
      try {
        apply(timer.run, undefined, timer.given)
      } catch (error) {
        onError(error)
      }
    },
    clear() {
      timers = dictionary()
      count = 0
    },
  }
}
