/**
 * Migrations on MongoDB. One process at a time, under a lease in `migrations`, which ends by itself when the process
 * dies; the next one does the unfinished migration again.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../error.ts'
import type { JsonObject } from '../../json.ts'
import { checkFields, getCollection, toText, type Schema } from '../document.ts'
import { findPending, type Migration } from '../migrations.ts'
import type { MongoDatabase } from './database.ts'
import { readStored, type openDocuments } from './documents.ts'
import { toFields } from './expression.ts'
import { releaseLease, takeLease } from './lease.ts'
import { moveCommits, moveState } from './older.ts'

type Change = NonNullable<Migration['changes']>[string]
/** What a process that died leaves the next one to wait for. */
const leaseMs = 10_000
const renewMs = 2_500
const waitMs = 300_000
const renewEvery = 500

export async function getVersion(db: MongoDatabase, migrations: readonly Migration[]): Promise<number> {
  const meta = db.collection<{ _id: string; value: number }>('meta')
  const version = (await db.read(() => meta.findOne({ _id: 'schema' })))?.value ?? 0
  findPending(migrations, version)
  return version
}

/** The versions that this process applied. */
export async function applyMigrations(
  db: MongoDatabase,
  documents: ReturnType<typeof openDocuments>,
  schema: Schema,
  migrations: readonly Migration[],
): Promise<number[]> {
  const meta = db.collection<{ _id: string; value: number }>('meta')
  const owner = randomUUID()
  // Real time: the lease is between processes, whatever clock their stores were given.
  const renew = () => takeLease(db, 'migrations', 'schema', owner, Date.now(), leaseMs, {})
  const rewrite = async (name: string, change: Change): Promise<void> => {
    const collection = getCollection(schema, name)
    let done = 0
    for (const cursor = documents.of(name).find().sort({ _id: 1 }); ;) {
      const stored = await db.read(() => cursor.next())
      if (!stored) return
      if (++done % renewEvery === 0) await renew()
      const { revision: _, ...before } = readStored(stored)
      const after = change(before as JsonObject & { id: string })
      const place = { _id: stored._id, r: stored.r }
      if (!after) {
        await db.change(() => documents.of(name).deleteOne(place))
        continue
      }
      const { id: _id, revision: _revision, ...rest } = after
      checkFields(name, collection, rest)
      const d = toText(rest, stored.id)
      const set = { d, r: stored.r + 1, ...toFields(collection, JSON.parse(d) as JsonObject) }
      await db.change(() => documents.of(name).updateOne(place, { $set: set }))
    }
  }
  if (findPending(migrations, await getVersion(db, migrations)).length === 0) return []
  let lease = await renew()
  for (const limit = Date.now() + waitMs; !lease; lease = await renew()) {
    if (Date.now() > limit)
      throw new AppError('unavailable', 'Another process is still migrating the database.')
    await sleep(100)
  }
  // a lease that was lost meanwhile is noticed by the renewals between the parts
  const renewal = setInterval(() => void renew().catch(() => undefined), renewMs)
  try {
    const from = await getVersion(db, migrations)
    const pending = findPending(migrations, from)
    if (from > 0) {
      await moveCommits(db, renew)
      await moveState(db, renew)
    }
    for (const migration of pending) {
      for (const [name, change] of Object.entries(migration.changes ?? {})) await rewrite(name, change)
      // of a new database the last one alone
      if (from === 0 && migration !== pending.at(-1)) continue
      const set = { $set: { value: migration.version } }
      await db.change(() => meta.updateOne({ _id: 'schema' }, set, { upsert: true }))
      await renew()
    }
    return pending.map(({ version }) => version)
  } finally {
    clearInterval(renewal)
    await releaseLease(db, 'migrations', 'schema', lease)
  }
}
