/** Who has a notebook open. */
import type { presenceOperations } from '../../runtime/api/presence.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Presence } from '../../runtime/run/presence.ts'
import type { Actor } from '../../runtime/access/actor.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function presenceHandlers(services: {
  presence: Presence
  notebooks: Notebooks
}): Handlers<keyof typeof presenceOperations> {
  const { presence, notebooks } = services
  const see = async (actor: Actor, id: string): Promise<void> => {
    checkSeen(actor, (await notebooks.get(actor.workspace, id)).project, 'notebook', id)
  }
  return {
    findPresence: async ({ actor, params: { id } }) => {
      await see(actor, id)
      return { people: presence.find(actor.workspace, id) }
    },
    putPresence: async ({ actor, params: { id }, body, request }) => {
      await see(actor, id)
      const { tab, cell, gone } = body
      const { workspace, member, name } = actor
      if (gone) return { people: presence.leave(workspace, id, { tab, member }) }
      // A page signs in by cookie, a program by token.
      const kind = request.headers.has('authorization') ? ('token' as const) : ('person' as const)
      return { people: presence.see(workspace, id, { tab, member, name, kind, cell }) }
    },
  }
}
