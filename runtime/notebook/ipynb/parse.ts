/**
 * An .ipynb file (nbformat 4) as cells and outputs. Code in TypeScript or JavaScript becomes TypeScript cells, code in
 * SQL becomes SQL cells; code in other languages is kept as text (`raw`) and told in a notice. Ids, metadata and
 * attachments stay with their cells, so that a file that goes out again has them. What cannot be read without guessing
 * is an error that names its path; what can (missing or repeated ids, cells of later formats) is told in a notice.
 */
import type { Cell, Notebook } from '../../api/notebooks.ts'
import { AppError } from '../../error.ts'
import type { Json, JsonObject } from '../../json.ts'
import { isJsonObject } from '../../json.ts'
import { maxCells, maxMetadataBytes } from '../notebook.ts'
import { getLines, getList, getObject, getString, readNotebook, wrong } from './check.ts'
import { findCellLanguage, findNotebookLanguage, toCellType, toObject } from './language.ts'
import { type NewOutput, parseOutput } from './output.ts'

export interface ImportedNotebook {
  name?: string
  kind?: Notebook['kind']
  tags?: string[]
  cells: Cell[]
  outputs: (NewOutput & { cell: string })[]
  /** Of the notebook, as the file has it. */
  metadata?: JsonObject
  /** What was not taken as it was, in words. */
  notices: string[]
}

const idForm = /^[A-Za-z0-9_-]{1,64}$/
const maxNotices = 20
/** The state of widgets, which nothing here draws, may have megabytes. */
const maxNotebookMetadataBytes = 64 * 1024

export function parseIpynb(text: string, newCellId: () => string): ImportedNotebook {
  const { notebook, minor } = readNotebook(text)
  const given = getList(notebook['cells'], 'cells')
  if (given.length > maxCells)
    throw new AppError(
      'too-large',
      `The notebook has ${given.length.toLocaleString('en')} cells; at most ${maxCells.toLocaleString('en')} are possible. Split it.`,
      { path: 'cells' },
    )
  const metadata = getObject(notebook['metadata'], 'metadata')
  const reading = new Reading(findNotebookLanguage(metadata), minor > 5, newCellId)
  given.forEach((cell, i) => reading.add(getObject(cell, `cells[${i}]`), `cells[${i}]`))
  const { suricate, ...rest } = metadata
  const { kind, tags, name } = toObject(suricate)
  const said = name ?? metadata['title']
  const { kept, dropped } = dropLargest(rest, maxNotebookMetadataBytes)
  reading.tell(dropped.map((key) => `metadata["${key}"] is too large and was left out.`))
  return {
    ...(typeof said === 'string' && said.trim() !== '' ? { name: said.trim() } : {}),
    ...(kind === 'analytics' || kind === 'processing' ? { kind } : {}),
    ...(Array.isArray(tags) ? { tags: tags.filter((tag) => typeof tag === 'string') } : {}),
    cells: reading.cells,
    outputs: reading.outputs,
    ...(Object.keys(kept).length > 0 ? { metadata: kept } : {}),
    notices: reading.notices(),
  }
}

class Reading {
  readonly cells: Cell[] = []
  readonly outputs: ImportedNotebook['outputs'] = []
  readonly #language: string | undefined
  readonly #isLater: boolean
  readonly #newCellId: () => string
  readonly #ids = new Set<string>()
  readonly #kept = new Map<string, number>()
  readonly #notices: string[] = []

  constructor(language: string | undefined, isLater: boolean, newCellId: () => string) {
    this.#language = language
    this.#isLater = isLater
    this.#newCellId = newCellId
  }

  add(given: JsonObject, path: string): void {
    const cellType = getString(given['cell_type'], `${path}.cell_type`)
    if (!['code', 'markdown', 'raw'].includes(cellType)) {
      if (!this.#isLater) throw wrong(`${path}.cell_type`, 'code, markdown or raw', cellType)
      this.#notices.push(`${path} is a "${cellType}", a kind of later formats; its text is kept.`)
      given = { ...given, source: given['source'] ?? '' }
    }
    const source = getLines(given['source'], `${path}.source`)
    const id = this.#toId(given['id'], path)
    const metadata: JsonObject = { ...getObject(given['metadata'], `${path}.metadata`) }
    const own = { ...toObject(metadata['suricate']) }
    delete metadata['suricate']
    const type = this.#toType(cellType, own, metadata)
    const view = toView(own, metadata)
    const kept: JsonObject = {}
    if (given['attachments'] !== undefined)
      kept['attachments'] = getObject(given['attachments'], `${path}.attachments`)
    if (cellType === 'code' && type === 'raw') {
      const language = findCellLanguage(metadata) ?? this.#language ?? ''
      kept['language'] = language
      this.#kept.set(language, (this.#kept.get(language) ?? 0) + 1)
    }
    if (Object.keys(kept).length > 0) metadata['suricate'] = kept
    this.cells.push({
      id,
      type,
      source,
      ...(Object.keys(view).length > 0 ? { view } : {}),
      ...(Object.keys(metadata).length > 0 ? { metadata: this.#bound(metadata, path) } : {}),
    })
    const outputs = cellType === 'code' ? getList(given['outputs'] ?? [], `${path}.outputs`) : []
    outputs.forEach((output, i) => this.#addOutput(id, output, `${path}.outputs[${i}]`))
  }

  #addOutput(cell: string, given: Json, path: string): void {
    const output = parseOutput(given, path, this.#isLater)
    if (output) this.outputs.push({ cell, ...output })
    else this.#notices.push(`${path} is of a kind of later formats and was left out.`)
  }

  #toType(cellType: string, own: JsonObject, metadata: JsonObject): Cell['type'] {
    if (cellType === 'markdown') return 'markdown'
    if (cellType !== 'code') return 'raw'
    if (own['type'] === 'typescript' || own['type'] === 'sql') return own['type']
    return toCellType(findCellLanguage(metadata) ?? this.#language ?? '') ?? 'raw'
  }

  #toId(given: Json | undefined, path: string): string {
    const isGood = typeof given === 'string' && idForm.test(given) && !this.#ids.has(given)
    if (!isGood && given !== undefined) {
      const why = this.#ids.has(String(given)) ? 'the id of an earlier cell' : 'no id that a cell can have'
      this.#notices.push(
        `${path}.id is ${JSON.stringify(given).slice(0, 80)}, ${why}; the cell has a new one.`,
      )
    }
    const id = isGood ? given : this.#newCellId()
    this.#ids.add(id)
    return id
  }

  /** Attachments are pictures: the largest go first where a cell has more than fits. */
  #bound(metadata: JsonObject, path: string): JsonObject {
    const own = metadata['suricate']
    if (!isJsonObject(own) || !isJsonObject(own['attachments'])) return metadata
    const { kept, dropped } = dropLargest(own['attachments'], maxMetadataBytes / 2)
    this.tell(dropped.map((name) => `${path}.attachments["${name}"] is too large and was left out.`))
    return dropped.length === 0 ? metadata : { ...metadata, suricate: { ...own, attachments: kept } }
  }

  tell(notices: string[]): void {
    this.#notices.push(...notices)
  }
  notices(): string[] {
    const kept = [...this.#kept].map(([language, count]) => {
      const cells = count === 1 ? 'One code cell' : `${count} code cells`
      const why = language === '' ? 'of a language that the file does not name' : `in ${language}`
      return `${cells} ${why} ${count === 1 ? 'is' : 'are'} kept as text: TypeScript, JavaScript and SQL execute here.`
    })
    const all = [...kept, ...this.#notices]
    return all.length <= maxNotices
      ? all
      : [...all.slice(0, maxNotices - 1), `And ${all.length - maxNotices + 1} more.`]
  }
}

function toView(own: JsonObject, metadata: JsonObject): { folded?: boolean; codeHidden?: boolean } {
  return {
    ...(own['folded'] === true ? { folded: true } : {}),
    ...(toObject(metadata['jupyter'])['source_hidden'] === true ? { codeHidden: true } : {}),
  }
}

/** The members that fit together, the largest left out first. */
function dropLargest(object: JsonObject, maxBytes: number): { kept: JsonObject; dropped: string[] } {
  const sizes = Object.entries(object).map(([name, value]) => ({
    name,
    bytes: new TextEncoder().encode(JSON.stringify(value)).length,
  }))
  let all = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  const dropped: string[] = []
  for (const { name, bytes } of sizes.toSorted((a, b) => b.bytes - a.bytes)) {
    if (all <= maxBytes) break
    all -= bytes
    dropped.push(name)
  }
  return {
    kept: Object.fromEntries(Object.entries(object).filter(([name]) => !dropped.includes(name))),
    dropped,
  }
}
