/** Triggers, their firings, and the paths that call them. */
import type { Actor } from '../../runtime/access/actor.ts'
import type { Trigger, triggerOperations } from '../../runtime/api/triggers.ts'
import { AppError, isAppError } from '../../runtime/error.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Triggers } from '../../runtime/run/triggers.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

type Named = { spec?: Trigger['spec'] | undefined; onFailure?: Trigger['onFailure'] | undefined }

export function triggerHandlers(services: {
  triggers: Triggers
  notebooks: Notebooks
}): Handlers<keyof typeof triggerOperations> {
  const { triggers, notebooks } = services
  const seeNotebook = async (actor: Actor, id: string): Promise<void> => {
    if (!actor.projects) return
    checkSeen(actor, (await notebooks.get(actor.workspace, id)).project, 'notebook', id)
  }
  /** The notebooks that it names: one that is confined sees no run of another project. */
  const seeNamed = async (actor: Actor, { spec, onFailure }: Named): Promise<void> => {
    if (onFailure) await seeNotebook(actor, onFailure.notebook)
    if (spec?.type !== 'run' || !actor.projects) return
    if (spec.notebook === undefined)
      throw new AppError('forbidden', 'A token of one project names the notebook whose runs it waits for.', {
        path: 'spec.notebook',
      })
    await seeNotebook(actor, spec.notebook)
  }
  const seesTrigger = async (actor: Actor, { notebook }: Trigger): Promise<boolean> => {
    try {
      await seeNotebook(actor, notebook)
      return true
    } catch (error) {
      if (isAppError(error, 'not-found')) return false
      throw error
    }
  }
  const seeTrigger = async (actor: Actor, id: string): Promise<Trigger> => {
    const trigger = await triggers.get(actor.workspace, id)
    if (!(await seesTrigger(actor, trigger))) checkSeen(actor, '', 'trigger', id)
    return trigger
  }
  const keyOf = (request: Request): string | undefined =>
    request.headers.get('idempotency-key')?.slice(0, 200) ?? undefined

  return {
    findTriggers: async ({ actor, query }) => {
      const page = await triggers.find(actor.workspace, query)
      const seen = await Promise.all(page.items.map((trigger) => seesTrigger(actor, trigger)))
      return { items: page.items.filter((_, i) => seen[i]), nextCursor: page.nextCursor }
    },
    createTrigger: async ({ actor, body }) => {
      await seeNotebook(actor, body.notebook)
      await seeNamed(actor, body)
      return triggers.create(actor.workspace, body)
    },
    getTrigger: ({ actor, params: { id } }) => seeTrigger(actor, id),
    updateTrigger: async ({ actor, params: { id }, body, revision }) => {
      await seeTrigger(actor, id)
      await seeNamed(actor, body)
      return triggers.update(actor.workspace, id, body, revision)
    },
    deleteTrigger: async ({ actor, params: { id } }) => {
      await seeTrigger(actor, id)
      return triggers.delete(actor.workspace, id)
    },
    fireTrigger: async ({ actor, params: { id }, body, request }) => {
      await seeTrigger(actor, id)
      const by = request.headers.has('authorization') ? ('api' as const) : ('person' as const)
      return triggers.call(actor.workspace, id, { ...body, key: keyOf(request), by })
    },
    findFirings: async ({ actor, params: { id }, query }) => {
      await seeTrigger(actor, id)
      return triggers.firings(actor.workspace, id, query)
    },
    createTriggerToken: async ({ actor, params: { id } }) => {
      await seeTrigger(actor, id)
      const token = await triggers.createToken(actor.workspace, id)
      return { token, path: `/api/v1/hooks/${token}` }
    },
    callHook: async ({ params: { token }, body, request }) => {
      const { id } = await triggers.callHook(token, { ...body, key: keyOf(request) })
      return { firing: id }
    },
    previewSchedule: ({ query: { cron, zone, count } }) =>
      Promise.resolve({ times: triggers.preview(cron, zone, count) }),
  }
}
