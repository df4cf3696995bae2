/**
 * What a call of a handler was given and what it gave, kept with its commit where it asked the host or for actions: a
 * list of them is a blob. One that asked for actions is whole, and can be made again by itself; of others there are the
 * replies alone. Everything that a handler sees is kept as the text of its JSON.
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { ActionContext } from '../action/entry.ts'
import type { JsonObject } from '../json.ts'
import { decodeArtifact, encodeArtifact } from '../model/artifact.ts'
import { packArtifact, unpackArtifact } from '../model/pack.ts'
import type { OutboxEntry } from '../store/log.ts'
import type { Reply } from './replies.ts'

export interface CallRecord {
  /** Of the call, the same at a repeat. */
  identity: string
  replies: readonly Reply[]
  /** Where it asked for actions, unless it is too large. */
  instant?: Instant
  /** In its place: how many bytes it would have had. */
  left?: number
}
export interface Instant {
  /** Position of the handler among those that the cells register, and whether it is the one for late messages. */
  index: number
  late: boolean
  now: number
  seed: number
  context: ActionContext
  /** Text of JSON, like the rest. */
  input: string
  state: string
  /** What came of it. */
  row: string
  entries: string
  /** The state afterwards; empty where it did not change. */
  after: string
}
const maxInstantBytes = 8_000_000
const maxRecordBytes = 90_000_000

export function toInstant(
  given: Omit<Instant, 'input' | 'state' | 'row' | 'entries' | 'after'>,
  parts: { input: JsonObject; state: unknown; row: unknown; entries: OutboxEntry[]; after: unknown },
): Pick<CallRecord, 'instant' | 'left'> {
  const { input, state = {}, row, entries, after } = parts
  const instant = {
    ...given,
    input: JSON.stringify(input),
    state: JSON.stringify(state),
    row: JSON.stringify(row),
    entries: JSON.stringify(entries),
    after: after === undefined ? '' : JSON.stringify(after),
  }
  const bytes = instant.input.length + instant.state.length + instant.entries.length + instant.after.length
  return bytes > maxInstantBytes ? { left: bytes } : { instant }
}
/** About, before it is packed. */
export function bytesOf({ replies, instant }: CallRecord): number {
  let sum = 200
  for (const { value = '', frames = [] } of replies)
    sum += value.length + frames.reduce((bytes, frame) => bytes + frame.byteLength, 100)
  if (instant) sum += instant.input.length + instant.state.length + instant.entries.length
  return sum
}

/** `of` tells equal records of two deployments apart: what is kept by its content has one owner. */
export async function packRecords(of: string, records: readonly CallRecord[]): Promise<Uint8Array> {
  let bytes = 0
  const fitting = records.map((record): CallRecord => {
    bytes += bytesOf(record)
    return bytes <= maxRecordBytes
      ? record
      : { identity: record.identity, replies: [], left: bytesOf(record) }
  })
  return promisify(gzip)(packArtifact(encodeArtifact({ of, records: fitting })), { level: 1 })
}
export async function unpackRecords(bytes: Uint8Array): Promise<CallRecord[]> {
  const whole = await promisify(gunzip)(bytes, { maxOutputLength: 2 * maxRecordBytes })
  return (decodeArtifact(unpackArtifact(whole)) as { records: CallRecord[] }).records
}
