/**
 * Notebooks as people may write them (NotebookSpec) and complete (NotebookContent): toContent holds every default and
 * every limit. Pure; the server and the pages share it.
 */
import type { Cell } from '../api/notebooks.ts'
import { AppError } from '../error.ts'

export const maxCells = 2000
export const maxSourceBytes = 256 * 1024
/** All sources together: a notebook is one document. */
export const maxNotebookBytes = 8 * 1024 * 1024
/** Of one cell: pictures that Markdown shows are among it. Counts for the whole as well. */
export const maxMetadataBytes = 1024 * 1024

export interface CellSpec {
  id?: string | undefined
  type?: Cell['type'] | undefined
  source: string
  view?: Cell['view']
  metadata?: Cell['metadata']
}

/** Complete cells: ids where they are missing, TypeScript where no type is said. too-large names the cell. */
export function toCells(specs: readonly CellSpec[], newCellId: () => string): Cell[] {
  if (specs.length > maxCells) throw new AppError('too-large', `A notebook has at most ${maxCells} cells.`)
  const ids = new Set<string>()
  let all = 0
  return specs.map((spec, index) => {
    const size = utf8Length(spec.source)
    all += size
    if (size > maxSourceBytes)
      throw new AppError('too-large', `Cell ${index + 1} has ${size} bytes; a cell has at most 256 KB.`, {
        path: `cells.${index}.source`,
      })
    const id = spec.id ?? newCellId()
    if (ids.has(id))
      throw new AppError('invalid', `Cell ${index + 1} has the id "${id}" of an earlier cell.`, {
        path: `cells.${index}.id`,
      })
    ids.add(id)
    const { view, metadata } = spec
    const metadataSize = metadata ? utf8Length(JSON.stringify(metadata)) : 0
    all += metadataSize
    if (metadataSize > maxMetadataBytes)
      throw new AppError('too-large', `The metadata of cell ${index + 1} has more than 1 MB.`, {
        path: `cells.${index}.metadata`,
      })
    if (all > maxNotebookBytes)
      throw new AppError('too-large', 'The cells of a notebook have at most 8 MB together.')
    return {
      id,
      type: spec.type ?? 'typescript',
      source: spec.source,
      ...(view && Object.values(view).some(Boolean) ? { view } : {}),
      ...(metadata ? { metadata } : {}),
    }
  })
}

export function isSameCells(a: readonly Cell[], b: readonly Cell[]): boolean {
  if (a.length !== b.length) return false
  return a.every((cell, i) => {
    const other = b[i]!
    return isSameCell(cell, other)
  })
}

export function isSameCell(a: Cell, b: Cell): boolean {
  return (
    a.id === b.id &&
    a.type === b.type &&
    a.source === b.source &&
    Boolean(a.view?.folded) === Boolean(b.view?.folded) &&
    Boolean(a.view?.codeHidden) === Boolean(b.view?.codeHidden) &&
    JSON.stringify(a.metadata ?? {}) === JSON.stringify(b.metadata ?? {})
  )
}

/** What people see: cells count from 1. */
export function toLabel(cells: readonly Cell[], id: string): string | undefined {
  const index = cells.findIndex((cell) => cell.id === id)
  return index < 0 ? undefined : String(index + 1)
}

export function insertCell(cells: readonly Cell[], index: number, cell: Cell): Cell[] {
  return cells.toSpliced(index, 0, cell)
}
export function deleteCell(cells: readonly Cell[], id: string): Cell[] {
  return cells.filter((cell) => cell.id !== id)
}
export function updateCell(cells: readonly Cell[], id: string, change: Partial<Omit<Cell, 'id'>>): Cell[] {
  return cells.map((cell) => (cell.id === id ? { ...cell, ...change } : cell))
}
export function moveCell(cells: readonly Cell[], id: string, index: number): Cell[] {
  const cell = cells.find((candidate) => candidate.id === id)
  return cell ? insertCell(deleteCell(cells, id), index, cell) : [...cells]
}

function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
