/**
 * Notebooks from files: .ipynb with the outputs that it has, or .ts with `// %%`. The outputs become those that the
 * page shows until cells execute again. A name that the file gives and another notebook has gets a number behind it.
 */
import type { Notebook } from '../api/notebooks.ts'
import type { Output } from '../api/runs.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import { type ImportedNotebook, parseIpynb } from '../notebook/ipynb/parse.ts'
import { parseScript } from '../notebook/percent.ts'
import type { OutputStore } from '../run/outputs.ts'
import type { Notebooks } from './notebooks.ts'

/** Of the file: what is parsed in one piece. */
export const maxFileBytes = 32 * 1024 * 1024
export const maxOutputBytes = 16 * 1024 * 1024
const maxNames = 50
/** Of names; one without an extension is read by what is in it. */
const known = /^\.(ipynb|json|[cm]?[jt]sx?|txt|html?)$/i

export interface NotebookFile {
  project: string
  text: string
  /** Of the file, when it is known. */
  fileName?: string | undefined
  /** The name to give; a conflict when another notebook has it. */
  name?: string | undefined
  withOutputs?: boolean
}
export type Imported = Notebook & { notices: string[] }

export async function importNotebook(
  deps: { notebooks: Pick<Notebooks, 'create'>; outputs: Pick<OutputStore, 'insert'>; clock: Clock },
  workspace: string,
  file: NotebookFile,
): Promise<Imported> {
  const now = deps.clock.now()
  const found = parseFile(file)
  const outputs = file.withOutputs === false ? [] : found.outputs
  const bytes = Buffer.byteLength(JSON.stringify(outputs))
  if (bytes > maxOutputBytes)
    throw new AppError(
      'too-large',
      `The outputs have ${Math.ceil(bytes / 1024 / 1024)} MB; at most ${maxOutputBytes / 1024 / 1024} MB come in. Clear the outputs of the file, or import without them: ?outputs=false.`,
      { path: 'outputs' },
    )
  const notebook = await create(deps.notebooks, workspace, file, found)
  const items = outputs.map(({ cell, kind, data }, i): Output => ({ seq: i + 1, cell, kind, data, at: now }))
  for (const { id } of notebook.cells) {
    const own = items.filter(({ cell }) => cell === id)
    if (own.length > 0) await deps.outputs.insert(workspace, notebook.id, id, own, own.at(-1)!.seq)
  }
  return { ...notebook, notices: found.notices }
}

function parseFile({ text, fileName = '' }: NotebookFile): ImportedNotebook {
  const extension = /\.[^./\\]{1,12}$/.exec(fileName)?.[0]
  if (extension !== undefined && !known.test(extension))
    throw new AppError(
      'unsupported',
      `A file ${extension} is no notebook. Notebooks come in as .ipynb or as .ts with "// %%".`,
      { path: 'file' },
    )
  const isJson = /^\uFEFF?\s*[{[]/.test(text)
  if (/\.ipynb$/i.test(fileName) || (isJson && !/\.[cm]?[jt]sx?$/i.test(fileName)))
    return parseIpynb(text, () => newId('c'))
  if (/^\uFEFF?\s*<(?:!doctype|html|\?xml)/i.test(text))
    throw new AppError(
      'unsupported',
      'This file is HTML. Notebooks come in as .ipynb or as .ts with "// %%".',
    )
  const { cells, ...head } = parseScript(text)
  const notices = cells.length === 0 ? ['The file has no cells.'] : []
  return {
    ...head,
    cells: cells.map((cell) => ({ ...cell, id: cell.id ?? newId('c') })),
    outputs: [],
    notices,
  }
}

async function create(
  notebooks: Pick<Notebooks, 'create'>,
  workspace: string,
  { project, name, fileName }: NotebookFile,
  { cells, kind, tags, metadata, ...found }: ImportedNotebook,
): Promise<Notebook> {
  const base = toName(name ?? found.name ?? fileName?.replace(/\.\w+$/, '') ?? '') || 'Imported notebook'
  for (let number = 1; ; number++) {
    const spec = { name: number === 1 ? base : `${base} (${number})`, project, kind, cells, metadata }
    try {
      return await notebooks.create(workspace, {
        ...spec,
        tags: tags?.map((tag) => tag.slice(0, 60)).slice(0, 30),
      })
    } catch (error) {
      const isTaken = isAppError(error, 'conflict') && name === undefined && number < maxNames
      if (!isTaken) throw error
    }
  }
}
const toName = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .toWellFormed()
    .trim()
    .slice(0, 180)
