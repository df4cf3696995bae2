/**
 * The table child: one command at a time from stdin, one event back on stdout. It owns nothing: its files, limits and
 * end are the parent's. End of stdin is its end, so that it never outlives the parent.
 */
import { writevSync } from 'node:fs'
import { isAppError, toMessage } from '../error.ts'
import type { Json } from '../json.ts'
import { type Engine, makeSpare, openEngine, query, toTableError } from './engine.ts'
import { createFrameReader, toFrame } from './frame.ts'
import { inspect } from './inspect.ts'
import { load } from './load.ts'
import type { TableCommand, TableEvent } from './message.ts'
import type { TableFile } from './port.ts'
import { profile } from './profile.ts'
import { toLiteral } from './source.ts'
import { bindValues, openViews, type Views } from './view.ts'

/** What the system takes at once. */
const partsPerWrite = 1000

/** The file whose views were asked for last: its orders are kept until something else is to do. */
let looked: { path: string; engine: Engine; views: Views } | undefined

export async function runTableChild(): Promise<void> {
  // the first engine of a process costs ten times the later ones
  const engine = await openEngine([], 256)
  await query(engine.connection, 'select 1', [], 1)
  engine.close()
  makeSpare()
  let last = Promise.resolve()
  const read = createFrameReader((frame) => {
    last = last.then(() => answer(frame.json as unknown as TableCommand, frame.binary))
  })
  process.stdin.on('data', read)
  process.stdin.on('end', () => process.exit(0))
  send({ type: 'ready', id: 0 })
}

async function answer(command: TableCommand, binary: Uint8Array): Promise<void> {
  try {
    if (command.type === 'page') return await sendPage(command, command.files[0]!)
    forgetLooked()
    const pipe = command.type === 'store' || command.type === 'export' ? command.pipe : undefined
    const isQuery = command.type === 'query'
    const more = isQuery ? { lines: command.lines ?? [], loaded: command.loaded ?? [], binary } : undefined
    const engine = await openEngine(command.files, command.memoryMb, isQuery, pipe, more)
    try {
      await perform(command, engine.connection, binary)
    } finally {
      engine.close()
      makeSpare()
    }
  } catch (error) {
    const lines = command.type === 'query' ? (command.lines ?? []) : []
    const paths = lines.flatMap(({ name, paths: all }) => all.map((path) => ({ path, name })))
    const known = toTableError(error, [...command.files, ...paths])
    const code = isAppError(known, 'limit') || isAppError(known, 'too-large') ? known.code : 'invalid'
    send({
      type: 'error',
      id: command.id,
      code: code as 'invalid' | 'limit' | 'too-large',
      message: toMessage(known).slice(0, 4000),
      details: known.details as { [key: string]: Json },
    })
  }
}

type Page = TableCommand & { type: 'page' }
async function sendPage({ id, memoryMb, view, offset, limit }: Page, file: TableFile): Promise<void> {
  if (looked?.path !== file.path) {
    forgetLooked()
    const engine = await openEngine([file], memoryMb, false)
    looked = { path: file.path, engine, views: await openViews(engine.connection, file) }
  }
  const { columns, parts, rows, truncated, total } = await looked.views.page(view, offset, limit)
  send({ type: 'result', id, columns, rows, truncated, total }, parts)
}
function forgetLooked(): void {
  looked?.engine.close()
  looked = undefined
}

async function perform(
  command: Exclude<TableCommand, Page>,
  connection: Engine['connection'],
  binary: Uint8Array,
): Promise<void> {
  switch (command.type) {
    case 'store': {
      await load(connection, 'stored', command.columns, command.rows, binary)
      await connection.run(`copy stored to ${toLiteral(command.pipe)} (format parquet, use_tmp_file false)`)
      return send({ type: 'written', id: command.id, rows: command.rows })
    }
    case 'export': {
      const { sql, parameters } = (await openViews(connection, command.files[0]!)).select(
        command.view,
        command.names,
        command.format === 'csv',
      )
      const options =
        command.format === 'csv'
          ? "format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%S.%gZ'"
          : 'format parquet'
      const statement = await connection.prepare(
        `copy (${sql}) to ${toLiteral(command.pipe)} (${options}, use_tmp_file false)`,
      )
      bindValues(statement, parameters)
      const written = await statement.run()
      return send({ type: 'written', id: command.id, rows: written.rowsChanged })
    }
    case 'query': {
      const { columns, parts, rows, truncated } = await query(
        connection,
        command.sql,
        command.parameters,
        command.maxRows,
      )
      return send({ type: 'result', id: command.id, columns, rows, truncated }, parts)
    }
    case 'inspect':
      return send({
        type: 'inspection',
        id: command.id,
        inspection: await inspect(connection, command.files[0]!),
      })
    case 'profile':
      return send({ type: 'profile', id: command.id, columns: await profile(connection, command.files[0]!) })
  }
}

/**
 * Blocking, so that a result is not held twice; whoever does not read ends this process at its limit of time. Many
 * parts in one call of the system: a column has one for each 2,048 rows.
 */
function send(event: TableEvent, binary: Uint8Array[] = []): void {
  const parts = toFrame(event as unknown as Json, binary)
  for (let first = 0; first < parts.length; first += partsPerWrite) {
    const group = parts.slice(first, first + partsPerWrite)
    let left = group.reduce((sum, part) => sum + part.byteLength, 0)
    while (left > 0) {
      let written = writevSync(1, group)
      left -= written
      if (left === 0) break
      while (written >= group[0]!.byteLength) written -= group.shift()!.byteLength
      group[0] = group[0]!.subarray(written)
    }
  }
}
