/**
 * What a live page sees of a deployment: its state and its newest rows first, so that a client that comes back has
 * missed nothing that counts, then every event. A slow client loses the oldest waiting ones.
 */
import type { Bus } from '../bus/port.ts'
import type { Json } from '../json.ts'
import type { Deployments } from './deployments.ts'
import { toObject } from './shape.ts'

export interface DeploymentEvent {
  event: string
  data: unknown
}
const maxWaiting = 500
/** Of waiting outputs, which may have megabytes each. */
const maxWaitingBytes = 16_000_000
const firstRows = 100

export async function* followDeployment(
  { deployments, bus }: { deployments: Pick<Deployments, 'get' | 'rows'>; bus: Bus },
  workspace: string,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<DeploymentEvent> {
  const waiting: { data: Json; bytes: number }[] = []
  let bytes = 0
  const take = (): Json | undefined => {
    const first = waiting.shift()
    bytes -= first?.bytes ?? 0
    return first?.data
  }
  let more = Promise.withResolvers<void>()
  const unsubscribe = bus.subscribe(workspace, `deployments/${id}`, ({ data }) => {
    const size = JSON.stringify(data).length
    waiting.push({ data, bytes: size })
    bytes += size
    while (waiting.length > maxWaiting || (bytes > maxWaitingBytes && waiting.length > 1)) take()
    more.resolve()
  })
  const end = (): void => more.resolve()
  signal.addEventListener('abort', end, { once: true })
  try {
    yield { event: 'state', data: { deployment: await deployments.get(workspace, id) } }
    const { items } = await deployments.rows(workspace, id, { limit: firstRows })
    yield { event: 'rows', data: { rows: items.toReversed() } }
    while (!signal.aborted) {
      const next = take()
      if (next === undefined) {
        await more.promise
        more = Promise.withResolvers<void>()
        continue
      }
      const { type, ...data } = toObject(next)
      yield { event: String(type), data }
      if (type === 'deleted') return
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', end)
  }
}
