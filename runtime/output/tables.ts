/**
 * The tables that outputs show, whole: what a cell showed with more rows than its output holds is kept as a Parquet file
 * among the blobs and asked by the table child, page by page. Written behind: the output has its reference at once, and
 * who asks early waits. A table goes when the last output with its reference is retired, or when a workspace has more of
 * them than it may have, the oldest first. Columns lie under their numbers (`c0`): names may differ in case alone.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createReadStream, createWriteStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import type { OutputTable } from '../api/tables.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import { forget as forgetBlob } from '../object/upload.ts'
import { toMissing } from '../project/missing.ts'
import type { Document, Store } from '../store/port.ts'
import type { ColumnData, ColumnProfile, TableFile, TableResult, Tables, TableView } from '../table/port.ts'
import { type Rows, toRows } from '../table/rows.ts'
import { createHeld } from './held.ts'
import { toColumn, toNames, toView } from './names.ts'

/** Whose output: `owner` is the run, or the notebook whose kernel it is. */
export interface TablePlace {
  owner: string
  notebook: string
  cell: string | null
}
export interface ShownTable {
  columns: ColumnData[]
  rows: number
}
export interface OutputTables {
  /** Its reference; too-large, or limit while too much is being written. */
  keep(workspace: string, place: TablePlace, table: ShownTable): Promise<string>
  /** A result is held for a while under the handle that is answered, in case that it is shown. */
  hold(workspace: string, result: TableResult): string
  held(workspace: string, handle: string): TableResult | undefined
  /** What is held, or was kept before under that reference, for another output; undefined when it is gone. */
  again(workspace: string, place: TablePlace, from: string): Promise<string | undefined>
  get(workspace: string, ref: string): Promise<OutputTable>
  rows(
    workspace: string,
    ref: string,
    page: { view: TableView; offset: number; limit: number; signal?: AbortSignal },
  ): Promise<Rows>
  profile(workspace: string, ref: string): Promise<{ rows: number; columns: ColumnProfile[] }>
  /** Made whole before the first byte is given, so that a slow reader holds no table process. */
  export(
    workspace: string,
    ref: string,
    format: 'csv' | 'parquet',
    view: TableView,
  ): Promise<{ table: OutputTable; bytes: Readable }>
  /**
   * Those of the cell that no output refers to any more go, also what is still being written; but none that was kept
   * at `before` (ms UTC) or later, whose output may still be on its way.
   */
  retire(
    workspace: string,
    owner: string,
    cell: string | null,
    living: ReadonlySet<string>,
    before: number,
  ): void
  /** All of an owner that is deleted. */
  forget(workspace: string, owner: string): void
  close(): Promise<void>
}

export const maxTableBytes = 256 * 1024 * 1024
const maxWritingBytes = 512 * 1024 * 1024
const cachedProfiles = 100

export interface OutputTablesDeps {
  store: Store
  tables: Tables
  clock: Clock
  log: Pick<Logger, 'warn'>
  /** Of all tables of one workspace. */
  maxBytes?: number
}

export function openOutputTables({ store, tables, clock, log, ...options }: OutputTablesDeps): OutputTables {
  const maxBytes = options.maxBytes ?? 2 * 1024 ** 3
  const writing = new Map<string, { workspace: string; bytes: number; written: Promise<Document> }>()
  const background = new Set<Promise<void>>()
  const held = createHeld()
  const profiles = new Map<string, Promise<ColumnProfile[]>>()

  function behind(work: () => Promise<void>): void {
    const done = work().catch((error: unknown) => log.warn({ err: error }, 'tables of outputs'))
    background.add(done)
    void done.finally(() => background.delete(done))
  }
  async function find(workspace: string, ref: string): Promise<Document> {
    const early = writing.get(ref)
    if (early?.workspace === workspace) return early.written
    const document = await store.in(workspace).maybe('outputTables', ref)
    if (!document) throw toMissing('table', ref)
    return document
  }
  async function toFile(workspace: string, document: Document): Promise<TableFile> {
    try {
      const path = await store.in(workspace).blobs.file(String(document['sha256']))
      return { name: 'table', path, format: 'parquet' }
    } catch (error) {
      if (isAppError(error, 'not-found')) throw toMissing('table', document.id)
      throw error
    }
  }
  async function drop(workspace: string, documents: readonly Document[]): Promise<void> {
    const within = store.in(workspace)
    for (const { id, sha256 } of documents) {
      await within.delete('outputTables', { id })
      await forgetBlob(within, String(sha256))
    }
  }
  async function makeRoom(workspace: string): Promise<void> {
    const within = store.in(workspace)
    const [sum] = await within.aggregate('outputTables', { sum: ['bytes'] })
    let over = (sum?.sum['bytes'] ?? 0) - maxBytes
    while (over > 0) {
      const { items } = await within.find('outputTables', { sort: 'createdAt', limit: 1 })
      if (!items[0]) return
      await drop(workspace, items)
      over -= Number(items[0]['bytes'])
    }
  }
  async function write(
    workspace: string,
    place: TablePlace,
    table: ShownTable,
    { id, at }: { id: string; at: number },
  ): Promise<Document> {
    const within = store.in(workspace)
    const columns = table.columns.map((column, i) => ({ ...column, name: toColumn(i) }))
    const blob = await tables.store({ columns, rows: table.rows }, workspace, (bytes) =>
      within.blobs.put(bytes, { maxBytes: maxTableBytes }),
    )
    const [document] = await within.insert('outputTables', [
      {
        id,
        owner: place.owner,
        notebook: place.notebook,
        cell: place.cell ?? '',
        columns: table.columns.map(({ name, type }) => ({ name, type })),
        rows: table.rows,
        sha256: blob.sha256,
        bytes: blob.bytes,
        createdAt: at,
      },
    ])
    await makeRoom(workspace)
    return document!
  }

  const service: OutputTables = {
    async keep(workspace, place, table) {
      const bytes = table.columns.reduce((sum, column) => sum + column.data.byteLength, 0)
      if (bytes > maxTableBytes)
        throw new AppError('too-large', `The table has ${bytes} bytes, and up to ${maxTableBytes} are kept.`)
      const busy = [...writing.values()].reduce((sum, one) => sum + one.bytes, 0)
      if (busy + bytes > maxWritingBytes)
        throw new AppError('limit', 'Too many tables are being kept at once. Show fewer of them.')
      const at = clock.now()
      const ref = newId('tbl', at)
      const written = write(workspace, place, table, { id: ref, at }).finally(() => writing.delete(ref))
      writing.set(ref, { workspace, bytes, written })
      behind(async () => void (await written))
      return ref
    },
    hold: (workspace, result) => held.add(workspace, result),
    held: (workspace, handle) => held.get(workspace, handle),
    async again(workspace, place, from) {
      const result = held.get(workspace, from)
      if (result) return service.keep(workspace, place, result)
      try {
        const { id: _, revision: __, ...fields } = await find(workspace, from)
        const id = newId('tbl', clock.now())
        const { owner, notebook, cell } = place
        const copy = { ...fields, id, owner, notebook, cell: cell ?? '', createdAt: clock.now() }
        await store.in(workspace).insert('outputTables', [copy])
        return id
      } catch (error) {
        if (isAppError(error, 'not-found')) return undefined
        throw error
      }
    },
    get: async (workspace, ref) => toTable(await find(workspace, ref)),
    async rows(workspace, ref, { view, offset, limit, signal }) {
      const document = await find(workspace, ref)
      const { columns } = toTable(document)
      const found = await tables.page({
        workspace,
        file: await toFile(workspace, document),
        view: toView(view, columns),
        offset,
        limit,
        ...(signal ? { signal } : {}),
      })
      const rows = toRows(found)
      return { columns, rows: rows.rows, rowCount: found.total, truncated: offset + found.rows < found.total }
    },
    async profile(workspace, ref) {
      const document = await find(workspace, ref)
      const { columns, rows } = toTable(document)
      const key = `${workspace}/${String(document['sha256'])}`
      const made = profiles.get(key) ?? tables.profile(await toFile(workspace, document), workspace)
      profiles.delete(key)
      profiles.set(key, made)
      made.catch(() => profiles.delete(key))
      for (const [oldest] of profiles) if (profiles.size > cachedProfiles) profiles.delete(oldest)
      return {
        rows,
        columns: (await made).map((column, i) => ({ ...column, name: columns[i]?.name ?? column.name })),
      }
    },
    async export(workspace, ref, format, view) {
      const document = await find(workspace, ref)
      const table = toTable(document)
      const folder = await mkdtemp(join(tmpdir(), 'suricate-export-'))
      const path = join(folder, 'table')
      const remove = (): void => void rm(folder, { recursive: true, force: true }).catch(() => undefined)
      try {
        await tables.export(
          {
            workspace,
            file: await toFile(workspace, document),
            view: toView(view, table.columns),
            names: toNames(table.columns, format),
            format,
          },
          (bytes) => pipeline(bytes, createWriteStream(path, { mode: 0o600 })),
        )
        const bytes = createReadStream(path)
        bytes.once('close', remove)
        return { table, bytes }
      } catch (error) {
        remove()
        throw error
      }
    },
    retire(workspace, owner, cell, living, before) {
      behind(async () => {
        await Promise.allSettled([...writing.values()].map((one) => one.written))
        const filter = { owner, cell: cell ?? '' }
        const { items } = await store.in(workspace).find('outputTables', { filter, limit: 1000 })
        await drop(
          workspace,
          items.filter(({ id, createdAt }) => !living.has(id) && Number(createdAt) < before),
        )
      })
    },
    forget(workspace, owner) {
      behind(async () => {
        await Promise.allSettled([...writing.values()].map((one) => one.written))
        for (;;) {
          const { items } = await store.in(workspace).find('outputTables', { filter: { owner }, limit: 1000 })
          if (items.length === 0) return
          await drop(workspace, items)
        }
      })
    },
    async close() {
      while (background.size > 0) await Promise.all(background)
    },
  }
  return service
}

function toTable(document: Document): OutputTable {
  const { id, owner, notebook, cell, columns, rows, bytes, createdAt } = document
  return {
    id,
    owner: String(owner),
    notebook: String(notebook),
    cell: cell === '' ? null : String(cell),
    columns: columns as OutputTable['columns'],
    rows: Number(rows),
    bytes: Number(bytes),
    createdAt: Number(createdAt),
  }
}
