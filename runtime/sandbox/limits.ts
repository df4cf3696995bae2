/**
 * The table of limits with its defaults. Each breach is told by `limitMessage`, so that the words for a limit are
 * the same wherever it is found: in the guest, in the child or in the parent's watchdog.
 */
import { AppError } from '../error.ts'
import type { Limits } from './port.ts'

const kb = 1024
const mb = 1024 * kb

export const interactiveLimits: Limits = {
  sourceBytes: 256 * kb,
  compileMs: 2_000,
  cpuMs: 30_000,
  wallMs: 120_000,
  heapMb: 256,
  rssMb: 768,
  hostCallsInFlight: 64,
  hostCallsPerSecond: 200,
  hostCallsBurst: 400,
  argumentBytes: mb,
  resultBytes: 4 * mb,
  messagesPerSecond: 5_000,
  outputBytes: mb,
  lineBytes: 64 * kb,
  outputItems: 500,
  richBytes: 5 * mb,
}

/** Runs by the API, a schedule or a stream: more time, the same space. */
export const jobLimits: Limits = { ...interactiveLimits, cpuMs: 300_000, wallMs: 900_000 }

/** How long code that cannot be interrupted may go on: measured by the child, then by the parent, then SIGKILL. */
export const grace = { childMs: 400, parentMs: 2_000, interruptMs: 1_000 } as const

/** Frames: of the child, which is not trusted, and to it. `header` is the JSON part. */
export const frameCaps = {
  fromChild: { frame: 32 * mb, header: 256 * kb },
  toChild: { frame: 512 * mb, header: 4 * mb },
} as const

/** What may wait in the pipe to a child that does not read. */
export const maxUnread = 512 * mb

const unbounded: readonly (keyof Limits)[] = ['cpuMs', 'wallMs']

/** invalid: names the limit that is not a positive number. */
export function toLimits(given: Partial<Limits> | undefined, base: Limits): Limits {
  const limits = { ...base }
  for (const name of Object.keys(base) as (keyof Limits)[]) {
    const value = given?.[name]
    if (value === undefined) continue
    const finite = Number.isFinite(value) || (value === Infinity && unbounded.includes(name))
    if (typeof value !== 'number' || !finite || value <= 0)
      throw new AppError('invalid', `The limit ${name} must be a positive number, not ${String(value)}.`)
    limits[name] = value
  }
  return limits
}

export function toSeconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))} s`
}
export function toSize(bytes: number): string {
  if (bytes >= mb) return `${Number((bytes / mb).toFixed(1))} MB`
  return bytes >= kb ? `${Number((bytes / kb).toFixed(1))} KB` : `${bytes} bytes`
}

/** What a person is told when a limit ended something. */
export function limitMessage(limit: keyof Limits, limits: Limits): string {
  switch (limit) {
    case 'sourceBytes':
      return `The cell is larger than ${toSize(limits.sourceBytes)} (limit sourceBytes); split it.`
    case 'compileMs':
      return `The cell took longer than ${toSeconds(limits.compileMs)} to compile (limit compileMs).`
    case 'cpuMs':
      return `It used more than ${toSeconds(limits.cpuMs)} of CPU time (limit cpuMs).`
    case 'wallMs':
      return `It took longer than ${toSeconds(limits.wallMs)} (limit wallMs).`
    case 'heapMb':
      return `It used more than ${limits.heapMb} MB of heap (limit heapMb).`
    case 'rssMb':
      return `Its process used more than ${limits.rssMb} MB of memory (limit rssMb).`
    case 'hostCallsInFlight':
      return `More than ${limits.hostCallsInFlight} host calls were waiting at once (limit hostCallsInFlight); await some first.`
    case 'hostCallsPerSecond':
    case 'hostCallsBurst':
      return `More than ${limits.hostCallsPerSecond} host calls a second (limit hostCallsPerSecond).`
    case 'argumentBytes':
      return `The arguments of a host call are larger than ${toSize(limits.argumentBytes)} as JSON (limit argumentBytes); pass bytes instead.`
    case 'resultBytes':
      return `The result is larger than ${toSize(limits.resultBytes)} as JSON (limit resultBytes).`
    case 'messagesPerSecond':
      return `It sent more than ${limits.messagesPerSecond} messages a second (limit messagesPerSecond).`
    case 'outputBytes':
      return `The output is larger than ${toSize(limits.outputBytes)} (limit outputBytes).`
    case 'lineBytes':
      return `A line is longer than ${toSize(limits.lineBytes)} (limit lineBytes).`
    case 'outputItems':
      return `There are more than ${limits.outputItems} outputs (limit outputItems).`
    case 'richBytes':
      return `An output is larger than ${toSize(limits.richBytes)} (limit richBytes).`
  }
}
