/** The overview, the workspace's live events, and what operators ask: health, readiness, metrics. */
import type { Registry } from 'prom-client'
import type { overviewOperations } from '../../runtime/api/overview.ts'
import type { Bus, Event } from '../../runtime/bus/port.ts'
import { isJsonObject } from '../../runtime/json.ts'
import type { Overviews } from '../../runtime/overview/overview.ts'
import { eventStream } from './events.ts'
import type { Handlers, ServerEvent } from './handler.ts'

export interface OverviewServices {
  overviews: Overviews
  bus: Bus
  metrics: Registry
  version: string
  ready(): Promise<{ [check: string]: { ok: boolean; detail: string } }>
  sdkTypes(): string
}
/** Of a slow client the oldest events go: it reads the store when it is told that something changed. */
const buffered = 200

export function overviewHandlers(
  services: OverviewServices,
): Omit<Handlers<keyof typeof overviewOperations>, 'getOpenApi'> {
  return {
    async getOverview({ actor }) {
      const overview = await services.overviews.get(actor.workspace)
      // its entries name what lies in other projects
      return actor.projects ? { ...overview, timeline: [] } : overview
    },
    getEvents: ({ actor, signal, release }) =>
      Promise.resolve(
        eventStream({ signal, lastEventId: null, release }, (_, ended) =>
          follow(services.bus, actor.workspace, ended, actor.projects !== null),
        ),
      ),
    getHealth: () => Promise.resolve({ status: 'ok' as const, version: services.version }),
    async getReady() {
      const checks = await services.ready()
      const ok = Object.values(checks).every((check) => check.ok)
      return {
        status: ok ? 200 : 503,
        value: { status: ok ? ('ok' as const) : ('degraded' as const), checks },
      }
    },
    async getMetrics() {
      const text = await services.metrics.metrics()
      return new Response(text, { headers: { 'content-type': services.metrics.contentType } })
    },
    getSdkTypes: () =>
      Promise.resolve(
        new Response(services.sdkTypes(), { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
      ),
  }
}

/** `confined`: only that something changed, since the rest may be of projects that the token does not see. */
async function* follow(
  bus: Bus,
  workspace: string,
  signal: AbortSignal,
  confined: boolean,
): AsyncGenerator<ServerEvent> {
  const queue: Event[] = []
  let wake = () => {}
  const unsubscribe = bus.subscribe(workspace, '', (event) => {
    queue.push(confined || isBulky(event) ? { topic: event.topic, data: null } : event)
    if (queue.length > buffered) queue.shift()
    wake()
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const event = queue.shift()
      if (event) yield { event: 'change', data: event }
      else
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted || queue.length > 0) resolve()
        })
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', onAbort)
  }
}
/** Outputs and rows of a deployment may have megabytes; who wants them follows the deployment. */
function isBulky({ topic, data }: Event): boolean {
  return (
    topic.startsWith('deployments/') &&
    isJsonObject(data) &&
    (data['type'] === 'output' || data['type'] === 'rows')
  )
}
