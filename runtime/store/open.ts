/** Opens the store that the configuration names: MongoDB with an address, a folder with SQLite without. */
import { systemClock, type Clock } from '../clock.ts'
import type { Schema } from './document.ts'
import type { Migration } from './migrations.ts'
import { openMongoStore } from './mongo/store.ts'
import type { Store } from './port.ts'
import { openSqliteStore } from './sqlite/store.ts'

export interface StoreConfig {
  /** Folder of the files; with MongoDB only of the cache of blobs. */
  data: string
  mongoUri?: string | undefined
  mongoDatabase?: string | undefined
  clock?: Clock | undefined
  /** For tests: other collections, a module that exports other `migrations`, and a process that dies before its
   * n-th change. */
  schema?: Schema
  migrationsModule?: string
  killAt?: number
}

/** Refuses data of a newer schema (unsupported). `store.system.migrate()` comes next. */
export async function openStore(config: StoreConfig): Promise<Store> {
  const { mongoUri, mongoDatabase = 'suricate', clock = systemClock, ...rest } = config
  if (mongoUri === undefined) return openSqliteStore({ ...rest, clock })
  const { migrationsModule, ...more } = rest
  const given = migrationsModule
    ? ((await import(migrationsModule)) as { migrations: readonly Migration[] })
    : {}
  return openMongoStore({ ...more, ...given, uri: mongoUri, database: mongoDatabase, clock })
}
