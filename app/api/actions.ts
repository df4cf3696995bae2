import type { Actions } from '../../runtime/action/actions.ts'
import type { actionOperations } from '../../runtime/api/actions.ts'
import type { Handlers } from './handler.ts'

export function actionHandlers({ actions }: { actions: Actions }): Handlers<keyof typeof actionOperations> {
  const { alerts } = actions
  return {
    findActions: ({ actor, query }) => actions.find(actor.workspace, query, actor.projects),
    getAction: ({ actor, params }) => actions.get(actor.workspace, params.id, actor.projects),
    retryAction: ({ actor, params }) => actions.retry(actor.workspace, params.id, actor.projects),
    findAlerts: ({ actor, query }) => alerts.find(actor.workspace, query, actor.projects),
    getAlert: ({ actor, params }) => alerts.get(actor.workspace, params.id, actor.projects),
    acknowledgeAlert: ({ actor, params }) =>
      alerts.acknowledge(actor.workspace, params.id, actor.name, actor.projects),
    resolveAlert: ({ actor, params }) => alerts.resolve(actor.workspace, params.id, actor.projects),
  }
}
