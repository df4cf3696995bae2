/** Retention as people type it: days and megabytes, empty for no limit. */
import type { Stream } from '../../runtime/api/streams.ts'

export interface RetentionForm {
  days: number | string
  megabytes: number | string
}
const dayMs = 86_400_000

export function fromRetention({ ageMs, bytes }: Stream['retention']): RetentionForm {
  return { days: ageMs === null ? '' : ageMs / dayMs, megabytes: bytes === null ? '' : bytes / 1e6 }
}
export function toRetention({ days, megabytes }: RetentionForm): Stream['retention'] {
  return {
    ageMs: days === '' ? null : Math.round(Number(days) * dayMs),
    bytes: megabytes === '' ? null : Math.round(Number(megabytes) * 1e6),
  }
}
