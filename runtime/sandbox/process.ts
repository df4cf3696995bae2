/**
 * One child process: its pipes, its watchdog and its death. Whatever is wrong with what it sends, and whatever it
 * takes too much of, ends in kill(): SIGKILL to the process and to the wrapper around it, with the reason kept. The
 * first reason wins; a death without one is judged by what the process left behind.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import type { Folder } from './folder.ts'
import { FrameReader, toChunks } from './frame.ts'
import { frameCaps, limitMessage, maxUnread } from './limits.ts'
import type { ExecutionStatus, Limits } from './port.ts'
import { findLeaf, findUids, readUsage, type Usage } from './proc.ts'
import { toEvent, type ChildEvent, type Command } from './protocol.ts'
import { firstUid, uidCount, type Wrapper } from './wrapper.ts'

export interface Death {
  status: Extract<ExecutionStatus, 'timeout' | 'memory' | 'killed'>
  reason: string
}
export interface ChildHandlers {
  onEvent(event: ChildEvent): void
  onDeath(death: Death): void
}
export interface SandboxProcess {
  readonly pid: number
  readonly dead: boolean
  /** Messages and bytes since the last reset(), and the highest RSS. */
  readonly counts: { messages: number; bytes: number; peakBytes: number }
  /** Replaces who listens. */
  listen(handlers: ChildHandlers): void
  send(command: Command, parts?: Uint8Array[]): void
  kill(death: Death): void
  usage(): Usage
  watch(limits: Limits): void
  reset(): void
  /** When it is gone. */
  readonly ended: Promise<void>
}
export type Launch = (command: string[]) => ChildProcess

const watchMs = 100
/** Who asks again within this time is told the same: a look costs as much as a small cell. */
const freshMs = 50
const maxErrorText = 4_096
let nextUid = randomInt(uidCount)

export function openProcess(
  folder: Folder,
  wrapper: Wrapper,
  limits: Limits,
  launch: Launch = spawnCommand,
): SandboxProcess {
  const child = launch(
    wrapper.toCommand(toNodeCommand(folder, folder.child), {
      uid: takeUid(wrapper),
      dataMb: toDataMb(limits),
    }),
  )
  let handlers: ChildHandlers | undefined
  let held: ChildEvent[] = []
  let death: Death | undefined
  let dead = false
  let leaf = 0
  let watched = limits
  let errorText = ''
  let last: Usage = { rssBytes: 0, cpuMs: 0 }
  let lookedAt = -Infinity
  let second = { from: performance.now(), messages: 0 }
  /** Commands whose end has not come. */
  let asked = 0
  const counts = { messages: 0, bytes: 0, peakBytes: 0 }
  let announce: () => void
  const ended = new Promise<void>((resolve) => (announce = resolve))

  function pid(): number {
    if (child.pid === undefined) return 0
    if (leaf === 0 || leaf === child.pid) leaf = findLeaf(child.pid)
    return leaf
  }

  function kill(why: Death): void {
    death ??= why
    if (dead) return
    const target = pid()
    if (target !== 0 && target !== child.pid)
      try {
        process.kill(target, 'SIGKILL')
      } catch {
        // Gone already.
      }
    child.kill('SIGKILL')
  }

  function onExit(code: number | null, signal: string | null): void {
    if (dead) return
    dead = true
    clearInterval(timer)
    handlers?.onDeath((death ??= toDeath(code, signal, errorText, last, watched)))
    announce()
  }

  function onEvent(event: ChildEvent): void {
    counts.messages += 1
    const now = performance.now()
    if (now - second.from >= 1_000) second = { from: now, messages: 0 }
    // what was asked for comes as fast as it was asked
    if (event.type === 'end' && asked > 0) asked -= 1
    else second.messages += 1
    if (second.messages > watched.messagesPerSecond)
      return kill({ status: 'killed', reason: limitMessage('messagesPerSecond', watched) })
    if (death) return
    if (event.type === 'fatal') return kill({ status: event.status, reason: event.message })
    if (handlers) handlers.onEvent(event)
    else held.push(event)
    if (held.length > 100) kill({ status: 'killed', reason: 'It spoke before it was asked.' })
  }

  const reader = new FrameReader(frameCaps.fromChild, (frame) => onEvent(toEvent(frame)))
  child.stdout?.on('data', (chunk: Buffer) => {
    counts.bytes += chunk.byteLength
    if (death) return
    try {
      reader.push(chunk)
    } catch (error) {
      kill({ status: 'killed', reason: `It broke the protocol: ${(error as Error).message}.` })
    }
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    if (errorText.length < maxErrorText) errorText += chunk.toString('latin1', 0, maxErrorText)
  })
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined)
  child.on('error', (error) => {
    death ??= { status: 'killed', reason: `It could not be started: ${error.message}` }
    onExit(null, null)
  })
  // Not 'exit': what it wrote at its end says why.
  child.on('close', onExit)

  function look(): void {
    const found = readUsage(pid())
    if (!found) return
    last = found
    lookedAt = performance.now()
    counts.peakBytes = Math.max(counts.peakBytes, found.rssBytes)
    if (found.rssBytes > watched.rssMb * 1024 * 1024)
      kill({ status: 'memory', reason: limitMessage('rssMb', watched) })
  }
  const timer = setInterval(look, watchMs)
  function lookAgain(): void {
    if (performance.now() - lookedAt > freshMs) look()
  }

  return {
    get pid() {
      return pid()
    },
    get dead() {
      return dead || death !== undefined
    },
    counts,
    listen(given) {
      handlers = given
      const waiting = held
      held = []
      for (const event of waiting) given.onEvent(event)
      if (dead && death) given.onDeath(death)
    },
    send(command, parts) {
      if (dead || death || !child.stdin?.writable) return
      if (command.type === 'run' || command.type === 'handle') asked += 1
      for (const chunk of toChunks(command, parts)) child.stdin.write(chunk)
      if (child.stdin.writableLength > maxUnread) kill({ status: 'killed', reason: 'It stopped reading.' })
    },
    kill,
    usage() {
      lookAgain()
      return last
    },
    watch(given) {
      watched = given
    },
    reset() {
      counts.messages = counts.bytes = 0
      lookAgain()
      counts.peakBytes = last.rssBytes
    },
    ended,
  }
}

/** Node with everything refused but its folder and one addon; `entry` is the child's file. */
export function toNodeCommand(folder: Folder, ...entry: string[]): string[] {
  return [
    folder.node,
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${folder.path}`,
    '--no-warnings',
    '--disable-sigusr1',
    '--wasm-max-mem-pages=4096',
    '--max-old-space-size=256',
    ...entry,
  ]
}

function spawnCommand([command, ...given]: string[]): ChildProcess {
  return spawn(command as string, given, {
    env: {} as NodeJS.ProcessEnv,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Its RSS limit and what V8 and the addon map beside it: what no burst between two looks can pass. */
function toDataMb(limits: Limits): number {
  return limits.rssMb * 2 + 1_024
}

/** A uid of its own for a process; 0 where the wrapper gives none. */
export function takeUid(wrapper: Wrapper): number {
  if (wrapper.mode !== 'uid') return 0
  const taken = findUids(firstUid, uidCount)
  for (let i = 0; i < uidCount; i++) {
    nextUid = (nextUid + 1) % uidCount
    if (!taken.has(firstUid + nextUid)) break
  }
  return firstUid + nextUid
}

const outOfMemory =
  /out of memory|allocation failed|invalid (?:size|array length|string length|table size)|cannot allocate/i
/** How V8 ends itself when a size or an allocation is beyond it; SIGKILL that nobody here sent is the kernel's. */
const fatal: readonly (string | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL']

function toDeath(
  code: number | null,
  signal: string | null,
  errorText: string,
  last: Usage,
  limits: Limits,
): Death {
  const how = signal ?? `code ${code}`
  const large = last.rssBytes > (limits.heapMb / 2) * 1024 * 1024
  if (outOfMemory.test(errorText) || fatal.includes(signal) || (signal !== null && large))
    return { status: 'memory', reason: `Its process ran out of memory: ${limitMessage('heapMb', limits)}` }
  return { status: 'killed', reason: `The sandbox ended by itself (${how}).` }
}
