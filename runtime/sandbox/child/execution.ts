/**
 * One execution (a cell, or a batch of handlers) in the user's isolate: its budget of CPU and wall time, the timers
 * and host calls it waits for, and how it ends. Entries go through a queue, one at a time, so that each gets what is
 * left when it starts. The end is told once, after the last entry has returned: work that a finished cell left
 * behind still counts as its own.
 */
import type { Done, Enter } from '../../guest/message.ts'
import { grace, limitMessage } from '../limits.ts'
import type { ExecutionStatus, Limits } from '../port.ts'
import type { Script } from './modules.ts'
import type { Entry, Realm } from './realm.ts'

export interface Ending {
  status: ExecutionStatus
  /** Of the isolate, as far as it could be read. */
  cpuMs: number
  /** False when the isolate is gone, or cannot be trusted to answer. */
  alive: boolean
  message?: string
  /** What the guest said at its end. */
  text?: string
}
export interface Run {
  readonly number: number
  /** Starts the work; then the execution waits for `settle`. */
  start(enter: (ms: () => number) => Promise<Entry>): void
  enter(...given: Parameters<Enter>): void
  /** Evaluates a module, as the work of this execution, and answers the import. */
  load(id: number, script: Script): void
  call(id: number): void
  answered(id: number): boolean
  timer(id: number, ms: number): void
  untimer(id: number): void
  /** The guest's message that the work is complete. */
  settle(text: string): void
  interrupt(): void
}

export function openRun(realm: Realm, number: number, limits: Limits, onEnd: (ending: Ending) => void): Run {
  const started = performance.now()
  const cpuBefore = realm.cpuMs()
  const calls = new Set<number>()
  const timers = new Map<number, NodeJS.Timeout>()
  let queue = Promise.resolve()
  let queued = 0
  let done: string | undefined
  let ended = false
  let stopping: { status: ExecutionStatus; message: string } | undefined
  const wall = Number.isFinite(limits.wallMs) ? setTimeout(() => stop('wallMs'), limits.wallMs) : undefined

  const cpuMs = (): number => realm.cpuMs() - cpuBefore
  const cpuLeft = (): number => limits.cpuMs - cpuMs()
  const wallLeft = (): number => limits.wallMs - (performance.now() - started)
  const timeLeft = (): number => Math.max(1, Math.min(cpuLeft(), wallLeft()))

  function end(ending: Omit<Ending, 'cpuMs'>): void {
    if (ended) return
    ended = true
    clearTimeout(wall)
    clear()
    onEnd({ ...ending, cpuMs: Math.max(0, cpuMs()) })
  }

  function clear(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    calls.clear()
  }

  function enqueue(work: () => Promise<Entry>): void {
    queued += 1
    queue = queue.then(async () => {
      if (ended) return
      const entry = await work()
      queued -= 1
      judge(entry)
    })
  }

  function judge({ end: how, error }: Entry): void {
    if (ended) return
    if (how === 'memory')
      return end({ status: 'memory', alive: false, message: limitMessage('heapMb', limits) })
    if (how === 'stuck') return end({ status: 'timeout', alive: false, message: overTime() })
    if (how === 'timeout') return stop(wallLeft() < cpuLeft() ? 'wallMs' : 'cpuMs')
    if (how === 'failed' && done === undefined)
      return end({
        status: 'error',
        alive: true,
        text: JSON.stringify({ status: 'error', error: { stack: '', ...error } }),
      })
    // Messages of the entry that just ended may still be on their way.
    setImmediate(consider)
  }

  function overTime(): string {
    return limitMessage(wallLeft() < cpuLeft() ? 'wallMs' : 'cpuMs', limits)
  }

  function consider(): void {
    if (ended || queued > 0) return
    if (stopping) {
      const { status, message } = stopping
      const idle = calls.size === 0 && timers.size === 0
      if (status === 'timeout' || (idle && done === undefined))
        return end({ status, message, alive: true, ...(done !== undefined && { text: done }) })
    }
    if (done === undefined) return
    if (calls.size === 0 && timers.size === 0) return end({ ...statusOf(done), text: done, alive: true })
    clear()
    const message = 'The cell ended before this was answered; await it.'
    enqueue(() => realm.enter(() => grace.childMs, 'abort', 'cancelled', message, true))
  }

  function stop(limit: 'cpuMs' | 'wallMs'): void {
    if (ended || stopping?.status === 'timeout') return
    // A wall that is reached inside an entry is that entry's own timeout.
    if (limit === 'wallMs' && queued > 0 && wallLeft() > -grace.childMs && !stopping) {
      setTimeout(() => stop(limit), 25).unref()
      return
    }
    const message = limitMessage(limit, limits)
    stopping = { status: 'timeout', message }
    clear()
    enqueue(() => realm.enter(() => grace.childMs, 'abort', 'timeout', message, true))
  }

  return {
    number,
    start: (enter) => enqueue(() => enter(timeLeft)),
    enter(...given) {
      enqueue(() => realm.enter(timeLeft, ...given))
    },
    load(id, script) {
      enqueue(() => realm.load(id, script, timeLeft))
    },
    call(id) {
      calls.add(id)
    },
    answered: (id) => calls.delete(id),
    timer(id, ms) {
      if (ended || stopping?.status === 'timeout') return
      timers.set(
        id,
        setTimeout(() => {
          timers.delete(id)
          enqueue(() => realm.enter(timeLeft, 'fire', id))
        }, ms),
      )
    },
    untimer(id) {
      clearTimeout(timers.get(id))
      timers.delete(id)
    },
    settle(text) {
      done ??= text
      consider()
    },
    interrupt() {
      if (ended || stopping) return
      const message = 'The cell was interrupted.'
      stopping = { status: 'error', message }
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      calls.clear()
      enqueue(() => realm.enter(() => Math.min(timeLeft(), 1_000), 'abort', 'cancelled', message, false))
    },
  }
}

function statusOf(text: string): { status: ExecutionStatus } {
  const { status } = JSON.parse(text) as Done
  return { status: status === 'error' ? 'error' : 'ok' }
}
