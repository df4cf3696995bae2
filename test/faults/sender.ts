/**
 * Sends facts with ids, persistent, mandatory and confirmed, and again what was not confirmed or came back because no
 * queue took it: what a careful sender does. It goes in groups, with a rest between them.
 */
import { connect, type ConfirmChannel } from 'amqplib'
import { within } from '../../runtime/amqp/connection.ts'
import { toFact, toId, toLast } from './facts.ts'

export interface Sender {
  /** Adds the next so many facts; `last`: one that closes all windows. */
  send(count: number, last?: boolean): void
  /** Numbers added so far. */
  readonly added: number
  readonly unconfirmed: number
  isConfirmed(i: number): boolean
  /** How many were sent more than once. */
  readonly again: number
  /** Nothing is under way when it resolves, and nothing is sent until `go`. */
  hold(): Promise<void>
  go(): void
  close(): Promise<void>
}

const restMs = 40
/** A queue that is deleted can leave a message without any answer: then the connection is given up. */
const answerMs = 3000
const awayMs = 100

export function openSender(url: string, queue: string, group: number): Sender {
  const waiting = new Set<number>()
  const tried = new Set<number>()
  let added = 0
  let again = 0
  let last: number | undefined
  let closed = false
  let held = false
  let resting: PromiseWithResolvers<void> | undefined

  function put(channel: ConfirmChannel, i: number, returned: Set<string>): Promise<void> {
    const id = toId(i)
    if (tried.has(i)) again++
    tried.add(i)
    return new Promise((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(i === last ? toLast(i) : toFact(i)))
      const options = { persistent: true, messageId: id, mandatory: true }
      channel.publish('', queue, body, options, (error: unknown) => {
        if (error) return reject(error instanceof Error ? error : new Error('not confirmed'))
        // A broker confirms what it gave back as well, after it gave it back.
        if (!returned.delete(id)) {
          waiting.delete(i)
          tried.delete(i)
        }
        resolve()
      })
    })
  }
  async function session(): Promise<void> {
    const connection = await connect(url, { timeout: 5000 })
    const lost = new Promise<never>((_resolve, reject) => {
      connection.on('error', reject)
      connection.on('close', () => reject(new Error('closed')))
    })
    lost.catch(() => undefined)
    try {
      const channel = await Promise.race([connection.createConfirmChannel(), lost])
      const returned = new Set<string>()
      channel.on('error', () => undefined) // the connection's end tells
      channel.on('return', ({ properties }) => returned.add(String(properties.messageId)))
      while (!closed) {
        const now = held ? [] : waiting.values().take(group).toArray()
        const answers = Promise.all(now.map((i) => put(channel, i, returned)))
        await Promise.race([within(answerMs, answers), lost])
        resting?.resolve()
        await Promise.race([pause(restMs), lost])
      }
    } finally {
      await Promise.race([connection.close().catch(() => undefined), pause(1000)])
    }
  }
  async function run(): Promise<void> {
    while (!closed) await session().catch(() => pause(awayMs))
  }
  const done = run()
  return {
    send(count, isLast = false) {
      for (let i = 0; i < count; i++) waiting.add(added + i)
      added += count
      if (isLast) last = added - 1
    },
    get added() {
      return added
    },
    get unconfirmed() {
      return waiting.size
    },
    isConfirmed: (i) => i < added && !waiting.has(i),
    get again() {
      return again
    },
    async hold() {
      held = true
      // the group that is under way ends, and one more look follows in which nothing is sent
      for (let round = 0; round < 2; round++) {
        resting = Promise.withResolvers()
        await resting.promise
      }
    },
    go() {
      held = false
    },
    async close() {
      closed = true
      await done
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
