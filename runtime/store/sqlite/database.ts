/**
 * One SQLite file: connection, prepared statements, group commit. The only importer of node:sqlite; it runs in a
 * worker thread (worker.ts), because a lock that another process holds, an fsync or a long scan would stop the event
 * loop of the server. Writes that wait are done together in one transaction, each in a savepoint of its own, so that
 * they share one fsync. A busy file is retried without blocking the reads that come meanwhile.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../error.ts'

export type Value = SQLInputValue

export interface Database {
  all(sql: string, values?: readonly Value[]): unknown[][]
  /** With whole numbers as bigint: those above 2^53 cannot be read otherwise. */
  allExact(sql: string, values?: readonly Value[]): unknown[][]
  first(sql: string, values?: readonly Value[]): unknown[] | undefined
  iterate(sql: string, values?: readonly Value[]): Iterable<unknown[]>
  /** How many rows changed. */
  run(sql: string, values?: readonly Value[]): number
  exec(sql: string): void
  /** In one transaction with others that wait; what `work` throws undoes its own part alone. */
  write<T>(work: () => T): Promise<T>
  close(): void
}
interface Waiting {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

const busyTimeoutMs = 20
const retryForMs = 15_000
const groupSize = 64
const cachedStatements = 300

/** `killAt`: for tests, the process dies before its n-th change. */
export function openDatabase(path: string, options: { killAt?: number } = {}): Database {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs, returnArrays: true })
  const statements = new Map<string, StatementSync>()
  const waiting: Waiting[] = []
  let draining = false
  let changesLeft = options.killAt ?? Infinity

  const prepare = (sql: string): StatementSync => {
    const cached = statements.get(sql)
    if (cached) return cached
    if (statements.size >= cachedStatements) statements.clear()
    const statement = db.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const countChange = (): void => {
    if (--changesLeft < 0) process.kill(process.pid, 'SIGKILL')
  }
  const inSavepoint = (work: () => unknown): { value: unknown } | { error: unknown } => {
    prepare('savepoint one').run()
    try {
      const value = work()
      prepare('release one').run()
      return { value }
    } catch (error) {
      if (!db.isTransaction) throw error
      prepare('rollback to one').run()
      prepare('release one').run()
      return { error }
    }
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      let group: Waiting[] = []
      try {
        await whenFree(() => db.exec('begin immediate'))
        group = waiting.splice(0, groupSize)
        const results = group.map((one) => inSavepoint(one.work))
        countChange()
        await whenFree(() => db.exec('commit'))
        for (const [i, result] of results.entries())
          if ('error' in result) group[i]?.reject(result.error)
          else group[i]?.resolve(result.value)
      } catch (error) {
        if (db.isTransaction) db.exec('rollback')
        if (group.length === 0) group = waiting.splice(0, groupSize)
        for (const one of group) one.reject(error)
      }
    }
    draining = false
  }

  db.exec('pragma synchronous = full; pragma temp_store = memory; pragma cache_size = -32000')
  return {
    all: (sql, values = []) => prepare(sql).all(...values) as unknown as unknown[][],
    allExact(sql, values = []) {
      const statement = prepare(sql)
      statement.setReadBigInts(true)
      return statement.all(...values) as unknown as unknown[][]
    },
    first: (sql, values = []) => prepare(sql).get(...values) as unknown as unknown[] | undefined,
    iterate: (sql, values = []) => prepare(sql).iterate(...values) as unknown as Iterable<unknown[]>,
    run(sql, values = []) {
      countChange()
      return Number(prepare(sql).run(...values).changes)
    },
    exec: (sql) => db.exec(sql),
    write<T>(work: () => T): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: (value) => resolve(value as T), reject })
        if (draining) return
        draining = true
        setImmediate(() => void drain())
      })
    },
    close() {
      statements.clear()
      db.close()
    },
  }
}
/** Does `work` again while another process holds the file. */
export async function whenFree<T>(work: () => T): Promise<T> {
  for (const start = performance.now(); ;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (performance.now() - start > retryForMs)
        throw new AppError(
          'unavailable',
          `Another process has locked the database for ${retryForMs / 1000} s.`,
        )
    }
    await sleep(1 + Math.random() * 15)
  }
}
function resultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
}
export function isBusy(error: unknown): boolean {
  return [5, 6].includes(resultCode(error) & 0xff)
}
/** A primary key or unique index was hit. */
export function isUnique(error: unknown): boolean {
  return [1555, 2067, 2579].includes(resultCode(error))
}
/** Busy, locked, input/output, full, cannot open: worth a retry. */
export function isUnavailable(error: unknown): boolean {
  return [5, 6, 10, 13, 14].includes(resultCode(error) & 0xff)
}
