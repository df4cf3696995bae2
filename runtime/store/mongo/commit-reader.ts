/**
 * Reads of commits on MongoDB: the newest version of each row that the head covers, and the state of the runs that it
 * names. There are no snapshots, so a read of rows that saw the head move begins again, and after a few times it takes
 * what it has, newer parts and all; one of state begins again where a run of it went.
 */
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import { checkKey } from '../document.ts'
import type { CommitStore, OutboxEntry, Row } from '../log.ts'
import { checkLimit } from '../message.ts'
import type { MongoDatabase } from './database.ts'
import type { StateRuns } from './state-runs.ts'
import {
  afterPlace,
  isCommitted,
  placeOf,
  toDigits,
  toPlace,
  within,
  type CommitHeadRecord,
  type OutboxVersion,
  type RowVersion,
  type Version,
} from './version.ts'

const tries = 5

export function openCommitReader(
  db: MongoDatabase,
  runs: StateRuns,
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
  /** The committed version at each place, in the order of the ids; the versions of a place are neighbours. */
  async function* current<T extends Version>(
    name: string,
    head: CommitHeadRecord,
    range: Range,
    way: 1 | -1,
    limit: number,
  ): AsyncGenerator<T> {
    const batchSize = Math.min(limit, 1_000) + 1
    const found = db.collection<Version>(name).find({ _id: range }, { batchSize }).sort({ _id: way })
    let best: Version | null = null
    try {
      for (;;) {
        const version: Version | null = await db.read(() => found.next())
        if (best && (!version || placeOf(version._id) !== placeOf(best._id))) {
          yield best as T
          best = null
        }
        if (!version) return
        if (isCommitted(head, version) && version.n > (best?.n ?? 0)) best = version
      }
    } finally {
      await found.close()
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
      const p = keyOf(deployment)
      for (let i = 0; i < tries; i++) {
        const head = await headOf(p)
        if (!head || head.number === 0) return []
        const found = await runs.page(p, head.runs, afterKey, limit)
        // deleted only after a head that does not name it
        const after = found && (await headOf(p))
        if (found && head.runs.every(({ id }) => after?.runs.some((run) => run.id === id))) return found
      }
      throw new AppError('unavailable', 'The state changed while it was read. Try again.')
    },
    async rows(deployment, query) {
      checkLimit(query.limit, 5_000)
      return steady(deployment, [], async (p, head) => {
        const way = query.newest ? -1 : 1
        const result: Row[] = []
        const found = current<RowVersion>('rowVersions', head, rangeOf(p, query), way, query.limit)
        for await (const { id, key, start, end, pane, at, fields } of found) {
          if (fields === null) continue
          result.push({ id, key, start, end, pane, at, fields: JSON.parse(fields) as JsonObject })
          if (result.length === query.limit) break
        }
        return result
      })
    },
    async outbox({ deployment, limit }) {
      checkLimit(limit, 5_000)
      if (deployment !== undefined) keyOf(deployment)
      const where = {
        _id: within(toPlace(workspace)),
        ...(deployment === undefined ? {} : { d: deployment }),
      }
      const found = db.collection<OutboxVersion>('outboxVersions').find(where).sort({ _id: 1 })
      const known = new Map<string, CommitHeadRecord | null>()
      const seen = new Set<string>()
      const result: (OutboxEntry & { deployment: string })[] = []
      try {
        while (result.length < limit) {
          const version = await db.read(() => found.next())
          if (!version) break
          const { d, id, kind, at, body } = version
          const p = keyOf(d)
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
interface Range {
  $gt?: string
  $gte?: string
  $lt: string
}
function rangeOf(p: string, query: Parameters<CommitStore['rows']>[1]): Range {
  const { from = -Infinity, to = Infinity, after, newest } = query
  const all = toPlace(p)
  let first = all + toDigits(from)
  let last = all + toDigits(to)
  if (after) {
    const place = toPlace(p, after.end, after.start, after.id)
    if (newest && place < last) last = place
    if (!newest && afterPlace(place) > first) first = afterPlace(place)
  }
  return { $gte: first, $lt: last }
}
