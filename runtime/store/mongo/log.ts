/**
 * The message log on MongoDB: a document per batch, whose unique id is stream and first seq, and a head per stream
 * with lease and `firstSeq`. Two owners cannot interleave: before a new owner's lease is given out, a *fence* (an
 * empty batch with the new epoch) takes the id that the next batch would have; the old owner's insert fails on it,
 * and only a writer of the fence's epoch may replace it. A takeover of a takeover raises the fence's epoch. Trimming
 * frees ids far in the past, so an append also reads the head afterwards, and takes back what lies below `firstSeq`
 * (which readers do not see). The newest batch is never trimmed away: it carries the head on.
 *
 * An insert whose answer was lost may have happened: the next attempt with the same messages at the same place finds
 * its own batch and takes it for the answer.
 */
import { createHash } from 'node:crypto'
import { AppError, isAppError } from '../../error.ts'
import type { Lease, MessageLog, NewMessage } from '../log.ts'
import { checkBatch, checkStream, checkTtl, fenced } from '../message.ts'
import { batchId, noneCarried, toBatch, toFence, type Batch, type Carried, type LogHead } from './batch.ts'
import { isDuplicate, type MongoDatabase } from './database.ts'
import { releaseLease, takeLease } from './lease.ts'
import { openLogReader } from './log-reader.ts'
import { openTurns } from './turns.ts'

/** Where an owner writes next. */
interface End {
  owner: string
  leaseEpoch: number
  epoch: number
  /** Written with the lease of `ID`, which is looked at before each batch. */
  byParent: boolean
  next: number
  /** The fence at `next` is ours to replace. */
  fence: boolean
  carried: Carried
  /** Of the batch whose answer was lost. */
  unsure?: string
}
const tries = 20
const inlineBytes = 8_000_000

export function openMongoLogs(db: MongoDatabase): { in(workspace: string): MessageLog } {
  const heads = db.collection<LogHead>('logHeads')
  const batches = db.collection<Batch>('logBatches')
  const ends = new Map<string, End>()
  const inTurn = openTurns()
  const newest = async (key: string): Promise<Batch | undefined> => {
    const range = { _id: { $gt: `${key}#`, $lt: `${key}$` } }
    const cursor = batches
      .find(range, { projection: { bodies: 0, names: 0, numbers: 0 } })
      .sort({ _id: -1 })
      .limit(1)
    return (await db.read(() => cursor.toArray()))[0]
  }
  const isHeld = async (key: string, lease: Lease): Promise<boolean> => {
    const head = await db.read(() => heads.findOne({ _id: key }))
    return head?.owner === lease.owner && head.epoch === lease.epoch
  }
  /** The epoch to write with: the lease's own, or for a sub-log the one that its parent's lease stands for. */
  const findEpoch = async (key: string, lease: Lease): Promise<{ epoch: number; byParent: boolean }> => {
    if (await isHeld(key, lease)) return { epoch: lease.epoch, byParent: false }
    const parent = parentOf(key)
    if (parent === undefined || !(await isHeld(parent, lease))) throw fenced(key)
    const known = {
      _id: key,
      $or: [{ parentEpoch: { $exists: false } }, { parentEpoch: { $lte: lease.epoch } }],
    }
    const change = { $set: { parentEpoch: lease.epoch }, $inc: { epoch: 1 } }
    for (let i = 0; i < tries; i++) {
      const head = await db.change(() => heads.findOneAndUpdate(known, change, { returnDocument: 'after' }))
      if (head) return { epoch: head.epoch, byParent: true }
      const made = { _id: key, epoch: 1, owner: null, until: 0, firstSeq: 1, parentEpoch: lease.epoch }
      try {
        await db.change(() => heads.insertOne(made))
        return { epoch: 1, byParent: true }
      } catch (error) {
        if (!isDuplicate(error)) throw error
        const head = await db.read(() => heads.findOne({ _id: key }))
        if ((head?.parentEpoch ?? 0) > lease.epoch) throw fenced(key)
      }
    }
    throw fenced(key)
  }
  /** Fences those of a lower epoch off, and finds the end. */
  const openEnd = async (key: string, lease: Lease): Promise<End> => {
    const found = await findEpoch(key, lease)
    const { epoch } = found
    const at = { owner: lease.owner, leaseEpoch: lease.epoch, ...found }
    for (let i = 0; i < tries; i++) {
      const last = await newest(key)
      if (last && last.epoch > epoch) throw fenced(key)
      const carried = last ? toCarried(last) : noneCarried
      if (last?.n === 0) {
        if (last.epoch === epoch) return { ...at, next: last.first, fence: true, carried }
        const raised = await db.change(() =>
          batches.updateOne({ _id: last._id, n: 0, epoch: last.epoch }, { $set: { epoch } }),
        )
        if (raised.matchedCount === 1) return { ...at, next: last.first, fence: true, carried }
        continue
      }
      const next = last ? last.last + 1 : 1
      if (last?.epoch === epoch) return { ...at, next, fence: false, carried }
      try {
        await db.change(() => batches.insertOne(toFence(key, next, epoch, carried)))
        return { ...at, next, fence: true, carried }
      } catch (error) {
        if (!isDuplicate(error)) throw error
      }
    }
    throw new AppError('unavailable', `The log ${key} is being taken over again and again.`)
  }
  const put = async (end: End, batch: Batch): Promise<boolean> => {
    if (end.fence) {
      const { _id, ...rest } = batch
      const replaced = await db.change(() => batches.replaceOne({ _id, n: 0, epoch: end.epoch }, rest))
      return replaced.matchedCount === 1
    }
    try {
      await db.change(() => batches.insertOne(batch))
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }
  const append = async (
    key: string,
    lease: Lease,
    messages: NewMessage[],
    more: { ackedSeq?: number | undefined; source?: string | undefined },
  ): Promise<{ firstSeq: number; lastSeq: number }> => {
    for (let i = 0; i < tries; i++) {
      let end = ends.get(key)
      if (end?.owner !== lease.owner || end.leaseEpoch !== lease.epoch) {
        end = await openEnd(key, lease)
        ends.set(key, end)
      } else if (end.byParent && !(await isHeld(parentOf(key) ?? key, lease))) throw fenced(key)
      const batch = toBatch(key, end.next, end.epoch, end.carried, messages, more)
      const mark = markOf(batch)
      const unsure = end.unsure
      end.unsure = mark
      const done =
        (await putWhole(db, batch, (ready) => put(end, ready))) || (unsure === mark && (await isOurs(batch)))
      delete end.unsure
      if (!done) {
        ends.delete(key)
        continue
      }
      const head = await db.read(() => heads.findOne({ _id: key }))
      if (!head || head.firstSeq > batch.first) {
        await db.change(() => batches.deleteOne({ _id: batch._id, epoch: batch.epoch }))
        ends.delete(key)
        throw fenced(key)
      }
      ends.set(key, { ...end, next: batch.last + 1, fence: false, carried: toCarried(batch) })
      return { firstSeq: batch.first, lastSeq: batch.last }
    }
    throw new AppError('unavailable', `Too many write the log ${key} at once.`)
  }
  const isOurs = async (batch: Batch): Promise<boolean> => {
    const there = await db.read(() => batches.findOne({ _id: batch._id }))
    return (
      there !== null && there.epoch === batch.epoch && there.n === batch.n && markOf(there) === markOf(batch)
    )
  }
  /** Only source and ackedSeq: they are carried on by the newest batch itself. */
  const carry = async (
    key: string,
    lease: Lease,
    set: Partial<Carried>,
  ): Promise<{ firstSeq: number; lastSeq: number }> => {
    for (let i = 0; i < tries; i++) {
      const end = await openEnd(key, lease)
      const last = await newest(key)
      if (last?.epoch === end.epoch) {
        const filter = { _id: last._id, epoch: end.epoch, last: last.last }
        const result = await db.change(() => batches.updateOne(filter, { $set: set }))
        if (result.matchedCount === 1) {
          ends.set(key, { ...end, carried: { ...end.carried, ...set } })
          return { firstSeq: end.next, lastSeq: end.next - 1 }
        }
      }
    }
    throw fenced(key)
  }

  return {
    in(workspace) {
      const keyOf = (stream: string): string => `${workspace}/${checkStream(stream)}`
      return {
        ...openLogReader(db, keyOf, newest),
        async lease(stream, owner, now, ttlMs) {
          checkTtl(owner, now, ttlMs)
          const key = keyOf(stream)
          const lease = await takeLease(db, 'logHeads', key, owner, now, ttlMs, { firstSeq: 1 })
          if (!lease) return undefined
          const end = ends.get(key)
          if (end?.owner === owner && end.leaseEpoch === lease.epoch) return lease
          return inTurn(key, async () => {
            try {
              ends.set(key, await openEnd(key, lease))
              return lease
            } catch (error) {
              if (isAppError(error, 'fenced')) return undefined
              throw error
            }
          })
        },
        async release(stream, lease) {
          ends.delete(keyOf(stream))
          await releaseLease(db, 'logHeads', keyOf(stream), lease)
        },
        async append(stream, lease, { messages, ackedSeq, source }) {
          checkBatch(messages)
          const key = keyOf(stream)
          const text = source === undefined ? undefined : JSON.stringify(source)
          const set = {
            ...(ackedSeq === undefined ? {} : { ackedSeq }),
            ...(text === undefined ? {} : { source: text }),
          }
          return inTurn(key, () =>
            messages.length === 0 ? carry(key, lease, set) : append(key, lease, messages, set),
          )
        },
        async trim(stream, beforeSeq) {
          const key = keyOf(stream)
          const last = await newest(key)
          const floor = Math.min(beforeSeq, last ? last.last + 1 : 1)
          const head = await db.change(() =>
            heads.findOneAndUpdate({ _id: key }, { $max: { firstSeq: floor } }, { returnDocument: 'after' }),
          )
          if (!head || !last) return
          const gone = { _id: { $gt: `${key}#`, $lt: last._id }, last: { $lt: head.firstSeq } }
          await dropFiles(db, gone)
          await db.change(() => batches.deleteMany(gone))
        },
        async drop(stream) {
          const key = keyOf(stream)
          for (const known of ends.keys())
            if (known === key || known.startsWith(`${key}/`)) ends.delete(known)
          for (const one of [`${key}`, `${key}/`]) {
            const isSub = one.endsWith('/')
            const range = isSub ? { $gt: one, $lt: `${key}0` } : { $gt: `${key}#`, $lt: `${key}$` }
            await db.change(() => heads.deleteMany({ _id: isSub ? range : key }))
            await dropFiles(db, { _id: range })
            await db.change(() => batches.deleteMany({ _id: range }))
          }
        },
      }
    },
  }
}
function parentOf(key: string): string | undefined {
  const [workspace, stream, sub] = key.split('/')
  return sub === undefined ? undefined : `${workspace}/${stream}`
}
function toCarried({ total, maxEventTime, lastReceivedAt, ackedSeq, source }: Carried): Carried {
  return { total, maxEventTime, lastReceivedAt, ackedSeq, source }
}
function markOf(batch: Batch): string {
  const hash = createHash('sha256').update(batch.numbers.value()).update(batch.names)
  return hash.update(batch.file ?? batch.bodies).digest('hex')
}
/** Bodies that make a document too large go into a file of their own first. */
async function putWhole(
  db: MongoDatabase,
  batch: Batch,
  put: (ready: Batch) => Promise<boolean>,
): Promise<boolean> {
  if (batch.bodies.length < inlineBytes / 3 || Buffer.byteLength(batch.bodies) < inlineBytes)
    return put(batch)
  const file = createHash('sha256').update(batch.bodies).digest('hex')
  const bucket = db.bucket('logBodies')
  const name = `${batchId(batch.k, batch.first)}@${batch.epoch}@${file}`
  await db.change(
    () =>
      new Promise<void>((resolve, reject) => {
        const upload = bucket.openUploadStream(name)
        upload.once('error', reject)
        upload.once('finish', () => resolve())
        upload.end(Buffer.from(batch.bodies))
      }),
  )
  batch.bodies = ''
  batch.file = name
  return put(batch)
}
async function dropFiles(db: MongoDatabase, where: object): Promise<void> {
  const batches = db.collection<Batch>('logBatches')
  const found = await db.read(() =>
    batches.find({ $and: [where, { file: { $exists: true } }] }, { projection: { file: 1 } }).toArray(),
  )
  const bucket = db.bucket('logBodies')
  for (const { file } of found)
    for (const { _id } of await db.read(() => bucket.find({ filename: file ?? '' }).toArray()))
      await db.change(() => bucket.delete(_id))
}
