/** The MongoDB adapter: runs on a standalone server, a replica set, a sharded cluster and compatible servers, so it
 * uses single-document writes and unique indexes only. The folder holds the cache of blobs. */
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Clock } from '../../clock.ts'
import { collections } from '../collections.ts'
import { checkWorkspace, type Schema } from '../document.ts'
import { migrations as released, type Migration } from '../migrations.ts'
import type { Store } from '../port.ts'
import { openMongoBlobs } from './blobs.ts'
import { openMongoCommits } from './commits.ts'
import { openMongoDatabase } from './database.ts'
import { openDocuments } from './documents.ts'
import { openMongoLogs } from './log.ts'
import { getVersion } from './migration.ts'
import { openSystem } from './system.ts'

export interface MongoOptions {
  uri: string
  database: string
  data: string
  clock: Clock
  /** For tests. */
  schema?: Schema
  migrations?: readonly Migration[]
  killAt?: number
}
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { schema = collections, migrations = released, clock } = options
  const cache = resolve(options.data, 'cache')
  await mkdir(cache, { recursive: true })
  const db = openMongoDatabase(options.uri, options.database, options.killAt)
  try {
    await getVersion(db, migrations)
  } catch (error) {
    await db.close()
    throw error
  }
  const documents = openDocuments(db, schema)
  const logs = openMongoLogs(db)
  const commits = openMongoCommits(db)
  return {
    in: (workspace) => ({
      ...documents.in(checkWorkspace(workspace)),
      log: logs.in(workspace),
      commits: commits.in(workspace),
      blobs: openMongoBlobs(db, workspace, join(cache, workspace)),
    }),
    system: openSystem(db, documents, schema, migrations, clock),
    async close() {
      await commits.idle()
      await db.close()
    },
  }
}
