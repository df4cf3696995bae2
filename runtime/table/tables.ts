/** Opens Tables: the stage that children run on, their pool, and what is asked of them. Owns the processes. */
import type { Readable } from 'node:stream'
import { AppError } from '../error.ts'
import { openWrapper, type Wrapper } from '../sandbox/wrapper.ts'
import { openPool } from './pool.ts'
import type { ColumnData, TableResult, Tables } from './port.ts'
import type { ColumnHead, TableEvent } from './message.ts'
import { openPipe } from './pipe.ts'
import { openTableProcess, type TableProcess, type Work } from './process.ts'
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
/** What is written is read at once by this process, never by a slow client. */
const writeTimeoutMs = 60_000
type Answer = { event: TableEvent; binary: Uint8Array }

export async function openTables(options: TablesOptions = {}): Promise<Tables> {
  const timeoutMs = options.timeoutMs ?? 30_000
  const memoryMb = options.memoryMb ?? 1000
  const maxRows = options.maxRows ?? 5_000_000
  const stage = await openStage()
  const wrapper = options.wrapper ?? (await openWrapper(stage.node))
  const pool = openPool(() => openTableProcess(stage, wrapper, memoryMb), options.idleMs ?? 60_000)

  async function run(workspace: string, work: Work, limitMs: number, signal?: AbortSignal): Promise<Answer> {
    return use(workspace, limitMs, signal, (ask) => ask(work))
  }
  async function use<T>(
    workspace: string,
    limitMs: number,
    signal: AbortSignal | undefined,
    perform: (ask: (work: Work, binary?: Uint8Array[]) => Promise<Answer>, child: TableProcess) => Promise<T>,
  ): Promise<T> {
    const begin = performance.now()
    const limit = AbortSignal.timeout(limitMs)
    const both = signal ? AbortSignal.any([signal, limit]) : limit
    try {
      return await pool.with(workspace, both, (child) =>
        perform(async (work, sent) => {
          const answer = await child.run(work, {
            timeoutMs: Math.max(1, limitMs - (performance.now() - begin)),
            ...(signal ? { signal } : {}),
            ...(sent ? { binary: sent } : {}),
          })
          if (answer.event.type === 'error')
            throw new AppError(answer.event.code, answer.event.message, answer.event.details)
          return answer
        }, child),
      )
    } catch (error) {
      if (error instanceof AppError) throw error
      if (signal?.aborted) throw new AppError('cancelled', 'The query was cancelled.')
      if (limit.aborted)
        throw new AppError('timeout', `The query waited longer than its limit of ${limitMs / 1000} s.`)
      throw error
    }
  }
  /** What the child writes into a pipe goes to `take` as it comes; both must succeed. */
  async function write<T>(
    workspace: string,
    toWork: (pipe: string) => Work,
    binary: Uint8Array[],
    take: (bytes: Readable) => Promise<T>,
  ): Promise<T> {
    return use(workspace, writeTimeoutMs, undefined, async (ask, child) => {
      const path = await child.pipe()
      const pipe = await openPipe(path)
      const taken = take(pipe.bytes)
      taken.catch((error: unknown) => pipe.finish(error as Error))
      try {
        const { event } = await ask(toWork(path), binary)
        if (event.type !== 'written') throw unexpected(event)
        pipe.finish()
      } catch (error) {
        pipe.finish(error as Error)
        await taken
        throw error
      }
      return taken
    })
  }
  const unexpected = (event: TableEvent): AppError =>
    new AppError('internal', `The table process answered with ${event.type}.`)

  return {
    async query(query) {
      const loaded = query.loaded ?? []
      const work: Work = {
        type: 'query',
        memoryMb: Math.min(query.memoryMb ?? memoryMb, memoryMb),
        files: query.files,
        sql: query.sql,
        parameters: query.parameters,
        maxRows: query.maxRows ?? maxRows,
        lines: query.lines ?? [],
        loaded: loaded.map((table) => ({ ...table, columns: toHeads(table.columns) })),
      }
      const sent = loaded.flatMap((table) => table.columns.map((column) => column.data))
      const limitMs = query.timeoutMs ?? timeoutMs
      const { event, binary } = await use(query.workspace, limitMs, query.signal, (ask) => ask(work, sent))
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
    async page({ workspace, file, view, offset, limit, signal }) {
      const work: Work = { type: 'page', memoryMb, files: [file], view, offset, limit }
      const { event, binary } = await run(workspace, work, timeoutMs, signal)
      if (event.type !== 'result' || event.total === undefined) throw unexpected(event)
      return { ...toResult(event, binary), total: event.total }
    },
    store({ columns, rows }, workspace, take) {
      const heads = toHeads(columns)
      return write(
        workspace,
        (pipe) => ({ type: 'store', memoryMb, files: [], pipe, columns: heads, rows }),
        columns.map((column) => column.data),
        take,
      )
    },
    export({ workspace, file, view, names, format }, take) {
      return write(
        workspace,
        (pipe) => ({ type: 'export', memoryMb, files: [file], pipe, view, names, format }),
        [],
        take,
      )
    },
    async close() {
      await pool.close()
      await stage.close()
    },
  }
}

function toHeads(columns: ColumnData[]): ColumnHead[] {
  return columns.map(({ name, type, data }) => ({ name, type, bytes: data.byteLength }))
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
    return { name, type, data: view.byteOffset % width === 0 ? view : new Uint8Array(view) }
  })
  return { columns, rows: event.rows, truncated: event.truncated }
}
