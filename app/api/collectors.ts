import type { collectorOperations } from '../../runtime/api/collectors.ts'
import type { Collectors } from '../../runtime/collector/collectors.ts'
import { eventStream } from './events.ts'
import type { Handlers } from './handler.ts'

export function collectorHandlers({
  collectors,
}: {
  collectors: Collectors
}): Handlers<keyof typeof collectorOperations> {
  return {
    findCollectors: ({ actor, query }) => collectors.find(actor.workspace, query),
    putCollector: ({ actor, params, body }) => collectors.put(actor.workspace, params.id, body),
    deleteCollector: ({ actor, params }) => collectors.delete(actor.workspace, params.id),
    getCollectorEvents: async (call) => {
      const { actor, params } = call
      return eventStream(call, (_last, signal) => collectors.follow(actor.workspace, params.id, signal))
    },
    createCollectorJob: ({ actor, params, body }) =>
      collectors.send(actor.workspace, params.id, { ...body, by: actor.name }),
    cancelCollectorJob: ({ actor, params }) => collectors.cancel(actor.workspace, params.id, params.job),
    updateCollectorJob: ({ actor, params, body }) =>
      collectors.report(actor.workspace, params.id, params.job, body),
  }
}
