/**
 * From a stream of bytes to content that was looked at: hashed into the blobs as it arrives, never held whole, then
 * inspected by the table child where it claims to be a table. What is refused leaves nothing behind.
 */
import { Readable } from 'node:stream'
import { AppError, isAppError } from '../error.ts'
import type { WorkspaceStore } from '../store/port.ts'
import type { Inspection, Tables } from '../table/port.ts'
import { toFormat, toMediaType } from './format.ts'
import type { Content } from './object.ts'

export type Source = Readable | AsyncIterable<Uint8Array> | Uint8Array
export interface Upload {
  name: string
  mediaType?: string | undefined
  source: Source
  /** The run that makes it, where one does. */
  run?: string | null
}

export async function receive(
  store: WorkspaceStore,
  tables: Tables,
  upload: Upload,
  maxBytes: number,
): Promise<Content> {
  const head: { bytes: Uint8Array } = { bytes: new Uint8Array(0) }
  let blob
  try {
    blob = await store.blobs.put(
      upload.source instanceof Uint8Array ? upload.source : Readable.from(peek(upload.source, head)),
      { maxBytes },
    )
  } catch (error) {
    if (isAppError(error, 'too-large')) throw toTooLarge(maxBytes)
    throw error
  }
  if (upload.source instanceof Uint8Array) head.bytes = upload.source
  const mediaType = toMediaType(upload.name, upload.mediaType ?? '', head.bytes)
  try {
    if (blob.bytes === 0) throw new AppError('invalid', `"${upload.name}" is empty: no byte arrived.`)
    return {
      mediaType,
      ...blob,
      inspection: await inspect(store, tables, upload.name, mediaType, blob.sha256),
    }
  } catch (error) {
    await forget(store, blob.sha256)
    throw error
  }
}

async function inspect(
  store: WorkspaceStore,
  tables: Tables,
  name: string,
  mediaType: string,
  sha256: string,
): Promise<Inspection | null> {
  const format = toFormat(mediaType)
  if (!format) return null
  try {
    const path = await store.blobs.file(sha256)
    return await tables.inspect({ name, path, format }, store.workspace)
  } catch (error) {
    // JSON need not be a table: a document with thousands of keys is kept as bytes
    if (format === 'json' && isAppError(error, 'invalid') && error.details.columns !== undefined) return null
    if (!isAppError(error, 'invalid')) throw error
    throw new AppError('invalid', `"${name}" is not ${names[format]}. ${error.message}`, error.details)
  }
}
const names = { csv: 'a CSV', json: 'JSON', ndjson: 'NDJSON', parquet: 'Parquet' } as const

async function* peek(
  source: AsyncIterable<Uint8Array>,
  head: { bytes: Uint8Array },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (head.bytes.length < 4) head.bytes = Buffer.concat([head.bytes, chunk.subarray(0, 4)])
    yield chunk
  }
}

/** The bytes go unless an object, a model or a shown table of the workspace has the same. */
export async function forget(store: WorkspaceStore, sha256: string): Promise<void> {
  if ((await store.count('objects', { sha256 })) > 0) return
  if ((await store.count('modelVersions', { sha256 })) > 0) return
  if ((await store.count('outputTables', { sha256 })) > 0) return
  await store.blobs.delete(sha256)
}

export function toTooLarge(maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `An object may have up to ${Math.floor(maxBytes / (1024 * 1024))} MB (SURICATE_UPLOAD_MB).`,
  )
}
