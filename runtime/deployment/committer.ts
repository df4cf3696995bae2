/**
 * Commits the steps of one session, in order, and tells about them. A store that cannot be reached is waited for with
 * the same commit in hand; whether an earlier try of it arrived is seen from the head, since nobody else commits while
 * the lease is ours. One that is refused while the worker ends is given up: the next owner makes it again.
 */
import type { Logger } from 'pino'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Lease } from '../store/log.ts'
import type { WorkspaceStore } from '../store/port.ts'
import { toShown } from './input.ts'
import type { Control } from './control.ts'
import type { Changes } from './changes.ts'
import type { Session } from './session.ts'

export interface CommitterOptions {
  workspace: string
  deployment: string
  store: WorkspaceStore
  bus: Bus
  clock: Clock
  control: Control
  lease: () => Lease
  /** Over at once when `signal` is aborted. */
  wait: (ms: number) => Promise<void>
  /** The worker ends: a commit that the store refuses is left to the next owner. */
  signal: AbortSignal
  log: Pick<Logger, 'warn'>
  takeOutbox: () => Promise<unknown>
  /** The store refuses a commit, and why; null: it took it. */
  onTrouble?: (message: string | null) => void
}
export interface Committer {
  commit(session: Session): Promise<void>
  /** Figures for the page, where they changed, a few times a second at most unless `now`. */
  show(session: Session, now?: boolean): Promise<void>
}

const showMs = 250

export function createCommitter(options: CommitterOptions): Committer {
  const { workspace, deployment, store, bus, clock, control, lease, wait, signal, log } = options
  let shownAt = -Infinity
  let shown = ''

  async function insist<T>(number: number, work: (tried: boolean) => Promise<T>): Promise<T> {
    for (let pause = 100, tried = false; ; pause = Math.min(pause * 2, 5000), tried = true) {
      try {
        const result = await work(tried)
        if (tried) options.onTrouble?.(null)
        return result
      } catch (error) {
        if (!isAppError(error, 'unavailable') || signal.aborted) throw error
        options.onTrouble?.(`The store refuses a commit, which is tried again: ${error.message}`)
        log.warn(
          { deployment, commit: number, reason: error.message },
          'the store refuses a commit, which is tried again',
        )
        await wait(pause)
      }
    }
  }

  async function show(session: Session, now = false): Promise<void> {
    const { processor, offsets, inputs, caller } = session
    const position = JSON.stringify([session.number, offsets])
    if (!now && (position === shown || clock.now() - shownAt < showMs)) return
    shown = position
    shownAt = clock.now()
    const counters = processor.counters
    const set = {
      inputs: inputs.flatMap((input) => {
        const watermark = processor.watermark(input)
        return toShown(input).map((shown) => ({
          ...shown,
          nextSeq: offsets[String(shown.stream)] ?? 0,
          watermark: Number.isFinite(watermark) ? watermark : null,
        }))
      }),
      commit: session.number,
      counters,
      actions: counters.actions ?? 0,
      receipt: { ...caller.receipt },
      updatedAt: shownAt,
    } as unknown as JsonObject
    try {
      await control.tell(workspace, await store.update('deployments', deployment, { set }))
    } catch (error) {
      // figures only: the next ones come in a second
      if (!isAppError(error, 'unavailable') && !isAppError(error, 'not-found')) throw error
    }
  }

  /** The records first, so that a commit that counts has them. */
  async function write(session: Session, number: number, changes: Changes): Promise<void> {
    const { records, clocks, state, outbox, ...rest } = changes
    const kept = await insist(number, () => session.records.keep(records, clock.now()))
    const commit = {
      deployment,
      number,
      offsets: { ...session.offsets },
      clocks: { ...(clocks as JsonObject), records: kept.records },
      state: { ...state, ...kept.state },
      outbox: outbox.map((entry) => {
        const instant = kept.instants.get(entry.id)
        return instant ? { ...entry, body: { ...entry.body, instant } } : entry
      }),
      ...rest,
    }
    await insist(number, async (tried) => {
      try {
        await store.commits.commit({ ...commit, lease: lease() })
      } catch (error) {
        const head = tried && isAppError(error, 'fenced') ? await store.commits.head(deployment) : undefined
        if (head?.number !== number) throw error
      }
    })
    await session.records.settle()
  }

  return {
    show,
    async commit(session) {
      await session.processor.flush()
      const changes = session.processor.take()
      const number = session.number + 1
      await write(session, number, changes)
      session.number = number
      const { rows, gone } = changes
      if (rows.length + gone.length > 0)
        bus.publish(workspace, {
          topic: `deployments/${deployment}`,
          data: {
            type: 'rows',
            rows: rows.slice(-500) as unknown as JsonObject[],
            ...(gone.length > 0 && { gone: gone.slice(-500).map(({ id }) => id) }),
          },
        })
      if (changes.outbox.length > 0) await options.takeOutbox()
      await show(session)
    },
  }
}
