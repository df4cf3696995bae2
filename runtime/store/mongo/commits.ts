/**
 * Commits of deployments on MongoDB, without transactions. Changed state, rows and outbox entries are written first,
 * as versions `(number, tag)`; then one findOneAndUpdate of the deployment's head, fenced by epoch and number, makes
 * the number current. A version counts when its number is at most the head's and its tag is the one that committed
 * that number: the tag is new for each owner and after each failed attempt, so what a killed or fenced writer left,
 * or still writes, never becomes visible. The head's `history` says from which number on which tag counts.
 *
 * Older versions are cleared after the commit and before the next one begins (`clear`); until then readers take the
 * newest version. A new owner clears what the last one left and sweeps what was never committed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '../../error.ts'
import { toPackedCommit, type PackedCommit } from '../commit.ts'
import { checkKey } from '../document.ts'
import type { Commit, CommitStore, Lease } from '../log.ts'
import { checkTtl } from '../message.ts'
import { openCommitReader } from './commit-reader.ts'
import type { MongoDatabase } from './database.ts'
import { releaseLease, takeLease } from './lease.ts'
import { openTurns } from './turns.ts'
import type { CommitHeadRecord, OutboxVersion, RowVersion, StateVersion, Version } from './version.ts'

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
}
const versioned = ['commitState', 'commitRows', 'outbox'] as const
const chunk = 500

export function openMongoCommits(db: MongoDatabase): {
  in(workspace: string): CommitStore
  idle(): Promise<void>
} {
  const heads = db.collection<CommitHeadRecord>('commitHeads')
  const states = db.collection<StateVersion>('commitState')
  const rows = db.collection<RowVersion>('commitRows')
  const outbox = db.collection<OutboxVersion>('outbox')
  const counters = db.collection<{ _id: string; value: number }>('counters')
  const owned = new Map<string, Own>()
  const inTurn = openTurns()

  const insertAll = async <T extends Version>(name: string, made: T[]): Promise<void> => {
    for (let i = 0; i < made.length; i += chunk) {
      const part = made.slice(i, i + chunk) as unknown as { _id: string }[]
      await db.change(() => db.collection(name).insertMany(part, { ordered: true }))
    }
  }
  /** Removes what the versions of number `n` replaced; the tombstones last, or the older ones would reappear. */
  const clear = async (
    p: string,
    n: number,
    keys: string[],
    ids: string[],
    gone: string[],
  ): Promise<void> => {
    for (let i = 0; i < keys.length; i += chunk)
      await db.change(() => states.deleteMany({ p, key: { $in: keys.slice(i, i + chunk) }, n: { $lt: n } }))
    for (let i = 0; i < ids.length; i += chunk)
      await db.change(() => rows.deleteMany({ p, id: { $in: ids.slice(i, i + chunk) }, n: { $lt: n } }))
    if (gone.length > 0) {
      await db.change(() => states.deleteMany({ p, n, value: null }))
      await db.change(() => rows.deleteMany({ p, n, fields: null }))
    }
  }
  /** Once per owner: what was never committed goes, and the last commit's clearing is done again. */
  const sweep = async (p: string, head: CommitHeadRecord): Promise<void> => {
    const from = head.history[0]?.from ?? 1
    const tags = head.history.map(({ tag }) => tag)
    for (const name of versioned) {
      const collection = db.collection<Version>(name)
      await db.change(() => collection.deleteMany({ p, n: { $gt: head.number } }))
      await db.change(() => collection.deleteMany({ p, n: { $gte: from }, tag: { $nin: tags } }))
    }
    const { number } = head
    if (number === 0) return
    const tag = head.history.at(-1)?.tag ?? ''
    const keys = await db.read(() =>
      states.find({ p, n: number, tag }, { projection: { key: 1, value: 1 } }).toArray(),
    )
    const ids = await db.read(() =>
      rows.find({ p, n: number, tag }, { projection: { id: 1, fields: 1 } }).toArray(),
    )
    const gone = [...keys.filter((v) => v.value === null), ...ids.filter((v) => v.fields === null)].map(
      (v) => v._id,
    )
    await clear(
      p,
      number,
      keys.map((v) => v.key),
      ids.map((v) => v.id),
      gone,
    )
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
      own = { owner: lease.owner, epoch: lease.epoch, tag: newTag(lease.epoch), ...none }
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
          packed.removedRows,
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
    if (!own.swept) {
      await sweep(p, head)
      own.swept = true
    }
    const { tag } = own
    own.attempts.set(tag, content)
    try {
      await writeVersions(workspace, p, packed, tag)
      const isNew = head.history.at(-1)?.tag !== tag
      const after = await db.change(() =>
        heads.findOneAndUpdate(
          { _id: p, owner: lease.owner, epoch: lease.epoch, number: number - 1 },
          {
            $set: { number, offsets: packed.offsets, clocks: packed.clocks },
            ...(isNew ? { $push: { history: { tag, from: number } } } : {}),
          },
          { returnDocument: 'after' },
        ),
      )
      if (!after) {
        const now = await db.read(() => heads.findOne({ _id: p }))
        if (!now || !landed(now)) throw fenced(packed)
      }
    } catch (error) {
      // What was written stays invisible under this tag; the next attempt has another one.
      own.tag = newTag(lease.epoch)
      own.swept = false
      throw error
    }
    const keys = packed.state.map(([key]) => key)
    const ids = [...packed.rows.map(([id]) => id), ...packed.removedRows]
    const gone = [
      ...packed.state.filter(([, value]) => value === null).map(([key]) => key),
      ...packed.removedRows,
    ]
    const current = own
    current.clearing = clear(p, number, keys, ids, gone).catch(() => {
      current.swept = false
    })
  }
  const writeVersions = async (
    workspace: string,
    p: string,
    packed: PackedCommit,
    tag: string,
  ): Promise<void> => {
    const n = packed.number
    const base = (key: string): Version => ({ _id: `${p}#${n}#${tag}#${key}`, p, n, tag })
    const rowIds = new Set(packed.rows.map(([id]) => id))
    await insertAll<StateVersion>(
      'commitState',
      packed.state.map(([key, value]) => ({ ...base(key), key, value })),
    )
    const lastRows = new Map(packed.rows.map((row) => [row[0], row]))
    await insertAll<RowVersion>('commitRows', [
      ...[...lastRows.values()].map(([id, end, start, key, pane, at, fields]) => ({
        ...base(id),
        id,
        end,
        start,
        key,
        pane,
        at,
        fields,
      })),
      ...[...new Set(packed.removedRows)]
        .filter((id) => !rowIds.has(id))
        .map((id) => ({ ...base(id), id, end: 0, start: 0, key: null, pane: 0, at: 0, fields: null })),
    ])
    if (packed.outbox.length === 0) return
    const counter = await db.change(() =>
      counters.findOneAndUpdate(
        { _id: `outbox/${workspace}` },
        { $inc: { value: packed.outbox.length } },
        { upsert: true, returnDocument: 'after' },
      ),
    )
    const ticket = (counter?.value ?? 0) - packed.outbox.length
    const entries = new Map(packed.outbox.toReversed().map((entry) => [entry[0], entry]))
    const made = [...entries.values()].toReversed()
    await insertAll<OutboxVersion>(
      'outbox',
      made.map(([id, kind, at, body], i) => ({
        ...base(id),
        w: workspace,
        d: packed.deployment,
        id,
        ticket: ticket + i,
        kind,
        at,
        body,
      })),
    )
  }

  return {
    async idle() {
      await Promise.all([...owned.values()].map((own) => own.clearing))
    },
    in(workspace) {
      const keyOf = (deployment: string): string =>
        `${workspace}/${checkKey(deployment, 'The id of a deployment')}`
      const first = { number: 0, offsets: '{}', clocks: 'null', history: [] }
      return {
        ...openCommitReader(db, workspace),
        async lease(deployment, owner, now, ttlMs): Promise<Lease | undefined> {
          checkTtl(owner, now, ttlMs)
          return takeLease(db, 'commitHeads', keyOf(deployment), owner, now, ttlMs, first)
        },
        async release(deployment, lease) {
          const p = keyOf(deployment)
          await owned.get(p)?.clearing
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
          for (let i = 0; i < ids.length; i += chunk)
            await db.change(() =>
              outbox.deleteMany({ p, id: { $in: ids.slice(i, i + chunk) }, n: { $lte: number } }),
            )
        },
        async drop(deployment) {
          const p = keyOf(deployment)
          await owned.get(p)?.clearing
          owned.delete(p)
          await db.change(() => heads.deleteOne({ _id: p }))
          for (const name of versioned) await db.change(() => db.collection<Version>(name).deleteMany({ p }))
        },
      }
    },
  }
}
