/**
 * A profile of every column: missing, distinct (HyperLogLog beyond 100,000 rows), range, mean, and 20 equal-width bins
 * or the ten most frequent values. A file of moderate size is read once into memory, a larger one once per question.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { stat } from 'node:fs/promises'
import { toColumnType } from './column.ts'
import { prepare } from './engine.ts'
import type { ColumnProfile, TableFile } from './port.ts'
import { toIdentifier, toSource } from './source.ts'

const bins = 20
const inMemoryBytes = 64 * 1024 * 1024
/** Histograms cost a question each; a wide table has them for its first columns. */
const histogramColumns = 200

type Cell = string | number | null

export async function profile(connection: DuckDBConnection, file: TableFile): Promise<ColumnProfile[]> {
  let source = toSource(file)
  if ((await stat(file.path)).size <= inMemoryBytes) {
    await connection.run(`create temp table profiled as select * from ${source}`)
    source = 'profiled'
  }
  const statement = await prepare(connection, `select * from ${source}`)
  const columns = Array.from({ length: statement.columnCount }, (_, i) => ({
    name: statement.columnName(i),
    type: toColumnType(statement.columnType(i)),
    native: String(statement.columnType(i)),
  }))
  const [total] = await ask(connection, `select count(*)::double from ${source}`)
  const rows = Number(total?.[0] ?? 0)
  const profiles: ColumnProfile[] = []
  for (let at = 0; at < columns.length; at += 50) {
    const group = columns.slice(at, at + 50)
    const [answers = []] = await ask(
      connection,
      `select ${group.flatMap((column) => toStatistics(column, rows)).join(', ')} from ${source}`,
    )
    group.forEach((column, i) => {
      const [present, distinct, min, max, mean] = answers.slice(i * 5, i * 5 + 5)
      profiles.push({
        ...column,
        missing: rows - Number(present),
        distinct: toNumber(distinct),
        min: min ?? null,
        max: max ?? null,
        mean: toNumber(mean),
        histogram: [],
      })
    })
  }
  for (const column of profiles.slice(0, histogramColumns))
    column.histogram = await toHistogram(connection, source, column)
  return profiles
}

const isNumeric = (type: ColumnProfile['type']): boolean =>
  type === 'number' || type === 'integer' || type === 'time'
/** A numeric column as doubles, a time as ms. */
function toDouble(column: { name: string; type: ColumnProfile['type'] }): string {
  const name = toIdentifier(column.name)
  return column.type === 'time' ? `epoch_ms(${name}::timestamp)::double` : `${name}::double`
}

function toStatistics(column: { name: string; type: ColumnProfile['type'] }, rows: number): string[] {
  const name = toIdentifier(column.name)
  const distinct = rows > 100_000 ? `approx_count_distinct(${name})` : `count(distinct ${name})`
  if (isNumeric(column.type)) {
    const value = toDouble(column)
    const finite = `filter (where isfinite(${value}))`
    const range = [`min(${value}) ${finite}`, `max(${value}) ${finite}`, `avg(${value}) ${finite}`]
    return [`count(${name})::double`, `${distinct}::double`, ...range]
  }
  if (column.type === 'json') return [`count(${name})::double`, 'null', 'null', 'null', 'null']
  const text = `left(${name}::varchar, 200)`
  const mean = column.type === 'boolean' ? `avg(${name}::int)` : 'null'
  return [`count(${name})::double`, `${distinct}::double`, `min(${text})`, `max(${text})`, mean]
}

async function toHistogram(
  connection: DuckDBConnection,
  source: string,
  column: ColumnProfile,
): Promise<ColumnProfile['histogram']> {
  if (column.type === 'json') return []
  if (!isNumeric(column.type)) {
    const found = await ask(
      connection,
      `select left(${toIdentifier(column.name)}::varchar, 200), count(*)::double from ${source} where ${toIdentifier(column.name)} is not null group by 1 order by 2 desc, 1 limit 10`,
    )
    return found.map(([value, count]) => ({ value: String(value), count: Number(count) }))
  }
  const { min, max } = column
  if (typeof min !== 'number' || typeof max !== 'number') return []
  const width = (max - min) / bins
  const value = toDouble(column)
  const found = await ask(
    connection,
    width > 0 && Number.isFinite(width)
      ? `select least(${bins - 1}, floor((${value} - ${min}::double) / ${width}::double))::double, count(*)::double from ${source} where isfinite(${value}) group by 1`
      : `select 0::double, count(*)::double from ${source} where isfinite(${value})`,
  )
  const counts = new Map(found.map(([bin, count]) => [Number(bin), Number(count)]))
  return Array.from({ length: width > 0 ? bins : 1 }, (_, i) => ({
    from: min + i * width,
    to: width > 0 && i < bins - 1 ? min + (i + 1) * width : max,
    count: counts.get(i) ?? 0,
  }))
}

async function ask(connection: DuckDBConnection, sql: string): Promise<Cell[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson() as Cell[][]
}
const toNumber = (value: Cell | undefined): number | null =>
  value === null || value === undefined ? null : Number(value)
