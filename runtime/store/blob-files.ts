/**
 * Blobs as content-addressed files below a folder for each workspace. A blob is written under a temporary name,
 * flushed, renamed to its hash, and its folder flushed: it is there whole or not at all.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError } from '../error.ts'
import type { Blob, BlobStore } from './log.ts'

export function checkSha(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new AppError('invalid', 'A blob is named by its SHA-256 in lower-case hex.')
  return sha256
}
export function tooLarge(maxBytes: number): AppError {
  return new AppError('too-large', `The data has more than ${maxBytes} bytes, the limit.`, { maxBytes })
}
export function noBlob(sha256: string): AppError {
  return new AppError('not-found', `There is no blob ${sha256}.`)
}
export function checkByteRange(range: { start: number; end: number }): void {
  const { start, end } = range
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new AppError('invalid', 'A range of bytes has whole numbers with 0 <= start <= end.')
}

/** `folder` is the workspace's own. */
export function openFileBlobs(folder: string): BlobStore {
  const pathOf = (sha256: string): string => join(folder, checkSha(sha256).slice(0, 2), sha256)
  const sizeOf = async (sha256: string): Promise<number> => {
    try {
      return (await stat(pathOf(sha256))).size
    } catch (error) {
      if (isMissing(error)) throw noBlob(sha256)
      throw error
    }
  }
  return {
    async put(source, options = {}) {
      const temporary = join(folder, 'tmp', randomUUID())
      await mkdir(dirname(temporary), { recursive: true, mode: 0o755 })
      try {
        const blob = await write(temporary, source, options.maxBytes ?? Infinity)
        const path = pathOf(blob.sha256)
        await mkdir(dirname(path), { recursive: true, mode: 0o755 })
        await rename(temporary, path)
        await flushFolder(dirname(path))
        await flushFolder(folder)
        return blob
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    async has(sha256) {
      return access(pathOf(sha256)).then(
        () => true,
        () => false,
      )
    },
    async read(sha256, range) {
      const size = await sizeOf(sha256)
      if (!range) return createReadStream(pathOf(sha256))
      checkByteRange(range)
      const end = Math.min(range.end, size)
      if (range.start >= end) return Readable.from([])
      return createReadStream(pathOf(sha256), { start: range.start, end: end - 1 })
    },
    async bytes(sha256) {
      await sizeOf(sha256)
      return readFile(pathOf(sha256))
    },
    async file(sha256) {
      await sizeOf(sha256)
      return pathOf(sha256)
    },
    async delete(sha256) {
      await rm(pathOf(sha256), { force: true })
    },
  }
}
async function write(path: string, source: Readable | Uint8Array, maxBytes: number): Promise<Blob> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o644)
  let bytes = 0
  try {
    for await (const piece of source instanceof Uint8Array ? [source] : source) {
      const chunk: Uint8Array = typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array)
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), bytes }
}
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
/** Bytes below a folder; 0 when there is none. */
export async function folderBytes(path: string): Promise<number> {
  let sum = 0
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const entry of entries)
    if (entry.isFile())
      sum += await stat(join(entry.parentPath, entry.name)).then(
        (s) => s.size,
        () => 0,
      )
  return sum
}
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
