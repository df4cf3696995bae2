/**
 * Results of SQL that may yet be shown, so that they need not come back from the guest. Bounded by bytes; the one that
 * was used longest ago goes first, and is then sent by the guest instead.
 */
import { newId } from '../id.ts'
import type { TableResult } from '../table/port.ts'

const maxHeldBytes = 128 * 1024 * 1024

export interface Held {
  /** The handle. */
  add(workspace: string, result: TableResult): string
  get(workspace: string, handle: string): TableResult | undefined
}

export function createHeld(maxBytes: number = maxHeldBytes): Held {
  const all = new Map<string, { workspace: string; result: TableResult; bytes: number }>()
  let sum = 0
  return {
    add(workspace, result) {
      const bytes = result.columns.reduce((total, column) => total + column.data.byteLength, 0)
      const handle = newId('res')
      if (bytes > maxBytes) return handle
      all.set(handle, { workspace, result, bytes })
      sum += bytes
      for (const [oldest, entry] of all) {
        if (sum <= maxBytes) break
        all.delete(oldest)
        sum -= entry.bytes
      }
      return handle
    },
    get(workspace, handle) {
      const found = all.get(handle)
      if (found?.workspace !== workspace) return undefined
      all.delete(handle)
      all.set(handle, found)
      return found.result
    },
  }
}
