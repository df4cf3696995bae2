/**
 * Delivers what is pending, in any workspace, from any process: an action is claimed by a lease, tried, and its
 * outcome written with the revision it was claimed at, so that whoever lost the lease writes nothing. Receivers are
 * tried again with exponential backoff and jitter. At most a few attempts at once go to one receiver, so that one that
 * never answers holds back its own actions and no others.
 */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { isAppError, toMessage } from '../error.ts'
import type { Document, Patch, SystemStore } from '../store/port.ts'
import type { Ledger } from './ledger.ts'
import type { Outcome, Perform } from './perform.ts'

export interface DeliveryDeps {
  system: Pick<SystemStore, 'claimDue'>
  ledger: Ledger
  perform: Perform
  clock: Clock
  log: Logger
  owner: string
  limits?: Partial<DeliveryLimits>
  random?: () => number
}
export interface DeliveryLimits {
  attempts: number
  /** The first wait; it doubles up to the last. */
  baseMs: number
  maxMs: number
  atOnce: number
  perTarget: number
  leaseMs: number
  pollMs: number
}
export interface Delivery {
  /** There may be something to do now. */
  wake(): void
  close(): Promise<void>
}

const defaults: DeliveryLimits = {
  attempts: 8,
  baseMs: 1000,
  maxMs: 60_000,
  atOnce: 16,
  perTarget: 4,
  leaseMs: 30_000,
  pollMs: 500,
}
const keptAttempts = 20

export function openDelivery(deps: DeliveryDeps): Delivery {
  const { system, ledger, perform, clock, log, owner, random = Math.random } = deps
  const limits = { ...defaults, ...deps.limits }
  const closing = new AbortController()
  const active = new Set<Promise<void>>()
  const targets = new Map<string, number>()
  let pumping = false
  let again = false

  function toPatch(action: Document, outcome: Outcome): Patch {
    const now = clock.now()
    const free = { leaseUntil: 0, leaseOwner: null }
    if (outcome.type === 'later') return { set: { ...free, nextAttemptAt: outcome.atMs } }
    const attempt = { at: now, ok: outcome.type === 'fired', detail: outcome.detail.slice(0, 500) }
    const earlier = Array.isArray(action.attempts) ? action.attempts : []
    const tries = Number(action.tries ?? 0) + 1
    const set = { ...free, tries, attempts: [...earlier, attempt].slice(-keptAttempts) }
    if (outcome.type === 'fired')
      return { set: { ...set, state: 'fired', firedAt: now, alert: outcome.alert ?? null } }
    if (outcome.type === 'failed' || tries >= limits.attempts) return { set: { ...set, state: 'failed' } }
    const backoff = Math.min(limits.baseMs * 2 ** (tries - 1), limits.maxMs) * (0.5 + random() / 2)
    return { set: { ...set, nextAttemptAt: now + Math.round(Math.max(backoff, outcome.afterMs ?? 0)) } }
  }

  async function deliver(workspace: string, action: Document): Promise<void> {
    const target = `${workspace} ${String(action.kind)} ${String(action.target)}`
    const busy = targets.get(target) ?? 0
    if (action.kind === 'webhook' && busy >= limits.perTarget) {
      const set = { nextAttemptAt: clock.now() + limits.pollMs, leaseUntil: 0, leaseOwner: null }
      await ledger.postpone(workspace, action, { set })
      return
    }
    targets.set(target, busy + 1)
    let isLost = false
    try {
      const outcome = await perform(workspace, action, closing.signal)
      // an attempt that the shutdown cut off is nobody's: the lease lapses, and it is made again
      if (closing.signal.aborted && outcome.type === 'retry') return
      await ledger.update(workspace, action, toPatch(action, outcome)).catch((error: unknown) => {
        // another has it now, or it is gone with its workspace
        isLost = isAppError(error, 'stale') || isAppError(error, 'not-found')
        throw error
      })
    } catch (error) {
      if (isLost) return
      log.warn({ action: action.id, workspace, reason: toMessage(error) }, 'action is tried again later')
      const set = { nextAttemptAt: clock.now() + limits.baseMs, leaseUntil: 0, leaseOwner: null }
      // if that fails too, the lease runs out
      await ledger.postpone(workspace, action, { set }).catch(() => undefined)
    } finally {
      const left = (targets.get(target) ?? 1) - 1
      if (left === 0) targets.delete(target)
      else targets.set(target, left)
    }
  }

  async function pump(): Promise<void> {
    if (pumping) {
      again = true
      return
    }
    pumping = true
    try {
      do {
        again = false
        while (active.size < limits.atOnce && !closing.signal.aborted) {
          const now = clock.now()
          const claimed = await system.claimDue('actions', {
            filter: { state: 'pending', nextAttemptAt: { $lte: now } },
            sort: 'nextAttemptAt',
            owner,
            now,
            until: now + limits.leaseMs,
          })
          if (!claimed) break
          const work = deliver(claimed.workspace, claimed.document).finally(() => {
            active.delete(work)
            wake()
          })
          active.add(work)
        }
      } while (again && !closing.signal.aborted)
    } catch (error) {
      log.warn({ reason: toMessage(error) }, 'pending actions cannot be read now')
    } finally {
      pumping = false
    }
  }
  function wake(): void {
    if (!closing.signal.aborted) void pump()
  }
  const timer = setInterval(wake, limits.pollMs)
  timer.unref()
  wake()
  return {
    wake,
    async close() {
      closing.abort()
      clearInterval(timer)
      await Promise.allSettled(active)
    },
  }
}
