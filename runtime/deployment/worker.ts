/**
 * Holds one deployment while its lease is ours: opens sessions, reads the log, commits, and ends when a person or a
 * failure says so. What happened since the last commit counts only with the next one: after a death the session is
 * opened again and the same messages come again. A handler that fails for good ends the deployment with everything
 * before that message committed: the step is discarded, done again up to the message, and committed.
 */
import { AppError, isAppError, toMessage } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Lease } from '../store/log.ts'
import type { Document } from '../store/port.ts'
import { createCommitter } from './committer.ts'
import type { Control } from './control.ts'
import { SandboxDied } from './handler.ts'
import type { DeploymentDeps, DeploymentLimits, PinnedNotebook } from './ports.ts'
import { CellFailed, openSession, type Session } from './session.ts'
import { toObject, toState } from './shape.ts'
import type { StartFrom } from './start.ts'
import { working } from './state.ts'
import { createSteps, Failed, StepFailed, type Steps } from './step.ts'

export interface Worker {
  /** Something changed: messages, or what the deployment should be. */
  wake(): void
  /** What keeps it from going on now, and was perhaps not stored. */
  readonly trouble: string | null
  /** It ended so that another process takes the deployment. */
  readonly moved: boolean
  readonly done: Promise<void>
  /** Leaves it as it is for the next owner. */
  close(): Promise<void>
}
export interface WorkerOptions {
  workspace: string
  document: Document
  owner: string
  lease: Lease
  control: Control
  limits: DeploymentLimits
}
const checkMs = 1000

export function startWorker(deps: DeploymentDeps, options: WorkerOptions): Worker {
  const { workspace, document, owner, control, limits } = options
  const { clock, log, bus } = deps
  const id = document.id
  const store = deps.store.in(workspace)
  const stop = new AbortController()
  const unsubscribes: (() => void)[] = []
  let lease = options.lease
  let woken = Promise.withResolvers<void>()
  let deathOf: string | undefined
  let checkedAt = -Infinity
  let state = String(document.state)
  let { deaths } = toState(document)
  let current: Session | undefined
  let trouble: string | null = null
  let moved = false
  const movedAt = Number(document.movedAt ?? 0)

  const wake = (): void => {
    woken.resolve()
  }
  /** Until the time is over, the worker is closed or, where `awake`, something happens. */
  async function pause(ms: number, awake = false): Promise<void> {
    if (stop.signal.aborted) return
    const over = Promise.withResolvers<void>()
    const end = (): void => over.resolve()
    const timer = setTimeout(end, ms)
    stop.signal.addEventListener('abort', end, { once: true })
    await Promise.race(awake ? [over.promise, woken.promise] : [over.promise])
    clearTimeout(timer)
    stop.signal.removeEventListener('abort', end)
  }
  async function takeOutbox(): Promise<void> {
    try {
      await deps.actions.takeOutbox(workspace, id)
    } catch (error) {
      log.warn({ deployment: id, reason: toMessage(error) }, 'committed actions are taken later')
    }
  }
  /** Shown at once by this process; stored where the store takes it. */
  function tellTrouble(message: string | null): void {
    if (message === trouble) return
    trouble = message
    store.update('deployments', id, { set: { lastError: message } }).catch(() => undefined)
    bus.publish(workspace, { topic: `deployments/${id}`, data: { type: 'trouble', message } })
  }
  const committer = createCommitter({
    workspace,
    deployment: id,
    store,
    bus,
    clock,
    control,
    lease: () => lease,
    wait: pause,
    signal: stop.signal,
    log,
    takeOutbox,
    onTrouble: tellTrouble,
  })

  async function renew(): Promise<void> {
    try {
      const next = await store.commits.lease(id, owner, clock.now(), limits.leaseMs)
      if (next?.epoch === lease.epoch) lease = next
      else stop.abort()
    } catch (error) {
      // the epoch fences whatever we write, so that going on is safe
      log.warn({ deployment: id, reason: toMessage(error) }, 'the lease is renewed later')
    }
  }
  const renewal = setInterval(() => void renew(), limits.leaseMs / 3)
  renewal.unref()

  /** Whether the deployment is still meant to work. */
  async function isWanted(): Promise<boolean> {
    if (stop.signal.aborted) return false
    if (clock.now() - checkedAt >= checkMs) {
      checkedAt = clock.now()
      try {
        const now = await control.get(workspace, id)
        state = String(now.state)
        moved = Number(now.movedAt ?? 0) > movedAt
      } catch (error) {
        if (isAppError(error, 'not-found')) state = 'stopped'
        else if (!isAppError(error, 'unavailable')) throw error
      }
    }
    return !moved && working.some((phase) => phase === state)
  }

  async function opened(): Promise<void> {
    state = String((await control.apply(workspace, id, { type: 'opened' })).document.state)
  }

  const toSteps = (session: Session, notebook: PinnedNotebook, orderMs = limits.orderMs): Steps =>
    createSteps({
      session,
      notebook,
      log: store.log,
      clock,
      limit: limits.readMessages,
      orderMs,
      tickMs: limits.tickMs,
      signal: stop.signal,
    })

  async function work(session: Session, notebook: PinnedNotebook): Promise<void> {
    const { processor } = session
    // A commit ends a batch; the clock must not say where.
    const batches = session.inputs.some(({ batch }) => batch)
    let since = clock.now()
    let count = 0
    const steps = toSteps(session, notebook)
    async function commit(): Promise<void> {
      await steps.flush()
      await committer.commit(session)
      if (deaths > 0 && count > 0) {
        await control.apply(workspace, id, { type: 'committed' })
        deaths = 0
      }
      since = clock.now()
      count = 0
    }
    const due = (): boolean =>
      count >= limits.commitMessages ||
      processor.bytes >= limits.commitBytes ||
      clock.now() - since >= limits.commitMs
    while (await isWanted()) {
      if (deathOf !== undefined) throw new SandboxDied(deathOf)
      // paused and resumed before this worker saw it
      if (state === 'starting') await opened()
      woken = Promise.withResolvers<void>()
      const read = await steps.read(async () => {
        if (count === 0) since = clock.now()
        count += 1
        if (batches ? processor.bytes >= limits.commitBytes : due()) await commit()
      })
      if (stop.signal.aborted) return
      if (processor.dirty) await steps.flush()
      if (processor.urgent || (processor.dirty && due())) await commit()
      if (read > 0) continue
      if (processor.dirty && (due() || state === 'draining')) await commit()
      if (state === 'draining') {
        await committer.show(session, true)
        await control.apply(workspace, id, { type: 'drained' })
        return
      }
      if (processor.isTickDue(clock.now() - limits.tickMs)) {
        // so that what fails at a tick has nothing uncommitted before it
        if (processor.dirty) await commit()
        if (await steps.tick()) await commit()
      }
      await committer.show(session)
      await pause(limits.pollMs, true)
    }
    if (!stop.signal.aborted && processor.dirty) await commit()
    if (!stop.signal.aborted) await committer.show(session, true)
  }

  /** The step again, up to the message at which it failed. */
  async function redo(failed: StepFailed): Promise<void> {
    const { session, notebook } = await open()
    try {
      const steps = toSteps(session, notebook, 0)
      while ((await steps.read(undefined, failed)) > 0 && !stop.signal.aborted) await steps.flush()
      await steps.flush()
      if (session.processor.dirty) await committer.commit(session)
      await committer.show(session, true)
    } finally {
      await session.close()
    }
  }

  async function open(): Promise<{ session: Session; notebook: PinnedNotebook }> {
    const notebook = await deps.notebooks.getVersion(
      workspace,
      String(document.notebook),
      Number(document.version),
    )
    deathOf = undefined
    const session = await openSession(deps, {
      workspace,
      deployment: id,
      notebook,
      parameters: toObject(document.parameters),
      from: document.from as StartFrom,
      createdAt: Number(document.createdAt),
      limits,
      wait: pause,
      onOutput: (output) =>
        bus.publish(workspace, {
          topic: `deployments/${id}`,
          data: { type: 'output', output: output as unknown as JsonObject },
        }),
      onDeath(reason) {
        deathOf = reason
        wake()
      },
    })
    current = session
    return { session, notebook }
  }

  /** How long to wait before the next session; undefined: it ends here. */
  async function judge(error: unknown): Promise<number | undefined> {
    if (stop.signal.aborted || isAppError(error, 'fenced')) return undefined
    if (isAppError(error, 'unavailable') || isAppError(error, 'timeout') || isAppError(error, 'limit')) {
      tellTrouble(`It goes on later: ${toMessage(error)}`)
      log.warn({ deployment: id, reason: toMessage(error) }, 'deployment goes on later')
      return checkMs
    }
    if (error instanceof SandboxDied) {
      const { effects, document: now } = await control.apply(workspace, id, {
        type: 'died',
        reason: error.message,
      })
      deaths = toState(now).deaths
      const restart = effects.find((effect) => effect.type === 'restart')
      return restart?.afterMs
    }
    let message = toMessage(error)
    if (error instanceof StepFailed) await redo(error)
    else if (!(error instanceof Failed || error instanceof CellFailed || error instanceof AppError)) {
      log.error({ err: error, deployment: id }, 'deployment failed unexpectedly')
      message = 'Something went wrong here, not in the notebook. The log has it.'
    }
    await control.apply(workspace, id, { type: 'failed', message })
    return undefined
  }

  async function live(): Promise<void> {
    while (await isWanted()) {
      let session: Session | undefined
      try {
        const pair = await open()
        session = pair.session
        // pins where it starts, before anything came
        if (session.number === 0) await committer.commit(session)
        for (const stream of Object.keys(session.offsets))
          unsubscribes.push(bus.subscribe(workspace, `streams/${stream}`, wake))
        await opened()
        tellTrouble(null)
        await takeOutbox()
        await committer.show(session, true)
        await work(session, pair.notebook)
        return
      } catch (error) {
        let failure = error
        let wait: number | undefined
        // what judging does can fail too, with what is judged alike; a second failure of a redo is final
        for (let round = 0; ; round++) {
          try {
            wait = await judge(failure)
            break
          } catch (second) {
            if (round === 2) throw second
            failure = second instanceof StepFailed ? new Failed(second.message) : second
          }
        }
        if (wait === undefined) return
        await pause(wait)
      } finally {
        for (const unsubscribe of unsubscribes.splice(0)) unsubscribe()
        await session?.close()
      }
    }
  }
  const watched = bus.subscribe(workspace, `deployments/${id}`, ({ data }) => {
    const event = toObject(data)
    if (event.type !== 'state' || toObject(event.deployment).state === state) return
    checkedAt = -Infinity
    wake()
  })
  async function whole(): Promise<void> {
    try {
      await live()
    } catch (error) {
      log.error({ err: error, deployment: id }, 'deployment is given up here')
    }
    clearInterval(renewal)
    watched()
    await store.commits.release(id, lease).catch(() => undefined)
  }
  const done = whole()
  return {
    wake() {
      checkedAt = -Infinity
      wake()
    },
    get trouble() {
      return trouble
    },
    get moved() {
      return moved
    },
    done,
    async close() {
      stop.abort()
      wake()
      // a call that runs long is cut off: it comes again with the next owner
      await current?.close()
      await done
    },
  }
}
