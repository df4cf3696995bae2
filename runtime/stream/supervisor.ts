/**
 * The parent of the ingest process: starts it, tells it the streams, starts it again when it died, answers its egress
 * checks, and publishes what it reports. It owns the name under which leases are held: it starts a successor only
 * after it saw the end of the process before, so the successor may go on with the same leases.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type { Bus } from '../bus/port.ts'
import type { Egress } from '../egress/port.ts'
import type { LetterResult } from '../api/letters.ts'
import { AppError, isAppError, toErrorCode, toMessage } from '../error.ts'
import type { Json } from '../json.ts'
import type { Store } from '../store/port.ts'
import { toStoredStream, type StoredStream } from './definition.ts'
import { readFrames, writeFrame } from './frame.ts'
import type { IngestCommand, IngestEvent } from './ingest-port.ts'
import type { SourceReport } from './source.ts'

export interface IngestDeps {
  /** For the process's own store: the same as openStore's. */
  config: { data: string; mongoUri?: string; mongoDatabase?: string }
  store: Store
  /** Whose streams to run. */
  workspaces(): Promise<string[]>
  egress: Pick<Egress, 'resolve'>
  bus: Bus
  log: { info(data: object, text: string): void; error(data: object, text: string): void }
  /** The entry of the process. */
  entry?: URL
}
export interface Ingest {
  define(workspace: string, stream: StoredStream): void
  /** Resolves when the source stopped, or after 15 s. */
  remove(workspace: string, id: string, purge: boolean): Promise<void>
  report(workspace: string, id: string): SourceReport | undefined
  /** Dead letters into the log of a stream that it runs. unavailable, timeout: to be asked again. */
  replay(workspace: string, id: string, letters: number[]): Promise<LetterResult[]>
  readonly pid: number | undefined
  readonly restarts: number
  close(): Promise<void>
}
type Child = ChildProcessByStdio<Writable, Readable, Readable>

const restartMs = 100
const maxRestartMs = 5000
const removeMs = 15_000
const replayMs = 30_000
const closeMs = 15_000

export function openIngest(deps: IngestDeps): Ingest {
  const { log } = deps
  const entry = deps.entry ?? new URL('../../workers/ingest.ts', import.meta.url)
  const owner = `ingest-${randomUUID()}`
  const reports = new Map<string, SourceReport>()
  const removals = new Map<string, () => void>()
  const replays = new Map<number, PromiseWithResolvers<LetterResult[]>>()
  let lastReplay = 0
  let child: Child | undefined
  let ready = false
  let closing = false
  let failures = 0
  let restarts = 0
  let timer: NodeJS.Timeout | undefined
  let ended = Promise.resolve()

  const send = (command: IngestCommand): void => {
    if (child?.stdin.writable) writeFrame(child.stdin, command)
  }
  function start(): void {
    ready = false
    const started: Child = spawn(process.execPath, [entry.pathname], { stdio: ['pipe', 'pipe', 'pipe'] })
    child = started
    started.stdin.on('error', () => undefined) // its end is told by `exit`
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trim().split('\n')) log.error({ line: line.slice(0, 2000) }, 'ingest process')
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    ended = promise
    started.on('error', (error) => {
      log.error({ error: error.message }, 'the ingest process could not be started')
      after()
    })
    started.on('exit', (code, signal) => {
      log.info({ code, signal, pid: started.pid }, 'the ingest process ended')
      after()
    })
    let over = false
    function after(): void {
      if (over) return
      over = true
      if (child === started) child = undefined
      resolve()
      for (const done of removals.values()) done()
      removals.clear()
      for (const one of replays.values())
        one.reject(new AppError('unavailable', 'The ingest process ended; replay once more.'))
      if (closing) return
      for (const [key, report] of reports) {
        if (report.state === 'paused') continue
        const lastError = 'The ingest process ended and is being started again.'
        reports.set(key, { ...report, state: 'starting', lastError })
      }
      failures = ready ? 0 : failures + 1
      restarts++
      timer = setTimeout(start, Math.min(restartMs * 2 ** failures, maxRestartMs))
    }
    send({ type: 'start', owner, store: deps.config })
    void listen(started)
  }
  async function listen(from: Child): Promise<void> {
    try {
      for await (const event of readFrames(from.stdout)) await handle(event as IngestEvent, from)
    } catch (error) {
      log.error({ error: toMessage(error) }, 'the ingest process spoke nonsense and is ended')
      from.kill('SIGKILL')
    }
  }
  async function handle(event: IngestEvent, from: Child): Promise<void> {
    switch (event.type) {
      case 'ready':
        await defineAll(from)
        return
      case 'report': {
        const { workspace, id, report } = event
        const before = reports.get(`${workspace}/${id}`)
        reports.set(`${workspace}/${id}`, report)
        if (before?.state !== report.state || before.lastError !== report.lastError)
          publish(workspace, id, { type: 'state', state: report.state, lastError: report.lastError })
        return
      }
      case 'messages': {
        const { workspace, id, from: first, to, count } = event
        publish(workspace, id, { type: 'messages', from: first, to, count })
        return
      }
      case 'removed':
        removals.get(`${event.workspace}/${event.id}`)?.()
        return
      case 'replayed':
        replays.get(event.call)?.resolve(event.results)
        return
      case 'notReplayed':
        replays.get(event.call)?.reject(new AppError(toErrorCode(event.code), event.message))
        return
      case 'resolve':
        void check(event)
        return
      case 'trouble':
        log.error({ message: event.message }, 'ingest')
    }
  }
  const publish = (workspace: string, id: string, data: Json): void =>
    deps.bus.publish(workspace, { topic: `streams/${id}`, data })

  async function check(event: IngestEvent & { type: 'resolve' }): Promise<void> {
    const { call } = event
    try {
      const { address } = await deps.egress.resolve(event.workspace, event.host, event.port)
      send({ type: 'resolved', call, address })
    } catch (error) {
      const code = isAppError(error) ? error.code : 'unavailable'
      send({ type: 'refused', call, code, message: toMessage(error) })
    }
  }
  /** The store may be away for a while: then again, until it answers or the process ended. */
  async function defineAll(from: Child): Promise<void> {
    try {
      for (const workspace of await deps.workspaces()) {
        let cursor: string | null = null
        do {
          const page = await deps.store
            .in(workspace)
            .find('streams', { limit: 1000, ...(cursor === null ? {} : { cursor }) })
          for (const document of page.items) {
            const stream = toStoredStream(document)
            if (stream.source.type !== 'http') send({ type: 'define', workspace, stream })
          }
          cursor = page.nextCursor
        } while (cursor !== null)
      }
      ready = true
    } catch (error) {
      log.error({ error: toMessage(error) }, 'the streams could not be read, trying again')
      setTimeout(() => {
        if (child === from && from.exitCode === null && !closing) void defineAll(from)
      }, 1000)
    }
  }
  start()
  return {
    define(workspace, stream) {
      if (stream.source.type !== 'http') send({ type: 'define', workspace, stream })
    },
    async remove(workspace, id, purge) {
      const key = `${workspace}/${id}`
      const { promise, resolve } = Promise.withResolvers<void>()
      removals.set(key, resolve)
      const limit = setTimeout(resolve, removeMs)
      send({ type: 'remove', workspace, id, purge })
      await promise
      clearTimeout(limit)
      removals.delete(key)
      reports.delete(key)
    },
    report: (workspace, id) => reports.get(`${workspace}/${id}`),
    async replay(workspace, id, letters) {
      const call = ++lastReplay
      const waiting = Promise.withResolvers<LetterResult[]>()
      replays.set(call, waiting)
      const limit = setTimeout(
        () => waiting.reject(new AppError('timeout', 'It was not done within 30 s; replay once more.')),
        replayMs,
      )
      if (!child?.stdin.writable)
        waiting.reject(new AppError('unavailable', 'The ingest process is being started; try again.'))
      send({ type: 'replay', call, workspace, id, letters })
      try {
        return await waiting.promise
      } finally {
        clearTimeout(limit)
        replays.delete(call)
      }
    },
    get pid() {
      return child?.pid
    },
    get restarts() {
      return restarts
    },
    async close() {
      closing = true
      clearTimeout(timer)
      const last = child
      send({ type: 'stop' })
      const limit = setTimeout(() => last?.kill('SIGKILL'), closeMs)
      await ended
      clearTimeout(limit)
    },
  }
}
