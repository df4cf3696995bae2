import type { deploymentOperations } from '../../runtime/api/deployments.ts'
import type { Bus } from '../../runtime/bus/port.ts'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import { followDeployment } from '../../runtime/deployment/follow.ts'
import { toTime } from '../../runtime/sdk/duration.ts'
import { eventStream } from './events.ts'
import type { Handlers } from './handler.ts'

export function deploymentHandlers({
  deployments,
  bus,
}: {
  deployments: Deployments
  bus: Bus
}): Handlers<keyof typeof deploymentOperations> {
  return {
    findDeployments: ({ actor, query }) => deployments.find(actor.workspace, query),
    createDeployment: ({ actor, body }) => deployments.create(actor.workspace, body),
    getDeployment: ({ actor, params }) => deployments.get(actor.workspace, params.id),
    pauseDeployment: ({ actor, params }) => deployments.pause(actor.workspace, params.id),
    resumeDeployment: ({ actor, params }) => deployments.resume(actor.workspace, params.id),
    drainDeployment: ({ actor, params }) => deployments.drain(actor.workspace, params.id),
    deleteDeployment: ({ actor, params }) => deployments.delete(actor.workspace, params.id),
    findRows: ({ actor, params, query: { from, to, ...page } }) =>
      deployments.rows(actor.workspace, params.id, {
        ...page,
        ...(from !== undefined && { from: toTime(from) }),
        ...(to !== undefined && { to: toTime(to) }),
      }),
    async getDeploymentEvents(call) {
      const { actor, params } = call
      // a missing one is an answer, not a stream that fails
      await deployments.get(actor.workspace, params.id)
      return eventStream(call, (_, signal) =>
        followDeployment({ deployments, bus }, actor.workspace, params.id, signal),
      )
    },
  }
}
