/**
 * A notebook as an .ipynb file of nbformat 4.5, in the layout that nbformat itself writes (one space, sources as lists
 * of lines). TypeScript is written for Deno's kernel, which runs it in Jupyter. Text that was code of another language
 * goes out as that code again. Metadata that the format's schema would refuse is left out.
 */
import type { Cell, Notebook } from '../../api/notebooks.ts'
import type { Output } from '../../api/runs.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import { collapse } from '../output.ts'
import { findCellLanguage, findNotebookLanguage, toCellType, toObject } from './language.ts'
import { formatOutputs, toLines } from './output.ts'

export interface ExportedNotebook {
  name: string
  kind: Notebook['kind']
  tags: readonly string[]
  cells: readonly Cell[]
  metadata?: JsonObject | undefined
}

const ours: JsonObject = {
  kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' },
  language_info: {
    codemirror_mode: 'typescript',
    file_extension: '.ts',
    mimetype: 'text/x.typescript',
    name: 'typescript',
    nbconvert_exporter: 'script',
    pygments_lexer: 'typescript',
  },
}

export function formatIpynb(notebook: ExportedNotebook, outputs: readonly Output[]): string {
  const { name, kind, tags, cells } = notebook
  const given = toNotebookMetadata(notebook.metadata ?? {})
  const isForeign = cells.some((cell) => toLanguage(cell) !== undefined)
  const metadata = isForeign ? given : { ...ours, ...given, ...(isTypescript(given) ? {} : ours) }
  const language = findNotebookLanguage(metadata) ?? ''
  const ofCell = new Map<string, Output[]>()
  for (const output of collapse(outputs))
    if (output.cell !== null) ofCell.set(output.cell, [...(ofCell.get(output.cell) ?? []), output])
  const file = {
    cells: cells.map((cell) => formatCell(cell, language, ofCell.get(cell.id) ?? [])),
    metadata: { ...metadata, suricate: { name, kind, ...(tags.length > 0 ? { tags: [...tags] } : {}) } },
    nbformat: 4,
    nbformat_minor: 5,
  }
  return `${JSON.stringify(file, null, 1)}\n`
}
const isTypescript = (metadata: JsonObject): boolean =>
  toCellType(findNotebookLanguage(metadata) ?? '') === 'typescript'

/** Of text that was code when it came in. */
function toLanguage({ type, metadata }: Cell): string | undefined {
  const language = toObject(metadata?.['suricate'])['language']
  return type === 'raw' && typeof language === 'string' ? language : undefined
}

function formatCell(cell: Cell, language: string, outputs: readonly Output[]): JsonObject {
  const { id, type, source, view } = cell
  const isCode = type === 'typescript' || type === 'sql' || toLanguage(cell) !== undefined
  const { attachments } = toObject(cell.metadata?.['suricate'])
  const metadata = toCellMetadata(cell.metadata ?? {})
  const own: JsonObject = view?.folded ? { folded: true } : {}
  const said = findCellLanguage(metadata) ?? language
  if ((type === 'typescript' || type === 'sql') && toCellType(said) !== type) own['type'] = type
  if (own['type'] !== undefined) metadata['vscode'] = { ...toObject(metadata['vscode']), languageId: type }
  if (Object.keys(own).length > 0) metadata['suricate'] = own
  const hidden = toObject(metadata['jupyter'])['source_hidden'] === true
  if (Boolean(view?.codeHidden) !== hidden)
    metadata['jupyter'] = { ...toObject(metadata['jupyter']), source_hidden: Boolean(view?.codeHidden) }
  const lines = toLines(source)
  if (isCode)
    return {
      cell_type: 'code',
      execution_count: null,
      id,
      metadata,
      outputs: formatOutputs(outputs),
      source: lines,
    }
  return {
    ...(isAttachments(attachments) ? { attachments } : {}),
    cell_type: type === 'markdown' ? 'markdown' : 'raw',
    id,
    metadata,
    source: lines,
  }
}

function isAttachments(value: Json | undefined): value is JsonObject {
  return (
    isJsonObject(value) &&
    Object.values(value).every(
      (bundle) =>
        isJsonObject(bundle) &&
        Object.entries(bundle).every(
          ([mime, data]) =>
            /^application\/(.*\+)?json$/.test(mime) || typeof data === 'string' || isTexts(data),
        ),
    )
  )
}
const isTexts = (value: Json | undefined): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string')
const isString = (value: Json): boolean => typeof value === 'string'
const isTextObject = (value: Json): boolean => isJsonObject(value) && Object.values(value).every(isString)

/** What the schema says of members of a cell's metadata; others are free. */
const cellMembers: { [name: string]: (value: Json) => boolean } = {
  jupyter: isJsonObject,
  execution: isTextObject,
  collapsed: (value) => typeof value === 'boolean',
  scrolled: (value) => typeof value === 'boolean' || value === 'auto',
  format: isString,
  name: (value) => typeof value === 'string' && /^.+$/.test(value),
  tags: (value) =>
    isTexts(value) && new Set(value).size === value.length && value.every((tag) => /^[^,]+$/.test(tag)),
}
const notebookMembers: { [name: string]: (value: Json) => boolean } = {
  kernelspec: (value) =>
    isJsonObject(value) && ['name', 'display_name'].every((key) => typeof value[key] === 'string'),
  language_info: (value) =>
    isJsonObject(value) &&
    typeof value['name'] === 'string' &&
    ['file_extension', 'mimetype', 'pygments_lexer'].every(
      (key) => value[key] === undefined || typeof value[key] === 'string',
    ) &&
    ['undefined', 'string', 'object'].includes(typeof value['codemirror_mode']) &&
    value['codemirror_mode'] !== null &&
    !Array.isArray(value['codemirror_mode']),
  title: isString,
  authors: Array.isArray,
  // "should never be written to a file"
  orig_nbformat: () => false,
}

function toCellMetadata(metadata: JsonObject): JsonObject {
  const { suricate: _, ...rest } = metadata
  return keep(rest, cellMembers)
}
function toNotebookMetadata(metadata: JsonObject): JsonObject {
  const { suricate: _, ...rest } = metadata
  return keep(rest, notebookMembers)
}
function keep(metadata: JsonObject, members: { [name: string]: (value: Json) => boolean }): JsonObject {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([name, value]) => !Object.hasOwn(members, name) || members[name]!(value),
    ),
  )
}
