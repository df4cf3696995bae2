/** An object as it is stored and as it is told. `read` is text, because its keys are names of columns. */
import type { DataObject } from '../api/objects.ts'
import type { JsonObject } from '../json.ts'
import type { Document, NewDocument } from '../store/port.ts'
import type { Inspection, TableFile } from '../table/port.ts'
import { toFormat } from './format.ts'

/** What the bytes say of themselves. */
export interface Content {
  mediaType: string
  bytes: number
  sha256: string
  inspection: Inspection | null
}
export function toFields(content: Content): JsonObject {
  const { inspection } = content
  return {
    mediaType: content.mediaType,
    bytes: content.bytes,
    sha256: content.sha256,
    rows: inspection?.rows ?? null,
    columns: inspection?.columns ?? [],
    read: inspection?.read ? JSON.stringify(inspection.read) : null,
  }
}
export function toDocument(
  id: string,
  name: string,
  tags: string[],
  content: Content,
  now: number,
): NewDocument {
  return { id, name, tags, ...toFields(content), createdAt: now, updatedAt: now, uploadedAt: now }
}

export function toObject(document: Document): DataObject {
  const found = document as unknown as DataObject
  return {
    id: found.id,
    name: found.name,
    mediaType: found.mediaType,
    bytes: found.bytes,
    sha256: found.sha256,
    rows: found.rows,
    columns: found.columns.map(({ name, type }) => ({ name, type })),
    tags: found.tags,
    createdAt: found.createdAt,
    updatedAt: found.updatedAt,
    revision: found.revision,
  }
}
export function isTable(document: Document): boolean {
  return document.rows !== null && toFormat(String(document.mediaType)) !== undefined
}
/** Under `name` in SQL; `path` is a local file with its bytes. */
export function toFile(document: Document, path: string, name: string): TableFile {
  const read = typeof document.read === 'string' ? (JSON.parse(document.read) as JsonObject) : null
  return { name, path, format: toFormat(String(document.mediaType))!, read }
}
