/**
 * Reads and writes runs of state (state-run.ts). Since a run never changes, what was read or written is kept, up to a
 * bound: restoring a deployment asks for page after page of the same runs.
 */
import { randomBytes } from 'node:crypto'
import type { Json } from '../../json.ts'
import type { PackedCommit } from '../commit.ts'
import type { MongoDatabase } from './database.ts'
import { compareKeys, createCutter, mergeEntries, toParts, type Entry, type StatePart } from './state-run.ts'
import { lastPartOf, toPlace, within, type StateRun } from './version.ts'

export interface StateRuns {
  /** What changed as a run, written; null where nothing did. */
  write(p: string, state: PackedCommit['state']): Promise<StateRun | null>
  /** In order, after the key; undefined where a run went meanwhile. */
  page(
    p: string,
    runs: readonly StateRun[],
    afterKey: string | null,
    limit: number,
  ): Promise<{ key: string; value: Json }[] | undefined>
  /** One of all, the newest first; null where nothing is left. `oldest`: nothing lies below, so removed keys go. */
  merge(p: string, runs: readonly StateRun[], oldest: boolean): Promise<StateRun | null>
  delete(p: string, runs: readonly StateRun[]): Promise<void>
  /** Deletes every run but these. */
  sweep(p: string, runs: readonly StateRun[], isOurs: () => Promise<boolean>): Promise<void>
}
export const stateRuns = 'stateRuns'
const keptLength = 32_000_000
const deletedAtOnce = 500

class RunGone extends Error {}

export function openStateRuns(db: MongoDatabase): StateRuns {
  const collection = db.collection<StatePart>(stateRuns)
  /** Ids of the parts of a run, in order; and parts, the least recently used first. */
  const indexes = new Map<string, string[]>()
  const parts = new Map<string, { entries: Entry[]; length: number }>()
  let length = 0

  function keep(id: string, part: { entries: Entry[]; length: number }): void {
    forget(id)
    parts.set(id, part)
    length += part.length
    for (const oldest of parts.keys()) {
      if (length <= keptLength) break
      forget(oldest)
    }
  }
  function forget(id: string): void {
    length -= parts.get(id)?.length ?? 0
    parts.delete(id)
  }
  const newRun = (level: number): StateRun => ({ id: randomBytes(12).toString('base64url'), level })

  async function insert(made: StatePart[]): Promise<void> {
    await db.change(() => collection.insertMany(made, { ordered: true }))
  }
  async function getIndex(p: string, { id }: StateRun): Promise<string[]> {
    const place = toPlace(p, id)
    const known = indexes.get(place)
    if (known) return known
    const found = await db.read(() =>
      collection
        .find({ _id: within(place) }, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .toArray(),
    )
    if (found.length === 0) throw new RunGone()
    const index = found.map(({ _id }) => _id)
    indexes.set(place, index)
    return index
  }
  async function getPart(id: string): Promise<Entry[]> {
    const known = parts.get(id)
    const part = known ?? (await readPart(id))
    keep(id, part)
    return part.entries
  }
  async function readPart(id: string): Promise<{ entries: Entry[]; length: number }> {
    const found = await db.read(() => collection.findOne({ _id: id }))
    if (!found) throw new RunGone()
    return { entries: JSON.parse(found.entries) as Entry[], length: found.entries.length }
  }
  async function* read(p: string, run: StateRun, afterKey: string | null): AsyncGenerator<Entry> {
    const index = await getIndex(p, run)
    const place = toPlace(p, run.id)
    let from = 0
    if (afterKey !== null)
      while (from < index.length && compareKeys(lastPartOf(index[from]!, place), afterKey) <= 0) from++
    for (const id of index.slice(from)) {
      const entries = await getPart(id)
      for (const entry of entries) if (afterKey === null || compareKeys(entry[0], afterKey) > 0) yield entry
    }
  }
  const forgetRun = (place: string): void => {
    for (const id of indexes.get(place) ?? []) forget(id)
    indexes.delete(place)
  }
  async function remove(ids: string[]): Promise<void> {
    for (let i = 0; i < ids.length; i += deletedAtOnce)
      await db.change(() => collection.deleteMany({ _id: { $in: ids.slice(i, i + deletedAtOnce) } }))
  }

  return {
    async write(p, state) {
      if (state.length === 0) return null
      const run = newRun(0)
      await insert(toParts(p, run.id, state))
      return run
    },
    async page(p, runs, afterKey, limit) {
      const result: { key: string; value: Json }[] = []
      try {
        for await (const [key, value] of mergeEntries(runs.map((run) => read(p, run, afterKey)))) {
          if (value !== null) result.push({ key, value })
          if (result.length === limit) break
        }
      } catch (error) {
        if (error instanceof RunGone) return undefined
        throw error
      }
      return result
    },
    async merge(p, runs, oldest) {
      const run = newRun(Math.max(...runs.map(({ level }) => level)) + 1)
      const made: StatePart[] = []
      let any = false
      const cutter = createCutter((last, entries) => made.push({ _id: toPlace(p, run.id, last), entries }))
      for await (const [key, value] of mergeEntries(runs.map((one) => read(p, one, null)))) {
        if (value === null && oldest) continue
        any = true
        cutter.add(key, JSON.stringify(value))
        for (const part of made.splice(0)) await insert([part])
      }
      cutter.end()
      for (const part of made) await insert([part])
      return any ? run : null
    },
    async delete(p, runs) {
      for (const { id } of runs) {
        const place = toPlace(p, id)
        forgetRun(place)
        await db.change(() => collection.deleteMany({ _id: within(place) }))
      }
    },
    async sweep(p, runs, isOurs) {
      const live = runs.map(({ id }) => toPlace(p, id))
      const found = await db.read(() =>
        collection.find({ _id: within(toPlace(p)) }, { projection: { _id: 1 } }).toArray(),
      )
      // what was found before the lease was seen to be ours is no later owner's
      if (!(await isOurs())) return
      await remove(found.map(({ _id }) => _id).filter((id) => !live.some((place) => id.startsWith(place))))
    },
  }
}
