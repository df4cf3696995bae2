/**
 * Carries the commits of schema version 1 over: versions in `commitState`, `commitRows` and `outbox`, which were found
 * by secondary indexes. Number and tag stay, so that the same versions count as before; what was already replaced
 * goes when its key changes next. Read by id alone, since those indexes may be damaged, and repeatable.
 */
import { isDuplicate, type MongoDatabase } from './database.ts'
import { toPlace, versionId, type OutboxVersion, type RowVersion, type StateVersion } from './version.ts'

type Old<T> = Omit<T, 'fields'> & { p: string; w?: string; fields?: string | null }
const chunk = 500

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
