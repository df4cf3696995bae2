/**
 * Sessions of App views, in this process: each viewer has one of their own, so that nobody moves another's sliders. At
 * most four for a link and eight for a workspace; when there is no room, the one that nobody has followed for longest
 * gives way. A session ends after ten idle minutes, after four hours, and with its link or notebook.
 */
import { randomBytes } from 'node:crypto'
import type { App, AppState, OpenedApp } from '../api/apps.ts'
import { isDigestOf, type Shares, toDigest } from '../access/shares.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { AppError } from '../error.ts'
import { newId } from '../id.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import type { Logger } from '../log.ts'
import { toMissing } from '../project/missing.ts'
import type { Notebooks, PinnedNotebook } from '../project/notebooks.ts'
import type { RunEvent } from '../run/run-events.ts'
import type { ActionRecorder } from '../run/services.ts'
import type { Limits, Sandboxes } from '../sandbox/port.ts'
import type { CreateHost } from '../sdk/context.ts'
import { toAppHost } from './host.ts'
import { createRate } from './rate.ts'
import { AppSession } from './session.ts'

export const appLimits = {
  perShare: 4,
  perWorkspace: 8,
  idleMs: 10 * 60_000,
  lonelyMs: 15_000,
  ageMs: 4 * 3_600_000,
}
const sweepMs = 30_000

export interface Apps {
  /** With the secret of a link. */
  openShared(share: string, secret: string): Promise<OpenedApp>
  open(workspace: string, notebook: string, version?: number): Promise<OpenedApp>
  /** not-found alike when there is none and when the secret is wrong. */
  view(id: string, secret: string): Promise<App>
  run(id: string, secret: string, parameters: JsonObject): AppState
  setInput(id: string, secret: string, input: { id: string; value: Json }): { id: string; value: Json }
  interrupt(id: string, secret: string): AppState
  events(id: string, secret: string, lastSeq: number, signal: AbortSignal): AsyncIterable<RunEvent>
  close(id: string, secret: string): void
  /** How many are open through a link. */
  count(share: string): number
  /** Of a link that was revoked. */
  forget(share: string): void
  /** Also done twice a minute. */
  sweep(): Promise<void>
  stop(): void
}
export interface AppsDeps {
  shares: Shares
  notebooks: Notebooks
  bus: Bus
  clock: Clock
  log: Logger
  sandboxes: Sandboxes
  createHost: CreateHost
  actions: ActionRecorder
  config: Pick<Config, 'SURICATE_SINGLE_USER' | 'SURICATE_PRICE_CPU_HOUR' | 'SURICATE_PRICE_GB_HOUR'>
}

export function openApps(deps: AppsDeps): Apps {
  const { shares, notebooks, clock, config } = deps
  const sessions = new Map<string, AppSession>()
  const now = (): number => clock.now()
  const opens = createRate(30, 2, now)
  const wrong = createRate(60, 1, now)
  const watched = new Map<string, () => void>()
  // What a session does is nobody else's event.
  const quiet: Bus = { ...deps.bus, publish: () => undefined }

  const get = (id: string, secret: string): AppSession => {
    const session = sessions.get(id)
    if (!session || !isDigestOf(secret, session.options.digest) || session.options.endsAt <= now())
      throw new AppError('not-found', 'This session of the app has ended. Open the app again.')
    return session
  }
  function end(session: AppSession, reason: string): void {
    sessions.delete(session.options.id)
    session.close(reason)
  }
  function makeRoom(list: AppSession[], most: number, what: string): void {
    if (list.length < most) return
    const [lonely] = list
      .filter((one) => one.followers === 0 && !one.busy && now() - one.usedAt >= appLimits.lonelyMs)
      .toSorted((a, b) => a.usedAt - b.usedAt)
    if (!lonely)
      throw new AppError(
        'limit',
        `${what} has ${list.length} viewers now, the limit. Try again in a minute.`,
        {
          retryAfterSeconds: 60,
        },
      )
    end(lonely, 'Nobody looked at it, and somebody else came.')
  }
  /** Sessions go with their notebook. */
  function watch(workspace: string): void {
    if (watched.has(workspace)) return
    const stop = deps.bus.subscribe(workspace, 'notebooks/', ({ data }) => {
      if (!isJsonObject(data) || data['deleted'] !== true) return
      for (const session of sessions.values())
        if (session.options.workspace === workspace && session.options.version.notebook === data['id'])
          end(session, 'The notebook was deleted.')
    })
    watched.set(workspace, stop)
  }
  function start(
    workspace: string,
    version: PinnedNotebook,
    share: string | null,
    endsAt: number,
  ): OpenedApp {
    const all = [...sessions.values()]
    if (share !== null)
      makeRoom(
        all.filter((one) => one.options.share === share),
        appLimits.perShare,
        'This link',
      )
    makeRoom(
      [...sessions.values()].filter((one) => one.options.workspace === workspace),
      appLimits.perWorkspace,
      'This workspace',
    )
    watch(workspace)
    const secret = randomBytes(24).toString('base64url')
    const id = newId('app', now())
    const unbound: Partial<Limits> =
      share === null && config.SURICATE_SINGLE_USER ? { cpuMs: Infinity, wallMs: Infinity } : {}
    const session = new AppSession(
      {
        bus: quiet,
        log: deps.log,
        sandboxes: deps.sandboxes,
        createHost: (context) => toAppHost(deps.createHost(context), share !== null),
        actions: deps.actions,
        prices: { cpuHour: config.SURICATE_PRICE_CPU_HOUR, gbHour: config.SURICATE_PRICE_GB_HOUR },
        limits: unbound,
        now,
      },
      { id, workspace, version, share, digest: toDigest(secret), endsAt },
    )
    sessions.set(id, session)
    return { id, secret, endsAt }
  }

  const service: Apps = {
    async openShared(id, secret) {
      opens.take('Links were opened many times within a short time.')
      const share = await shares.resolve(id, secret).catch((error: unknown) => {
        wrong.take('Links that are not known were opened many times.')
        throw error
      })
      const { workspace, notebook, version } = share
      const pinned = await notebooks.versionFor(workspace, notebook, version).catch(() => {
        throw toMissing('link', id)
      })
      return start(workspace, pinned, id, Math.min(share.expiresAt, now() + appLimits.ageMs))
    },
    async open(workspace, notebook, version) {
      return start(
        workspace,
        await notebooks.versionFor(workspace, notebook, version),
        null,
        now() + appLimits.ageMs,
      )
    },
    view: (id, secret) => get(id, secret).view(),
    run: (id, secret, parameters) => get(id, secret).run(parameters),
    setInput: (id, secret, input) => get(id, secret).setInput(input.id, input.value),
    interrupt: (id, secret) => get(id, secret).interrupt(),
    events: (id, secret, lastSeq, signal) => get(id, secret).events(lastSeq, signal),
    close: (id, secret) => end(get(id, secret), 'It was closed.'),
    count: (share) => [...sessions.values()].filter((one) => one.options.share === share).length,
    forget(share) {
      for (const session of sessions.values())
        if (session.options.share === share) end(session, 'The link was revoked.')
    },
    async sweep() {
      const shared = new Set([...sessions.values()].flatMap((one) => one.options.share ?? []))
      for (const share of shared) if (!(await shares.isAlive(share))) service.forget(share)
      for (const session of sessions.values())
        if (session.options.endsAt <= now()) end(session, 'The time of this session is over.')
        else if (!session.busy && now() - session.usedAt > appLimits.idleMs)
          end(session, 'It was idle for ten minutes and was closed.')
    },
    stop() {
      clearInterval(timer)
      for (const stop of watched.values()) stop()
      for (const session of sessions.values()) end(session, 'Suricate was stopped.')
    },
  }
  const timer = setInterval(() => {
    service.sweep().catch((error: unknown) => deps.log.warn({ err: error }, 'sweeping apps failed'))
  }, sweepMs)
  timer.unref()
  return service
}
