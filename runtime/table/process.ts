/**
 * One table child seen from outside: spawned with an empty environment, given one command at a time, and ended by
 * SIGKILL when a command passes its limit of time or memory, is cancelled, or breaks the protocol. An interrupt inside
 * DuckDB is not relied on (measured: one at 1 s took effect after 10.8 s). A process that ended stays ended.
 */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import { createFrameReader, type Frame, toFrame } from './frame.ts'
import { type TableEvent, type TableCommand, tableEvent } from './message.ts'
import type { TableFile } from './port.ts'
import type { Stage } from './stage.ts'

/** How a child is started: the wrappers' words before the command, and the user it runs as (null: this one). */
export interface Wrapper {
  wrap(command: string[]): { command: string[]; uid: number | null; release?: () => void }
}
export const noWrapper: Wrapper = { wrap: (command) => ({ command, uid: null }) }

export type Work = TableCommand extends infer C ? (C extends TableCommand ? Omit<C, 'id'> : never) : never
export interface Bounds {
  timeoutMs: number
  signal?: AbortSignal
}
export interface TableProcess {
  readonly pid: number
  readonly dead: boolean
  run(work: Work, bounds: Bounds): Promise<{ event: TableEvent; binary: Uint8Array }>
  close(): void
  readonly ended: Promise<void>
}

export async function openTableProcess(stage: Stage, wrapper: Wrapper): Promise<TableProcess> {
  const launch = wrapper.wrap(stage.command)
  const links = await stage.openFolder(launch.uid)
  const [program = '', ...args] = launch.command
  const child = spawn(program, args, {
    cwd: '/',
    env: {} as NodeJS.ProcessEnv,
    stdio: 'pipe',
    detached: true,
  })
  let dead = false
  let words = ''
  let nodePid: number | undefined
  let waiting: { id: number; resolve(frame: Answer): void; reject(error: Error): void } | undefined
  let reason: AppError | undefined
  let count = 0

  function kill(why: AppError): void {
    reason ??= why
    dead = true
    if (child.pid !== undefined)
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
  }
  const ended = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      dead = true
      waiting?.reject(reason ?? toDeath(code, signal, words))
      waiting = undefined
      launch.release?.()
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
  child.stdout.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      kill(new AppError('internal', 'The table process broke the protocol and was ended.'))
    }
  })

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
      nodePid ??= await findLeaf(child.pid!)
      const watched = nodePid
      watchdog = setInterval(() => {
        void toRss(watched).then((bytes) => {
          if (bytes > work.memoryMb * 1024 * 1024) kill(toMemory(work.memoryMb))
        })
      }, 100)
      const files: TableFile[] = []
      for (const file of work.files) files.push({ ...file, path: await links.add(file.path) })
      const id = ++count
      return await ask(id, () => {
        for (const part of toFrame({ ...work, files, id } as unknown as Json)) child.stdin.write(part)
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
  new AppError('timeout', `The query took longer than its limit of ${ms / 1000} s and was ended.`)
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

/** Wrappers fork: the process that holds the memory is the last of the line. */
async function findLeaf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const child = Number(text.trim().split(' ')[0])
  return child > 0 ? findLeaf(child) : pid
}
async function toRss(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '')
  return Number(text.split(' ')[1] ?? 0) * 4096
}
