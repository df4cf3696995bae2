/**
 * What the host answered a deployment, by the call that asked. Where a call's replies are is found as a replay comes to
 * it: blob after blob, each looked through once; of the last few the replies stay in memory.
 */
import { AppError } from '../error.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { type CallRecord, unpackRecords } from './record.ts'
import { findPlaces, openingOf } from './records.ts'
import { fromReplies, type ReplySource } from './replies.ts'

export interface Answers {
  deployment: string
  createdAt: number
  opening: ReplySource
  /** Of the call of this identity; each time from the first one. */
  of(identity: string): Promise<ReplySource>
}
const maxOpen = 4

/** not-found; conflict where the cells were answered in more than one way, so that a stretch is not one replay. */
export async function openAnswers(
  store: Pick<WorkspaceStore, 'maybe' | 'commits' | 'blobs'>,
  deployment: string,
): Promise<Answers> {
  const document = await store.maybe('deployments', deployment)
  if (!document) throw new AppError('not-found', `There is no deployment "${deployment}".`)
  const places = await findPlaces(store.commits, deployment)
  const openings = new Set(places.map((place) => place.opening))
  if (openings.size > 1)
    throw new AppError(
      'conflict',
      `The cells of the deployment were answered in ${openings.size} ways, since a restart met another model or object. Replay its actions one by one, or the stretch without its answers.`,
    )
  const [first = openingOf(await store.commits.head(deployment))] = openings
  const open = new Map<string, Promise<CallRecord[]>>()
  const where = new Map<string, { blob: string; call: number }>()
  let next = 0

  function read(blob: string): Promise<CallRecord[]> {
    const found = open.get(blob) ?? store.blobs.bytes(blob).then(unpackRecords)
    open.delete(blob)
    open.set(blob, found)
    found.catch(() => open.delete(blob))
    for (const oldest of open.keys()) if (open.size > maxOpen) open.delete(oldest)
    return found
  }
  async function search(identity: string): Promise<ReplySource> {
    while (!where.has(identity) && next < places.length) {
      const { blob } = places[next]!
      next += 1
      for (const [call, record] of (await read(blob)).entries()) where.set(record.identity, { blob, call })
    }
    const place = where.get(identity)
    return fromReplies(place ? (await read(place.blob))[place.call]!.replies : [])
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    deployment,
    createdAt: Number(document.createdAt),
    opening: fromReplies(first === null ? [] : (await read(first))[0]!.replies),
    of(identity) {
      // one after the other: each goes on where the one before ended
      const found = turn.then(() => search(identity))
      turn = found.catch(() => undefined)
      return found
    },
  }
}
