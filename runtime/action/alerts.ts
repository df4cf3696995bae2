/**
 * Alerts as documents: performs what alert-state.ts decides. Two processes that raise the same alert at once meet at
 * the id, which is made of fingerprint and episode: the second finds a conflict, reads again and counts.
 */
import { setTimeout } from 'node:timers/promises'
import type { Alert } from '../api/actions.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Page, Store } from '../store/port.ts'
import { apply, type AlertOperation, type AlertState, type Firing } from './alert-state.ts'
import { digest } from './entry.ts'
import { toAlert } from './shape.ts'
import { checkSeen, findSeen } from './sight.ts'
import { createTurns } from './turns.ts'

export interface Alerts {
  /** The alert that this firing opened or counted in. */
  fire(workspace: string, fingerprint: string, firing: Firing, links: JsonObject): Promise<Alert>
  /** `projects`: those that the token sees; null or none: all. */
  find(
    workspace: string,
    query: { state?: string; limit?: number; cursor?: string },
    projects?: string[] | null,
  ): Promise<Page<Alert>>
  get(workspace: string, id: string, projects?: string[] | null): Promise<Alert>
  acknowledge(workspace: string, id: string, by: string, projects?: string[] | null): Promise<Alert>
  resolve(workspace: string, id: string, projects?: string[] | null): Promise<Alert>
}
export interface AlertsDeps {
  store: Pick<Store, 'in'>
  bus: Bus
  clock: Clock
}

const rounds = 50

export function openAlerts({ store, bus, clock }: AlertsDeps): Alerts {
  const turns = createTurns()
  function tell(workspace: string, document: Document): Alert {
    const alert = toAlert(document)
    bus.publish(workspace, { topic: 'alerts', data: alert as unknown as JsonObject })
    return alert
  }
  /** Again while another process changes the same alert, at odd moments: two in step would meet each time. */
  async function repeat<T>(met: ('stale' | 'conflict')[], step: () => Promise<T>): Promise<T> {
    for (let round = 1; ; round++) {
      try {
        return await step()
      } catch (error) {
        if (round >= rounds || !met.some((code) => isAppError(error, code))) throw error
        await setTimeout(Math.random() * Math.min(2 ** round, 64))
      }
    }
  }
  const change = (
    workspace: string,
    id: string,
    operation: AlertOperation,
    projects?: string[] | null,
  ): Promise<Alert> =>
    repeat(['stale'], async () => {
      const document = await get(workspace, id, projects)
      const { alert, effects } = apply(toState(document), operation)
      if (!effects.includes('save')) return toAlert(document)
      const resolvedAt = operation.type === 'resolve' ? { resolvedAt: clock.now() } : {}
      const set = { ...alert, ...resolvedAt } as unknown as JsonObject
      return tell(workspace, await store.in(workspace).update('alerts', id, { set }, document.revision))
    })
  async function get(workspace: string, id: string, projects?: string[] | null): Promise<Document> {
    const document = await store.in(workspace).maybe('alerts', id)
    if (!document) throw new AppError('not-found', 'There is no such alert.')
    await checkSeen(store, workspace, projects, document.notebook, 'alert')
    return document
  }

  return {
    fire: (workspace, fingerprint, firing, links) =>
      turns(`${workspace} ${fingerprint}`, () =>
        repeat(['stale', 'conflict'], async () => {
          const alerts = store.in(workspace)
          // Counted before the look: who inserts in between is then either seen or has the same id.
          const episode = await alerts.count('alerts', { fingerprint })
          const { items } = await alerts.find('alerts', {
            filter: { fingerprint },
            sort: '-lastAt',
            limit: 100,
          })
          // a repeat may come after its alert was resolved: it is no new firing
          const earlier = items.find((item) => toState(item).recent.includes(firing.action))
          if (earlier) return toAlert(earlier)
          const living = items.find((item) => item.state !== 'resolved')
          const { alert, effects } = apply(living && toState(living), { type: 'fire', ...firing })
          const fields = { ...alert, updatedAt: clock.now() } as unknown as JsonObject
          if (living && effects.includes('save'))
            return tell(
              workspace,
              await alerts.update(
                'alerts',
                living.id,
                { set: { ...fields, action: firing.action } },
                living.revision,
              ),
            )
          const id = `alert_${digest([fingerprint, episode])}`
          const [made] = await alerts.insert('alerts', [
            { ...links, ...fields, id, fingerprint, action: firing.action, createdAt: clock.now() },
          ])
          return tell(workspace, made!)
        }),
      ),
    async find(workspace, { state, limit, cursor }, projects) {
      const seen = await findSeen(store, workspace, projects)
      const page = await store.in(workspace).find('alerts', {
        sort: '-lastAt',
        filter: { ...(state !== undefined && { state }), ...(seen && { notebook: { $in: seen } }) },
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      })
      return { items: page.items.map(toAlert), nextCursor: page.nextCursor }
    },
    get: async (workspace, id, projects) => toAlert(await get(workspace, id, projects)),
    acknowledge: (workspace, id, by, projects) =>
      change(workspace, id, { type: 'acknowledge', by }, projects),
    resolve: (workspace, id, projects) => change(workspace, id, { type: 'resolve' }, projects),
  }
}

function toState(document: Document): AlertState {
  const alert = toAlert(document)
  return {
    state: alert.state,
    severity: alert.severity,
    title: alert.title,
    details: alert.details,
    count: alert.count,
    firstAt: alert.firstAt,
    lastAt: alert.lastAt,
    acknowledgedBy: alert.acknowledgedBy,
    recent: (document.recent ?? []) as string[],
  }
}
