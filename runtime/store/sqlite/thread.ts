/**
 * The caller's side of a worker thread: calls with answers. A thread that died fails what it had with `unavailable`
 * and is started again by the next call.
 */
import { Worker } from 'node:worker_threads'
import { AppError } from '../../error.ts'
import type { commitMethods } from './commits.ts'
import type { documentMethods } from './documents.ts'
import type { messageMethods } from './messages.ts'
import type { systemMethods } from './system.ts'
import type { Answer, Call, WorkerData } from './worker.ts'

export type DocumentMethods = ReturnType<typeof documentMethods> &
  ReturnType<typeof commitMethods> &
  ReturnType<typeof systemMethods>
/** Of them those that only look. */
export type ReadMethods = Pick<
  DocumentMethods,
  'find' | 'maybe' | 'count' | 'aggregate' | 'findWorkspaces' | 'resolveToken'
>
export type LogMethods = ReturnType<typeof messageMethods>

export interface Thread<Methods extends Record<keyof Methods, (...args: never[]) => unknown>> {
  call<M extends keyof Methods & string>(
    method: M,
    ...args: Parameters<Methods[M]>
  ): Promise<Awaited<ReturnType<Methods[M]>>>
  close(): Promise<void>
}
interface Pending {
  resolve: (value: unknown) => void
  reject: (error: AppError) => void
}
const maxPending = 10_000

export function openThread<Methods extends Record<keyof Methods, (...args: never[]) => unknown>>(
  workerData: WorkerData,
): Thread<Methods> {
  const pending = new Map<number, Pending>()
  let worker: Worker | undefined
  let closed = false
  let lastId = 0

  const start = (): Worker => {
    const started = new Worker(new URL('worker.ts', import.meta.url), {
      workerData,
      name: `store-${workerData.kind}`,
    })
    started.on('message', (answer: Answer) => {
      const waiting = pending.get(answer.id)
      pending.delete(answer.id)
      if (pending.size === 0) started.unref()
      if (!waiting) return
      if ('error' in answer) {
        const { code, message, details } = answer.error
        waiting.reject(new AppError(code, message, details))
      } else waiting.resolve(answer.value)
    })
    const ended = (why: string): void => {
      if (worker === started) worker = undefined
      for (const waiting of pending.values())
        waiting.reject(new AppError('unavailable', `The database thread ended: ${why}.`))
      pending.clear()
    }
    started.on('error', (error: Error) => ended(error.message))
    started.on('exit', (code) => ended(`exit code ${code}`))
    return started
  }
  return {
    call(method, ...args) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new AppError('unavailable', 'The store is closed.'))
        if (pending.size >= maxPending)
          return reject(
            new AppError('unavailable', `${maxPending} calls wait for the database. Try again later.`),
          )
        worker ??= start()
        worker.ref()
        const id = ++lastId
        pending.set(id, { resolve: resolve as (value: unknown) => void, reject })
        worker.postMessage({ id, method, args } satisfies Call)
      })
    },
    async close() {
      closed = true
      const last = worker
      if (!last) return
      last.ref()
      const gone = new Promise((resolve) => last.once('exit', resolve))
      last.postMessage('close')
      await gone
    },
  }
}
