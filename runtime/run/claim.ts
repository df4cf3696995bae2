/** What is due in any workspace and held by no living lease: runs of a process that is gone, firings. The claimer gets the lease. */
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
/** The oldest firing that is to be looked at now. */
export async function claimFiring(
  store: Store,
  lease: { owner: string; now: number; until: number },
): Promise<Claimed | undefined> {
  const filter = { live: true, nextAt: { $lte: lease.now } }
  return store.system.claimDue('firings', { filter, sort: 'order', ...lease })
}
