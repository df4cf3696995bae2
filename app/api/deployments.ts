/** Deployments. A token that is confined to projects sees nothing of others. */
import type { Actor } from '../../runtime/access/actor.ts'
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
  type Named = { actor: Actor; params: { id: string } }
  /** One call for a deployment that the token sees. */
  const seen = async <T>(
    { actor, params }: Named,
    call: (workspace: string, id: string) => Promise<T>,
  ): Promise<T> => {
    await deployments.check(actor.workspace, params.id, actor.projects)
    return call(actor.workspace, params.id)
  }
  return {
    findDeployments: ({ actor, query }) => deployments.find(actor.workspace, query, actor.projects),
    createDeployment: ({ actor, body }) => deployments.create(actor.workspace, body, actor.projects),
    getDeployment: (call) => seen(call, (...named) => deployments.get(...named)),
    pauseDeployment: (call) => seen(call, (...named) => deployments.pause(...named)),
    resumeDeployment: (call) => seen(call, (...named) => deployments.resume(...named)),
    drainDeployment: (call) => seen(call, (...named) => deployments.drain(...named)),
    moveDeployment: (call) => seen(call, (...named) => deployments.move(...named)),
    deleteDeployment: (call) => seen(call, (...named) => deployments.delete(...named)),
    findRows: (call) =>
      seen(call, (workspace, id) => {
        const { from, to, ...page } = call.query
        return deployments.rows(workspace, id, {
          ...page,
          ...(from !== undefined && { from: toTime(from) }),
          ...(to !== undefined && { to: toTime(to) }),
        })
      }),
    findLateMessages: (call) => seen(call, (...named) => deployments.late(...named, call.query)),
    getDeploymentEvents: (call) =>
      seen(call, (workspace, id) =>
        Promise.resolve(
          eventStream(call, (_, signal) => followDeployment({ deployments, bus }, workspace, id, signal)),
        ),
      ),
  }
}
