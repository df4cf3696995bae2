/** Runs of any workspace whose process is gone: no living lease holds them. The claimer gets the lease. */
import type { Document, Store } from '../store/port.ts'

export interface Claimed {
  workspace: string
  document: Document
}

export async function claimRun(
  store: Store,
  state: 'queued' | 'running',
  lease: { owner: string; now: number; until: number },
): Promise<Claimed | undefined> {
  return store.system.claimDue('runs', { filter: { state }, sort: 'createdAt', ...lease })
}
