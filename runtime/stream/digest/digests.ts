/**
 * Follows the log of every stream by seq, behind ingest and out of its way: keeps the schema with its drift, the
 * rollups, and the log within its retention. The place, the schema and the drift are one document, changed in one step
 * against its revision; rollups are written before it and know their own last seq. So a crash at any moment, or a
 * second process at the same work, counts nothing twice: who comes second finds a newer revision and starts again.
 */
import type { Bus } from '../../bus/port.ts'
import type { Clock } from '../../clock.ts'
import { isAppError, toMessage } from '../../error.ts'
import type { JsonObject } from '../../json.ts'
import type { Document, Page, Store, WorkspaceStore } from '../../store/port.ts'
import { toStoredStream, type StoredStream } from '../definition.ts'
import { toNoteId, toNoteIds } from '../letter/note.ts'
import { findKept } from './retention.ts'
import { fold, toKey, toStart, type Rollup, type Unit } from './rollup.ts'
import { newSchema, observe, type Drift, type Schema } from './schema.ts'

export interface Digest {
  /** The next seq to look at. */
  next: number
  schema: Schema
}
export interface Digests {
  /** undefined before the first message was looked at. */
  schema(workspace: string, stream: string): Promise<Digest | undefined>
  rollups(
    workspace: string,
    stream: string,
    query: { unit: Unit; from?: number; to?: number; limit: number; cursor?: string },
  ): Promise<Page<Rollup>>
  /** Looks at what came since; for tests and the timer. */
  follow(workspace: string, stream: StoredStream): Promise<void>
  close(): Promise<void>
}

const keepMs = 90 * 86_400_000
const batch = 2000
const batches = 5
const tickMs = 2000
const trimMs = 60_000
const idsAtOnce = 200

export function openDigests(deps: {
  store: Store
  bus: Bus
  clock: Clock
  log: { warn(data: object, text: string): void }
  workspaces(): Promise<string[]>
  /** Whether to follow by itself. */
  timer?: boolean
}): Digests {
  const { store, bus, clock, log } = deps
  let closing = false
  let busy: Promise<void> | undefined
  let trimAt = 0
  /** The last rollup that was looked at for its age, by workspace. */
  const swept = new Map<string, string>()

  async function getDigest(mine: WorkspaceStore, stream: string, first: number): Promise<Document> {
    const known = await mine.maybe('digests', stream)
    if (known) return known
    const schema = JSON.stringify(newSchema())
    return (await mine.insert('digests', [{ id: stream, next: first, schema }]))[0]!
  }
  async function step(mine: WorkspaceStore, stream: string): Promise<boolean> {
    const head = await mine.log.head(stream)
    const digest = await getDigest(mine, stream, head.firstSeq)
    const { next, schema } = toDigest(digest)
    if (next >= head.nextSeq) return false
    const messages = await mine.log.read(stream, next, batch)
    if (messages.length === 0) return false
    await writeRollups(mine, stream, messages)
    const drift: Drift[] = []
    for (const { body, seq, receivedAt } of messages) drift.push(...observe(schema, body, seq, receivedAt))
    const set = { next: messages.at(-1)!.seq + 1, schema: JSON.stringify(schema) }
    await mine.update('digests', stream, { set }, digest.revision)
    for (const one of drift)
      bus.publish(mine.workspace, { topic: `streams/${stream}`, data: { ...one, type: 'drift' } })
    return messages.length >= batch
  }
  async function writeRollups(
    mine: WorkspaceStore,
    stream: string,
    messages: Awaited<ReturnType<WorkspaceStore['log']['read']>>,
  ): Promise<void> {
    const ids = new Set<string>()
    for (const { eventTime } of messages)
      for (const unit of ['minute', 'hour'] as const) ids.add(toId(stream, unit, toStart(unit, eventTime)))
    const known = new Map<string, Document>()
    const wanted = [...ids]
    for (let at = 0; at < wanted.length; at += idsAtOnce) {
      const some = wanted.slice(at, at + idsAtOnce)
      const { items } = await mine.find('rollups', { filter: { id: { $in: some } }, limit: idsAtOnce })
      for (const one of items) known.set(toKey(one.unit as Unit, Number(one.start)), one)
    }
    const changed = fold(messages, known as unknown as ReadonlyMap<string, Rollup>)
    const expiresAt = clock.now() + keepMs
    const fresh: (JsonObject & { id: string })[] = []
    for (const [key, rollup] of changed) {
      const { unit, start, count, bytes, seq, fields } = rollup
      const content = { count, bytes, seq, fields: fields as unknown as JsonObject[], expiresAt }
      const before = known.get(key)
      if (before) await mine.update('rollups', before.id, { set: content }, before.revision)
      else fresh.push({ id: toId(stream, unit, start), stream, unit, start, ...content })
    }
    if (fresh.length > 0) await mine.insert('rollups', fresh)
  }
  async function trim(mine: WorkspaceStore, stream: StoredStream): Promise<void> {
    const { retention } = stream
    if (retention.ageMs === null && retention.bytes === null) return
    const digest = await mine.maybe('digests', stream.id)
    const head = await mine.log.head(stream.id)
    const needed = Math.min(Number(digest?.next ?? 1), await findUnread(mine, stream.id))
    const from = await findKept(mine.log, stream.id, head, retention, clock.now(), needed)
    if (from > head.firstSeq) await mine.log.trim(stream.id, from)
    await trimLetters(mine, stream)
  }
  /** Dead letters are kept as long as messages are, and go with the notes of their replays. */
  async function trimLetters(mine: WorkspaceStore, { id, retention }: StoredStream): Promise<void> {
    const name = `${id}/dead`
    const head = await mine.log.head(name)
    const from = await findKept(mine.log, name, head, retention, clock.now(), head.nextSeq)
    if (from === head.firstSeq) return
    await mine.delete('letters', { id: { ...toNoteIds(id), $lt: toNoteId(id, from) } })
    await mine.log.trim(name, from)
  }
  /** The first seq that a deployment at work has not read. */
  async function findUnread(mine: WorkspaceStore, stream: string): Promise<number> {
    const filter = { state: { $in: ['starting', 'running', 'paused', 'draining'] } }
    const { items } = await mine.find('deployments', { filter, limit: 1000 })
    const offsets = await Promise.all(
      items.map(async ({ id }) => (await mine.commits.head(id))?.offsets[stream]),
    )
    return Math.min(Infinity, ...offsets.filter((one) => one !== undefined))
  }
  /** A page at a time, round and round. */
  async function expire(mine: WorkspaceStore): Promise<void> {
    const from = swept.get(mine.workspace) ?? ''
    const page = await mine.find('rollups', { filter: { id: { $gt: from } }, limit: 1000 })
    const old = page.items.filter(({ expiresAt }) => Number(expiresAt) < clock.now()).map(({ id }) => id)
    if (old.length > 0) await mine.delete('rollups', { id: { $in: old } })
    swept.set(mine.workspace, page.nextCursor === null ? '' : page.items.at(-1)!.id)
  }
  async function follow(workspace: string, stream: StoredStream): Promise<void> {
    const mine = store.in(workspace)
    try {
      for (let i = 0; i < batches && !closing; i++) if (!(await step(mine, stream.id))) break
    } catch (error) {
      // another process was faster: what is left is there the next time
      if (!isAppError(error, 'stale') && !isAppError(error, 'conflict')) throw error
    }
  }
  async function tick(): Promise<void> {
    const isTrim = clock.now() >= trimAt
    if (isTrim) trimAt = clock.now() + trimMs
    for (const workspace of await deps.workspaces()) {
      const mine = store.in(workspace)
      if (isTrim) await expire(mine)
      let cursor: string | null = null
      do {
        const page: Page<Document> = await mine.find('streams', {
          limit: 1000,
          ...(cursor === null ? {} : { cursor }),
        })
        for (const document of page.items) {
          if (closing) return
          const stream = toStoredStream(document)
          await follow(workspace, stream)
          if (isTrim) await trim(mine, stream)
        }
        cursor = page.nextCursor
      } while (cursor !== null)
    }
  }
  const timer =
    deps.timer === false
      ? undefined
      : setInterval(() => {
          busy ??= tick()
            .catch((error: unknown) =>
              log.warn({ error: toMessage(error) }, 'the streams could not be followed'),
            )
            .finally(() => {
              busy = undefined
            })
        }, tickMs)
  return {
    async schema(workspace, stream) {
      const known = await store.in(workspace).maybe('digests', stream)
      return known && toDigest(known)
    },
    async rollups(workspace, stream, { unit, from = -8.64e15, to = 8.64e15, limit, cursor }) {
      const filter = { id: { $gte: toId(stream, unit, from), $lt: toId(stream, unit, to) } }
      const more = cursor === undefined ? {} : { cursor }
      const page = await store.in(workspace).find('rollups', { filter, limit, ...more })
      return page as unknown as Page<Rollup>
    },
    async follow(workspace, stream) {
      await follow(workspace, stream)
      await trim(store.in(workspace), stream)
      await expire(store.in(workspace))
    },
    async close() {
      closing = true
      clearInterval(timer)
      await busy
    },
  }
}

/** The schema lies there as text: its paths have dots, and its fields come and go as a whole. */
function toDigest({ next, schema }: Document): Digest {
  return { next: Number(next), schema: JSON.parse(String(schema)) as Schema }
}
/** Ordered as the starts are: minutes since the first instant that a date can have, at a fixed width. */
function toId(stream: string, unit: Unit, start: number): string {
  const ms = Math.min(Math.max(start, -8.64e15), 8.64e15)
  return `${stream}.${unit}.${String(Math.ceil(ms / 60_000) + 8.64e15 / 60_000).padStart(12, '0')}`
}
/** All rollups of a stream. */
export function toRollupIds(stream: string): { $gte: string; $lt: string } {
  return { $gte: `${stream}.`, $lt: `${stream}/` }
}
