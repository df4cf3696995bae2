/**
 * Two edits of one notebook joined, cell by cell, against what both began with. Cells that one side alone touched take
 * that side; text and type, metadata, and the view count as touched each for itself. Where both touched the same of a
 * cell, or one deleted what the other changed, it is a conflict for a person: `cells` then holds mine (or theirs, where
 * I deleted it), so that nothing is lost meanwhile. Order: theirs, with what I moved or added put where I have it. Pure.
 */
import type { Cell } from '../api/notebooks.ts'
import { isSameCell } from './notebook.ts'
import { findMoved } from './order.ts'

export interface Conflict {
  id: string
  /** null: deleted. */
  mine: Cell | null
  theirs: Cell | null
}
export interface Merged {
  cells: Cell[]
  conflicts: Conflict[]
}

export function mergeCells(base: readonly Cell[], mine: readonly Cell[], theirs: readonly Cell[]): Merged {
  const [ofBase, ofMine, ofTheirs] = [toMap(base), toMap(mine), toMap(theirs)]
  const conflicts: Conflict[] = []
  const merged = new Map<string, Cell>()
  const order = joinOrder(base, mine, theirs)
  for (const id of order) {
    const found = mergeCell(ofBase.get(id), ofMine.get(id), ofTheirs.get(id))
    if (found.cell) merged.set(id, found.cell)
    if (found.conflict) conflicts.push({ id, mine: ofMine.get(id) ?? null, theirs: ofTheirs.get(id) ?? null })
  }
  return { cells: [...merged.values()], conflicts }
}

/** The cells with one answer to each conflict; the others stay as `mergeCells` left them. */
export function settleConflicts(
  { cells, conflicts }: Merged,
  choices: ReadonlyMap<string, 'mine' | 'theirs'>,
): Cell[] {
  const chosen = new Map<string, Cell | null>()
  for (const conflict of conflicts) {
    const choice = choices.get(conflict.id)
    if (choice) chosen.set(conflict.id, conflict[choice])
  }
  return cells.flatMap((cell) => (chosen.has(cell.id) ? (chosen.get(cell.id) ?? []) : cell))
}

const toMap = (cells: readonly Cell[]): Map<string, Cell> => new Map(cells.map((cell) => [cell.id, cell]))
const toIds = (cells: readonly Cell[]): string[] => cells.map((cell) => cell.id)

/** Theirs, and every cell of mine that they lack, moved, or never had, after the cell that precedes it in mine. */
function joinOrder(base: readonly Cell[], mine: readonly Cell[], theirs: readonly Cell[]): string[] {
  const here = toIds(mine)
  const moved = findMoved(toIds(base), here)
  const mineIds = new Set(here)
  const order = toIds(theirs).filter((id) => !(moved.has(id) && mineIds.has(id)))
  const placed = new Set(order)
  here.forEach((id, index) => {
    if (placed.has(id)) return
    let earlier = index - 1
    while (earlier >= 0 && !placed.has(here[earlier]!)) earlier--
    order.splice(earlier < 0 ? 0 : order.indexOf(here[earlier]!) + 1, 0, id)
    placed.add(id)
  })
  return order
}

function mergeCell(
  base: Cell | undefined,
  mine: Cell | undefined,
  theirs: Cell | undefined,
): { cell: Cell | undefined; conflict: boolean } {
  if (!mine || !theirs) {
    const left = mine ?? theirs
    if (!base || !left) return { cell: left, conflict: false }
    // deleted on one side: a change of the view alone does not keep it
    const touched = !isSameCell({ ...left, view: base.view }, base)
    return { cell: touched ? left : undefined, conflict: touched }
  }
  if (isSameCell(mine, theirs)) return { cell: mine, conflict: false }
  const text = pick(base, mine, theirs, ({ type, source }) => JSON.stringify([type, source]))
  const metadata = pick(base, mine, theirs, (cell) => JSON.stringify(cell.metadata ?? {}))
  const view = pick(base, mine, theirs, (cell) =>
    JSON.stringify([Boolean(cell.view?.folded), Boolean(cell.view?.codeHidden)]),
  )
  return {
    cell: {
      id: mine.id,
      type: text.from.type,
      source: text.from.source,
      ...(view.from.view ? { view: view.from.view } : {}),
      ...(metadata.from.metadata ? { metadata: metadata.from.metadata } : {}),
    },
    conflict: text.conflict || metadata.conflict,
  }
}

function pick(
  base: Cell | undefined,
  mine: Cell,
  theirs: Cell,
  of: (cell: Cell) => string,
): { from: Cell; conflict: boolean } {
  const [before, here, there] = [base && of(base), of(mine), of(theirs)]
  if (here === there || there === before) return { from: mine, conflict: false }
  return here === before ? { from: theirs, conflict: false } : { from: mine, conflict: true }
}
