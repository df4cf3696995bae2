/**
 * Where the records of a deployment's calls are: a blob for each commit that has some, stored before it, and a place in
 * the commit's state that names it, so that a commit that counts has its records. Bounded by number, bytes and age: the
 * oldest make room once the commit that says so is durable. What the cells were answered when they ran is a blob of its
 * own, shared by all commits until an opening is answered otherwise.
 */
import { createHash } from 'node:crypto'
import { isAppError } from '../error.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { CommitHead } from '../store/log.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { type CallRecord, packRecords } from './record.ts'
import type { Reply } from './replies.ts'

export interface RecordPlace {
  number: number
  blob: string
  bytes: number
  /** ms UTC */
  at: number
  opening: string | null
}
export interface RecordLimits {
  count: number
  bytes: number
  ageMs: number
}
export const recordLimits: RecordLimits = { count: 50_000, bytes: 512_000_000, ageMs: 30 * 86_400_000 }
const prefix = 'r '
const toKey = (number: number): string => prefix + String(number).padStart(12, '0')

export interface Kept {
  /** Of the commit, to be added to its own. */
  state: { [key: string]: Json | null }
  records: Json
  /** Of each action's entry id. */
  instants: Map<string, JsonObject>
}
export interface Records {
  /** Stores them; one that is not committed is done again with the same ones. unavailable: later. */
  keep(records: readonly CallRecord[], now: number): Promise<Kept>
  /** What was kept is committed. */
  settle(): Promise<void>
}

export function openRecords(
  blobs: Pick<WorkspaceStore['blobs'], 'put' | 'delete'>,
  deployment: string,
  opened: readonly Reply[],
  saved: { records?: Json | undefined; state: Iterable<[string, Json]> },
  limits = recordLimits,
): Records {
  let places = [...saved.state]
    .filter(([key, value]) => key.startsWith(prefix) && isJsonObject(value))
    .map(([, value]) => value as JsonObject as unknown as RecordPlace)
    .toSorted((a, b) => a.number - b.number)
  const earlier = isJsonObject(saved.records) ? saved.records : {}
  let count = Number(earlier.count ?? 0)
  let opening = (earlier.opening ?? null) as string | null
  const wanted = digestOf(opened)
  let known = typeof earlier.opened === 'string' ? earlier.opened : digestOf([])
  let next: { places: RecordPlace[]; count: number; gone: string[] } | undefined

  async function store(
    place: string | number,
    records: readonly CallRecord[],
  ): Promise<{ blob: string; bytes: number }> {
    const { sha256, bytes } = await blobs.put(await packRecords(`${deployment} ${place}`, records))
    return { blob: sha256, bytes }
  }
  return {
    async keep(records, now) {
      const left: string[] = []
      if (wanted !== known) {
        const earlierOne = opening
        const record = { identity: 'opening', replies: [...opened] }
        opening = opened.length === 0 ? null : (await store(`opening ${wanted}`, [record])).blob
        known = wanted
        if (
          earlierOne !== null &&
          earlierOne !== opening &&
          places.every((one) => one.opening !== earlierOne)
        )
          left.push(earlierOne)
      }
      const state: { [key: string]: Json | null } = {}
      const instants = new Map<string, JsonObject>()
      const kept = [...places]
      if (records.length > 0) {
        const { blob, bytes } = await store(count + 1, records)
        const place = { number: count + 1, blob, bytes, at: now, opening }
        kept.push(place)
        state[toKey(place.number)] = { ...place }
        for (const [call, { instant }] of records.entries())
          for (const { id } of instant ? (JSON.parse(instant.entries) as { id: string }[]) : [])
            instants.set(id, { blob, call, opening })
      }
      let bytes = kept.reduce((sum, place) => sum + place.bytes, 0)
      let from = 0
      while (
        from < kept.length - 1 &&
        (kept.length - from > limits.count || bytes > limits.bytes || kept[from]!.at < now - limits.ageMs)
      ) {
        bytes -= kept[from]!.bytes
        state[toKey(kept[from]!.number)] = null
        from += 1
      }
      const living = kept.slice(from)
      const used = new Set([opening, ...living.map((place) => place.opening)])
      const gone = kept
        .slice(0, from)
        .flatMap((place) => [place.blob, ...(used.has(place.opening) ? [] : [place.opening!])])
      next = {
        places: living,
        count: count + (records.length > 0 ? 1 : 0),
        gone: [...new Set([...gone, ...left])],
      }
      return { state, records: { count: next.count, opening, opened: known }, instants }
    },
    async settle() {
      if (!next) return
      const { gone } = next
      places = next.places
      count = next.count
      next = undefined
      await remove(blobs, gone)
    },
  }
}

function digestOf(replies: readonly Reply[]): string {
  const hash = createHash('sha256')
  for (const { frames = [], ...reply } of replies) {
    hash.update(JSON.stringify([reply, frames.map((frame) => frame.byteLength)]))
    for (const frame of frames) hash.update(frame)
  }
  return hash.digest('base64url').slice(0, 22)
}

async function remove(
  blobs: Pick<WorkspaceStore['blobs'], 'delete'>,
  gone: readonly string[],
): Promise<void> {
  for (const blob of gone)
    await blobs.delete(blob).catch((error: unknown) => {
      if (!isAppError(error)) throw error
    })
}

/** What the cells were answered at the last opening. */
export function openingOf(head: CommitHead | undefined): string | null {
  const { records } = isJsonObject(head?.clocks) ? head.clocks : {}
  return isJsonObject(records) && typeof records.opening === 'string' ? records.opening : null
}

/** By number, ascending. */
export async function findPlaces(
  commits: Pick<WorkspaceStore['commits'], 'state'>,
  deployment: string,
): Promise<RecordPlace[]> {
  const places: RecordPlace[] = []
  for (let after = prefix; ;) {
    const found = await commits.state(deployment, after, 1000)
    const mine = found.filter(({ key }) => key.startsWith(prefix))
    places.push(...mine.map(({ value }) => value as JsonObject as unknown as RecordPlace))
    if (mine.length < 1000) return places
    after = mine.at(-1)!.key
  }
}
/** Before the deployment's commits are dropped. */
export async function dropRecords(
  { commits, blobs }: Pick<WorkspaceStore, 'commits' | 'blobs'>,
  deployment: string,
): Promise<void> {
  const places = await findPlaces(commits, deployment)
  const openings = [...places.map(({ opening }) => opening), openingOf(await commits.head(deployment))]
  const all = [...places.map(({ blob }) => blob), ...openings.filter((one) => one !== null)]
  await remove(blobs, [...new Set(all)])
}
