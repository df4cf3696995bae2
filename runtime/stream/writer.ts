/**
 * The one writer of a stream's log, under the stream's lease. It owns what is needed to store each message once: the
 * known identities, and the next seq, by which it recognises a batch whose append failed but was stored after all.
 * Dead letters go to the sub-log before the batch does, so that both are durable when it resolves.
 */
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { Head, Lease, MessageLog, NewMessage } from '../store/log.ts'
import { createIdentities, type Identities } from './identity.ts'
import type { Record } from './record.ts'

export interface Prepared {
  messages: NewMessage[]
  dead: NewMessage[]
  /** For each record, what it is. */
  outcomes: ('new' | 'duplicate' | 'dead')[]
  /** Of the lease by which it was told what is new. */
  epoch: number | undefined
  source?: Json
  ackedSeq?: number
  /** What a first, failed attempt expected; undefined before it. */
  deadStored?: boolean
}
export interface Written {
  accepted: number
  duplicates: number
  deadLetters: number
  firstSeq: number
  lastSeq: number
}
/** Of what was written together, each group's own share. */
export function toShares(
  all: Written,
  outcomes: Prepared['outcomes'],
  groups: readonly { length: number }[],
): Written[] {
  let at = 0
  let { firstSeq } = all
  return groups.map(({ length }) => {
    const own = outcomes.slice(at, at + length)
    at += length
    const count = (kind: Prepared['outcomes'][number]): number => own.filter((is) => is === kind).length
    const share = { accepted: count('new'), duplicates: count('duplicate'), deadLetters: count('dead') }
    const first = firstSeq
    firstSeq += share.accepted
    return { ...share, firstSeq: first, lastSeq: firstSeq - 1 }
  })
}
export interface LogWriter {
  /** Takes or renews the lease, and on taking it reads head and identities. undefined while another owner holds it. */
  acquire(): Promise<Head | undefined>
  /** The lease, and what the log holds is known: before that nothing may be written. */
  readonly held: boolean
  /**
   * Drops what was stored before, and knows the rest from now on. To be called once for a batch, then `commit` until
   * it succeeds, or `invalidate`.
   */
  prepare(records: Record[], more?: { source?: Json; ackedSeq?: number }): Prepared
  /** fenced: the lease is another's; unavailable: try again with the same batch. */
  commit(batch: Prepared): Promise<Written>
  /** After a commit that was given up: what the log really holds is read again with the next `acquire`. */
  invalidate(): void
  /** What a message without an id is compared with in the session to come: all after this seq. */
  setAcknowledged(seq: number): Promise<void>
  release(): Promise<void>
}

export const leaseMs = 15_000
export const renewMs = 5000
const knownIds = 1_000_000
const hashWindow = 100_000

export function createLogWriter(deps: {
  log: MessageLog
  stream: string
  owner: string
  clock: Clock
}): LogWriter {
  const { log, stream, owner, clock } = deps
  const deadLog = `${stream}/dead`
  let lease: Lease | undefined
  let loadedEpoch: number | undefined
  let identities: Identities = createIdentities(knownIds)
  let nextSeq = 1
  let deadNextSeq = 1

  async function load(): Promise<Head> {
    const head = await log.head(stream)
    nextSeq = head.nextSeq
    deadNextSeq = (await log.head(deadLog)).nextSeq
    identities = createIdentities(knownIds)
    const known = await log.identities(stream, head.firstSeq, knownIds)
    for (let i = known.length - 1; i >= 0; i--) {
      const id = known[i]!.messageId
      if (id !== null) identities.add(id)
    }
    return head
  }
  /** Stored by an attempt that seemed to fail: nobody else writes, so the next seq tells. */
  async function append(
    name: string,
    expected: number,
    messages: NewMessage[],
    more: { source?: Json; ackedSeq?: number },
    again: boolean,
  ): Promise<number> {
    if (!lease) throw new AppError('fenced', 'The lease of the stream was lost.')
    if (again && messages.length > 0) {
      const head = await log.head(name)
      if (head.nextSeq === expected + messages.length) return head.nextSeq - 1
      if (head.nextSeq !== expected) throw new AppError('fenced', 'Another owner wrote to the stream.')
    }
    try {
      const { firstSeq, lastSeq } = await log.append(name, lease, { messages, ...more })
      if (messages.length > 0 && firstSeq !== expected)
        throw new AppError('fenced', 'Another owner wrote to the stream.')
      return lastSeq
    } catch (error) {
      if (isAppError(error, 'fenced')) lease = loadedEpoch = undefined
      throw error
    }
  }
  return {
    async acquire() {
      lease = await log.lease(stream, owner, clock.now(), leaseMs)
      if (!lease) return undefined
      if (loadedEpoch === lease.epoch) return log.head(stream)
      const head = await load()
      loadedEpoch = lease.epoch
      return head
    },
    get held() {
      return lease !== undefined && lease.epoch === loadedEpoch
    },
    prepare(records, more = {}) {
      const batch: Prepared = { messages: [], dead: [], outcomes: [], epoch: loadedEpoch, ...more }
      for (const { message, dead } of records) {
        const { messageId, hash } = message
        if (dead !== undefined) {
          batch.dead.push(message)
          batch.outcomes.push('dead')
          continue
        }
        const repeated =
          messageId === null
            ? message.redelivered && hash !== undefined && identities.takeHash(hash)
            : !identities.add(messageId)
        batch.outcomes.push(repeated ? 'duplicate' : 'new')
        if (!repeated) batch.messages.push(message)
      }
      return batch
    },
    async commit(batch) {
      if (!lease || lease.epoch !== loadedEpoch || batch.epoch !== loadedEpoch)
        throw new AppError('fenced', 'The lease of the stream was lost.')
      const again = batch.deadStored !== undefined
      const { messages, dead, outcomes, source, ackedSeq } = batch
      const duplicates = outcomes.filter((one) => one === 'duplicate').length
      if (dead.length > 0 && !batch.deadStored) {
        batch.deadStored = false
        deadNextSeq = (await append(deadLog, deadNextSeq, dead, {}, again)) + 1
      }
      batch.deadStored = true
      const result = { accepted: messages.length, duplicates, deadLetters: dead.length }
      // Without messages the place at the source is still worth keeping.
      if (messages.length === 0 && source === undefined)
        return { ...result, firstSeq: nextSeq, lastSeq: nextSeq - 1 }
      const firstSeq = nextSeq
      const more = {
        ...(source === undefined ? {} : { source }),
        ...(ackedSeq === undefined ? {} : { ackedSeq }),
      }
      await append(stream, firstSeq, messages, more, again)
      nextSeq += messages.length
      return { ...result, firstSeq, lastSeq: nextSeq - 1 }
    },
    invalidate() {
      loadedEpoch = undefined
    },
    async setAcknowledged(seq) {
      const from = Math.max(seq + 1, nextSeq - hashWindow)
      const stored = await log.identities(stream, Math.max(from, 1), hashWindow)
      identities.setUnacknowledged(stored.reverse().flatMap(({ hash }) => (hash === null ? [] : [hash])))
    },
    async release() {
      if (lease) await log.release(stream, lease)
      lease = loadedEpoch = undefined
    },
  }
}
