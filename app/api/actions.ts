import type { Actions } from '../../runtime/action/actions.ts'
import type { actionOperations } from '../../runtime/api/actions.ts'
import type { Instants } from '../../runtime/deployment/instants.ts'
import { openInstantNotebook } from '../../runtime/project/instant-notebook.ts'
import type { Notebooks } from '../../runtime/project/notebooks.ts'
import type { Handlers } from './handler.ts'

export function actionHandlers({
  actions,
  instants,
  notebooks,
}: {
  actions: Actions
  instants: Instants
  notebooks: Notebooks
}): Handlers<keyof typeof actionOperations> {
  const { alerts } = actions
  return {
    findActions: ({ actor, query }) => actions.find(actor.workspace, query, actor.projects),
    getAction: ({ actor, params }) => actions.get(actor.workspace, params.id, actor.projects),
    getInstant: async ({ actor, params }) => {
      await actions.get(actor.workspace, params.id, actor.projects)
      return instants.tell(actor.workspace, params.id)
    },
    openInstant: async ({ actor, params }) => {
      await actions.get(actor.workspace, params.id, actor.projects)
      return openInstantNotebook({ instants, notebooks }, actor.workspace, params.id)
    },
    retryAction: ({ actor, params }) => actions.retry(actor.workspace, params.id, actor.projects),
    findAlerts: ({ actor, query }) => alerts.find(actor.workspace, query, actor.projects),
    getAlert: ({ actor, params }) => alerts.get(actor.workspace, params.id, actor.projects),
    acknowledgeAlert: ({ actor, params }) =>
      alerts.acknowledge(actor.workspace, params.id, actor.name, actor.projects),
    resolveAlert: ({ actor, params }) => alerts.resolve(actor.workspace, params.id, actor.projects),
  }
}
