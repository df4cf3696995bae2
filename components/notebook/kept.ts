/**
 * What was typed and has not reached the server, kept in this browser until it has: a crash, a lost connection or a
 * closed tab loses nothing. It holds what the edits began with too, so that they merge with what others did since.
 * Read as the foreign text that it is; what is too large for the browser's store is not kept.
 */
import { z } from 'zod'
import { cell, type Cell } from '../../runtime/api/notebooks.ts'

const keptCells = z.object({
  cells: z.array(cell).max(2000),
  base: z.array(cell).max(2000),
  at: z.number(),
})
export type Kept = z.infer<typeof keptCells>
type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>
const maxChars = 2_000_000

const keyOf = (notebook: string): string => `suricate.unsaved.${notebook}`

export function keep(storage: Storage, notebook: string, kept: Kept): void {
  const text = JSON.stringify(kept)
  try {
    if (text.length <= maxChars) storage.setItem(keyOf(notebook), text)
  } catch {
    // The store is full or closed to us; the server has it 600 ms later all the same.
  }
}
export function forget(storage: Storage, notebook: string): void {
  try {
    storage.removeItem(keyOf(notebook))
  } catch {
    // As above.
  }
}
/** undefined: nothing is kept, or nothing that can be read. */
export function findKept(storage: Storage, notebook: string): Kept | undefined {
  try {
    const parsed = keptCells.safeParse(JSON.parse(storage.getItem(keyOf(notebook)) ?? 'null'))
    return parsed.data
  } catch {
    return undefined
  }
}
export type Choice = 'mine' | 'theirs' | 'both'

/** The cells with one conflict decided; `newId` names the second cell where both stay. */
export function settle(
  cells: readonly Cell[],
  conflict: { id: string; mine: Cell | null; theirs: Cell | null },
  choice: Choice,
  newId: string,
): Cell[] {
  const { id, mine, theirs } = conflict
  if (choice === 'theirs') return cells.flatMap((one) => (one.id !== id ? [one] : theirs ? [theirs] : []))
  // Mine is what stands there, also with what was typed since; where I deleted it, theirs stands there.
  if (choice === 'mine') return mine ? [...cells] : cells.filter((one) => one.id !== id)
  if (!mine || !theirs) return [...cells]
  return cells.flatMap((one) => (one.id === id ? [one, { ...theirs, id: newId }] : [one]))
}
