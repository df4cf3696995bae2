/** What an object is: by the ending of its name, then by what the sender says, then by its first bytes. Pure. */
import type { TableFormat } from '../table/port.ts'

const endings: { [ending: string]: string } = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  tab: 'text/tab-separated-values',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  txt: 'text/plain',
  md: 'text/markdown',
  html: 'text/html',
  xml: 'application/xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
}
const formats: { [mediaType: string]: TableFormat } = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
}
/** What senders say when they know nothing. */
const nothing = new Set(['', 'application/octet-stream', 'application/x-www-form-urlencoded'])

export function toMediaType(name: string, said: string, head: Uint8Array): string {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  const known = endings[ending]
  if (known) return known
  const plain = said.split(';')[0]!.trim().toLowerCase()
  if (!nothing.has(plain) && /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(plain)) return plain
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1')
  return magic === 'PAR1' ? 'application/vnd.apache.parquet' : 'application/octet-stream'
}
/** undefined: bytes that are no table. */
export function toFormat(mediaType: string): TableFormat | undefined {
  return formats[mediaType]
}
