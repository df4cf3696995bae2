/** Cells moved by dragging their number: the others show where they would go. */
import type { DragEvent } from 'react'
import type { Selection } from './selection.ts'

const mime = 'application/x-suricate-cells'

export interface DragHandlers {
  onDragStart: (event: DragEvent) => void
  onDragOver: (event: DragEvent) => void
  onDragLeave: (event: DragEvent) => void
  onDrop: (event: DragEvent) => void
}
const cellOf = (event: DragEvent): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>('[data-cell]') : null
const isLower = (event: DragEvent, cell: HTMLElement): boolean => {
  const box = cell.getBoundingClientRect()
  return event.clientY > box.top + box.height / 2
}

/** `onMove` puts the selected cells beside `target`. */
export function dragHandlers(
  selection: Selection,
  onMove: (target: string, below: boolean) => void,
): DragHandlers {
  return {
    onDragStart(event) {
      const id = cellOf(event)?.dataset.cell
      if (!(event.target instanceof Element) || !event.target.matches('.cell-number') || !id) return
      if (!selection.ids.includes(id)) selection.select(id)
      event.dataTransfer.setData(mime, id)
      event.dataTransfer.effectAllowed = 'move'
    },
    onDragOver(event) {
      const cell = cellOf(event)
      if (!cell || !event.dataTransfer.types.includes(mime)) return
      event.preventDefault()
      cell.dataset.drop = isLower(event, cell) ? 'below' : 'above'
    },
    onDragLeave(event) {
      const cell = cellOf(event)
      if (cell && !cell.contains(event.relatedTarget as Node | null)) delete cell.dataset.drop
    },
    onDrop(event) {
      const cell = cellOf(event)
      if (!cell || !event.dataTransfer.types.includes(mime)) return
      event.preventDefault()
      delete cell.dataset.drop
      onMove(cell.dataset.cell!, isLower(event, cell))
    },
  }
}
