/** What reaches across workspaces on MongoDB: migrations and indexes, workspaces, tokens, due work, expiry. */
import type { Clock } from '../../clock.ts'
import { AppError } from '../../error.ts'
import { toClaim } from '../claim.ts'
import { checkWorkspace, getCollection, type Schema } from '../document.ts'
import type { Migration } from '../migrations.ts'
import type { SystemStore } from '../port.ts'
import { isDuplicate, type MongoDatabase } from './database.ts'
import { readStored, type openDocuments } from './documents.ts'
import { fieldPath, indexesOf, whereOf } from './expression.ts'
import { applyMigrations, getVersion } from './migration.ts'
import { versioned } from './version.ts'

interface WorkspaceRecord {
  _id: string
  name: string
  createdAt: number
}
const otherIndexes: { [collection: string]: { [field: string]: 1 }[] } = {
  logBatches: [
    { k: 1, maxEt: 1, minEt: 1 },
    { k: 1, maxAt: 1, minAt: 1 },
  ],
}

export function openSystem(
  db: MongoDatabase,
  documents: ReturnType<typeof openDocuments>,
  schema: Schema,
  migrations: readonly Migration[],
  clock: Clock,
): SystemStore {
  const workspaces = db.collection<WorkspaceRecord>('workspaces')

  return {
    async createWorkspace({ id, name, createdAt }) {
      checkWorkspace(id)
      try {
        await db.change(() => workspaces.insertOne({ _id: id, name, createdAt }))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new AppError('conflict', `There is already a workspace ${id}.`)
      }
    },
    async findWorkspaces() {
      const found = await db.read(() => workspaces.find().sort({ _id: 1 }).toArray())
      return found.map(({ _id, name, createdAt }) => ({ id: _id, name, createdAt }))
    },
    async resolveToken(hash) {
      const found = await db.read(() =>
        documents.of('tokens').findOne({ w: 'tenant0', [fieldPath('hash')]: hash }),
      )
      return found ? readStored(found) : undefined
    },
    async claimDue(name, claim) {
      const { terms, sort } = toClaim(name, getCollection(schema, name), claim)
      const patch = { set: { leaseOwner: claim.owner, leaseUntil: claim.until } }
      return documents.takeFirst(name, whereOf(terms), sort, patch)
    },
    async expire(now) {
      let gone = 0
      for (const [name, collection] of Object.entries(schema))
        for (const index of collection.indexes)
          for (const field of index.expires ? index.fields : []) {
            const result = await db.change(() =>
              documents.of(name).deleteMany({ [fieldPath(field)]: { $lt: now } }),
            )
            gone += result.deletedCount
          }
      return gone
    },
    async migrate() {
      await getVersion(db, migrations)
      await Promise.all([
        ...Object.entries(schema)
          .map(([name, collection]) => ({ name, indexes: indexesOf(collection) }))
          .filter(({ indexes }) => indexes.length > 0)
          .map(({ name, indexes }) => db.change(() => documents.of(name).createIndexes(indexes))),
        ...Object.entries(otherIndexes).map(([name, keys]) =>
          db.change(() => db.collection(name).createIndexes(keys.map((key) => ({ key })))),
        ),
      ])
      await db.change(() =>
        workspaces.updateOne(
          { _id: 'tenant0' },
          { $setOnInsert: { name: 'tenant0', createdAt: clock.now() } },
          { upsert: true },
        ),
      )
      return applyMigrations(db, documents, schema, migrations)
    },
    async usage() {
      const sizeOf = async (names: string[]): Promise<number> => {
        let sum = 0
        for (const name of names) {
          const stats = await db.command({ collStats: name }).catch((error: unknown) => {
            if (error instanceof AppError) throw error
            return {} // a collection that does not exist yet
          })
          sum += Number((stats as { storageSize?: number }).storageSize ?? 0)
        }
        return sum
      }
      const [documentBytes, log, blobs] = await Promise.all([
        sizeOf([...Object.keys(schema).map((name) => `c_${name}`), ...versioned, 'commitIntents']),
        sizeOf(['logBatches', 'logBodies.chunks']),
        sizeOf(['blobFiles.chunks']),
      ])
      return { documents: documentBytes, log, blobs }
    },
  }
}
