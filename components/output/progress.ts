/** How long it will take, by how long it took so far. Pure. */
const minElapsed = 1000

export interface ProgressValue {
  done: number
  total: number
  /** Since it was at `from`. */
  elapsedMs?: number | undefined
  from?: number | undefined
}
/** ms; undefined while nothing can be said. Beyond a minute in whole minutes' worth of seconds, as nobody knows better. */
export function estimateLeft({ done, total, elapsedMs, from = 0 }: ProgressValue): number | undefined {
  const made = done - from
  const left = total - done
  if (elapsedMs === undefined || elapsedMs < minElapsed || made <= 0 || left <= 0) return undefined
  const ms = (elapsedMs / made) * left
  const step = ms < 60_000 ? 1000 : ms < 600_000 ? 10_000 : 60_000
  return Math.max(step, Math.round(ms / step) * step)
}
