/** Leases in a collection of heads `{_id, epoch, owner, until}`: a takeover grows the epoch, the same owner keeps it. */
import type { Lease } from '../log.ts'
import { isDuplicate, type MongoDatabase } from './database.ts'

export interface LeaseHead {
  _id: string
  epoch: number
  owner: string | null
  until: number
}
export async function takeLease(
  db: MongoDatabase,
  heads: string,
  id: string,
  owner: string,
  now: number,
  ttlMs: number,
  first: object,
): Promise<Lease | undefined> {
  const collection = db.collection<LeaseHead>(heads)
  const until = now + ttlMs
  for (let i = 0; i < 5; i++) {
    const after = { returnDocument: 'after' as const }
    const renewed = await db.change(() =>
      collection.findOneAndUpdate({ _id: id, owner }, { $set: { until } }, after),
    )
    if (renewed) return { owner, epoch: renewed.epoch, until }
    const taken = await db.change(() =>
      collection.findOneAndUpdate(
        { _id: id, $or: [{ owner: null }, { until: { $lte: now } }] },
        { $set: { owner, until }, $inc: { epoch: 1 } },
        after,
      ),
    )
    if (taken) return { owner, epoch: taken.epoch, until }
    if (await db.read(() => collection.findOne({ _id: id }))) return undefined
    try {
      await db.change(() => collection.insertOne({ _id: id, epoch: 1, owner, until, ...first }))
      return { owner, epoch: 1, until }
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
  }
  return undefined
}
export async function releaseLease(
  db: MongoDatabase,
  heads: string,
  id: string,
  lease: Lease,
): Promise<void> {
  await db.change(() =>
    db
      .collection<LeaseHead>(heads)
      .updateOne({ _id: id, owner: lease.owner, epoch: lease.epoch }, { $set: { owner: null, until: 0 } }),
  )
}
