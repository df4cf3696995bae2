/**
 * The notebook that the editors of the page are of: a model for every cell with code, also for those whose editor is
 * far from the window, so that a rename reaches them; its cells told to the language worker before each question; the
 * faults that come back as markers. One at a time; without one, editors are plain.
 */
import type * as Monaco from 'monaco-editor'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Fault } from './language/protocol.ts'
import type { Loaded, MonacoApi } from './loaded.ts'

export interface NotebookOfEditors {
  cells(): readonly Cell[]
  change(id: string, source: string): void
  go(id: string, place: { start: number; end: number }): void
}
export interface Session {
  /** After the cells changed in any way. */
  sync(): void
  check(): void
  close(): void
}
const languages = { typescript: 'typescript', sql: 'sql', markdown: 'markdown', raw: 'plaintext' }
const extensions = { typescript: 'ts', sql: 'sql', markdown: 'md', raw: 'txt' }
const pauseMs = 250

let current: { notebook: NotebookOfEditors; loaded: Loaded } | undefined
const kept = new Map<string, { cell: Cell; model: Monaco.editor.ITextModel }>()

export function toUri(monaco: MonacoApi, cell: Pick<Cell, 'id' | 'type'>): Monaco.Uri {
  return monaco.Uri.parse(`file:///cells/${cell.id}.${extensions[cell.type]}`)
}
/** The id of the cell that a model is of. */
export function toCellId(uri: Monaco.Uri): string | undefined {
  return /^\/cells\/([\w-]+)\.\w+$/.exec(uri.path)?.[1]
}
/** The text of a cell in the editor's shape; the session's own where there is one. */
export function takeModel(monaco: MonacoApi, cell: Cell): Monaco.editor.ITextModel {
  const uri = toUri(monaco, cell)
  const found = monaco.editor.getModel(uri)
  if (!found) return monaco.editor.createModel(cell.source, languages[cell.type], uri)
  if (found.getValue() !== cell.source) found.setValue(cell.source)
  return found
}
export function releaseModel(model: Monaco.editor.ITextModel): void {
  const id = toCellId(model.uri)
  if (id === undefined || kept.get(id)?.model !== model) model.dispose()
}
/** Tells the worker of every change so far. */
export function tellCells(): void {
  if (current) current.loaded.language.setCells(current.notebook.cells())
}
export function goToCell(id: string, place: { start: number; end: number }): void {
  current?.notebook.go(id, place)
}

export function openSession(loaded: Loaded, notebook: NotebookOfEditors): Session {
  const { monaco, language } = loaded
  const own = { notebook, loaded }
  current = own
  const faults = new Map<string, Fault[]>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let last: readonly Cell[] = []

  const mark = (id: string): void => {
    const model = kept.get(id)?.model
    if (model && !model.isDisposed())
      monaco.editor.setModelMarkers(
        model,
        'typescript',
        (faults.get(id) ?? []).map((fault) => toMarker(monaco, model, fault)),
      )
  }
  const drop = (id: string): void => {
    const model = kept.get(id)?.model
    kept.delete(id)
    if (model && !model.isDisposed() && !model.isAttachedToEditor()) model.dispose()
  }
  const keep = (cell: Cell): void => {
    const before = kept.get(cell.id)
    if (before && before.cell.type !== cell.type) drop(cell.id)
    const model = kept.get(cell.id)?.model
    if (model && !model.isDisposed()) {
      kept.set(cell.id, { cell, model })
      if (!model.isAttachedToEditor() && model.getValue() !== cell.source) model.setValue(cell.source)
      return
    }
    const made = takeModel(monaco, cell)
    kept.set(cell.id, { cell, model: made })
    // An editor tells its own changes; this is for edits that reach a cell without one.
    made.onDidChangeContent(() => {
      if (!made.isAttachedToEditor() && current === own) notebook.change(cell.id, made.getValue())
    })
    mark(cell.id)
  }
  const check = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (current !== own) return
      tellCells()
      const visible = [...kept].filter(([, { model }]) => !model.isDisposed() && model.isAttachedToEditor())
      language.check(visible.map(([id]) => id))
    }, pauseMs)
  }
  language.onFaults((id, found) => {
    faults.set(id, found)
    mark(id)
  })
  language.onChecked((ms) => {
    document.documentElement.dataset.checked = String(Math.round(ms))
  })
  return {
    sync() {
      const cells = notebook.cells()
      if (cells === last) return
      const known = new Set(last)
      last = cells
      const present = new Set(cells.map((cell) => cell.id))
      for (const id of kept.keys()) if (!present.has(id)) drop(id)
      for (const cell of cells)
        if (!known.has(cell) && (cell.type === 'typescript' || cell.type === 'sql')) keep(cell)
        else if (!known.has(cell)) drop(cell.id)
      check()
    },
    check,
    close() {
      clearTimeout(timer)
      if (current === own) current = undefined
      for (const id of kept.keys()) drop(id)
    },
  }
}

function toMarker(
  monaco: MonacoApi,
  model: Monaco.editor.ITextModel,
  fault: Fault,
): Monaco.editor.IMarkerData {
  const from = model.getPositionAt(fault.start)
  const to = model.getPositionAt(fault.start + fault.length)
  const { Error, Warning, Hint } = monaco.MarkerSeverity
  return {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
    message: fault.message,
    severity: fault.severity === 'error' ? Error : fault.severity === 'warning' ? Warning : Hint,
    tags:
      fault.tag === null
        ? []
        : [fault.tag === 'unused' ? monaco.MarkerTag.Unnecessary : monaco.MarkerTag.Deprecated],
  }
}
