/**
 * What a stored document may look like, alike in both adapters: JSON of bounded depth and size; declared fields
 * hold null, a scalar, or (type `strings`) a list of scalars, because filters, sorts and unique keys compare them.
 * A document is stored as JSON text without `id` and `revision`, so that what was written comes back exactly, with
 * key order and names that a database would refuse (`$x`, `a.b`).
 */
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'
import type { Collection, FieldType } from './collections.ts'
import type { Document, NewDocument } from './port.ts'

export const maxDepth = 200
export const maxDocumentBytes = 8_000_000
const maxFieldLength = 2_000

/** The collections of a store by name; tests bring their own. */
export type Schema = Readonly<Record<string, Collection>>

export function getCollection(schema: Schema, name: string): Collection {
  const collection = Object.hasOwn(schema, name) ? schema[name] : undefined
  if (!collection) throw new AppError('invalid', `There is no collection "${name}".`)
  return collection
}
export function checkWorkspace(workspace: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(workspace))
    throw new AppError('invalid', 'A workspace id has 1 to 100 letters, digits, "_" or "-".')
  return workspace
}
/** Text that every database compares alike: no NUL, no lone surrogate, not longer than an index takes. */
export function checkKey(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new AppError('invalid', `${what} must be a text.`)
  return checkText(value, what)
}
export function checkText(value: string, what: string): string {
  if (value.length > maxFieldLength || value.includes('\0') || !value.isWellFormed())
    throw new AppError(
      'invalid',
      `${what} must be well-formed text of at most ${maxFieldLength} characters, without NUL.`,
    )
  return value
}
/** JSON text of the value; invalid when it is no JSON, too deep, or too large. */
export function toText(value: unknown, what: string): string {
  checkJson(value, what, 0)
  const text = JSON.stringify(value)
  if (text.length > maxDocumentBytes || Buffer.byteLength(text) > maxDocumentBytes)
    throw new AppError('too-large', `${what} has more than ${maxDocumentBytes} bytes. Store it as a blob.`)
  return text
}
function checkJson(value: unknown, what: string, depth: number): void {
  if (depth > maxDepth) throw new AppError('invalid', `${what} is nested more than ${maxDepth} deep.`)
  if (Array.isArray(value)) for (const item of value) checkJson(item, what, depth + 1)
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) checkJson(item, what, depth + 1)
  else if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    throw new AppError('invalid', `${what} holds a ${typeof value}, which is not JSON.`)
}

export interface StoredDocument {
  id: string
  text: string
}
/** Checks a new document; `id` and `revision` are not part of the text. */
export function toStored(name: string, collection: Collection, document: NewDocument): StoredDocument {
  const { id, revision: _, ...rest } = document
  checkKey(id, `The id of a document in ${name}`)
  const text = toText(rest, `A document in ${name}`)
  checkFields(name, collection, rest)
  return { id, text }
}
export function checkFields(name: string, collection: Collection, document: JsonObject): void {
  for (const [field, type] of Object.entries(collection.fields))
    checkField(`${name}.${field}`, type, Object.hasOwn(document, field) ? document[field] : null)
}
function checkField(what: string, type: FieldType, value: Json | undefined): void {
  if (typeof value === 'string') checkText(value, what)
  if (type === 'strings' && Array.isArray(value)) {
    for (const item of value)
      if (typeof item === 'object' && item !== null)
        throw new AppError('invalid', `${what} must be a list of texts.`, { path: what })
      else if (typeof item === 'string') checkText(item, what)
  } else if (typeof value === 'object' && value !== null)
    throw new AppError(
      'invalid',
      `${what} is a declared ${type} field and cannot hold an object or a list.`,
      {
        path: what,
      },
    )
}
export function toDocument(id: string, revision: number, text: string): Document {
  const document: unknown = JSON.parse(text)
  if (!isJsonObject(document)) throw new AppError('internal', `The stored document ${id} is not an object.`)
  return { id, ...document, revision }
}
