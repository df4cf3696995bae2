/**
 * The port of everything that lasts: documents, message log, commits of deployments, blobs.
 *
 * Promises: a method that resolved is durable (synchronous FULL for log, commits and run state; write concern
 * majority on MongoDB). Errors are AppError: not-found, conflict (id or unique index), stale (revision), fenced (lease
 * epoch or commit number), invalid (undeclared field, operator or type), unavailable (try again).
 * Both adapters answer alike, in results, errors and order; test/store/conformance.ts is the judge.
 * `in(workspace)` cannot reach outside its workspace. Sort order of values: missing and null first, then
 * numbers, strings (by code unit), booleans; ties by id ascending.
 */
import type { Json, JsonObject } from '../json.ts'
import type { CollectionName } from './collections.ts'
import type { BlobStore, CommitStore, MessageLog } from './log.ts'

/** `revision` is 1 at insert and grows by one with each change; both are the store's. */
export type Document = JsonObject & { id: string; revision: number }
export type NewDocument = JsonObject & { id: string }

export type Scalar = string | number | boolean | null
export type Condition =
  | Scalar // equality; null matches null and missing
  | { $in: Scalar[] }
  | { $gt?: string | number; $gte?: string | number; $lt?: string | number; $lte?: string | number }
  | { $contains: string | number } // an array field has this member
  | { $exists: boolean } // present and not null
/** All conditions hold. Keys are fields declared in collections.ts, or `id`. Anything else is refused. */
export type Filter = { [field: string]: Condition }

/** Fields are top-level names or dotted paths into objects; a path through a non-object is refused as invalid. */
export interface Patch {
  set?: JsonObject
  unset?: string[]
  increment?: { [field: string]: number }
}

export interface Query {
  filter?: Filter
  /** One declared field, `-` in front for descending; default `id`. */
  sort?: string
  /** 1 to 1000, default 100. */
  limit?: number
  /** From an earlier page of the same query. */
  cursor?: string
}
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Aggregate {
  filter?: Filter
  by?: string[] // declared fields; none: one group
  sum?: string[] // numeric fields
  min?: string[]
  max?: string[]
}
export interface Group {
  by: { [field: string]: Json }
  count: number
  sum: { [field: string]: number }
  min: { [field: string]: number | null }
  max: { [field: string]: number | null }
}

export interface WorkspaceStore {
  readonly workspace: string
  /** All or none is not promised; an existing id or unique key is a conflict, and those before it stay. */
  insert(collection: CollectionName, documents: NewDocument[]): Promise<Document[]>
  find(collection: CollectionName, query?: Query): Promise<Page<Document>>
  get(collection: CollectionName, id: string): Promise<Document>
  maybe(collection: CollectionName, id: string): Promise<Document | undefined>
  count(collection: CollectionName, filter?: Filter): Promise<number>
  /** With `revision`, stale unless it is the current one. Returns the document after the change. */
  update(collection: CollectionName, id: string, patch: Patch, revision?: number): Promise<Document>
  /** How many were changed. */
  updateMany(collection: CollectionName, filter: Filter, patch: Patch): Promise<number>
  /** The first by sort, changed in the same step; for leases and queues. */
  findAndUpdate(
    collection: CollectionName,
    query: { filter: Filter; sort?: string },
    patch: Patch,
  ): Promise<Document | undefined>
  /** How many went. */
  delete(collection: CollectionName, filter: Filter): Promise<number>
  /** Groups in the order of their `by` values. */
  aggregate(collection: CollectionName, aggregate: Aggregate): Promise<Group[]>
  readonly log: MessageLog
  readonly commits: CommitStore
  readonly blobs: BlobStore
}

export interface Workspace {
  id: string
  name: string
  createdAt: number
}

/** Given out by open.ts alone. It reaches across workspaces, and can do these things only. */
export interface SystemStore {
  createWorkspace(workspace: Workspace): Promise<void>
  findWorkspaces(): Promise<Workspace[]>
  /** The token document of tenant0 whose `hash` this is. */
  resolveToken(hash: string): Promise<Document | undefined>
  /** One document due in any workspace: `filter` plus no living lease; sets `leaseOwner` and `leaseUntil`. */
  claimDue(
    collection: CollectionName,
    claim: { filter: Filter; sort?: string; owner: string; now: number; until: number },
  ): Promise<{ workspace: string; document: Document } | undefined>
  /** Documents whose expiring index lies before now go; how many. */
  expire(now: number): Promise<number>
  /** Brings the schema to the current version; refuses a newer one. Returns the versions that were applied. */
  migrate(): Promise<number[]>
  /** Bytes on disk (or in the database) by kind, for the status line. */
  usage(): Promise<{ documents: number; log: number; blobs: number }>
}

export interface Store {
  in(workspace: string): WorkspaceStore
  readonly system: SystemStore
  close(): Promise<void>
}
