/**
 * What the host answered a deployment, by the call that asked. It is read as a replay comes to it, which goes over the
 * same calls in about the same order: blob after blob, from the first that has the call. Replies are given once.
 */
import { AppError } from '../error.ts'
import { isJsonObject } from '../json.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { type CallRecord, unpackRecords } from './record.ts'
import { findPlaces } from './records.ts'
import { fromReplies, type ReplySource } from './replies.ts'

export interface Answers {
  deployment: string
  createdAt: number
  readonly opening: Promise<ReplySource>
  /** Of the call of this identity. */
  of(identity: string): Promise<ReplySource>
}

export async function openAnswers(
  store: Pick<WorkspaceStore, 'maybe' | 'commits' | 'blobs'>,
  deployment: string,
): Promise<Answers> {
  const document = await store.maybe('deployments', deployment)
  if (!document) throw new AppError('not-found', `There is no deployment "${deployment}".`)
  const places = await findPlaces(store.commits, deployment)
  const head = await store.commits.head(deployment)
  const saved = isJsonObject(head?.clocks) && isJsonObject(head.clocks.records) ? head.clocks.records : {}
  const first = places[0]?.opening ?? saved.opening
  const sources = new Map<string, Promise<ReplySource>>()
  const byIdentity = new Map<string, CallRecord>()
  let next = 0

  async function read(blob: string): Promise<CallRecord[]> {
    return unpackRecords(await store.blobs.bytes(blob))
  }
  async function search(identity: string): Promise<ReplySource> {
    while (!byIdentity.has(identity) && next < places.length) {
      const place = places[next]!
      next += 1
      for (const { identity: name, replies } of await read(place.blob))
        byIdentity.set(name, { identity: name, replies })
    }
    const { replies = [] } = byIdentity.get(identity) ?? {}
    byIdentity.delete(identity)
    return fromReplies(replies)
  }
  let turn: Promise<unknown> = Promise.resolve()
  const opening = (async () =>
    fromReplies(typeof first === 'string' ? ((await read(first))[0]?.replies ?? []) : []))()
  opening.catch(() => undefined)
  return {
    deployment,
    createdAt: Number(document.createdAt),
    opening,
    of(identity) {
      let source = sources.get(identity)
      if (!source) {
        // one after the other: each goes on where the one before ended
        const found = turn.then(() => search(identity))
        turn = found.catch(() => undefined)
        source = found
        sources.clear()
        sources.set(identity, source)
      }
      return source
    },
  }
}
