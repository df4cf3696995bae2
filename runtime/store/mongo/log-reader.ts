/** Reads of the message log on MongoDB: batches are found by their ranges, messages picked from them here. */
import { AppError } from '../../error.ts'
import type { Json } from '../../json.ts'
import type { Message, MessageLog } from '../log.ts'
import { checkInteger, checkLimit, checkRange, readBytes } from '../message.ts'
import { batchId, toMessages, toNames, toNumbers, type Batch, type LogHead } from './batch.ts'
import type { MongoDatabase } from './database.ts'

type Reads = Pick<
  MessageLog,
  'head' | 'read' | 'readByArrival' | 'readByEventTime' | 'last' | 'identities' | 'rates'
>
const withoutBodies = { bodies: 0 }
const maxBodies = 100_000_000

export function openLogReader(
  db: MongoDatabase,
  keyOf: (stream: string) => string,
  newest: (key: string) => Promise<Batch | undefined>,
): Reads {
  const batches = db.collection<Batch>('logBatches')
  const heads = db.collection<LogHead>('logHeads')
  const floorOf = async (key: string): Promise<number> =>
    (await db.read(() => heads.findOne({ _id: key })))?.firstSeq ?? Infinity
  const inKey = (key: string, from = ''): object => ({ _id: { $gte: from || `${key}#`, $lt: `${key}$` } })
  const find = (where: object[], sort: { [path: string]: 1 | -1 }, projection: object = {}) =>
    batches.find({ $and: [...where, { n: { $gt: 0 } }] }, { projection, batchSize: 8 }).sort(sort)
  const bodiesOf = async (batch: Batch): Promise<string> => {
    if (batch.file === undefined) return batch.bodies
    const { file } = batch
    return db.read(async () => {
      const pieces: Buffer[] = []
      let size = 0
      for await (const piece of db.bucket('logBodies').openDownloadStreamByName(file)) {
        pieces.push(piece as Buffer)
        size += (piece as Buffer).length
        if (size > maxBodies) throw new AppError('too-large', `A batch of ${batch.k} is too large to read.`)
      }
      return Buffer.concat(pieces).toString()
    })
  }
  /** In the order of the batches, until there are `limit` messages that fit or about 8 MB. */
  const collect = async (
    found: ReturnType<typeof find>,
    key: string,
    limit: number,
    pick: (message: Message) => boolean,
    newestFirst = false,
  ): Promise<Message[]> => {
    const result: Message[] = []
    let size = 0
    // Read before the batches: what is below it was trimmed, whatever the batches still hold.
    let floor = await floorOf(key)
    try {
      for (;;) {
        const batch = await db.read(() => found.next())
        if (!batch) break
        const bodies = await bodiesOf(batch)
        const messages = toMessages(batch, bodies, floor).filter(pick)
        result.push(...(newestFirst ? messages.reverse() : messages))
        size += bodies.length
        if (result.length >= limit || size > readBytes) break
      }
    } finally {
      await found.close()
    }
    floor = await floorOf(key)
    return result.filter((message) => message.seq >= floor).slice(0, limit)
  }

  return {
    async head(stream) {
      const key = keyOf(stream)
      const [last, head] = await Promise.all([newest(key), db.read(() => heads.findOne({ _id: key }))])
      const firstSeq = head?.firstSeq ?? 1
      if (!last || !head)
        return {
          firstSeq,
          nextSeq: 1,
          bytes: 0,
          lastReceivedAt: null,
          maxEventTime: null,
          ackedSeq: 0,
          source: null,
        }
      const nextSeq = last.last + 1
      // What was carried up to the oldest kept: its batch's total less its own messages from there on.
      let before = 0
      if (firstSeq >= nextSeq) before = last.total
      else if (firstSeq > 1) {
        const range = [inKey(key), { last: { $gte: firstSeq } }]
        const [batch] = await db.read(() => find(range, { _id: 1 }, withoutBodies).limit(1).toArray())
        if (batch) {
          before = batch.total
          const numbers = toNumbers(batch)
          for (let i = Math.max(firstSeq - batch.first, 0); i < batch.n; i++)
            before -= numbers[2 * batch.n + i] ?? 0
        }
      }
      const { maxEventTime, lastReceivedAt, ackedSeq } = last
      return {
        firstSeq,
        nextSeq,
        bytes: last.total - before,
        lastReceivedAt,
        maxEventTime,
        ackedSeq,
        source: JSON.parse(last.source) as Json,
      }
    },
    async read(stream, fromSeq, limit) {
      checkLimit(limit, 5_000)
      checkInteger(fromSeq, 'fromSeq')
      const key = keyOf(stream)
      const found = find([inKey(key, await batchAt(key, fromSeq))], { _id: 1 })
      return collect(found, key, limit, (message) => message.seq >= fromSeq)
    },
    async readByArrival(stream, range) {
      checkRange(range)
      const key = keyOf(stream)
      const { from, to, limit, afterSeq = 0 } = range
      const where = [
        inKey(key),
        { k: key, maxAt: { $gte: from }, minAt: { $lt: to }, last: { $gt: afterSeq } },
      ]
      return collect(
        find(where, { _id: 1 }),
        key,
        limit,
        (m) => m.seq > afterSeq && m.receivedAt >= from && m.receivedAt < to,
      )
    },
    async readByEventTime(stream, range) {
      checkRange(range)
      const key = keyOf(stream)
      const { to, limit, after } = range
      const from = Math.max(range.from, after?.eventTime ?? -Infinity)
      const found = find([{ k: key, maxEt: { $gte: from }, minEt: { $lt: to } }], { minEt: 1 })
      const fits = (m: Message): boolean =>
        m.eventTime >= from &&
        m.eventTime < to &&
        (!after || m.eventTime > after.eventTime || m.seq > after.seq)
      // Read before the batches, or what was trimmed would count as found.
      let floor = await floorOf(key)
      const pool: Message[] = []
      let size = 0
      let complete = Infinity
      try {
        for (;;) {
          const batch = await db.read(() => found.next())
          if (!batch) break
          // Whatever is earlier than this batch's first cannot come any more.
          const settled = pool.filter((m) => m.eventTime < (batch.minEt ?? 0)).length
          if (settled >= limit || (size > readBytes && settled > 0)) {
            complete = batch.minEt ?? 0
            break
          }
          const bodies = await bodiesOf(batch)
          size += bodies.length
          pool.push(...toMessages(batch, bodies, floor).filter(fits))
        }
      } finally {
        await found.close()
      }
      floor = await floorOf(key)
      return pool
        .filter((m) => m.seq >= floor && m.eventTime < complete)
        .sort((a, b) => a.eventTime - b.eventTime || a.seq - b.seq)
        .slice(0, limit)
    },
    async last(stream, limit) {
      checkLimit(limit, 1_000)
      const key = keyOf(stream)
      return collect(find([inKey(key)], { _id: -1 }), key, limit, () => true, true)
    },
    async identities(stream, fromSeq, limit) {
      checkLimit(limit, 1_000_000)
      const key = keyOf(stream)
      const floor = Math.max(await floorOf(key), fromSeq)
      const result: { seq: number; messageId: string | null; hash: string | null }[] = []
      const found = find(
        [inKey(key, await batchAt(key, floor))],
        { _id: -1 },
        { names: 1, first: 1, n: 1 },
      ).batchSize(200)
      try {
        while (result.length < limit) {
          const batch = await db.read(() => found.next())
          if (!batch) break
          const names = toNames(batch)
          for (let i = names.length - 1; i >= 0 && result.length < limit && batch.first + i >= floor; i--) {
            const [messageId = null, hash = null] = names[i] ?? []
            result.push({ seq: batch.first + i, messageId, hash })
          }
        }
      } finally {
        await found.close()
      }
      return result
    },
    async rates(stream, from, to, bucketMs) {
      checkInteger(from, 'from')
      checkInteger(to, 'to')
      checkLimit(bucketMs, Number.MAX_SAFE_INTEGER)
      const key = keyOf(stream)
      const floor = await floorOf(key)
      const buckets = new Map<number, { at: number; count: number; bytes: number }>()
      const projection = { numbers: 1, first: 1, n: 1 }
      const found = find([{ k: key, maxAt: { $gte: from }, minAt: { $lt: to } }], { maxAt: 1 }, projection)
      for (const cursor = found.batchSize(500); ;) {
        const batch = await db.read(() => cursor.next())
        if (!batch) break
        const numbers = toNumbers(batch)
        for (let i = Math.max(0, floor - batch.first); i < batch.n; i++) {
          const receivedAt = numbers[batch.n + i] ?? 0
          if (receivedAt < from || receivedAt >= to) continue
          const at = Math.floor(receivedAt / bucketMs) * bucketMs
          const bucket = buckets.get(at) ?? { at, count: 0, bytes: 0 }
          bucket.count++
          bucket.bytes += numbers[2 * batch.n + i] ?? 0
          buckets.set(at, bucket)
        }
      }
      return [...buckets.values()].sort((a, b) => a.at - b.at)
    },
  }
  /** The id of the batch that holds a seq, so that a read starts there. */
  async function batchAt(key: string, seq: number): Promise<string> {
    if (seq <= 1 || !Number.isFinite(seq)) return `${key}#`
    const range = { _id: { $gt: `${key}#`, $lte: batchId(key, seq) }, n: { $gt: 0 } }
    const found = await db.read(() =>
      batches
        .find(range, { projection: { _id: 1 } })
        .sort({ _id: -1 })
        .limit(1)
        .toArray(),
    )
    return found[0]?._id ?? `${key}#`
  }
}
