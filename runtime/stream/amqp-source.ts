import { openConnection } from '../amqp/connection.ts'
import { openConsumer, type ConsumerState } from '../amqp/consumer.ts'
import { deleteQueue } from '../amqp/topology.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { StoredStream } from './definition.ts'
import { createDurable } from './durable.ts'
import { toDead, toRecords, type Received, type Record } from './record.ts'
import type { OpenSource, SourceDeps, StreamState } from './source.ts'

const maxRecords = 5000
const states: { [S in ConsumerState]: StreamState } = {
  starting: 'starting',
  consuming: 'consuming',
  backoff: 'backoff',
  misconfigured: 'misconfigured',
  stopped: 'stopped',
}

/** The queue that Suricate declares for a stream which names an exchange. */
export function toQueueName(workspace: string, stream: string): string {
  return `suricate.${workspace}.${stream}`
}

export const openAmqpSource: OpenSource = (given, deps) => {
  let stream = given
  const { source } = given
  if (source.type !== 'amqp') throw new TypeError('An AMQP source needs an AMQP definition.')
  let state: StreamState = 'starting'
  let lastError: string | null = null
  let trouble: string | null = null
  const stopping = new AbortController()
  const durable = createDurable({
    log: deps.store.log,
    stream: given.id,
    owner: deps.owner,
    clock: deps.clock,
    onStored: deps.onStored,
    onTrouble(message) {
      if (trouble === message) return
      trouble = message
      deps.onChange()
    },
  })
  const bindings = (source.routingKeys ?? []).map((routingKey) => ({
    exchange: source.exchange ?? '',
    routingKey,
  }))
  const notes: JsonObject = source.exchange === undefined ? {} : { bindings }
  const declared = {
    queue: toQueueName(deps.store.workspace, given.id),
    exchange: source.exchange ?? '',
    routingKeys: source.routingKeys ?? [],
    oldBindings: [] as { exchange: string; routingKey: string }[],
  }
  const consumer = openConsumer({
    connection: { url: source.url, ca: source.ca, resolve: deps.resolve, name: `suricate ${given.id}` },
    source:
      source.queue === undefined ? declared : { queue: source.queue, share: source.shareQueue ?? false },
    async ready(signal) {
      const ready = await durable.ready(signal)
      declared.oldBindings = toBindings(ready.notes.bindings)
      return { clean: ready.clean, offset: toOffset(ready.head.source) }
    },
    async write(batch, signal, turn) {
      const receivedAt = deps.clock.now()
      const parts: { records: Record[]; offset: number | null }[] = []
      let part: (typeof parts)[number] | undefined
      for (const one of batch) {
        const found = toBounded(stream, { ...one, bytes: one.content, receivedAt })
        if (!part || part.records.length + found.length > maxRecords)
          parts.push((part = { records: [], offset: null }))
        part.records.push(...found)
        part.offset = one.offset
      }
      await turn
      for (const [i, { records, offset }] of parts.entries())
        await durable.write(records, offset === null ? undefined : { offset }, signal, i > 0)
    },
    settled: () => durable.settled(notes),
    onState(next, error) {
      state = states[next]
      lastError = error ?? (next === 'starting' ? lastError : null)
      deps.onChange()
    },
  })
  return {
    update(next: StoredStream) {
      stream = next
    },
    report() {
      const { p50, p99 } = durable.commitMs()
      const { queueDepth, ...counters } = consumer.counters
      return {
        state,
        lastError: trouble ?? lastError,
        lag: queueDepth < 0 ? null : queueDepth + counters.unacknowledged,
        counters: { ...counters, ...durable.counters, queueDepth, commitP50Ms: p50, commitP99Ms: p99 },
      }
    },
    insert: (groups) => durable.insert(groups, stopping.signal),
    async stop() {
      stopping.abort()
      await consumer.stop()
      await durable.close()
    },
  }
}

/** All events of a message are stored in one step, so there is a bound to them. */
function toBounded(stream: StoredStream, received: Received): Record[] {
  const found = toRecords(stream, received)
  if (found.length <= maxRecords) return found
  const reason = `The message has ${found.length} events; at most ${maxRecords} in one message.`
  return [toDead(stream, received, received.bytes, reason)]
}

function toOffset(source: Json): number | null {
  return isJsonObject(source) && typeof source.offset === 'number' ? source.offset : null
}

function toBindings(value: Json | undefined): { exchange: string; routingKey: string }[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one) =>
    isJsonObject(one) && typeof one.exchange === 'string' && typeof one.routingKey === 'string'
      ? [{ exchange: one.exchange, routingKey: one.routingKey }]
      : [],
  )
}

/** The queue that was declared for a stream goes with it; one of the user's stays as it is. */
export async function deleteDeclared(
  stream: StoredStream,
  deps: Pick<SourceDeps, 'store' | 'resolve'>,
): Promise<void> {
  const { source } = stream
  if (source.type !== 'amqp' || source.exchange === undefined) return
  const connection = await openConnection({
    url: source.url,
    ca: source.ca,
    resolve: deps.resolve,
    name: `suricate ${stream.id}`,
  })
  try {
    await deleteQueue(await connection.channel(), toQueueName(deps.store.workspace, stream.id))
  } finally {
    await connection.close()
  }
}
