/**
 * What a commit is going to write, noted before it writes: so that, without an index on numbers or tags, the versions
 * that it replaces and those of an attempt that never became current can be found. An intent is carried out when its
 * number is decided, never before: the head's change of an attempt that seemed lost may still arrive. That of a
 * committed attempt then goes; that of another is carried out again by each later sweep for an hour, since its writer
 * may have been slow instead of dead.
 */
import type { PackedCommit } from '../commit.ts'
import type { MongoDatabase } from './database.ts'
import {
  isCommitted,
  olderThan,
  toPlace,
  type Version,
  versioned,
  versionId,
  within,
  type CommitHeadRecord,
} from './version.ts'

export interface Intent extends Version {
  of: (typeof versioned)[number]
  /** Where it writes. */
  places: string[]
  /** Those of them where it removes. */
  gone: string[]
  /** Real time, ms: owners are different processes. */
  at: number
}
const keepMs = 3_600_000
/** Places in one record: their ids are at most a few thousand bytes each. */
export const chunk = 1_000

export interface Places {
  rowVersions: string[]
  outboxVersions: string[]
}
export function toIntents(p: string, packed: PackedCommit, tag: string, all: Places): Intent[] {
  const n = packed.number
  const removed = {
    rowVersions: new Set(packed.gone.map(([id, end, start]) => toPlace(p, end, start, id))),
    outboxVersions: new Set<string>(),
  }
  return versioned.flatMap((of) =>
    Array.from({ length: Math.ceil(all[of].length / chunk) }, (_, i) => {
      const places = all[of].slice(i * chunk, (i + 1) * chunk)
      const gone = places.filter((place) => removed[of].has(place))
      return { _id: versionId(toPlace(p), n, `${tag}.${of}.${i}`), n, tag, of, places, gone, at: Date.now() }
    }),
  )
}
/** Removes what a committed one replaced; what it removed comes last, or the older version would reappear. */
export async function clear(db: MongoDatabase, { of, n, tag, places, gone }: Intent): Promise<void> {
  if (of === 'outboxVersions') return
  const collection = db.collection<Version>(of)
  const deletes = places.map((place) => ({ deleteMany: { filter: { _id: olderThan(place, n) } } }))
  await db.change(() => collection.bulkWrite(deletes, { ordered: false }))
  if (gone.length === 0) return
  const ids = gone.map((place) => versionId(place, n, tag))
  await db.change(() => collection.deleteMany({ _id: { $in: ids } }))
}
export async function forget(db: MongoDatabase, intents: Intent[]): Promise<void> {
  const ids = intents.map(({ _id }) => _id)
  for (let i = 0; i < ids.length; i += chunk)
    await db.change(() =>
      db.collection<Intent>('commitIntents').deleteMany({ _id: { $in: ids.slice(i, i + chunk) } }),
    )
}
/** Carries out whatever is decided as of `head`. */
export async function sweep(db: MongoDatabase, p: string, head: CommitHeadRecord): Promise<void> {
  const found = db.collection<Intent>('commitIntents').find({ _id: within(toPlace(p)) }, { batchSize: 10 })
  try {
    for (;;) {
      const intent = await db.read(() => found.next())
      if (!intent) return
      if (intent.n > head.number) continue
      const committed = isCommitted(head, intent)
      if (committed) await clear(db, intent)
      else {
        const ids = intent.places.map((place) => versionId(place, intent.n, intent.tag))
        await db.change(() => db.collection<Version>(intent.of).deleteMany({ _id: { $in: ids } }))
      }
      if (committed || intent.at < Date.now() - keepMs) await forget(db, [intent])
    }
  } finally {
    await found.close()
  }
}
