/** Rows, columns and the way to read a file, found once at upload from all of it; a file that lies is refused. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { DuckDBConnection } from '@duckdb/node-api'
import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'
import { toColumnType } from './column.ts'
import { findDelimiter } from './csv.ts'
import { prepare } from './engine.ts'
import type { Inspection, TableFile } from './port.ts'
import { toLiteral, toSource } from './source.ts'

const headBytes = 4 * 1024 * 1024
const maxColumns = 2000

export async function inspect(connection: DuckDBConnection, file: TableFile): Promise<Inspection> {
  const read = await findReading(connection, file)
  const source = `select * from ${toSource({ ...file, read })}`
  const statement = await prepare(connection, source)
  const columns = Array.from({ length: statement.columnCount }, (_, i) => ({
    name: statement.columnName(i),
    type: toColumnType(statement.columnType(i)),
    native: String(statement.columnType(i)),
  }))
  checkCount(columns.length)
  const counted = await connection.runAndReadAll(`select count(*) from ${toSource({ ...file, read })}`)
  return { rows: Number(counted.getRows()[0]?.[0] ?? 0), columns, read }
}

function checkCount(count: number): void {
  if (count > maxColumns)
    throw new AppError('invalid', `${count} columns, and at most ${maxColumns} are taken.`, {
      columns: count,
    })
}

async function findReading(connection: DuckDBConnection, file: TableFile): Promise<JsonObject | null> {
  switch (file.format) {
    case 'csv':
      return readCsv(connection, file)
    case 'json':
    case 'ndjson':
      return readJson(connection, file)
    case 'parquet':
      return null
  }
}

async function readCsv(connection: DuckDBConnection, file: TableFile): Promise<JsonObject> {
  const delim = findDelimiter(await readHead(file.path), (await stat(file.path)).size <= headBytes)
  const options = `delim = ${toLiteral(delim)}, quote = '"', escape = '"', skip = 0, strict_mode = true, max_line_size = 4194304, sample_size = -1`
  const reader = await connection.runAndReadAll(
    `select HasHeader, Columns, DateFormat, TimestampFormat from sniff_csv(${toLiteral(file.path)}, ${options})`,
  )
  const found = reader.getRowObjectsJson()[0] as {
    HasHeader: boolean
    Columns: { name: string; type: string }[]
    DateFormat: string | null
    TimestampFormat: string | null
  }
  checkCount(found.Columns.length)
  const columns: JsonObject = {}
  for (const column of found.Columns) columns[column.name] = column.type
  return {
    delim,
    header: found.HasHeader,
    auto_detect: false,
    columns,
    ...(found.DateFormat ? { dateformat: found.DateFormat } : {}),
    ...(found.TimestampFormat ? { timestampformat: found.TimestampFormat } : {}),
  }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function readJson(connection: DuckDBConnection, file: TableFile): Promise<JsonObject> {
  const first = (await readHead(file.path)).toString('utf8').trimStart()[0]
  if (first === undefined) throw new AppError('invalid', 'Line 1: the file is empty.', { line: 1 })
  const more: { [option: string]: Json } = file.format === 'json' && first === '[' ? { format: 'array' } : {}
  let statement
  try {
    statement = await prepare(connection, `select * from ${toSource(file, { ...more, sample_size: -1 })}`)
  } catch (error) {
    if (file.format === 'ndjson') await checkLines(file.path)
    throw error
  }
  checkCount(statement.columnCount)
  const columns: JsonObject = {}
  for (let i = 0; i < statement.columnCount; i++)
    columns[statement.columnName(i)] = String(statement.columnType(i))
  return { ...more, columns }
}

/** DuckDB counts the lines of a broken file differently from case to case, so the line is looked for. */
async function checkLines(path: string): Promise<void> {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line++
    if (text.trim() === '') continue
    try {
      JSON.parse(text)
    } catch (error) {
      throw new AppError(
        'invalid',
        `Line ${line}: not JSON. ${error instanceof Error ? error.message : ''}`,
        { line },
      )
    }
  }
}
