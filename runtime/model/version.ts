/** A model and its versions as they are stored and as they are told; what a reference to one means. Pure. */
import type { Model, ModelVersion } from '../api/models.ts'
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Document } from '../store/port.ts'

export type AliasMove = Model['history'][number]

export function toVersion(document: Document): ModelVersion {
  const found = document as unknown as ModelVersion & { name: string }
  return {
    model: found.name,
    version: found.version,
    kind: found.kind,
    sha256: found.sha256,
    bytes: found.bytes,
    signature: found.signature,
    metrics: found.metrics,
    baseline: found.baseline,
    lineage: found.lineage,
    cost: found.cost,
    createdAt: found.createdAt,
  }
}
export function toModel(document: Document, versions: ModelVersion[]): Model {
  const found = document as unknown as Model
  return {
    id: found.id,
    name: found.name,
    aliases: found.aliases,
    history: found.history,
    versions,
    createdAt: found.createdAt,
    updatedAt: found.updatedAt,
    revision: found.revision,
  }
}

/** `name`, `name@alias` or `name@3`; the part after the last @ counts. Without it: champion. */
export function parseReference(
  reference: string,
): { name: string; version: number } | { name: string; alias: string } {
  const at = reference.lastIndexOf('@')
  if (at <= 0) return { name: reference, alias: 'champion' }
  const [name, which] = [reference.slice(0, at), reference.slice(at + 1)]
  if (/^[1-9]\d{0,9}$/.test(which)) return { name, version: Number(which) }
  checkAlias(which)
  return { name, alias: which }
}
export function checkAlias(alias: string): void {
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(alias))
    throw new AppError(
      'invalid',
      `"${alias}" is no alias: lower-case letters, digits and dashes, a letter first, such as champion.`,
    )
}

const maxMoves = 2000
/** The model's document after an alias moved. */
export function moveAlias(
  model: { aliases: { [alias: string]: number }; history: AliasMove[] },
  move: AliasMove,
): { aliases: JsonObject; history: JsonObject[] } {
  return {
    aliases: { ...model.aliases, [move.alias]: move.version },
    history: [...model.history, move].slice(-maxMoves) as unknown as JsonObject[],
  }
}
/** Which version an alias named at a time; undefined before its first move. */
export function versionAt(history: AliasMove[], alias: string, at: number): number | undefined {
  return history.findLast((move) => move.alias === alias && move.at <= at)?.version
}
