/**
 * The names that an SQL text may mean: quoted ones, literals and bare identifiers, each once. It need not be exact: a
 * name too many finds no object, and DuckDB itself, in its child, decides what the text says. The text is hostile, so
 * nothing native reads it here and the scan is linear.
 */
const maxNames = 300
const endings = ['', '.csv', '.json', '.ndjson', '.parquet', '.tsv', '.jsonl']

export function findNames(sql: string): string[] {
  const names = new Set<string>()
  const word = /[\p{L}_][\p{L}\p{N}_$]*/uy
  const add = (name: string): void => {
    if (name !== '' && name.length <= 200) names.add(name)
  }
  for (let at = 0; at < sql.length && names.size < maxNames;) {
    const char = sql[at]!
    if (char === '"' || char === "'") {
      const end = findEnd(sql, at + 1, char)
      if (end < 0) break
      add(sql.slice(at + 1, end).replaceAll(char + char, char))
      at = end + 1
    } else if (sql.startsWith('--', at) || sql.startsWith('/*', at)) {
      const mark = char === '-' ? '\n' : '*/'
      const end = sql.indexOf(mark, at + 2)
      if (end < 0) break
      at = end + mark.length
    } else {
      word.lastIndex = at
      const found = word.exec(sql)?.[0]
      if (found !== undefined) add(found)
      at += found?.length ?? 1
    }
  }
  return [...names]
}
/** Where the quote closes; a doubled one is part of the text. */
function findEnd(sql: string, from: number, quote: string): number {
  for (let at = sql.indexOf(quote, from); at >= 0; at = sql.indexOf(quote, at + 2))
    if (sql[at + 1] !== quote) return at
  return -1
}
/** Under which object names a name is looked for, the exact one first. */
export function toCandidates(name: string): string[] {
  return endings.map((ending) => name + ending)
}
