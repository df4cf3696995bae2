/** SQL text that names a file as a table: identifiers and literals quoted, options as inspection found them. Pure. */
import { isJsonObject, type Json } from '../json.ts'
import type { LinesTable, TableFile } from './port.ts'

export function toIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
export function toLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
function toOption(value: Json): string {
  if (isJsonObject(value))
    return `{${Object.entries(value)
      .map(([key, item]) => `${toLiteral(key)}: ${toOption(item)}`)
      .join(', ')}}`
  return typeof value === 'string' ? toLiteral(value) : String(value)
}

const readers = { csv: 'read_csv', json: 'read_json', ndjson: 'read_json', parquet: 'read_parquet' } as const

/** What every reading has, whatever was found in the file. */
const fixed: { [F in TableFile['format']]: { [option: string]: Json } } = {
  // one element may be as long as a cell that is accepted, and quotes are the only way to hold a delimiter
  csv: { quote: '"', escape: '"', skip: 0, strict_mode: true, null_padding: false, max_line_size: 4_194_304 },
  json: { maximum_object_size: 67_108_864 },
  ndjson: { format: 'newline_delimited' },
  parquet: {},
}

export function toSource(file: TableFile, more: { [option: string]: Json } = {}): string {
  const options = Object.entries({ ...fixed[file.format], ...more, ...file.read })
  return `${readers[file.format]}(${[toLiteral(file.path), ...options.map(([key, value]) => `${key} = ${toOption(value)}`)].join(', ')})`
}

/** The messages of a stream, or of a log that has none, with the names that people know. */
export function toLines({ paths, columns, from }: LinesTable): string {
  const named = columns.map(({ key, name, type, as }) => {
    const value = paths.length === 0 ? `null::${type}` : key
    return `${as === 'time' ? `epoch_ms(${value})` : value} as ${toIdentifier(name)}`
  })
  if (paths.length === 0) return `select ${named.join(', ')} where false`
  const types = columns.map(({ key, type }) => `${toLiteral(key)}: ${toLiteral(type)}`)
  const options = `format = 'newline_delimited', maximum_object_size = 67108864, columns = {${types.join(', ')}}`
  return `select ${named.join(', ')} from read_json([${paths.map(toLiteral).join(', ')}], ${options}) where ${columns[0]!.key} >= ${from}`
}
