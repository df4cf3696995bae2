/** The parts of the store's port that streams and deployments use: message log, commits, blobs. */
import type { Readable } from 'node:stream'
import type { Json, JsonObject } from '../json.ts'

export interface NewMessage {
  /** The parsed body; a text body is a string. */
  body: Json
  /** `body` as JSON, where it is at hand. */
  json?: string
  headers: JsonObject
  key: string | null
  /** Milliseconds UTC. */
  eventTime: number
  receivedAt: number
  /** Unique per stream where given: the ingest worker drops repeats before it appends. */
  messageId: string | null
  redelivered: boolean
  /** Version of the stream's definition that parsed it. */
  definition: number
  /** Size of the body as received. */
  bytes: number
  /** SHA-256 (hex, 16 bytes) of the body where there is no messageId. */
  hash?: string
}
export interface Message extends NewMessage {
  /** Dense, from 1. */
  seq: number
}

export interface Lease {
  owner: string
  /** Grows with each new owner; checked in the same atomic step as what it fences. */
  epoch: number
  until: number
}

export interface Head {
  /** The oldest kept, or nextSeq when there is none. */
  firstSeq: number
  nextSeq: number
  bytes: number
  lastReceivedAt: number | null
  maxEventTime: number | null
  /** Through which seq the source was acknowledged, as far as the log knows. */
  ackedSeq: number
  /** What the last batch carried for its source (offset of a stream queue, position of a simulator). */
  source: Json
}

/**
 * Append-only messages of each stream. A batch is atomic and fenced: `fenced` when the lease is not the current one,
 * and then nothing of it is stored. Names of sub-logs: `ID/dead` and `ID/late` beside `ID`.
 */
export interface MessageLog {
  /** undefined while another owner's lease lives. A takeover grows the epoch; the same owner keeps it. */
  lease(stream: string, owner: string, now: number, ttlMs: number): Promise<Lease | undefined>
  release(stream: string, lease: Lease): Promise<void>
  append(
    stream: string,
    lease: Lease,
    batch: { messages: NewMessage[]; ackedSeq?: number; source?: Json },
  ): Promise<{ firstSeq: number; lastSeq: number }>
  head(stream: string): Promise<Head>
  /** By seq ascending from `fromSeq`, at most `limit` (1 to 5,000) and about 8 MB. */
  read(stream: string, fromSeq: number, limit: number): Promise<Message[]>
  /** receivedAt in [from, to), by seq; `afterSeq` goes on. */
  readByArrival(stream: string, range: TimeRange): Promise<Message[]>
  /** eventTime in [from, to), by event time, then seq; `after` goes on. */
  readByEventTime(stream: string, range: TimeRange): Promise<Message[]>
  /** The newest `limit` (1 to 1,000), newest first. */
  last(stream: string, limit: number): Promise<Message[]>
  /** Message ids or hashes with seq >= fromSeq, at most `limit`, newest first: what dedupe starts from. */
  identities(
    stream: string,
    fromSeq: number,
    limit: number,
  ): Promise<{ seq: number; messageId: string | null; hash: string | null }[]>
  /** Count and bytes by bucket of arrival of `bucketMs`, for live rates and spark lines. */
  rates(
    stream: string,
    from: number,
    to: number,
    bucketMs: number,
  ): Promise<{ at: number; count: number; bytes: number }[]>
  /** Messages with seq < beforeSeq go (an adapter may keep the rest of a batch). */
  trim(stream: string, beforeSeq: number): Promise<void>
  /** The stream and its sub-logs go. */
  drop(stream: string): Promise<void>
}
export interface TimeRange {
  from: number
  to: number
  limit: number
  after?: { eventTime: number; seq: number }
  afterSeq?: number
}

/** What a processing notebook wants done; delivered after its commit. `id` is the idempotency key. */
export interface OutboxEntry {
  id: string
  kind: string
  at: number
  /** Kind-specific request, and the provenance: window, key, model, messages. */
  body: JsonObject
}
/** What a handler returned for a key and window. A later pane of the same id, start and end replaces the earlier one;
 * an id never comes with another start or end. */
export interface Row {
  /** stream, key, start, end: made by the deployment. */
  id: string
  key: string | null
  start: number
  end: number
  pane: number
  /** Arrival of the message that fired it, ms UTC. */
  at: number
  fields: JsonObject
}
export interface RowPlace {
  id: string
  start: number
  end: number
}
export interface Commit {
  deployment: string
  lease: Lease
  /** The head's number plus one; `fenced` otherwise. */
  number: number
  /** Next seq of each input stream. */
  offsets: { [stream: string]: number }
  /** Watermarks, counters, message clock: the operator's small snapshot. */
  clocks: Json
  /** Changed state by key; null removes. */
  state: { [key: string]: Json | null }
  rows: Row[]
  /** Rows that go: others took their place. Never one of `rows`. */
  gone?: RowPlace[]
  outbox: OutboxEntry[]
}
export interface CommitHead {
  number: number
  offsets: { [stream: string]: number }
  clocks: Json
}

/** All or nothing, fenced by lease epoch and number; what a killed commit left is invisible and swept. */
export interface CommitStore {
  lease(deployment: string, owner: string, now: number, ttlMs: number): Promise<Lease | undefined>
  release(deployment: string, lease: Lease): Promise<void>
  commit(commit: Commit): Promise<void>
  /** undefined before the first commit. */
  head(deployment: string): Promise<CommitHead | undefined>
  /** State by key ascending, after `afterKey`, at most `limit` (1 to 1,000). */
  state(deployment: string, afterKey: string | null, limit: number): Promise<{ key: string; value: Json }[]>
  /** Rows with `end` in [from, to), by end, start, id; after the given row id's place; at most `limit` (1 to 5,000). */
  rows(
    deployment: string,
    query: {
      from?: number
      to?: number
      limit: number
      after?: { end: number; start: number; id: string }
      newest?: boolean
    },
  ): Promise<Row[]>
  /** Committed entries not yet settled, in commit order, over all deployments of the workspace or one. */
  outbox(query: { deployment?: string; limit: number }): Promise<(OutboxEntry & { deployment: string })[]>
  settle(deployment: string, ids: string[]): Promise<void>
  /** Everything of the deployment goes. */
  drop(deployment: string): Promise<void>
}

export interface Blob {
  /** Lower-case hex. */
  sha256: string
  bytes: number
}
/** Content-addressed bytes below the workspace. */
export interface BlobStore {
  /** Reads the source to its end; over `maxBytes`: too-large, and nothing is kept. */
  put(source: Readable | Uint8Array, options?: { maxBytes?: number }): Promise<Blob>
  has(sha256: string): Promise<boolean>
  /** not-found when missing. `end` is exclusive. */
  read(sha256: string, range?: { start: number; end: number }): Promise<Readable>
  bytes(sha256: string): Promise<Uint8Array>
  /** A local file with these bytes, read-only, kept at least a minute (a bounded cache on GridFS): for DuckDB. */
  file(sha256: string): Promise<string>
  delete(sha256: string): Promise<void>
}
