/**
 * One run of a program of ours over hostile input, under the wrapper of the sandbox children: a uid of its own, no
 * network, no environment, no files that it could write. It reads the folder that it is started in, answers on stdout
 * and is ended by SIGKILL at its limit of time, memory or output.
 */
import { spawn } from 'node:child_process'
import { AppError } from '../error.ts'
import { toSize } from './limits.ts'
import { findLeaf, readUsage } from './proc.ts'
import type { Wrapper } from './wrapper.ts'

export interface ToolOptions {
  /** What it is called in errors. */
  name: string
  cwd: string
  uid: number
  ms: number
  rssMb: number
  outputBytes: number
  signal: AbortSignal
}
export interface ToolEnd {
  code: number | null
  stdout: Buffer
  stderr: string
}
const watchMs = 100
const maxErrorText = 64_000

/** `timeout`, `too-large` or `cancelled` when it was ended. */
export function runTool(wrapper: Wrapper, command: string[], options: ToolOptions): Promise<ToolEnd> {
  const { name, cwd, uid, ms, rssMb, outputBytes, signal } = options
  const [program, ...given] = wrapper.toCommand(command, { uid, dataMb: rssMb * 2 + 1_024 })
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(program as string, given, {
      env: {} as NodeJS.ProcessEnv,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let fault: AppError | undefined
    const parts: Buffer[] = []
    let bytes = 0
    let stderr = ''
    const kill = (why: AppError): void => {
      fault ??= why
      const leaf = child.pid === undefined ? 0 : findLeaf(child.pid)
      if (leaf !== 0 && leaf !== child.pid)
        try {
          process.kill(leaf, 'SIGKILL')
        } catch {
          // Gone already.
        }
      child.kill('SIGKILL')
    }
    const onAbort = (): void => kill(new AppError('cancelled', `${name} was stopped.`))
    signal.addEventListener('abort', onAbort, { once: true })
    const timer = setTimeout(
      () => kill(new AppError('timeout', `${name} took longer than ${ms / 1000} s, which is the limit.`)),
      ms,
    )
    const watch = setInterval(() => {
      const use = child.pid === undefined ? undefined : readUsage(findLeaf(child.pid))
      if (use && use.rssBytes > rssMb * 1024 * 1024)
        kill(new AppError('too-large', `${name} used more than ${rssMb} MB of memory, which is the limit.`))
    }, watchMs)
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.byteLength
      if (bytes > outputBytes)
        kill(new AppError('too-large', `${name} made more than ${toSize(outputBytes)}, which is the limit.`))
      else parts.push(part)
    })
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < maxErrorText) stderr += part.toString()
    })
    child.on('error', (error) => (fault ??= new AppError('unavailable', `${name}: ${error.message}`)))
    child.on('close', (code) => {
      clearTimeout(timer)
      clearInterval(watch)
      signal.removeEventListener('abort', onAbort)
      if (fault) reject(fault)
      else resolve({ code, stdout: Buffer.concat(parts), stderr })
    })
  })
}
