/**
 * Edits of one or several cells at once, as the commands of the page make them: split, join, move, take out, put back.
 * Pure; what is taken out remembers its place, so that it comes back there, also when other cells came or went since.
 */
import type { Cell } from '../api/notebooks.ts'

export interface Removed {
  cell: Cell
  index: number
}
type Ids = readonly string[]

/** The cells from `a` to `b` in document order, both included, whichever stands first. */
export function findRange(cells: readonly Cell[], a: string, b: string): string[] {
  const from = cells.findIndex((cell) => cell.id === a)
  const to = cells.findIndex((cell) => cell.id === b)
  if (from < 0 || to < 0) return []
  return cells.slice(Math.min(from, to), Math.max(from, to) + 1).map((cell) => cell.id)
}

/** Cuts the source at `offset`: the first part keeps the cell, the rest becomes the next one. */
export function splitCell(cells: readonly Cell[], id: string, offset: number, newId: string): Cell[] {
  return cells.flatMap((cell) => {
    if (cell.id !== id) return [cell]
    const before = cell.source.slice(0, offset).replace(/\n$/, '')
    const after = cell.source.slice(offset).replace(/^\n/, '')
    return [
      { ...cell, source: before },
      { id: newId, type: cell.type, source: after },
    ]
  })
}

/** One cell of all, where the first of them stands. undefined: they are of different types, or fewer than two. */
export function joinCells(cells: readonly Cell[], ids: Ids): Cell[] | undefined {
  const chosen = cells.filter((cell) => ids.includes(cell.id))
  const [first] = chosen
  if (!first || chosen.length < 2 || chosen.some((cell) => cell.type !== first.type)) return undefined
  const source = chosen.map((cell) => cell.source).join('\n')
  return cells
    .filter((cell) => cell === first || !ids.includes(cell.id))
    .map((cell) => (cell === first ? { ...first, source } : cell))
}

/** Each of them one place up (-1) or down (1); those at the edge stay, so a block never changes its order. */
export function shiftCells(cells: readonly Cell[], ids: Ids, by: -1 | 1): Cell[] {
  const result = [...cells]
  const order = [...result.keys()]
  for (const i of by < 0 ? order : order.toReversed()) {
    const other = result[i + by]
    if (other && ids.includes(result[i]!.id) && !ids.includes(other.id))
      [result[i], result[i + by]] = [other, result[i]!]
  }
  return result
}

/** All of them, in their order, before the cell that now stands at `index`. */
export function moveCells(cells: readonly Cell[], ids: Ids, index: number): Cell[] {
  const moved = cells.filter((cell) => ids.includes(cell.id))
  const before = cells.slice(0, index).filter((cell) => !ids.includes(cell.id))
  const after = cells.slice(index).filter((cell) => !ids.includes(cell.id))
  return [...before, ...moved, ...after]
}

export function takeCells(cells: readonly Cell[], ids: Ids): { cells: Cell[]; removed: Removed[] } {
  const removed: Removed[] = []
  const rest = cells.filter((cell, index) => {
    if (!ids.includes(cell.id)) return true
    removed.push({ cell, index })
    return false
  })
  return { cells: rest, removed }
}

/** Each at the place where it was; one that is there again already stays as it is. */
export function putBack(cells: readonly Cell[], removed: readonly Removed[]): Cell[] {
  const result = [...cells]
  for (const { cell, index } of removed)
    if (!result.some((one) => one.id === cell.id)) result.splice(index, 0, cell)
  return result
}

export function insertCells(cells: readonly Cell[], index: number, more: readonly Cell[]): Cell[] {
  return cells.toSpliced(index, 0, ...more)
}

/** Turns one way of showing on for all of them, or off where every one has it. */
export function toggleView(cells: readonly Cell[], ids: Ids, what: 'folded' | 'codeHidden'): Cell[] {
  const chosen = cells.filter((cell) => ids.includes(cell.id))
  const on = !chosen.every((cell) => cell.view?.[what])
  return cells.map((cell) => {
    if (!ids.includes(cell.id)) return cell
    const { view, ...rest } = cell
    const next = { ...view, [what]: on }
    return Object.values(next).some(Boolean) ? { ...rest, view: next } : rest
  })
}
