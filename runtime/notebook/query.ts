/**
 * The SQL in a notebook's text: what stands in SQL cells and in sql`...` of TypeScript cells, found without parsing
 * either language. The key names a query where its result's columns are told (declarations) and asked for (editor);
 * both sides read it from the same text, so that they cannot disagree.
 */
import type { Cell } from '../api/notebooks.ts'

export interface Query {
  /** The text with $1, $2 for what is bound. */
  sql: string
  /** The text without its comments and spare space. */
  key: string
  /** Where the tag `sql` ends in the cell; 0 in a SQL cell. */
  tagEnd: number
  /** Where the SQL itself stands. */
  start: number
  end: number
  /** What is bound: where the expressions of `${...}` stand. */
  values: { start: number; end: number }[]
}
const nameLine = /^\s*--\s*name:\s*([A-Za-z_$][\w$]*)\s*$/

/** The variable that a SQL cell declares, and where its name stands. */
export function toResultName(source: string): { name: string; at?: number } {
  const line = source.split('\n', 1)[0] ?? ''
  const name = nameLine.exec(line)?.[1]
  return name === undefined ? { name: '_' } : { name, at: line.lastIndexOf(name) }
}

export function findQueries(cell: Pick<Cell, 'type' | 'source'>): Query[] {
  if (cell.type === 'sql') {
    if (cell.source.trim() === '') return []
    return [toQuery(toParts(cell.source, 0, undefined), 0)]
  }
  if (cell.type !== 'typescript' || !cell.source.includes('sql')) return []
  const queries: Query[] = []
  const tag = /(?<![\w$.])sql(?=\s*`)/g
  for (let match = tag.exec(cell.source); match; match = tag.exec(cell.source)) {
    const tagEnd = match.index + 3
    const found = toParts(cell.source, cell.source.indexOf('`', tagEnd) + 1, '`')
    if (!found.closed) break
    queries.push(toQuery(found, tagEnd))
    tag.lastIndex = found.end + 1
  }
  return queries
}

interface Parts {
  parts: string[]
  values: Query['values']
  start: number
  end: number
  closed: boolean
}
function toQuery({ parts, values, start, end }: Parts, tagEnd: number): Query {
  const sql = parts.reduce((left, right, i) => `${left}$${i}${right}`)
  const key = sql
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return { sql, key, tagEnd, start, end, values }
}

/** The texts around `${...}`, up to the closing mark. */
function toParts(source: string, from: number, close: string | undefined): Parts {
  const parts: string[] = []
  const values: Query['values'] = []
  let text = ''
  let i = from
  while (i < source.length && source[i] !== close) {
    if (source[i] === '$' && source[i + 1] === '{') {
      const end = findClose(source, i + 2)
      parts.push(text)
      text = ''
      values.push({ start: i + 2, end })
      i = end + 1
    } else if (close !== undefined && source[i] === '\\') {
      text += source[i + 1] ?? ''
      i += 2
    } else text += source[i++]
  }
  const closed = close === undefined || i < source.length
  return { parts: [...parts, text], values, start: from, end: Math.min(i, source.length), closed }
}
function findClose(source: string, from: number): number {
  let depth = 1
  for (let i = from; i < source.length; i++) {
    if (source[i] === '{') depth++
    if (source[i] === '}' && --depth === 0) return i
  }
  return source.length
}
