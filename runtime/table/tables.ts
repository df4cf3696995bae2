/** Opens Tables: the stage that children run on, their pool, and what is asked of them. Owns the processes. */
import { AppError } from '../error.ts'
import { openWrapper, type Wrapper } from '../sandbox/wrapper.ts'
import { openPool } from './pool.ts'
import type { ColumnData, TableResult, Tables } from './port.ts'
import type { TableEvent } from './message.ts'
import { openTableProcess, type Work } from './process.ts'
import { openStage } from './stage.ts'

export interface TablesOptions {
  /** What children run under; by default what the machine has. */
  wrapper?: Wrapper
  /** Of a query that asks for none. */
  timeoutMs?: number
  /** Of a query that asks for none, and the most that one may ask for. */
  memoryMb?: number
  maxRows?: number
  idleMs?: number
}

/** What an upload may take: it is read whole, up to three times. */
const inspectTimeoutMs = 300_000

export async function openTables(options: TablesOptions = {}): Promise<Tables> {
  const timeoutMs = options.timeoutMs ?? 30_000
  const memoryMb = options.memoryMb ?? 1000
  const maxRows = options.maxRows ?? 5_000_000
  const stage = await openStage()
  const wrapper = options.wrapper ?? (await openWrapper(stage.node))
  const pool = openPool(() => openTableProcess(stage, wrapper, memoryMb), options.idleMs ?? 60_000)

  async function run(
    workspace: string,
    work: Work,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<{ event: TableEvent; binary: Uint8Array }> {
    const begin = performance.now()
    const limit = AbortSignal.timeout(limitMs)
    const both = signal ? AbortSignal.any([signal, limit]) : limit
    try {
      return await pool.with(workspace, both, async (child) => {
        const answer = await child.run(work, {
          timeoutMs: Math.max(1, limitMs - (performance.now() - begin)),
          ...(signal ? { signal } : {}),
        })
        if (answer.event.type === 'error')
          throw new AppError(answer.event.code, answer.event.message, answer.event.details)
        return answer
      })
    } catch (error) {
      if (error instanceof AppError) throw error
      if (signal?.aborted) throw new AppError('cancelled', 'The query was cancelled.')
      if (limit.aborted)
        throw new AppError('timeout', `The query waited longer than its limit of ${limitMs / 1000} s.`)
      throw error
    }
  }
  const unexpected = (event: TableEvent): AppError =>
    new AppError('internal', `The table process answered with ${event.type}.`)

  return {
    async query(query) {
      const { event, binary } = await run(
        query.workspace,
        {
          type: 'query',
          memoryMb: Math.min(query.memoryMb ?? memoryMb, memoryMb),
          files: query.files,
          sql: query.sql,
          parameters: query.parameters,
          maxRows: query.maxRows ?? maxRows,
        },
        query.timeoutMs ?? timeoutMs,
        query.signal,
      )
      if (event.type !== 'result') throw unexpected(event)
      return toResult(event, binary)
    },
    async inspect(file, workspace) {
      const { event } = await run(workspace, { type: 'inspect', memoryMb, files: [file] }, inspectTimeoutMs)
      if (event.type !== 'inspection') throw unexpected(event)
      return event.inspection
    },
    async profile(file, workspace) {
      const { event } = await run(workspace, { type: 'profile', memoryMb, files: [file] }, timeoutMs * 2)
      if (event.type !== 'profile') throw unexpected(event)
      return event.columns
    },
    async close() {
      await pool.close()
      await stage.close()
    },
  }
}

/** Views into the one buffer that arrived, moved where a column would not be aligned. */
function toResult(event: TableEvent & { type: 'result' }, binary: Uint8Array): TableResult {
  let at = 0
  const columns: ColumnData[] = event.columns.map(({ name, type, bytes }) => {
    const view = binary.subarray(at, at + bytes)
    at += bytes
    const width = type === 'integer' ? 4 : type === 'number' || type === 'time' || type === 'bigint' ? 8 : 1
    if (width > 1 && bytes !== width * event.rows)
      throw new AppError('internal', 'A column has the wrong length.')
    return { name, type, data: view.byteOffset % 8 === 0 ? view : new Uint8Array(view) }
  })
  return { columns, rows: event.rows, truncated: event.truncated }
}
