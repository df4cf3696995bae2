import { probe } from '../amqp/probe.ts'
import type { z } from 'zod'
import type { connectionTest, StreamDefinition } from '../api/streams.ts'
import type { Egress } from '../egress/port.ts'
import type { Json } from '../json.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { parseJson } from './format/json.ts'

export type ConnectionTest = z.input<typeof connectionTest>

/** What a definition finds at its source. Nothing is taken from a queue. */
export async function testDefinition(
  store: WorkspaceStore,
  egress: Pick<Egress, 'resolve'>,
  definition: Pick<StreamDefinition, 'source'>,
): Promise<ConnectionTest> {
  const { source } = definition
  const nothing = { messages: null, consumers: null, queueType: null, sample: [] }
  if (source.type === 'http')
    return { ok: true, detail: 'Push to it with POST /streams/{id}/messages.', ...nothing }
  if (source.type === 'simulator') {
    const found =
      (await store.maybe('objects', source.object)) ??
      (await store.find('objects', { filter: { name: source.object }, limit: 1 })).items[0]
    return found
      ? { ok: true, detail: `The object "${String(found.name)}" is there.`, ...nothing }
      : { ok: false, detail: `There is no object "${source.object}" to replay.`, ...nothing }
  }
  const resolve = (host: string, port: number) => egress.resolve(store.workspace, host, port)
  const { sample, ...result } = await probe(
    { url: source.url, ca: source.ca, resolve, name: 'suricate test' },
    source,
  )
  return { ...result, sample: sample.map(toSample) }
}

function toSample(bytes: Uint8Array): Json {
  const text = new TextDecoder().decode(bytes.subarray(0, 10_000))
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
