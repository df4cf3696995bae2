/**
 * A notebook as one `.ts` file, the form for git: a line `// %%` starts a TypeScript cell; `// %% [markdown]`, `[sql]`
 * and `[raw]` start cells whose lines are comments. Options of a cell follow as JSON, `// %% [sql] {"id":"c1"}`; a line
 * `// %% [notebook] {"name":…}` tells of the whole. Blank lines around a cell's text belong to the file, not the text.
 *
 * Every text comes back as it was: one that begins or ends blank has the option `exact`, one with CRLF has `crlf`, one
 * with other carriage returns or halves of surrogate pairs stands as JSON in the option `source`; a line of a text that
 * looks like a marker has a backslash in front of its `%%`.
 */
import type { Cell } from '../api/notebooks.ts'
import { AppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import { isJsonObject } from '../json.ts'

export interface PercentCell {
  id?: string
  type: Cell['type']
  source: string
  view?: { folded?: boolean; codeHidden?: boolean }
  metadata?: JsonObject
}
/** What the first line may tell of a notebook. */
export interface ScriptHead {
  name?: string
  kind?: 'analytics' | 'processing'
  tags?: string[]
}
export interface Script extends ScriptHead {
  cells: PercentCell[]
}

const marker = /^\/\/ %%([^]*)$/
const types = ['typescript', 'markdown', 'sql', 'raw'] as const

/** `ids: false` leaves out what only a notebook needs: its cells' ids. */
export function formatPercent(
  cells: readonly Cell[],
  { head, ids = true }: { head?: ScriptHead; ids?: boolean } = {},
): string {
  const first = head && Object.keys(head).length > 0 ? [`// %% [notebook] ${JSON.stringify(head)}\n`] : []
  return [...first, ...cells.map((cell) => formatCell(cell, ids))].join('\n')
}

function formatCell({ id, type, source, view, metadata }: Cell, ids: boolean): string {
  const options: JsonObject = {}
  if (ids) options['id'] = id
  const body = source.replaceAll('\r\n', '\n')
  const isCrlf = body !== source && body.replaceAll('\n', '\r\n') === source
  const isOdd = (body !== source && !isCrlf) || body.includes('\r') || !body.isWellFormed()
  if (isOdd) options['source'] = source
  else if (isCrlf) options['crlf'] = true
  if (!isOdd && (body === '' || body !== body.trim())) options['exact'] = true
  if (view?.folded) options['folded'] = true
  if (view?.codeHidden) options['hidden'] = true
  if (metadata && Object.keys(metadata).length > 0) options['metadata'] = metadata
  const head = [
    '// %%',
    ...(type === 'typescript' ? [] : [`[${type}]`]),
    ...(Object.keys(options).length > 0 ? [JSON.stringify(options)] : []),
  ].join(' ')
  if (isOdd) return `${head}\n`
  const lines = body.split('\n').map((line) => guard(type === 'typescript' ? line : comment(line)))
  return `${head}\n${lines.join('\n')}\n`
}

/** The cells alone. */
export function parsePercent(text: string): PercentCell[] {
  return parseScript(text).cells
}

/** invalid: names the line whose options are wrong. */
export function parseScript(text: string): Script {
  const script: Script = { cells: [] }
  let head = ''
  let headLine = 0
  let body: string[] = []
  const end = (): void => {
    const type = headLine === 0 ? undefined : /^\s*\[(\w+)\]/.exec(head)?.[1]
    const rest = head.replace(/^\s*\[\w+\]/, '').trim()
    const options = rest.startsWith('{') ? parseOptions(rest, headLine) : {}
    if (type === 'notebook') Object.assign(script, toHead(options))
    else {
      const cell = toCell(types.find((known) => known === type) ?? 'typescript', options, body)
      if (cell) script.cells.push(cell)
    }
  }
  text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .forEach((line, index) => {
      const found = marker.exec(line)
      if (!found) return void body.push(line)
      end()
      head = found[1]!
      headLine = index + 1
      body = []
    })
  end()
  return script
}

function toCell(type: Cell['type'], options: JsonObject, body: string[]): PercentCell | undefined {
  const { id, folded, hidden, metadata } = options
  const source = typeof options['source'] === 'string' ? options['source'] : toText(type, options, body)
  if (source === '' && options['exact'] !== true && options['source'] === undefined) return undefined
  const view = {
    ...(folded === true ? { folded: true } : {}),
    ...(hidden === true ? { codeHidden: true } : {}),
  }
  return {
    ...(typeof id === 'string' ? { id } : {}),
    type,
    source,
    ...(Object.keys(view).length > 0 ? { view } : {}),
    ...(isJsonObject(metadata) ? { metadata } : {}),
  }
}

function toText(type: Cell['type'], options: JsonObject, body: string[]): string {
  const isExact = options['exact'] === true
  const lines = [...body]
  // the blank line before the next marker, or the end of the file
  if (isExact && lines.length > 1 && lines.at(-1) === '') lines.pop()
  const text = lines.map((line) => (type === 'typescript' ? bare(line) : uncomment(bare(line)))).join('\n')
  const whole = isExact ? text : text.trim()
  return options['crlf'] === true ? whole.replaceAll('\n', '\r\n') : whole
}

function parseOptions(text: string, line: number): JsonObject {
  let options: unknown
  try {
    options = JSON.parse(text)
  } catch {
    throw new AppError(
      'invalid',
      `Line ${line}: what follows "// %%" is no JSON; options look like {"id":"c1"}.`,
      { path: `line ${line}` },
    )
  }
  return isJsonObject(options) ? options : {}
}

function toHead({ name, kind, tags }: JsonObject): ScriptHead {
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(kind === 'analytics' || kind === 'processing' ? { kind } : {}),
    ...(Array.isArray(tags) ? { tags: tags.filter((tag) => typeof tag === 'string') } : {}),
  }
}

const comment = (line: string): string => (line === '' ? '//' : `// ${line}`)
const uncomment = (line: string): string => line.replace(/^\/\/ ?/, '')
const guard = (line: string): string => line.replace(/^(\/\/ \\*)%%/, '$1\\%%')
const bare = (line: string): string => line.replace(/^(\/\/ \\*)\\%%/, '$1%%')
