/** Which of the languages of Jupyter and VS Code notebooks execute here, by the names that their files use. */
import type { JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'

const typescript = [
  'typescript',
  'ts',
  'javascript',
  'js',
  'deno',
  'tslab',
  'jslab',
  'ecmascript',
  'node',
  'bun',
]
const sql = ['sql', 'duckdb', 'postgresql', 'mysql', 'sqlite', 'xsql']

/** What a code cell of this language becomes; undefined: text that is kept. */
export function toCellType(language: string): 'typescript' | 'sql' | 'markdown' | undefined {
  const name = language.toLowerCase()
  if (typescript.includes(name)) return 'typescript'
  if (sql.includes(name)) return 'sql'
  return name === 'markdown' ? 'markdown' : undefined
}

/** undefined where the notebook names none. */
export function findNotebookLanguage(metadata: JsonObject): string | undefined {
  const info = toObject(metadata['language_info'])
  const kernel = toObject(metadata['kernelspec'])
  const name = kernel['name'] === 'deno' ? 'deno' : (info['name'] ?? kernel['language'] ?? kernel['name'])
  return typeof name === 'string' && name !== '' ? name : undefined
}
/** What editors of notebooks in several languages say of one cell. */
export function findCellLanguage(metadata: JsonObject): string | undefined {
  const found =
    toObject(metadata['vscode'])['languageId'] ??
    toObject(metadata['polyglot_notebook'])['kernelName'] ??
    toObject(metadata['dotnet_interactive'])['language']
  return typeof found === 'string' && found !== '' ? found : undefined
}
export function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}
