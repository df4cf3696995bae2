/**
 * The ledger: every action once, in whatever state. An entry goes in by its idempotency key, so a repeat changes
 * nothing; it is deduplicated when another one of its key was fired, or is about to be, within the cooldown (event
 * time, in both directions, since events may be late) or, without a cooldown, ever. A failed one does not stand in the
 * way of the next. Entries of a workspace go in one after the other, so that two of a batch see each other.
 */
import type { Action } from '../api/actions.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { Document, Filter, Page, Patch, Store } from '../store/port.ts'
import { toActionId, toDocument } from './entry.ts'
import { toAction } from './shape.ts'
import { checkSeen, findSeen } from './sight.ts'
import { createTurns } from './turns.ts'

export interface Ledger {
  insert(workspace: string, entry: OutboxEntry): Promise<Document>
  /** stale: another process has it now. */
  update(workspace: string, document: Document, patch: Patch): Promise<Document>
  /** The same without telling anybody: nothing that a page shows has changed. */
  postpone(workspace: string, document: Document, patch: Patch): Promise<Document>
  find(workspace: string, query: LedgerQuery, projects?: string[] | null): Promise<Page<Action>>
  get(workspace: string, id: string, projects?: string[] | null): Promise<Document>
}
export interface LedgerQuery {
  state?: string
  deployment?: string
  kind?: string
  model?: string
  limit?: number
  cursor?: string
}

export function openLedger({
  store,
  bus,
  clock,
}: {
  store: Pick<Store, 'in'>
  bus: Bus
  clock: Clock
}): Ledger {
  const turns = createTurns()

  function tell(workspace: string, document: Document): Document {
    const action = toAction(document) as unknown as JsonObject
    bus.publish(workspace, { topic: 'actions', data: action })
    if (typeof document.deployment === 'string')
      bus.publish(workspace, {
        topic: `deployments/${document.deployment}`,
        data: { type: 'actions', actions: [action] },
      })
    return document
  }

  async function isRepeat(workspace: string, { kind, at, body }: OutboxEntry): Promise<boolean> {
    if (body.unique === true) return false
    const cooldown = typeof body.cooldownMs === 'number' ? body.cooldownMs : null
    const filter: Filter = {
      key: String(body.key),
      kind,
      notebook: typeof body.notebook === 'string' ? body.notebook : null,
      state: { $in: ['pending', 'waiting', 'fired'] },
      ...(cooldown !== null && { at: { $gt: at - cooldown, $lt: at + cooldown } }),
    }
    const { items } = await store.in(workspace).find('actions', { filter, limit: 100 })
    return items.some((item) => item.target === body.target)
  }

  async function insert(workspace: string, entry: OutboxEntry): Promise<Document> {
    const actions = store.in(workspace)
    const known = await actions.maybe('actions', toActionId(entry.id))
    if (known) return known
    const state = (await isRepeat(workspace, entry)) ? 'deduplicated' : 'pending'
    try {
      const [made] = await actions.insert('actions', [toDocument(entry, clock.now(), state)])
      return tell(workspace, made!)
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error
      return actions.get('actions', toActionId(entry.id))
    }
  }

  return {
    insert: (workspace, entry) => turns(workspace, () => insert(workspace, entry)),
    update: async (workspace, document, patch) =>
      tell(workspace, await store.in(workspace).update('actions', document.id, patch, document.revision)),
    postpone: (workspace, document, patch) =>
      store.in(workspace).update('actions', document.id, patch, document.revision),
    async find(workspace, { limit, cursor, ...given }, projects) {
      const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const seen = await findSeen(store, workspace, projects)
      const page = await store.in(workspace).find('actions', {
        filter: { ...filter, ...(seen && { notebook: { $in: seen } }) } as Filter,
        sort: '-createdAt',
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      })
      return { items: page.items.map(toAction), nextCursor: page.nextCursor }
    },
    async get(workspace, id, projects) {
      const document = await store.in(workspace).maybe('actions', id)
      if (!document) throw new AppError('not-found', 'There is no such action.')
      await checkSeen(store, workspace, projects, document.notebook, 'action')
      return document
    },
  }
}
