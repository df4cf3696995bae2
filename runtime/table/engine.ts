/**
 * DuckDB over exactly the files of one command: a database in memory, opened for it and closed after it. The views
 * exist before the configuration is locked; from then on nothing but these files can be opened, no extension loaded
 * and no setting changed. What runs is one prepared statement of type SELECT.
 */
import {
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api'
import { AppError, isAppError, toMessage } from '../error.ts'
import { createColumnWriter } from './column.ts'
import type { ColumnData, LinesTable, TableFile } from './port.ts'
import { load } from './load.ts'
import type { LoadedHead } from './message.ts'
import type { ColumnWriter } from './vector.ts'
import { toIdentifier, toLines, toLiteral, toSource } from './source.ts'

const maxResultBytes = 256 * 1024 * 1024

export interface Engine {
  readonly connection: DuckDBConnection
  close(): void
}

/** What a query can name besides files. */
export interface More {
  lines: LinesTable[]
  loaded: LoadedHead[]
  /** The columns of `loaded`. */
  binary: Uint8Array
}
const nothing: More = { lines: [], loaded: [], binary: new Uint8Array(0) }

/**
 * Without `views` the files can be read, but have no names yet: for what is about to be inspected. `pipe`: where a
 * result may be written, which the process could not do with a file.
 */
export async function openEngine(
  files: TableFile[],
  memoryMb: number,
  views = true,
  pipe?: string,
  more = nothing,
): Promise<Engine> {
  const paths = [
    ...files.map((file) => file.path),
    ...more.lines.flatMap((table) => table.paths),
    ...(pipe === undefined ? [] : [pipe]),
  ]
  const instance = await takeInstance()
  const connection = await instance.connect()
  const engine = {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
  try {
    await connection.run(`set memory_limit = '${Math.max(64, Math.floor(memoryMb * 0.6))}MB'`)
    await connection.run(`set allowed_paths = [${paths.map(toLiteral).join(', ')}]`)
    await connection.run('set enable_external_access = false')
    await connection.run("set TimeZone = 'UTC'")
    await name(connection, views ? files : [], more)
    await connection.run('set lock_configuration = true')
    return engine
  } catch (error) {
    engine.close()
    throw error
  }
}

/** An empty database for the next command: making one takes three times as long as a small query. */
let spare: Promise<DuckDBInstance> | undefined

export function makeSpare(): void {
  spare ??= DuckDBInstance.create(':memory:', {
    threads: '2',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  })
  // Who takes it is told.
  spare.catch(() => undefined)
}
function takeInstance(): Promise<DuckDBInstance> {
  makeSpare()
  const taken = spare!
  spare = undefined
  return taken
}

/** The views and tables of a query. Of names that differ in case alone the last one counts. */
async function name(
  connection: DuckDBConnection,
  files: TableFile[],
  { lines, loaded, binary }: More,
): Promise<void> {
  const schemas = new Set([...files, ...lines, ...loaded].flatMap(({ schema }) => schema ?? []))
  for (const schema of schemas) await connection.run(`create schema ${toIdentifier(schema)}`)
  const view = (schema: string | undefined, table: string, text: string): Promise<unknown> =>
    connection.run(
      `create or replace view ${toIdentifier(schema ?? 'main')}.${toIdentifier(table)} as ${text}`,
    )
  const select = (table: { schema: string; name: string }): string =>
    `select * from ${toIdentifier(table.schema)}.${toIdentifier(table.name)}`
  for (const file of files) await view(file.schema, file.name, `select * from ${toSource(file)}`)
  for (const table of lines) {
    await view(table.schema, table.name, toLines(table))
    if (table.plain) await view(undefined, table.name, select(table))
  }
  let at = 0
  for (const table of loaded) {
    const bytes = table.columns.reduce((sum, column) => sum + column.bytes, 0)
    const data = binary.subarray(at, (at += bytes))
    await load(connection, table.name, table.columns, table.rows, data, table.schema)
    if (table.plain) await view(undefined, table.name, select(table))
  }
}

export async function prepare(
  connection: DuckDBConnection,
  sql: string,
  parameters: (string | number | boolean | null)[] = [],
): Promise<DuckDBPreparedStatement> {
  const statement = await connection.prepare(sql)
  if (statement.statementType !== StatementType.SELECT)
    throw new AppError(
      'invalid',
      `A query is one SELECT; this is ${StatementType[statement.statementType] ?? 'something else'}.`,
    )
  if (statement.parameterCount !== parameters.length)
    throw new AppError(
      'invalid',
      `The query has ${statement.parameterCount} parameters and was given ${parameters.length} values.`,
    )
  parameters.forEach((value, index) => {
    if (value === null) statement.bindNull(index + 1)
    else if (typeof value === 'string') statement.bindVarchar(index + 1, value)
    else if (typeof value === 'boolean') statement.bindBoolean(index + 1, value)
    else if (Number.isSafeInteger(value)) statement.bindBigInt(index + 1, BigInt(value))
    else statement.bindDouble(index + 1, value)
  })
  return statement
}

export interface EngineResult {
  columns: { name: string; type: ColumnData['type']; bytes: number }[]
  parts: Uint8Array[]
  rows: number
  truncated: boolean
}
export async function query(
  connection: DuckDBConnection,
  sql: string,
  parameters: (string | number | boolean | null)[],
  maxRows: number,
): Promise<EngineResult> {
  const statement = await prepare(connection, sql, parameters)
  const result = await statement.stream()
  const names = result.deduplicatedColumnNames()
  const writers: ColumnWriter[] = result.columnTypes().map(createColumnWriter)
  let rows = 0
  let bytes = 0
  let truncated = false
  // The next chunk is made while this one is copied.
  let next = result.fetchChunk()
  for (;;) {
    const chunk = await next
    if (!chunk || chunk.rowCount === 0) break
    if (rows + chunk.rowCount > maxRows) {
      truncated = true
      chunk.rowCount = maxRows - rows
      if (chunk.rowCount === 0) break
    } else next = result.fetchChunk()
    writers.forEach((writer, column) => {
      bytes += writer.add(chunk, column)
    })
    rows += chunk.rowCount
    if (bytes > maxResultBytes) {
      // Nothing may be closed under it.
      await next.catch(() => undefined)
      throw new AppError(
        'too-large',
        'The result is over 256 MB. Aggregate it, name fewer columns or add a limit.',
      )
    }
    if (truncated) break
  }
  const finished = writers.map((writer) => writer.finish())
  return {
    columns: finished.map(({ type, parts }, i) => ({
      name: names[i] ?? `column${i}`,
      type,
      bytes: parts.reduce((sum, part) => sum + part.byteLength, 0),
    })),
    parts: finished.flatMap((column) => column.parts),
    rows,
    truncated,
  }
}

/** DuckDB's words with the names that people know instead of paths, and a code. */
export function toTableError(error: unknown, files: { path: string; name: string }[]): AppError {
  if (isAppError(error)) return error
  let text = toMessage(error)
  for (const file of files) text = text.replaceAll(file.path, file.name)
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1]
  if (/out of memory|bad_alloc|failed to allocate/i.test(text))
    return new AppError(
      'limit',
      'The query needs more memory than it may have. Aggregate earlier or read less.',
    )
  if (/^Permission Error|file system operations are disabled|configuration has been locked/.test(text))
    return new AppError(
      'invalid',
      `A query reads objects by name and nothing else: no files, addresses, other databases, extensions or settings. (${text.split('\n')[0]})`,
    )
  if (text.includes('Cannot prepare multiple statements'))
    return new AppError('invalid', 'A query is one SELECT; this has more than one statement.')
  if (line) {
    const cause =
      /Expected Number of Columns: \d+ Found: \d+|Invalid unicode|Value with unterminated quote|Could not convert[^\n]*|Maximum line size[^\n]*/.exec(
        text,
      )?.[0]
    return new AppError('invalid', `Line ${line}: ${cause ?? text.split('\n')[2] ?? 'not CSV'}.`, {
      line: Number(line),
    })
  }
  return new AppError('invalid', text.slice(0, 2000))
}
