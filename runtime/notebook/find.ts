/**
 * Find and replace over all cells of a notebook. Pure: a query and the cells go in, the matches with their places come
 * out; a replacement knows `$&`, `$1` and `$<name>` where the query is a regular expression, and is plain text else.
 */
import type { Cell } from '../api/notebooks.ts'

export interface FindQuery {
  text: string
  regex: boolean
  matchCase: boolean
  wholeWord: boolean
}
export interface Match {
  cell: string
  /** Offsets in the source of the cell. */
  start: number
  end: number
  /** From 1. */
  line: number
  column: number
  /** The line it stands in, cut around it, and where it stands there. */
  excerpt: { before: string; text: string; after: string }
}
export interface Found {
  matches: Match[]
  /** There are more than are told. */
  more: boolean
  /** Why the expression cannot be used. */
  error: string | null
}
export const maxMatches = 2000
const context = 40

export function findMatches(cells: readonly Cell[], query: FindQuery): Found {
  const pattern = toPattern(query)
  if (!pattern) return { matches: [], more: false, error: null }
  if (typeof pattern === 'string') return { matches: [], more: false, error: pattern }
  const matches: Match[] = []
  for (const cell of cells)
    for (const match of cell.source.matchAll(pattern)) {
      if (match[0] === '') continue
      if (matches.length === maxMatches) return { matches, more: true, error: null }
      matches.push(toMatch(cell, match.index, match[0]))
    }
  return { matches, more: false, error: null }
}

/** Replaces the match that starts at this place of this cell, or with `null` every match. */
export function replaceMatches(
  cells: readonly Cell[],
  query: FindQuery,
  replacement: string,
  only: Pick<Match, 'cell' | 'start'> | null,
): { cells: Cell[]; count: number } {
  const pattern = toPattern(query)
  let count = 0
  if (!(pattern instanceof RegExp)) return { cells: [...cells], count }
  const next = cells.map((cell) => {
    if (only && only.cell !== cell.id) return cell
    let source = ''
    let last = 0
    for (const match of cell.source.matchAll(pattern)) {
      if (match[0] === '' || (only && only.start !== match.index)) continue
      source +=
        cell.source.slice(last, match.index) + (query.regex ? expand(replacement, match) : replacement)
      last = match.index + match[0].length
      count += 1
    }
    return last === 0 ? cell : { ...cell, source: source + cell.source.slice(last) }
  })
  return { cells: next, count }
}

/** undefined: nothing is looked for; a text: what is wrong with the expression. */
function toPattern(query: FindQuery): RegExp | string | undefined {
  if (query.text === '') return undefined
  const plain = query.regex ? query.text : query.text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
  const source = query.wholeWord ? `(?<![\\w$])(?:${plain})(?![\\w$])` : plain
  try {
    return new RegExp(source, query.matchCase ? 'gmu' : 'gimu')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function expand(template: string, match: RegExpMatchArray): string {
  return template.replaceAll(/\$(?:\$|&|(\d{1,2})|<([^>]*)>)/g, (all, number?: string, name?: string) => {
    if (all === '$$') return '$'
    if (all === '$&') return match[0]
    if (number !== undefined) return Number(number) < match.length ? (match[Number(number)] ?? '') : all
    return match.groups?.[name!] ?? ''
  })
}

function toMatch(cell: Cell, start: number, text: string): Match {
  const lineStart = cell.source.lastIndexOf('\n', start - 1) + 1
  const end = start + text.length
  const lineEnd = cell.source.indexOf('\n', end)
  return {
    cell: cell.id,
    start,
    end,
    line: cell.source.slice(0, start).split('\n').length,
    column: start - lineStart + 1,
    excerpt: {
      before: cell.source.slice(Math.max(lineStart, start - context), start).trimStart(),
      text: text.slice(0, 2 * context),
      after: cell.source.slice(end, Math.min(lineEnd < 0 ? cell.source.length : lineEnd, end + context)),
    },
  }
}
