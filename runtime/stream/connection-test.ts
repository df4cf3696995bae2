import { openConnection, type ConnectionOptions } from '../amqp/connection.ts'
import { toFault } from '../amqp/fault.ts'
import { probe } from '../amqp/probe.ts'
import { makeQueue } from '../amqp/topology.ts'
import type { z } from 'zod'
import type { connectionTest, StreamDefinition } from '../api/streams.ts'
import type { Egress } from '../egress/port.ts'
import { AppError } from '../error.ts'
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
  const { sample, ...result } = await probe(toConnection(store, egress, source), source)
  const isMissing = !result.ok && source.queue !== undefined && /NOT_FOUND - no queue/.test(result.detail)
  return { ...result, sample: sample.map(toSample), ...(isMissing ? { missing: 'queue' } : {}) }
}

/** The queue that is named, where there is none of that name; what it finds there then. One that is there stays as it is. */
export async function makeDefinedQueue(
  store: WorkspaceStore,
  egress: Pick<Egress, 'resolve'>,
  definition: Pick<StreamDefinition, 'source'>,
): Promise<ConnectionTest> {
  const { source } = definition
  if (source.type !== 'amqp' || source.queue === undefined)
    throw new AppError('invalid', 'Name the queue to make.', { path: 'source.queue' })
  const found = await testDefinition(store, egress, definition)
  if (found.missing !== 'queue') return found
  const connection = await openConnection(toConnection(store, egress, source))
  try {
    await makeQueue(await connection.channel(), source.queue)
  } catch (error) {
    return { ...found, detail: toFault(error) }
  } finally {
    await connection.close()
  }
  return testDefinition(store, egress, definition)
}

function toConnection(
  store: WorkspaceStore,
  egress: Pick<Egress, 'resolve'>,
  { url, ca }: { url: string; ca?: string | undefined },
): ConnectionOptions {
  const resolve = (host: string, port: number) => egress.resolve(store.workspace, host, port)
  return { url, ca, resolve, name: 'suricate test' }
}

function toSample(bytes: Uint8Array): Json {
  const text = new TextDecoder().decode(bytes.subarray(0, 10_000))
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
