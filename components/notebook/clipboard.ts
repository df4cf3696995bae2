/**
 * Cells on the clipboard: text with `// %%` between them, so that they go between notebooks and into any editor. The
 * last copy is also kept here, for a browser that lets nobody read its clipboard.
 */
import type { Cell } from '../../runtime/api/notebooks.ts'
import { formatPercent, parsePercent } from '../../runtime/notebook/percent.ts'
import { newCellId } from './draft.ts'

let kept = ''

export function toClipboardText(cells: readonly Cell[]): string {
  return formatPercent(cells, { ids: false })
}
export function keepText(text: string): void {
  kept = text
}
/** New cells of a text; text without `// %%` is one TypeScript cell. */
export function fromClipboardText(text: string): Cell[] {
  return parsePercent(text).map((cell) => ({ ...cell, id: newCellId() }) as Cell)
}
export async function writeClipboard(cells: readonly Cell[]): Promise<void> {
  kept = toClipboardText(cells)
  await navigator.clipboard?.writeText(kept).catch(() => {})
}
export async function readClipboard(): Promise<Cell[]> {
  const text = await navigator.clipboard?.readText().catch(() => kept)
  return fromClipboardText(text || kept)
}
