/** Tokens, workspaces, settings and the audit trail. */
import type { Access } from '../../runtime/access/access.ts'
import type { accessOperations } from '../../runtime/api/access.ts'
import type { Egress } from '../../runtime/egress/port.ts'
import { AppError } from '../../runtime/error.ts'
import type { JsonObject } from '../../runtime/json.ts'
import type { Store } from '../../runtime/store/port.ts'
import type { Handlers } from './handler.ts'

export interface AccessServices {
  access: Access
  egress: Pick<Egress, 'allow' | 'allowed'>
  store: Pick<Store, 'in'>
  usage(): Promise<{ documents: number; log: number; blobs: number }>
  sandbox: { mode: string; missing: string[] }
  version: string
  /** Whether the owner may allow addresses here, without the operator. */
  singleUser: boolean
}

export function accessHandlers(services: AccessServices): Handlers<keyof typeof accessOperations> {
  const { access, egress, store } = services
  return {
    async getMe({ actor }) {
      const workspaces = actor.platformOwner ? await access.findWorkspaces(actor) : []
      const workspace = workspaces.find((w) => w.id === actor.workspace) ?? {
        id: actor.workspace,
        name: actor.workspace,
        createdAt: 0,
      }
      const { member, name, role, rights, platformOwner } = actor
      return { member, name, role, scopes: rights, workspace, platformOwner }
    },
    async findWorkspaces({ actor, query }) {
      const all = await access.findWorkspaces(actor)
      const start = query.cursor ? all.findIndex((w) => w.id === query.cursor) + 1 : 0
      const items = all.slice(start, start + (query.limit ?? 100))
      const last = items.at(-1)
      return { items, nextCursor: last && start + items.length < all.length ? last.id : null }
    },
    createWorkspace: ({ actor, body }) => access.createWorkspace(actor, body.name),
    findTokens: ({ actor, query }) => access.findTokens(actor.workspace, query),
    createToken: ({ actor, body }) => access.createToken(actor, body),
    deleteToken: ({ actor, params }) => access.deleteToken(actor.workspace, params.id),
    async getSettings({ actor }) {
      const [allowed, usage] = await Promise.all([egress.allowed(actor.workspace), services.usage()])
      return { egress: allowed, usage, sandbox: services.sandbox, version: services.version }
    },
    async putEgress({ actor, body }) {
      if (!services.singleUser)
        throw new AppError('forbidden', 'Here only the operator allows addresses, by SURICATE_EGRESS_ALLOW.')
      return { allow: await egress.allow(actor.workspace, body.allow) }
    },
    async findAudit({ actor, query }) {
      const page = await store.in(actor.workspace).find('audit', { sort: '-at', ...query })
      return {
        items: page.items.map((entry) => ({
          id: entry.id,
          at: Number(entry['at']),
          actor: String(entry['actor']),
          action: String(entry['action']),
          target: entry['target'] === null ? null : String(entry['target']),
          details: (entry['details'] ?? {}) as JsonObject,
        })),
        nextCursor: page.nextCursor,
      }
    },
  }
}
