/** App views and their links. What is under /apps goes by the session's own secret, and by nothing else. */
import type { Actor } from '../../runtime/access/actor.ts'
import type { Shares, ShareRecord } from '../../runtime/access/shares.ts'
import { appHeader, type appOperations, type Share } from '../../runtime/api/apps.ts'
import type { Apps } from '../../runtime/app/apps.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import { eventStream } from './events.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function appHandlers(services: {
  apps: Apps
  shares: Shares
  notebooks: Notebooks
}): Handlers<keyof typeof appOperations> {
  const { apps, shares, notebooks } = services
  const see = async (actor: Actor, id: string): Promise<void> =>
    checkSeen(actor, (await notebooks.get(actor.workspace, id)).project, 'notebook', id)
  const toShare = ({ workspace: _, ...share }: ShareRecord): Share => ({
    ...share,
    sessions: apps.count(share.id),
  })
  const secretOf = (request: Request): string => (request.headers.get(appHeader) ?? '').slice(0, 200)

  return {
    createShare: async ({ actor, params: { id }, body: { name, version, days } }) => {
      await see(actor, id)
      const pinned = await notebooks.versionFor(actor.workspace, id, version)
      const { share, secret } = await shares.create(actor.workspace, {
        notebook: id,
        name,
        version: pinned.version,
        createdBy: actor.name,
        days,
      })
      return { share: toShare(share), secret, path: `/shared/${share.id}#${secret}` }
    },
    findShares: async ({ actor, params: { id }, query }) => {
      await see(actor, id)
      const { items, nextCursor } = await shares.find(actor.workspace, id, query)
      return { items: items.map(toShare), nextCursor }
    },
    deleteShare: async ({ actor, params: { id } }) => {
      const share = await shares.get(actor.workspace, id)
      if (actor.projects) await see(actor, share.notebook)
      await shares.delete(actor.workspace, id)
      apps.forget(id)
    },
    openSharedApp: ({ params: { id }, body }) => apps.openShared(id, body.secret),
    openApp: async ({ actor, params: { id }, body: { version } }) => {
      await see(actor, id)
      return apps.open(actor.workspace, id, version)
    },
    getApp: async ({ params: { id }, request }) => apps.view(id, secretOf(request)),
    runApp: async ({ params: { id }, body, request }) => apps.run(id, secretOf(request), body.parameters),
    setAppInput: async ({ params: { id }, body, request }) => apps.setInput(id, secretOf(request), body),
    interruptApp: async ({ params: { id }, request }) => apps.interrupt(id, secretOf(request)),
    getAppEvents: async (call) => {
      const { params, request, lastEventId } = call
      const last = lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0
      const secret = secretOf(request)
      // A wrong secret is an answer, and no stream that fails.
      await apps.view(params.id, secret)
      return eventStream(call, (_, signal) => apps.events(params.id, secret, last, signal))
    },
    closeApp: async ({ params: { id }, request }) => apps.close(id, secretOf(request)),
  }
}
