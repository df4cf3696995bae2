import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '../stream/until.ts'
import type { ExecutorConfig } from './executor.ts'

/** The executor as a process that can be killed; kill starts its successor. */
export interface Executor {
  /** SIGKILL; resolves when the successor was started. `ingest`: its ingest process is killed in the same instant. */
  kill(ingest?: boolean): Promise<void>
  /** SIGKILL; resolves when the executor has started another one. */
  killIngest(): Promise<void>
  close(): Promise<void>
}

const startMs = 60_000
const closeMs = 10_000

export async function startExecutor(config: ExecutorConfig): Promise<Executor> {
  let child: ChildProcess
  let ingest: number | null = null
  async function start(): Promise<void> {
    ingest = null
    const started = fork(fileURLToPath(new URL('executor.ts', import.meta.url)), [JSON.stringify(config)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    })
    child = started
    started.on('message', (told: { ingest: number | null }) => {
      if (child === started) ingest = told.ingest
    })
    await until(() => {
      if (started.exitCode !== null) throw new Error(`The executor ended with ${started.exitCode}.`)
      return ingest !== null
    }, startMs)
  }
  await start()
  return {
    async kill(withIngest = false) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (withIngest && ingest !== null) process.kill(ingest, 'SIGKILL')
      child.kill('SIGKILL')
      await ended
      await start()
    },
    async killIngest() {
      await until(() => ingest !== null, startMs)
      const before = ingest!
      process.kill(before, 'SIGKILL')
      await until(() => ingest !== null && ingest !== before, startMs)
    },
    async close() {
      if (!child.connected) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.send({ type: 'close' })
      const limit = setTimeout(() => child.kill('SIGKILL'), closeMs)
      await ended
      clearTimeout(limit)
    },
  }
}
