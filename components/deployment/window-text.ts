import type { Deployment } from '../../runtime/api/deployments.ts'
import { toDuration } from '../ui/format.ts'

/** A window in words: `tumbling, size 1 h 0 min`. */
export function toWindowText(window: Deployment['inputs'][number]['window']): string {
  if (window === null) return 'per message'
  const { type, ...rest } = window
  const isTime = type !== 'count'
  const parts = Object.entries(rest).flatMap(([name, value]) => {
    if (value === null || value === 0) return []
    if (typeof value === 'number') return [`${name} ${isTime ? toDuration(value) : value}`]
    return [`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`]
  })
  return [String(type ?? 'window'), ...parts].join(', ')
}
