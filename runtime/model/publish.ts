/**
 * Versions that a deployment published with its commit, from the outbox into the registry. The id of a version follows
 * from the entry's, so that an entry which is taken twice gives one version.
 */
import { digest } from '../action/entry.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import type { OutboxEntry } from '../store/log.ts'
import { encodeArtifact } from './artifact.ts'
import type { Models } from './models.ts'

export type Publish = (workspace: string, entry: OutboxEntry) => Promise<void>

export function createPublish(models: Pick<Models, 'save'>): Publish {
  const toObject = (value: unknown): JsonObject =>
    isJsonObject(value as JsonObject) ? (value as JsonObject) : {}
  return async (workspace, { id, body }) => {
    const lineage = toObject(body.lineage)
    await models.save(workspace, {
      id: `mver_${digest([id])}`,
      name: String(body.name),
      kind: 'learned',
      artifact: encodeArtifact(body.model),
      metrics: toObject(body.metrics),
      lineage: { ...lineage, parameters: {}, objects: [] },
      by: String(lineage.deployment ?? lineage.run ?? lineage.notebook),
      ...(typeof body.alias === 'string' && { alias: body.alias }),
    })
  }
}
