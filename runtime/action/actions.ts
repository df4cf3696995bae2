/**
 * The action service: what runs ask for is recorded at once, what deployments committed to their outbox is moved to the
 * ledger, and both are delivered. An outbox entry is settled only after its ledger document is durable; a sweep at
 * start and every few seconds takes what a process left that died in between.
 */
import type { Logger } from 'pino'
import type { Action } from '../api/actions.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Egress } from '../egress/port.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { newId } from '../id.ts'
import type { ActionRequest } from '../sdk/context.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { Page, Store } from '../store/port.ts'
import type { Outlet } from '../stream/outlet.ts'
import { openAlerts, type Alerts } from './alerts.ts'
import { type DeliveryLimits, openDelivery } from './delivery.ts'
import { type ActionContext, checkRequest, toEntry } from './entry.ts'
import { type LedgerQuery, openLedger } from './ledger.ts'
import { createPerform } from './perform.ts'
import { toAction } from './shape.ts'

/** What a run or kernel knows; the rest has defaults. */
export type RecordContext = Partial<ActionContext> & Pick<ActionContext, 'notebook'>

export interface Actions {
  /** Recorded when it resolves, delivered later. For runs and kernels. */
  record(workspace: string, context: RecordContext, request: ActionRequest): Promise<{ id: string }>
  /** The same for an entry that is made already: what passThrough hands out. */
  recordEntry(workspace: string, entry: OutboxEntry): Promise<{ id: string }>
  /** Moves committed outbox entries to the ledger; how many. */
  takeOutbox(workspace: string, deployment?: string): Promise<number>
  /** `projects`: those that the token sees; null or none: all. */
  find(workspace: string, query: LedgerQuery, projects?: string[] | null): Promise<Page<Action>>
  get(workspace: string, id: string, projects?: string[] | null): Promise<Action>
  /** A failed action again, with the same Idempotency-Key. */
  retry(workspace: string, id: string, projects?: string[] | null): Promise<Action>
  readonly alerts: Omit<Alerts, 'fire'>
  close(): Promise<void>
}
export interface ActionsDeps {
  store: Store
  bus: Bus
  egress: Pick<Egress, 'fetch'>
  clock: Clock
  log: Logger
  limits?: Partial<DeliveryLimits> & { sweepMs?: number }
  random?: () => number
  outlet?: Pick<Outlet, 'publish'>
  /** What a committed entry of another kind than an action means. It is done when it resolves, and may come twice. */
  publish?: { kind: string; take: (workspace: string, entry: OutboxEntry) => Promise<void> }
}

const page = 500

export function openActions(deps: ActionsDeps): Actions {
  const { store, bus, egress, clock, log } = deps
  const alerts = openAlerts({ store, bus, clock })
  const ledger = openLedger({ store, bus, clock })
  const delivery = openDelivery({
    system: store.system,
    ledger,
    perform: createPerform({ egress, alerts, outlet: deps.outlet }),
    clock,
    log,
    owner: newId('delivery', clock.now()),
    ...(deps.limits && { limits: deps.limits }),
    ...(deps.random && { random: deps.random }),
  })
  let closed = false
  let sweeping: Promise<void> | undefined

  async function publish(workspace: string, entry: OutboxEntry): Promise<void> {
    try {
      await deps.publish?.take(workspace, entry)
    } catch (error) {
      // what can never be taken must not keep what comes after it
      if (!isAppError(error) || error.code === 'unavailable') throw error
      log.warn({ entry: entry.id, reason: error.message }, 'what a deployment published is refused')
    }
  }
  async function takeOutbox(workspace: string, deployment?: string): Promise<number> {
    const { commits } = store.in(workspace)
    for (let count = 0; ;) {
      const entries = await commits.outbox({ limit: page, ...(deployment !== undefined && { deployment }) })
      const settled = new Map<string, string[]>()
      for (const entry of entries) {
        if (entry.kind === deps.publish?.kind) await publish(workspace, entry)
        else await ledger.insert(workspace, entry)
        settled.set(entry.deployment, [...(settled.get(entry.deployment) ?? []), entry.id])
      }
      // those in the ledger are durable: they need not wait for the outbox to be cleared
      if (entries.length > 0) delivery.wake()
      for (const [owner, ids] of settled) await commits.settle(owner, ids)
      count += entries.length
      if (entries.length < page || closed) return count
    }
  }
  async function sweep(): Promise<void> {
    try {
      for (const workspace of await store.system.findWorkspaces()) {
        if (closed) return
        await takeOutbox(workspace.id)
      }
    } catch (error) {
      log.warn({ reason: toMessage(error) }, 'the outbox cannot be read now')
    }
  }
  const startSweep = (): void => {
    sweeping ??= sweep().finally(() => (sweeping = undefined))
  }
  const timer = setInterval(startSweep, deps.limits?.sweepMs ?? 5000)
  timer.unref()
  startSweep()

  async function recordEntry(workspace: string, entry: OutboxEntry): Promise<{ id: string }> {
    const { id } = await ledger.insert(workspace, entry)
    delivery.wake()
    return { id }
  }

  return {
    async record(workspace, context, request) {
      checkRequest(request)
      const now = clock.now()
      return recordEntry(workspace, toEntry({ at: now, identity: newId('once', now), ...context }, request))
    },
    recordEntry,
    takeOutbox,
    find: (workspace, query, projects) => ledger.find(workspace, query, projects),
    get: async (workspace, id, projects) => toAction(await ledger.get(workspace, id, projects)),
    async retry(workspace, id, projects) {
      const document = await ledger.get(workspace, id, projects)
      const wrong = new AppError('conflict', 'Only a failed action can be sent again.')
      if (document.state !== 'failed') throw wrong
      try {
        const set = { state: 'pending', tries: 0, nextAttemptAt: clock.now(), leaseUntil: 0 }
        const changed = await ledger.update(workspace, document, { set })
        delivery.wake()
        return toAction(changed)
      } catch (error) {
        throw isAppError(error, 'stale') ? wrong : error
      }
    },
    alerts,
    async close() {
      closed = true
      clearInterval(timer)
      await delivery.close()
      await sweeping
    },
  }
}
