/**
 * Commits of deployments on MongoDB, without transactions. Changed state is written first, as a run that nobody knows
 * (state-run.ts), and rows and outbox entries as versions `(number, tag)`; then one findOneAndUpdate of the deployment's
 * head, fenced by epoch and number, makes the number and the run current. A version counts when its number is at most the head's and its tag is the one that committed
 * that number: the tag is new for each owner and after each failed attempt, so what a killed or fenced writer left,
 * or still writes, never becomes visible. The head's `history` says from which number on which tag counts.
 *
 * Everything else is found by ranges of ids (version.ts). Older versions are cleared after the commit and before the next
 * one begins; until then readers take the newest version. The first commit of an owner, and the next after a failure,
 * also clears what those before left, from what they meant to write (intent.ts).
 */
import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../../error.ts'
import { toPackedCommit, type PackedCommit } from '../commit.ts'
import { checkKey } from '../document.ts'
import type { Commit, CommitStore, Lease } from '../log.ts'
import { checkTtl } from '../message.ts'
import { openCommitReader } from './commit-reader.ts'
import type { MongoDatabase } from './database.ts'
import { chunk, clear, forget, sweep, toIntents, type Intent } from './intent.ts'
import { releaseLease, takeLease } from './lease.ts'
import { createStateMerge, type StateMerge } from './state-merge.ts'
import { openStateRuns, stateRuns } from './state-runs.ts'
import { openTurns } from './turns.ts'
import {
  toPlace,
  versioned,
  versionId,
  within,
  type CommitHeadRecord,
  type OutboxVersion,
  type RowVersion,
  type StateRun,
  type Version,
} from './version.ts'

/** What this process knows as the owner of a deployment. */
interface Own {
  owner: string
  epoch: number
  tag: string
  /** What earlier attempts at the next number would have committed. */
  attempts: Map<string, string>
  number: number
  swept: boolean
  /** The clearing of the last commit. */
  clearing: Promise<void>
  merging: StateMerge
}
export function openMongoCommits(db: MongoDatabase): {
  in(workspace: string): CommitStore
  idle(): Promise<void>
} {
  const heads = db.collection<CommitHeadRecord>('commitHeads')
  const outbox = db.collection<OutboxVersion>('outboxVersions')
  const counters = db.collection<{ _id: string; value: number }>('counters')
  const owned = new Map<string, Own>()
  const inTurn = openTurns()
  const runs = openStateRuns(db)

  const insertAll = async <T extends Version>(name: string, made: T[]): Promise<void> => {
    for (let i = 0; i < made.length; i += chunk) {
      const part = made.slice(i, i + chunk) as unknown as { _id: string }[]
      await db.change(() => db.collection(name).insertMany(part, { ordered: true }))
    }
  }
  const finish = async (p: string, head: CommitHeadRecord, own: Own, intents: Intent[]): Promise<void> => {
    if (own.swept) {
      for (const intent of intents) await clear(db, intent)
      await forget(db, intents)
      return
    }
    await sweep(db, p, head)
    await runs.sweep(p, [...head.runs, ...(await own.merging.spare())], async () => {
      const now = await db.read(() => heads.findOne({ _id: p }, { projection: { epoch: 1 } }))
      return now?.epoch === own.epoch
    })
    own.swept = true
  }
  const fenced = (commit: PackedCommit): AppError =>
    new AppError(
      'fenced',
      `Commit ${commit.number} of ${commit.deployment} is not the next one of the current owner.`,
    )
  const newTag = (epoch: number): string => `${epoch}.${randomBytes(9).toString('base64url')}`

  const commit = async (workspace: string, packed: PackedCommit): Promise<void> => {
    const p = `${workspace}/${packed.deployment}`
    const { lease, number } = packed
    const head = await db.read(() => heads.findOne({ _id: p }))
    if (!head || head.owner !== lease.owner || head.epoch !== lease.epoch) throw fenced(packed)
    let own = owned.get(p)
    if (own?.owner !== lease.owner || own.epoch !== lease.epoch) {
      const none = { attempts: new Map<string, string>(), number, swept: false, clearing: Promise.resolve() }
      const merging = createStateMerge(p, runs)
      own = { owner: lease.owner, epoch: lease.epoch, tag: newTag(lease.epoch), merging, ...none }
      owned.set(p, own)
    }
    if (own.number !== number) {
      own.attempts.clear()
      own.number = number
    }
    const content = createHash('sha256')
      .update(
        JSON.stringify([
          packed.offsets,
          packed.clocks,
          packed.state,
          packed.rows,
          packed.gone,
          packed.outbox,
        ]),
      )
      .digest('hex')
    const landed = (at: CommitHeadRecord): boolean => {
      const last = at.history.at(-1)?.tag ?? ''
      return at.number === number && own.attempts.get(last) === content
    }
    if (landed(head)) return
    if (head.number !== number - 1) throw fenced(packed)
    await own.clearing
    const { tag } = own
    own.attempts.set(tag, content)
    let intents: Intent[] = []
    let current: CommitHeadRecord
    try {
      const [made, written] = await Promise.all([
        runs.write(p, packed.state),
        writeVersions(workspace, p, packed, tag),
      ])
      intents = written
      const below: StateRun[] = await own.merging.apply(head.runs)
      const isNew = head.history.at(-1)?.tag !== tag
      const after = await db.change(() =>
        heads.findOneAndUpdate(
          { _id: p, owner: lease.owner, epoch: lease.epoch, number: number - 1 },
          {
            $set: {
              number,
              offsets: packed.offsets,
              clocks: packed.clocks,
              runs: made ? [made, ...below] : below,
            },
            ...(isNew ? { $push: { history: { tag, from: number } } } : {}),
          },
          { returnDocument: 'after' },
        ),
      )
      if (!after) {
        const now = await db.read(() => heads.findOne({ _id: p }))
        if (!now || !landed(now)) throw fenced(packed)
        own.swept = false
        current = now
      } else current = after
    } catch (error) {
      // What was written stays invisible under this tag; the next attempt has another one.
      own.tag = newTag(lease.epoch)
      own.swept = false
      throw error
    }
    const owner = own
    owner.merging.committed(current.runs, owner.swept)
    owner.clearing = finish(p, current, owner, intents).catch(() => {
      owner.swept = false
    })
  }
  const writeVersions = async (
    workspace: string,
    p: string,
    packed: PackedCommit,
    tag: string,
  ): Promise<Intent[]> => {
    const n = packed.number
    const base = (place: string): Version => ({ _id: versionId(place, n, tag), n, tag })
    const rows = new Map<string, Omit<RowVersion, keyof Version>>(
      packed.gone.map(([id, end, start]) => [
        toPlace(p, end, start, id),
        { id, end, start, key: null, pane: 0, at: 0, fields: null },
      ]),
    )
    for (const [id, end, start, key, pane, at, fields] of packed.rows)
      rows.set(toPlace(p, end, start, id), { id, end, start, key, pane, at, fields })
    const entries = [...new Map(packed.outbox.toReversed().map((entry) => [entry[0], entry])).values()]
    const first = await takeTickets(workspace, entries.length)
    const outgoing = new Map(
      entries.toReversed().map(([id, kind, at, body], i) => {
        const ticket = first + i
        return [toPlace(workspace, ticket), { d: packed.deployment, id, ticket, kind, at, body }]
      }),
    )
    const intents = toIntents(p, packed, tag, {
      rowVersions: [...rows.keys()],
      outboxVersions: [...outgoing.keys()],
    })
    await insertAll<Intent>('commitIntents', intents)
    await insertAll<RowVersion>(
      'rowVersions',
      [...rows].map(([place, row]) => ({ ...base(place), ...row })),
    )
    await insertAll<OutboxVersion>(
      'outboxVersions',
      [...outgoing].map(([place, entry]) => ({ ...base(place), ...entry })),
    )
    return intents
  }
  /** The first of as many. */
  const takeTickets = async (workspace: string, count: number): Promise<number> => {
    if (count === 0) return 0
    const counter = await db.change(() =>
      counters.findOneAndUpdate(
        { _id: `outbox/${workspace}` },
        { $inc: { value: count } },
        { upsert: true, returnDocument: 'after' },
      ),
    )
    return (counter?.value ?? 0) - count
  }

  const idle = async (p: string): Promise<void> => {
    const own = owned.get(p)
    await Promise.all([own?.clearing, own?.merging.idle()])
  }
  return {
    async idle() {
      await Promise.all([...owned.keys()].map(idle))
    },
    in(workspace) {
      const keyOf = (deployment: string): string =>
        `${workspace}/${checkKey(deployment, 'The id of a deployment')}`
      const first = { number: 0, offsets: '{}', clocks: 'null', history: [], runs: [] }
      return {
        ...openCommitReader(db, runs, workspace),
        async lease(deployment, owner, now, ttlMs): Promise<Lease | undefined> {
          checkTtl(owner, now, ttlMs)
          return takeLease(db, 'commitHeads', keyOf(deployment), owner, now, ttlMs, first)
        },
        async release(deployment, lease) {
          const p = keyOf(deployment)
          await idle(p)
          owned.delete(p)
          await releaseLease(db, 'commitHeads', p, lease)
        },
        async commit(made: Commit) {
          const packed = toPackedCommit(made)
          return inTurn(keyOf(packed.deployment), () => commit(workspace, packed))
        },
        async settle(deployment, ids) {
          const p = keyOf(deployment)
          const head = await db.read(() => heads.findOne({ _id: p }, { projection: { number: 1 } }))
          const { number } = head ?? { number: 0 }
          // The queue is short as a rule, and those asked for lie at its front.
          const all = { _id: within(toPlace(workspace)), d: deployment, n: { $lte: number } }
          for (let i = 0; i < ids.length; i += chunk)
            await db.change(() => outbox.deleteMany({ ...all, id: { $in: ids.slice(i, i + chunk) } }))
        },
        async drop(deployment) {
          const p = keyOf(deployment)
          await idle(p)
          owned.delete(p)
          await db.change(() => heads.deleteOne({ _id: p }))
          for (const name of [...versioned, 'commitIntents', stateRuns]) {
            const all =
              name === 'outboxVersions'
                ? { _id: within(toPlace(workspace)), d: deployment }
                : { _id: within(toPlace(p)) }
            await db.change(() => db.collection<Version>(name).deleteMany(all))
          }
        },
      }
    },
  }
}
