/**
 * Carries the commits of earlier schemas over, repeatably. Of version 1: versions in `commitState`, `commitRows` and
 * `outbox`, which were found by secondary indexes. Number and tag stay, so that the same versions count as before; what
 * was already replaced goes when its key changes next. Read by id alone, since those indexes may be damaged. Of version
 * 2: the state as a document for each key and version, which becomes one run.
 */
import { isDuplicate, type MongoDatabase } from './database.ts'
import { openStateRuns } from './state-runs.ts'
import {
  isCommitted,
  placeOf,
  toPlace,
  versionId,
  within,
  type CommitHeadRecord,
  type OutboxVersion,
  type RowVersion,
  type Version,
} from './version.ts'

interface StateVersion extends Version {
  key: string
  value: string | null
}

type Old<T> = Omit<T, 'fields'> & { p: string; w?: string; fields?: string | null }
const chunk = 500
/** As large as one that was merged a few times. */
const oldLevel = 3

export async function moveCommits(db: MongoDatabase, renew: () => Promise<unknown>): Promise<void> {
  const move = async <T extends { _id: string; n: number; tag: string }>(
    from: string,
    to: string,
    place: (old: T) => string,
  ): Promise<void> => {
    const collection = db.collection<T & { p?: string; w?: string }>(from)
    const found = collection.find().sort({ _id: 1 })
    for (let ended = false; !ended;) {
      const part: { _id: string }[] = []
      while (part.length < chunk && !ended) {
        const old = await db.read(() => found.next())
        if (!old) ended = true
        else if (!('fields' in old) || old.fields !== null) {
          const { p: _p, w: _w, ...rest } = old
          part.push({ ...rest, _id: versionId(place(old as unknown as T), old.n, old.tag) })
        }
      }
      await renew()
      if (part.length === 0) continue
      await db
        .change(() => db.collection(to).insertMany(part, { ordered: false }))
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error // moved by an earlier try
        })
    }
    await db.change(() => collection.drop())
  }
  await move<Old<StateVersion>>('commitState', 'stateVersions', ({ p, key }) => toPlace(p, key))
  await move<Old<RowVersion>>('commitRows', 'rowVersions', ({ p, end, start, id }) =>
    toPlace(p, end, start, id),
  )
  await move<Old<OutboxVersion>>('outbox', 'outboxVersions', ({ w = '', ticket }) => toPlace(w, ticket))
}

export async function moveState(db: MongoDatabase, renew: () => Promise<unknown>): Promise<void> {
  const heads = db.collection<CommitHeadRecord>('commitHeads')
  const versions = db.collection<StateVersion>('stateVersions')
  const runs = openStateRuns(db)
  for (const head of await db.read(() => heads.find({ runs: { $exists: false } }).toArray())) {
    const p = head._id
    const state: [string, string | null][] = []
    let place = ''
    const found = versions.find({ _id: within(toPlace(p)) }).sort({ _id: 1 })
    for (;;) {
      const version = await db.read(() => found.next())
      if (!version) break
      if (placeOf(version._id) === place || !isCommitted(head, version)) continue
      place = placeOf(version._id)
      if (version.value !== null) state.push([version.key, version.value])
    }
    await renew()
    const run = await runs.write(p, state)
    const set = { runs: run ? [{ ...run, level: oldLevel }] : [] }
    await db.change(() => heads.updateOne({ _id: p, runs: { $exists: false } }, { $set: set }))
  }
  await db.change(() => versions.drop())
}
