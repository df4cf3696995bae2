/**
 * The worker thread that holds one SQLite file: documents with commits, documents to be read alone, or the message
 * log. It answers calls `{id, method, args}` with `{id, value}` or `{id, error}`; reads are answered while writes wait
 * for the file.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError, toMessage } from '../../error.ts'
import { collections } from '../collections.ts'
import type { Schema } from '../document.ts'
import { migrations } from '../migrations.ts'
import { commitMethods } from './commits.ts'
import { isUnavailable, openDatabase, whenFree } from './database.ts'
import { documentMethods } from './documents.ts'
import { messageMethods, messageSchema } from './messages.ts'
import { systemMethods } from './system.ts'

export interface WorkerData {
  path: string
  kind: 'documents' | 'reader' | 'log'
  /** For tests: other collections, a module that exports `migrations`, a process that dies before its n-th change. */
  schema?: Schema
  migrationsModule?: string
  killAt?: number
}
export interface Call {
  id: number
  method: string
  args: unknown[]
}
export type Answer =
  | { id: number; value: unknown }
  | {
      id: number
      error: { code: AppError['code']; message: string; details: Readonly<Record<string, unknown>> }
    }

const data = workerData as WorkerData
const port = parentPort
if (!port) throw new Error('worker.ts runs in a worker thread')
const db = openDatabase(data.path, { killAt: data.killAt ?? Infinity })
const known = data.migrationsModule
  ? ((await import(data.migrationsModule)) as { migrations: typeof migrations }).migrations
  : migrations
const schema = data.schema ?? collections
await whenFree(() => db.exec('pragma journal_mode = wal'))
if (data.kind === 'reader') db.exec('pragma query_only = on')
if (data.kind === 'log') await whenFree(() => db.exec(messageSchema))

const methods: Record<string, (...args: never[]) => unknown> =
  data.kind === 'log'
    ? messageMethods(db)
    : { ...documentMethods(db, schema), ...commitMethods(db), ...systemMethods(db, schema, known) }

async function answer({ id, method, args }: Call): Promise<Answer> {
  try {
    const called = methods[method]
    if (!called) throw new AppError('internal', `The store's worker has no method ${method}.`)
    return { id, value: await called(...(args as never[])) }
  } catch (error) {
    if (error instanceof AppError)
      return { id, error: { code: error.code, message: error.message, details: error.details } }
    const code = isUnavailable(error) ? 'unavailable' : 'internal'
    return { id, error: { code, message: `The database failed: ${toMessage(error)}`, details: {} } }
  }
}
const active = new Set<Promise<void>>()
port.on('message', (call: Call | 'close') => {
  if (call === 'close')
    void Promise.all(active).then(() => {
      db.close()
      port.close()
    })
  else {
    const answered: Promise<void> = answer(call).then((result) => {
      active.delete(answered)
      port.postMessage(result)
    })
    active.add(answered)
  }
})
