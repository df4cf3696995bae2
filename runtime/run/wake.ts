/** Waiting for a topic of the bus by level, not by event: what was published while nobody waited wakes the next wait. */
import type { Bus } from '../bus/port.ts'

export interface Wake {
  /** Until the topic is published, `ms` have passed or the signal is aborted. */
  next(ms: number, signal: AbortSignal): Promise<void>
  close(): void
}

export function openWake(bus: Bus, workspace: string, topic: string): Wake {
  let woken = false
  let resume: (() => void) | undefined
  const close = bus.subscribe(workspace, topic, () => {
    woken = true
    resume?.()
  })
  return {
    async next(ms, signal) {
      if (!woken && !signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          resume = () => {
            clearTimeout(timer)
            resolve()
          }
          signal.addEventListener('abort', resume, { once: true })
        })
      if (resume) signal.removeEventListener('abort', resume)
      resume = undefined
      woken = false
    },
    close,
  }
}

/** What `promise` answers, or undefined when `ms` passed or the signal was aborted first. */
export async function within<T>(
  promise: Promise<T>,
  ms: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  let give: (() => void) | undefined
  const limit = new Promise<undefined>((resolve) => {
    give = () => resolve(undefined)
  })
  const timer = setTimeout(() => give?.(), ms)
  const stop = (): void => give?.()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}
