/**
 * The names that an SQL text may mean: quoted ones, literals and bare identifiers, each once. It need not be exact: a
 * name too many finds no object, and DuckDB itself, in its child, decides what the text says. The text is hostile, so
 * nothing native reads it here and the scan is linear.
 */
const maxNames = 300
const endings = ['', '.csv', '.json', '.ndjson', '.parquet', '.tsv', '.jsonl']

export function findNames(sql: string): string[] {
  const names = new Set<string>()
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|[\p{L}_][\p{L}\p{N}_$]*/gu
  for (const match of sql.matchAll(token)) {
    const [whole, quoted, literal] = match
    if (whole.startsWith('--') || whole.startsWith('/*')) continue
    const name = quoted?.replaceAll('""', '"') ?? literal?.replaceAll("''", "'") ?? whole
    if (name !== '' && name.length <= 200) names.add(name)
    if (names.size >= maxNames) break
  }
  return [...names]
}
/** Under which object names a name is looked for, the exact one first. */
export function toCandidates(name: string): string[] {
  return endings.map((ending) => name + ending)
}
