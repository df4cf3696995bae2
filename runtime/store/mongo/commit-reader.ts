/**
 * Reads of commits on MongoDB: the newest version of each key and row that the head covers. There are no snapshots,
 * so a read that saw the head move begins again; after a few times it takes what it has, newer parts and all.
 */
import type { Json, JsonObject } from '../../json.ts'
import { checkKey } from '../document.ts'
import type { CommitStore, OutboxEntry, Row } from '../log.ts'
import { checkLimit } from '../message.ts'
import {
  isCommitted,
  type CommitHeadRecord,
  type OutboxVersion,
  type RowVersion,
  type StateVersion,
} from './version.ts'
import type { MongoDatabase } from './database.ts'

const tries = 5

export function openCommitReader(
  db: MongoDatabase,
  workspace: string,
): Pick<CommitStore, 'head' | 'state' | 'rows' | 'outbox'> {
  const heads = db.collection<CommitHeadRecord>('commitHeads')
  const keyOf = (deployment: string): string =>
    `${workspace}/${checkKey(deployment, 'The id of a deployment')}`
  const headOf = (p: string): Promise<CommitHeadRecord | null> => db.read(() => heads.findOne({ _id: p }))
  const steady = async <T>(
    deployment: string,
    none: T,
    work: (p: string, head: CommitHeadRecord) => Promise<T>,
  ): Promise<T> => {
    const p = keyOf(deployment)
    let head = await headOf(p)
    for (let i = 1; ; i++) {
      if (!head || head.number === 0) return none
      const result = await work(p, head)
      const after = await headOf(p)
      if (after?.number === head.number || i === tries) return result
      head = after
    }
  }
  return {
    async head(deployment) {
      const head = await headOf(keyOf(deployment))
      if (!head || head.number === 0) return undefined
      return {
        number: head.number,
        offsets: JSON.parse(head.offsets) as { [stream: string]: number },
        clocks: JSON.parse(head.clocks) as Json,
      }
    },
    async state(deployment, afterKey, limit) {
      checkLimit(limit, 1_000)
      return steady(deployment, [], async (p, head) => {
        const found = db
          .collection<StateVersion>('commitState')
          .find({ p, ...(afterKey === null ? {} : { key: { $gt: afterKey } }) })
          .sort({ key: 1, n: -1 })
        const result: { key: string; value: Json }[] = []
        let seen: string | undefined
        try {
          while (result.length < limit) {
            const version = await db.read(() => found.next())
            if (!version) break
            if (version.key === seen || !isCommitted(head, version)) continue
            seen = version.key
            if (version.value !== null) result.push({ key: seen, value: JSON.parse(version.value) as Json })
          }
        } finally {
          await found.close()
        }
        return result
      })
    },
    async rows(deployment, query) {
      checkLimit(query.limit, 5_000)
      return steady(deployment, [], async (p, head) => {
        const collection = db.collection<RowVersion>('commitRows')
        const latest = { p, n: head.number }
        const changed = await db.read(() =>
          collection.find(latest).project<RowVersion>({ id: 1, n: 1, tag: 1 }).toArray(),
        )
        const newer = new Set(changed.filter((version) => isCommitted(head, version)).map(({ id }) => id))
        const way = query.newest ? -1 : 1
        const found = collection
          .find({ $and: [{ p, fields: { $ne: null } }, ...rangeOf(query)] })
          .sort({ end: way, start: way, id: way })
        const result: Row[] = []
        try {
          while (result.length < query.limit) {
            const version = await db.read(() => found.next())
            if (!version) break
            if (!isCommitted(head, version) || (version.n < head.number && newer.has(version.id))) continue
            const { id, key, start, end, pane, at, fields } = version
            result.push({ id, key, start, end, pane, at, fields: JSON.parse(fields ?? '{}') as JsonObject })
          }
        } finally {
          await found.close()
        }
        return result
      })
    },
    async outbox({ deployment, limit }) {
      checkLimit(limit, 5_000)
      const where = deployment === undefined ? { w: workspace } : { p: keyOf(deployment) }
      const found = db.collection<OutboxVersion>('outbox').find(where).sort({ ticket: 1 })
      const known = new Map<string, CommitHeadRecord | null>()
      const seen = new Set<string>()
      const result: (OutboxEntry & { deployment: string })[] = []
      try {
        while (result.length < limit) {
          const version = await db.read(() => found.next())
          if (!version) break
          const { p, d, id, kind, at, body } = version
          if (!known.has(p)) known.set(p, await headOf(p))
          const head = known.get(p)
          const name = `${p}#${id}`
          if (!head || !isCommitted(head, version) || seen.has(name)) continue
          seen.add(name)
          result.push({ id, kind, at, body: JSON.parse(body) as JsonObject, deployment: d })
        }
      } finally {
        await found.close()
      }
      return result
    },
  }
}
function rangeOf(query: Parameters<CommitStore['rows']>[1]): object[] {
  const { from, to, after, newest } = query
  const range: object[] = []
  if (from !== undefined) range.push({ end: { $gte: from } })
  if (to !== undefined) range.push({ end: { $lt: to } })
  if (after) {
    const beyond = newest ? '$lt' : '$gt'
    const { end, start, id } = after
    range.push({
      $or: [
        { end: { [beyond]: end } },
        { end, start: { [beyond]: start } },
        { end, start, id: { [beyond]: id } },
      ],
    })
  }
  return range
}
