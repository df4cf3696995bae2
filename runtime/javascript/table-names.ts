/**
 * The tables that an SQL text names: what stands where DuckDB expects a table, with the schema that is written before
 * it. Common table expressions are followed by their scopes and are not told, functions neither. The text is scanned
 * once from left to right and need not be right; DuckDB, in its child, decides what it says. Pure.
 */
export interface TableName {
  /** `streams` of `streams.readings`; null where none is written. */
  schema: string | null
  name: string
  /** Where the name begins, with its quotes, and ends. */
  start: number
  end: number
}

interface Token {
  kind: 'word' | 'quoted' | 'text' | 'mark'
  /** Without quotes. */
  text: string
  start: number
  end: number
}
/** Between two parentheses. */
interface Level {
  /** The next name is a table's. */
  expects: boolean
  /** After FROM, where a comma is followed by a table. */
  from: boolean
  /** Inside WITH, before its query. */
  with: 'no' | 'plain' | 'recursive'
  ctes: Set<string> | null
  /** Of a function: FROM is not a clause in `extract(year from ts)`. */
  call: boolean
  /** The expression whose text this is: known outside once it is closed. */
  defines: string | null
}

const maxNames = 300
const ends = new Set(
  'where group order having limit offset window qualify union except intersect select values set returning'.split(
    ' ',
  ),
)
const joins = new Set(
  'natural inner outer left right full cross asof positional semi anti lateral'.split(' '),
)
const openers = new Set(['pivot', 'unpivot', 'summarize', 'describe', 'table'])
const extracting = new Set(['extract', 'trim', 'substring', 'overlay', 'position'])

export function findTableNames(sql: string): TableName[] {
  const tokens = toTokens(sql)
  const found: TableName[] = []
  const levels: Level[] = [newLevel(false, false, null)]
  /** How many open levels know a name. */
  const visible = new Map<string, number>()
  const count = (name: string, by: number): void => void visible.set(name, (visible.get(name) ?? 0) + by)
  const define = (level: Level, name: string): void => {
    level.ctes ??= new Set()
    if (!level.ctes.has(name)) count(name, 1)
    level.ctes.add(name)
  }
  for (let i = 0; i < tokens.length && found.length < maxNames; i++) {
    const token = tokens[i]!
    const level = levels.at(-1)!
    const word = token.kind === 'word' ? token.text.toLowerCase() : ''
    if (token.kind === 'mark') {
      if (token.text === '(') {
        const before = tokens[i - 1]
        const call = before?.kind === 'word' && extracting.has(before.text.toLowerCase())
        const defines = toDefined(tokens, i, level)
        if (defines !== null && level.with === 'recursive') define(level, defines)
        levels.push(newLevel(level.expects, call, defines))
        level.expects = false
      } else if (token.text === ')') {
        if (levels.length === 1) continue
        levels.pop()
        for (const name of level.ctes ?? []) count(name, -1)
        if (level.defines !== null) define(levels.at(-1)!, level.defines)
      } else if (token.text === ',') level.expects = level.from
      else if (token.text === ';') {
        visible.clear()
        levels.splice(0, levels.length, newLevel(false, false, null))
      }
      continue
    }
    const first = i === 0 || isMark(tokens[i - 1], '(') || isMark(tokens[i - 1], ';')
    if (word === 'with' && !isMark(tokens[i + 1], '(')) {
      const recursive = isWord(tokens[i + 1], 'recursive')
      if (recursive) i++
      level.with = recursive ? 'recursive' : 'plain'
      level.expects = false
    } else if (word === 'from') {
      if (level.call || isWord(tokens[i - 1], 'distinct')) continue
      level.expects = true
      level.from = true
      if (level.with !== 'no') level.with = 'no'
    } else if (word === 'join') level.expects = true
    else if (first && openers.has(word)) level.expects = true
    else if (ends.has(word)) {
      level.expects = false
      level.from = false
      if (word === 'select' || word === 'values') level.with = 'no'
    } else if (level.expects) {
      if (joins.has(word)) continue
      const parts = [token]
      while (isMark(tokens[i + 1], '.') && tokens[i + 2] && tokens[i + 2]!.kind !== 'mark')
        parts.push(tokens[(i += 2)]!)
      // `alias: table`
      if (isMark(tokens[i + 1], ':')) {
        i++
        continue
      }
      level.expects = false
      if (isMark(tokens[i + 1], '(') && token.kind === 'word') continue
      const last = parts.at(-1)!
      const schema = parts.at(-2)?.text.toLowerCase() ?? null
      if (
        last.text === '' ||
        last.text.length > 200 ||
        (schema === null && (visible.get(last.text.toLowerCase()) ?? 0) > 0)
      )
        continue
      found.push({ schema, name: last.text, start: last.start, end: last.end })
    }
  }
  return found
}

/** The schemas that tell apart what has the same name. */
export const schemas = ['objects', 'streams', 'variables'] as const
export type Schema = (typeof schemas)[number]

/** The variables of a notebook that the text may name, once each, with their first place. */
export function findVariableNames(sql: string): TableName[] {
  const found = new Map<string, TableName>()
  for (const table of findTableNames(sql))
    if ((table.schema === null || table.schema === 'variables') && /^[A-Za-z_$][\w$]*$/.test(table.name))
      found.set(table.name, found.get(table.name) ?? table)
  return [...found.values()]
}

function newLevel(expects: boolean, call: boolean, defines: string | null): Level {
  return { expects, from: expects, with: 'no', ctes: null, call, defines }
}

/** The name before `as (`, `as materialized (` or `(columns) as (` of WITH, where this parenthesis opens its query. */
function toDefined(tokens: Token[], open: number, level: Level): string | null {
  if (level.with === 'no') return null
  let at = open - 1
  if (isWord(tokens[at], 'materialized')) at--
  if (isWord(tokens[at], 'not')) at--
  if (!isWord(tokens[at], 'as')) return null
  at--
  if (isMark(tokens[at], ')')) {
    while (at >= 0 && !isMark(tokens[at], '(')) at--
    at--
  }
  const name = tokens[at]
  return name && (name.kind === 'word' || name.kind === 'quoted') ? name.text.toLowerCase() : null
}
function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === text
}
function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text
}

function toTokens(sql: string): Token[] {
  const tokens: Token[] = []
  const word = /[\p{L}_][\p{L}\p{N}_$]*/uy
  const dollar = /\$[\p{L}_]?[\p{L}\p{N}_]*\$/uy
  for (let at = 0; at < sql.length;) {
    const char = sql[at]!
    if (/\s/.test(char)) at++
    else if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at)
      at = end < 0 ? sql.length : end
    } else if (sql.startsWith('/*', at)) at = skipComment(sql, at)
    else if (char === '"' || char === "'") {
      const isEscaped = char === "'" && /^e$/i.test(tokens.at(-1)?.text ?? '') && tokens.at(-1)?.end === at
      const end = findEnd(sql, at + 1, char, isEscaped)
      if (isEscaped) tokens.pop()
      const text = sql.slice(at + 1, end).replaceAll(char + char, char)
      tokens.push({ kind: char === '"' ? 'quoted' : 'text', text, start: at, end: end + 1 })
      at = end + 1
    } else {
      const pattern = char === '$' ? dollar : word
      pattern.lastIndex = at
      const match = pattern.exec(sql)?.[0]
      if (char === '$' && match !== undefined) {
        const end = sql.indexOf(match, at + match.length)
        at = end < 0 ? sql.length : end + match.length
      } else if (match === undefined) {
        tokens.push({ kind: 'mark', text: char, start: at, end: at + 1 })
        at++
      } else {
        tokens.push({ kind: 'word', text: match, start: at, end: at + match.length })
        at += match.length
      }
    }
  }
  return tokens
}
/** Comments may hold others. */
function skipComment(sql: string, from: number): number {
  let depth = 0
  for (let at = from; at < sql.length; at++)
    if (sql.startsWith('/*', at)) {
      depth++
      at++
    } else if (sql.startsWith('*/', at)) {
      at++
      if (--depth === 0) return at + 1
    }
  return sql.length
}
/** Where the quote closes, or the end of the text; a doubled one is part of it. */
function findEnd(sql: string, from: number, quote: string, escapes: boolean): number {
  for (let at = from; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at
      at++
    }
  }
  return sql.length
}
