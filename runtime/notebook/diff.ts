/**
 * What differs between two states of a notebook: per cell in the order of the later one, what was removed after the
 * cell that it followed; and the lines of two texts (Myers, by the `diff` package, given up after a limit). Pure.
 */
import { diffLines as compareLines } from 'diff'
import type { Cell } from '../api/notebooks.ts'
import { isSameCell } from './notebook.ts'
import { findMoved } from './order.ts'

export interface CellDiff {
  /** changed: by its content, whether or not it was moved as well. */
  kind: 'same' | 'changed' | 'added' | 'removed' | 'moved'
  id: string
  before: Cell | null
  after: Cell | null
}
export interface LineDiff {
  kind: 'same' | 'added' | 'removed'
  text: string
  /** Counted from 1 in the text that has it; null in the other. */
  before: number | null
  after: number | null
}
const limitMs = 500

export function diffCells(a: readonly Cell[], b: readonly Cell[]): CellDiff[] {
  const earlier = new Map(a.map((cell) => [cell.id, cell]))
  const later = new Set(b.map((cell) => cell.id))
  const moved = findMoved([...earlier.keys()], [...later])
  const removedAfter = new Map<string, Cell[]>()
  let anchor = ''
  for (const cell of a)
    if (later.has(cell.id)) anchor = cell.id
    else removedAfter.set(anchor, [...(removedAfter.get(anchor) ?? []), cell])
  const removed = (id: string): CellDiff[] =>
    (removedAfter.get(id) ?? []).map((cell) => ({ kind: 'removed', id: cell.id, before: cell, after: null }))
  return [
    ...removed(''),
    ...b.flatMap((after): CellDiff[] => [toDiff(earlier.get(after.id), after, moved), ...removed(after.id)]),
  ]
}

function toDiff(before: Cell | undefined, after: Cell, moved: ReadonlySet<string>): CellDiff {
  const { id } = after
  if (!before) return { kind: 'added', id, before: null, after }
  if (!isSameCell(before, after)) return { kind: 'changed', id, before, after }
  return { kind: moved.has(id) ? 'moved' : 'same', id, before, after }
}

/** Line by line. Two texts that take longer than half a second are told as one replaced by the other. */
export function diffLines(a: string, b: string): LineDiff[] {
  const parts = compareLines(a, b, { timeout: limitMs }) ?? [
    { removed: true, added: false, value: a },
    { removed: false, added: true, value: b },
  ]
  let before = 0
  let after = 0
  return parts.flatMap((part) =>
    toLines(part.value).map((text): LineDiff => {
      if (part.removed) return { kind: 'removed', text, before: ++before, after: null }
      if (part.added) return { kind: 'added', text, before: null, after: ++after }
      return { kind: 'same', text, before: ++before, after: ++after }
    }),
  )
}

function toLines(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
