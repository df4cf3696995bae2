/**
 * Blobs in GridFS, with a bounded cache of local files for each workspace. Every upload has an id of its own, and a
 * record `workspace/sha256` names the one that counts, so that a broken or repeated upload is never seen. The cache
 * keeps what was used in the last minute and lets the oldest go beyond its size.
 */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { checkByteRange, checkSha, isMissing, noBlob, openFileBlobs } from '../blob-files.ts'
import type { BlobStore } from '../log.ts'
import { isDuplicate, type MongoDatabase, type ObjectId } from './database.ts'

export interface BlobRecord {
  _id: string
  w: string
  file: ObjectId
  bytes: number
}
export const cacheBytes = 4_000_000_000
const keepMs = 60_000

export function openMongoBlobs(
  db: MongoDatabase,
  workspace: string,
  folder: string,
  limit = cacheBytes,
): BlobStore {
  const cache = openFileBlobs(folder)
  const records = db.collection<BlobRecord>('blobs')
  const bucket = db.bucket('blobFiles')
  const getRecord = async (sha256: string): Promise<BlobRecord> => {
    const record = await db.read(() => records.findOne({ _id: `${workspace}/${checkSha(sha256)}` }))
    if (!record) throw noBlob(sha256)
    return record
  }
  const upload = async (sha256: string, bytes: number): Promise<void> => {
    const _id = `${workspace}/${sha256}`
    if (await db.read(() => records.findOne({ _id }))) return
    const target = bucket.openUploadStream(_id)
    const file = target.id
    await db.change(async () => pipeline(await cache.read(sha256), target))
    try {
      await db.change(() => records.insertOne({ _id, w: workspace, file, bytes }))
    } catch (error) {
      await db.change(() => bucket.delete(file)).catch(() => undefined)
      if (!isDuplicate(error)) throw error
    }
  }
  /** A local copy, marked as used now. */
  const fetch = async (sha256: string): Promise<string> => {
    const record = await getRecord(sha256)
    if (!(await cache.has(sha256))) {
      await makeRoom(folder, limit - record.bytes)
      await db.read(() => cache.put(bucket.openDownloadStream(record.file)))
    }
    const path = await cache.file(sha256)
    const now = new Date()
    await utimes(path, now, now).catch(() => undefined)
    return path
  }
  return {
    async put(source, options) {
      const blob = await cache.put(source, options)
      await upload(blob.sha256, blob.bytes)
      await makeRoom(folder, limit)
      return blob
    },
    async has(sha256) {
      return (await db.read(() => records.findOne({ _id: `${workspace}/${checkSha(sha256)}` }))) !== null
    },
    async read(sha256, range) {
      const record = await getRecord(sha256)
      const { start, end } = range ?? { start: 0, end: record.bytes }
      checkByteRange({ start, end })
      const stop = Math.min(end, record.bytes)
      if (start >= stop) return Readable.from([])
      if (await cache.has(sha256)) return createReadStream(await fetch(sha256), { start, end: stop - 1 })
      return bucket.openDownloadStream(record.file, { start, end: stop })
    },
    async bytes(sha256) {
      await fetch(sha256)
      return cache.bytes(sha256)
    },
    file: fetch,
    async delete(sha256) {
      const _id = `${workspace}/${checkSha(sha256)}`
      const record = await db.change(() => records.findOneAndDelete({ _id }))
      await cache.delete(sha256)
      if (record) await db.change(() => bucket.delete(record.file))
    },
  }
}
/** The files used longest ago go, until the rest has at most `limit` bytes; those of the last minute stay. */
async function makeRoom(folder: string, limit: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const found = await stat(path).catch((error: unknown) => {
          if (isMissing(error)) return undefined
          throw error
        })
        return { path, bytes: found?.size ?? 0, usedAt: found?.mtimeMs ?? 0 }
      }),
  )
  let sum = files.reduce((total, file) => total + file.bytes, 0)
  for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (sum <= limit || file.usedAt > Date.now() - keepMs) return
    await rm(file.path, { force: true })
    sum -= file.bytes
  }
}
