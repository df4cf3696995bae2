/** The rows that a table output holds, as an HTML table and as text in columns, for what cannot draw tables. Pure. */
import { tableOutput } from '../api/runs.ts'
import type { Json, JsonObject } from '../json.ts'

const maxRows = 1000
const maxWidth = 40

interface Shown {
  names: string[]
  rows: string[][]
  more: string
}
function read(value: JsonObject): Shown | undefined {
  const { data: table } = tableOutput.safeParse(value)
  if (!table) return undefined
  const rows = table.rows
    .slice(0, maxRows)
    .map((row) => table.names.map((name) => toField(row[name], table.types[name])))
  return {
    names: table.names,
    rows,
    more: rows.length < table.length ? `${rows.length} of ${table.length} rows` : '',
  }
}
function toField(value: Json | undefined, type: string | undefined): string {
  if (value === null || value === undefined) return ''
  if (type === 'time' && typeof value === 'number' && Math.abs(value) <= 8.64e15)
    return new Date(value)
      .toISOString()
      .replace('T', ' ')
      .replace(/(\.000)?Z$/, '')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function tableToHtml(value: JsonObject): string {
  const table = read(value)
  if (!table) return ''
  const row = (fields: string[], tag: string): string =>
    `<tr>${fields.map((field) => `<${tag}>${escapeHtml(field)}</${tag}>`).join('')}</tr>`
  const body = table.rows.map((fields) => row(fields, 'td')).join('\n')
  const more = table.more ? `\n<p>${table.more}</p>` : ''
  return `<table>\n<thead>${row(table.names, 'th')}</thead>\n<tbody>\n${body}\n</tbody>\n</table>${more}`
}

export function tableToText(value: JsonObject): string {
  const table = read(value)
  if (!table) return '[table]'
  const cut = (text: string): string => {
    const line = text.replaceAll(/\s+/g, ' ')
    return line.length > maxWidth ? `${line.slice(0, maxWidth - 1)}…` : line
  }
  const lines = [table.names, ...table.rows].map((fields) => fields.map(cut))
  const widths = table.names.map((_, i) => Math.max(...lines.map((fields) => fields[i]!.length)))
  const texts = lines.map((fields) =>
    fields
      .map((field, i) => field.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
  return [...texts, ...(table.more ? [table.more] : [])].join('\n')
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
