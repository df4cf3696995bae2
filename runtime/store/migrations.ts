/**
 * The schema's version and how to reach it. A migration changes documents, one at a time, in the same words for both
 * adapters; tables and indexes follow collections.ts by themselves. It must be repeatable: a process that dies in the
 * middle starts it again. Versions are dense from 1 and never change once released.
 */
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'

export interface Migration {
  version: number
  name: string
  /** Collections with what becomes of each document; null: it goes. */
  changes?: { [collection: string]: (document: JsonObject & { id: string }) => JsonObject | null }
}
export const migrations: readonly Migration[] = [
  { version: 1, name: 'the first release' },
  { version: 2, name: 'commits on MongoDB lie in the order of their ids' },
  { version: 3, name: 'the state of deployments on MongoDB lies in runs' },
]

/** What is to do from `current`; unsupported when the data is newer than this program. */
export function findPending(all: readonly Migration[], current: number): Migration[] {
  const newest = all.at(-1)?.version ?? 0
  if (current > newest)
    throw new AppError(
      'unsupported',
      `The data has schema version ${current}, this program knows ${newest} at most. Use the newer program, or restore a backup.`,
      { current, newest },
    )
  return all.filter((migration) => migration.version > current)
}
