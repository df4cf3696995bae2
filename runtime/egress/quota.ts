/** Requests of each workspace in the last minute; `limit` when there are too many. Empty entries are forgotten. */
import type { Clock } from '../clock.ts'
import { AppError } from '../error.ts'

export interface Quota {
  take(workspace: string): void
}
export function openQuota(perMinute: number, clock: Clock): Quota {
  const times = new Map<string, number[]>()
  return {
    take(workspace) {
      const now = clock.now()
      if (times.size > 1000)
        for (const [name, list] of times) if ((list.at(-1) ?? 0) <= now - 60_000) times.delete(name)
      const recent = (times.get(workspace) ?? []).filter((at) => at > now - 60_000)
      times.set(workspace, recent)
      if (recent.length >= perMinute)
        throw new AppError(
          'limit',
          `This workspace made ${perMinute} requests within a minute, which is the limit. Try again later.`,
          { retryAt: (recent[0] ?? now) + 60_000 },
        )
      recent.push(now)
    },
  }
}
