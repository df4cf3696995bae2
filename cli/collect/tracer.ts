/**
 * Runs one bpftrace script: as a process of its own, from a file that only this user can read, ended by an interrupt
 * after its time, so that it prints its maps, and by force when it does not end then. Maps that only count or quantize
 * are printed and cleared every second where the script prints nothing itself: each print is what came since.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Reading } from '../../runtime/api/probe-message.ts'
import { checkScript, findMaps } from '../../runtime/notebook/bpftrace/check.ts'
import { parseOutput } from './bpftrace-output.ts'
import { toLines } from './lines.ts'

export interface TraceOptions {
  bpftrace: string
  script: string
  /** 0: until the signal. */
  seconds: number
  /** Seconds between two prints. */
  every: number
  signal: AbortSignal
  emit: (reading: Reading) => void
}
const killMs = 5000
const maxTextsASecond = 100

/** The executable: SURICATE_BPFTRACE, or from the path. */
export function findBpftrace(environment: { [name: string]: string | undefined }): string | undefined {
  const given = environment['SURICATE_BPFTRACE']
  const candidates = given
    ? [given]
    : (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'bpftrace'))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export function prepareScript(
  script: string,
  every: number,
): { text: string; isCleared: (map: string) => boolean } {
  const { maps, prints, cleared } = findMaps(script)
  const printed = prints ? [] : [...maps].flatMap(([map, aggregates]) => (aggregates ? [map] : []))
  const fresh = printed.filter((map) => !cleared.has(map))
  const clear = new Set(fresh)
  const actions = printed.map((map) => `print(${map});${clear.has(map) ? ` clear(${map});` : ''}`)
  const period = Number.isInteger(every) ? `s:${every}` : `ms:${Math.max(1, Math.round(every * 1000))}`
  return {
    text: actions.length > 0 ? `${script}\ninterval:${period} { ${actions.join(' ')} }\n` : `${script}\n`,
    isCleared: (map) => clear.has(map) || cleared.has(map),
  }
}

/** Resolves with what went wrong, or null. */
export async function trace(options: TraceOptions): Promise<string | null> {
  const [fault] = checkScript(options.script)
  if (fault) return `Line ${options.script.slice(0, fault.start).split('\n').length}: ${fault.message}`
  const { text, isCleared } = prepareScript(options.script, options.every)
  const folder = mkdtempSync(join(tmpdir(), 'suricate-trace-'))
  const file = join(folder, 'script.bt')
  writeFileSync(file, text, { mode: 0o600 })
  let timer: NodeJS.Timeout | undefined
  let killer: NodeJS.Timeout | undefined
  try {
    const child = spawn(options.bpftrace, ['-f', 'json', '-B', 'line', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stop = (): void => {
      child.kill('SIGINT')
      killer ??= setTimeout(() => child.kill('SIGKILL'), killMs)
    }
    let said = ''
    child.stderr.on('data', (part: Buffer) => (said = (said + part.toString()).slice(-4000)))
    const ended = new Promise<{ code: number | null; error?: Error }>((resolve) => {
      child.once('error', (error) => resolve({ code: null, error }))
      child.once('close', (code) => resolve({ code }))
    })
    if (options.seconds > 0) timer = setTimeout(stop, options.seconds * 1000)
    options.signal.addEventListener('abort', stop, { once: true })
    if (options.signal.aborted) stop()
    const limit = createLimit(options.emit)
    for await (const line of toLines(child.stdout))
      for (const reading of parseOutput(line, { isCleared })) limit.take(reading)
    const { code, error } = await ended
    limit.end()
    options.signal.removeEventListener('abort', stop)
    if (error) return `bpftrace did not start: ${error.message}`
    const wasStopped = killer !== undefined
    return code === 0 || wasStopped ? null : said.trim() || `bpftrace ended with ${String(code)}.`
  } finally {
    clearTimeout(timer)
    clearTimeout(killer)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A script that prints on every event would flood the stream: so many texts a second, and how many were left out. */
function createLimit(emit: (reading: Reading) => void): { take(reading: Reading): void; end(): void } {
  let since = performance.now()
  let texts = 0
  let left = 0
  const end = (): void => {
    if (left > 0)
      emit({ kind: 'note', level: 'error', text: `${left} printed lines were left out: print less often.` })
    left = 0
  }
  return {
    take(reading) {
      if (performance.now() - since >= 1000) {
        end()
        since = performance.now()
        texts = 0
      }
      if (reading.kind === 'text' && ++texts > maxTextsASecond) left++
      else emit(reading)
    },
    end,
  }
}
