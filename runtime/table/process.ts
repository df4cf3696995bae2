/**
 * One table child seen from outside: spawned with an empty environment, given one command at a time, and ended by
 * SIGKILL when a command passes its limit of time or memory, is cancelled, or breaks the protocol. An interrupt inside
 * DuckDB is not relied on (measured: one at 1 s took effect after 10.8 s). A process that ended stays ended.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import { findLeaf, findUids, readUsage } from '../sandbox/proc.ts'
import { firstUid as firstSandboxUid, uidCount, type Wrapper } from '../sandbox/wrapper.ts'
import { openChannel } from './channel.ts'
import { createFrameReader, type Frame, toFrame } from './frame.ts'
import { type TableEvent, type TableCommand, tableEvent } from './message.ts'
import type { LinesTable, TableFile } from './port.ts'
import type { Stage } from './stage.ts'

export type Work = TableCommand extends infer C ? (C extends TableCommand ? Omit<C, 'id'> : never) : never
export interface Bounds {
  timeoutMs: number
  signal?: AbortSignal
  /** Goes with the command. */
  binary?: Uint8Array[]
}
export interface TableProcess {
  readonly pid: number
  readonly dead: boolean
  run(work: Work, bounds: Bounds): Promise<{ event: TableEvent; binary: Uint8Array }>
  /** Where this child can write what it is asked for. */
  pipe(): Promise<string>
  close(): void
  readonly ended: Promise<void>
}

/** `memoryMb` is the most that any of its commands may have; the kernel refuses well beyond it. */
export async function openTableProcess(
  stage: Stage,
  wrapper: Wrapper,
  memoryMb: number,
): Promise<TableProcess> {
  const uid = wrapper.mode === 'uid' ? takeUid() : null
  const links = await stage.openFolder(uid)
  const [program = '', ...args] = wrapper.toCommand(stage.command, {
    uid: uid ?? 0,
    dataMb: memoryMb + 1536,
  })
  const channel = await openChannel(stage.folder, take)
  const child = spawn(program, args, {
    cwd: '/',
    env: {} as NodeJS.ProcessEnv,
    stdio: ['pipe', channel.end, 'pipe'],
    detached: true,
  })
  channel.end.destroy()
  let dead = false
  let words = ''
  let nodePid: number | undefined
  let waiting: { id: number; resolve(frame: Answer): void; reject(error: Error): void } | undefined
  let reason: AppError | undefined
  let count = 0

  function kill(why: AppError): void {
    reason ??= why
    dead = true
    if (child.pid === undefined) return
    for (const target of [findLeaf(child.pid), -child.pid])
      try {
        process.kill(target, 'SIGKILL')
      } catch {
        // it is gone already
      }
  }
  const ended = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      dead = true
      waiting?.reject(reason ?? toDeath(code, signal, words))
      waiting = undefined
      channel.close()
      void links.close().then(resolve, resolve)
    }
    child.once('error', (error) => {
      words = error.message
      end(null, null)
    })
    child.once('exit', end)
  })
  child.stdin.on('error', () => undefined)
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-2000)
  })
  const read = createFrameReader((frame) => {
    const answer = toAnswer(frame)
    if (!waiting || waiting.id !== answer.event.id) throw new Error('An answer to no question.')
    waiting.resolve(answer)
    waiting = undefined
  })
  function take(chunk: Uint8Array): void {
    try {
      read(chunk)
    } catch {
      kill(new AppError('internal', 'The table process broke the protocol and was ended.'))
    }
  }

  const ask = (id: number, write: () => void): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(reason ?? new AppError('unavailable', 'The table process has ended.'))
      waiting = { id, resolve, reject }
      write()
    })
  const ready = ask(0, () => undefined)
  ready.catch(() => undefined)

  async function run(work: Work, bounds: Bounds): Promise<Answer> {
    const timer = setTimeout(() => kill(toTimeout(bounds.timeoutMs)), bounds.timeoutMs)
    const cancel = (): void => kill(new AppError('cancelled', 'The query was cancelled.'))
    bounds.signal?.addEventListener('abort', cancel)
    if (bounds.signal?.aborted) cancel()
    let watchdog: NodeJS.Timeout | undefined
    try {
      await ready
      nodePid ??= findLeaf(child.pid!)
      const watched = nodePid
      watchdog = setInterval(() => {
        const { rssBytes } = readUsage(watched) ?? { rssBytes: 0 }
        if (rssBytes > work.memoryMb * 1024 * 1024) kill(toMemory(work.memoryMb))
      }, 100)
      const files: TableFile[] = []
      for (const file of work.files) files.push({ ...file, path: await links.add(file.path) })
      const lines: LinesTable[] = []
      for (const table of (work.type === 'query' && work.lines) || []) {
        const paths: string[] = []
        for (const path of table.paths) paths.push(await links.add(path))
        lines.push({ ...table, paths })
      }
      const id = ++count
      return await ask(id, () => {
        for (const part of toFrame({ ...work, files, lines, id } as unknown as Json, bounds.binary))
          child.stdin.write(part)
      })
    } finally {
      clearTimeout(timer)
      clearInterval(watchdog)
      bounds.signal?.removeEventListener('abort', cancel)
    }
  }
  return {
    pid: child.pid ?? 0,
    get dead() {
      return dead
    },
    run,
    pipe: () => links.pipe(),
    close: () => kill(new AppError('cancelled', 'The tables are closing.')),
    ended,
  }
}

type Answer = { event: TableEvent; binary: Uint8Array }
function toAnswer(frame: Frame): Answer {
  const event = tableEvent.parse(frame.json)
  const expected = event.type === 'result' ? event.columns.reduce((sum, column) => sum + column.bytes, 0) : 0
  if (frame.binary.byteLength !== expected) throw new Error('Binary and columns differ in length.')
  return { event, binary: frame.binary }
}

const toTimeout = (ms: number): AppError =>
  new AppError(
    'timeout',
    `The query took longer than its limit of ${Math.round(ms / 100) / 10} s and was ended.`,
  )
const toMemory = (mb: number): AppError =>
  new AppError(
    'limit',
    `The query needed more than its limit of ${mb} MB of memory and was ended. Aggregate earlier or read less.`,
  )
function toDeath(code: number | null, signal: string | null, words: string): AppError {
  if (signal === 'SIGABRT' || /bad_alloc|out of memory/i.test(words) || code === 134)
    return new AppError('limit', 'The query needed more memory than it may have and was ended.')
  return new AppError('internal', `The table process ended (${signal ?? `code ${code}`}).`, { words })
}

/** Beside the sandboxes' users, so that neither has to know of the other. */
const firstUid = firstSandboxUid + uidCount
const uids = 60_000
let lastUid = randomInt(uids)
function takeUid(): number {
  const taken = findUids(firstUid, uids)
  for (let i = 0; i < uids; i++) {
    lastUid = (lastUid + 1) % uids
    if (!taken.has(firstUid + lastUid)) break
  }
  return firstUid + lastUid
}
