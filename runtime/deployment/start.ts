/** Where a deployment begins in a stream. `now` is when it was made, not when its sandbox was ready. */
import type { z } from 'zod'
import type { startFrom } from '../api/deployments.ts'
import { AppError } from '../error.ts'
import { toTime } from '../sdk/duration.ts'
import type { Registration } from '../sdk/context.ts'
import type { MessageLog } from '../store/log.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { type Input, type InputStream, toInput } from './input.ts'

export type StartFrom = z.infer<typeof startFrom>
const far = Number.MAX_SAFE_INTEGER

/** The next seq to read. */
export async function findStart(
  log: MessageLog,
  stream: string,
  from: StartFrom,
  createdAt: number,
): Promise<number> {
  const head = await log.head(stream)
  if (from === 'first') return head.firstSeq
  if (from === 'now') {
    const [first] = await log.readByArrival(stream, { from: createdAt, to: far, limit: 1 })
    return first?.seq ?? head.nextSeq
  }
  if ('seq' in from) return Math.max(head.firstSeq, Math.min(from.seq, head.nextSeq))
  return findByEventTime(log, stream, toTime(from.eventTime))
}

/** The earliest arrival among the first thousand at or after that event time: what disorder there is, is kept. */
export async function findByEventTime(log: MessageLog, stream: string, eventTime: number): Promise<number> {
  const found = await log.readByEventTime(stream, { from: eventTime, to: far, limit: 1000 })
  let seq = Infinity
  for (const message of found) seq = Math.min(seq, message.seq)
  return seq === Infinity ? (await log.head(stream)).nextSeq : seq
}

/** What was registered, with its streams. not-found names what there is. */
export async function resolveInput(store: WorkspaceStore, one: Registration, index: number): Promise<Input> {
  const [first, ...others] = await Promise.all(
    [one.stream, ...(one.others ?? [])].map((reference) => getStream(store, reference)),
  )
  if (others.some(({ id }) => id === first!.id))
    throw new AppError('invalid', `A handler names the stream "${first!.name}" twice.`)
  return toInput(one, index, first!, others)
}

/** A stream by its id or its name. not-found names what there is. */
export async function getStream(store: WorkspaceStore, reference: string): Promise<InputStream> {
  const document =
    (await store.maybe('streams', reference)) ??
    (await store.find('streams', { filter: { name: reference }, limit: 1 })).items[0]
  if (!document) {
    const { items } = await store.find('streams', { sort: 'name', limit: 20 })
    const names = items.map(({ name }) => `"${String(name)}"`).join(', ')
    throw new AppError(
      'not-found',
      `There is no stream "${reference}". ${names === '' ? 'Define one first.' : `There is ${names}.`}`,
    )
  }
  return {
    id: document.id,
    name: String(document.name),
    outOfOrder: Number(document.outOfOrder ?? 0),
    lateness: Number(document.lateness ?? 0),
  }
}
