import type { Actions } from '../../runtime/action/actions.ts'
import type { actionOperations } from '../../runtime/api/actions.ts'
import type { Handlers } from './handler.ts'

export function actionHandlers({ actions }: { actions: Actions }): Handlers<keyof typeof actionOperations> {
  return {
    findActions: ({ actor, query }) => actions.find(actor.workspace, query),
    getAction: ({ actor, params }) => actions.get(actor.workspace, params.id),
    retryAction: ({ actor, params }) => actions.retry(actor.workspace, params.id),
    findAlerts: ({ actor, query }) => actions.alerts.find(actor.workspace, query),
    getAlert: ({ actor, params }) => actions.alerts.get(actor.workspace, params.id),
    acknowledgeAlert: ({ actor, params }) =>
      actions.alerts.acknowledge(actor.workspace, params.id, actor.name),
    resolveAlert: ({ actor, params }) => actions.alerts.resolve(actor.workspace, params.id),
  }
}
