/**
 * A grid of which only what is seen is in the page: rows and columns are virtual, so that a million rows or two thousand
 * columns cost as much as a screen of them. One stop of the Tab key; inside, the keys of a grid move the active cell.
 */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Json } from '../../../runtime/json.ts'
import { isNumeric, toCell, toTime } from '../../ui/format.ts'
import type { Column, Sort } from './view.ts'

export const rowHeight = 26
const maxHeight = 340

export interface GridProps {
  columns: readonly Column[]
  /** Of the rows that can be scrolled to. */
  count: number
  /** undefined while they are on their way. */
  row: (index: number) => readonly Json[] | undefined
  /** What the widths follow. */
  sample: readonly Json[] | undefined
  /** Counted from 0 in the whole table. */
  first?: number
  total: number
  sort: Sort | null
  head: (column: Column, index: number) => ReactNode
  headHeight: number
  label: string
  /** Which rows are seen. */
  onSeen?: (from: number, to: number) => void
}

export function Grid(props: GridProps) {
  const { columns, count, row, first = 0, headHeight } = props
  const scroll = useRef<HTMLDivElement>(null)
  const id = useId()
  const [active, setActive] = useState<{ row: number; column: number } | null>(null)
  const { sample } = props
  const widths = useMemo(() => columns.map((column, i) => toWidth(column, sample?.[i])), [columns, sample])
  // oxlint-disable-next-line react/incompatible-library -- nothing of it goes into what is memoized
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: headHeight,
  })
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => widths[index] ?? 120,
    overscan: 3,
  })
  useEffect(() => across.measure(), [across, widths])
  const seen = rows.getVirtualItems()
  const [from, to] = [seen[0]?.index ?? 0, seen.at(-1)?.index ?? 0]
  const { onSeen } = props
  useEffect(() => onSeen?.(from, to), [onSeen, from, to])
  const shown = across.getVirtualItems()

  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor(maxHeight / rowHeight) - 2)
    const at = active ?? { row: from, column: 0 }
    const whole = event.ctrlKey || event.metaKey
    const moves: { [key: string]: [number, number] } = {
      ArrowDown: [at.row + 1, at.column],
      ArrowUp: [at.row - 1, at.column],
      ArrowRight: [at.row, at.column + 1],
      ArrowLeft: [at.row, at.column - 1],
      PageDown: [at.row + page, at.column],
      PageUp: [at.row - page, at.column],
      Home: whole ? [0, 0] : [at.row, 0],
      End: whole ? [count - 1, columns.length - 1] : [at.row, columns.length - 1],
    }
    if (whole && event.key === 'c' && active && !getSelection()?.toString()) {
      const value = row(active.row)?.[active.column]
      void navigator.clipboard?.writeText(toShown(value, columns[active.column]?.type))
    }
    const next = moves[event.key]
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    const found = {
      row: Math.min(count - 1, Math.max(0, active ? next[0] : whole ? next[0] : from)),
      column: Math.min(columns.length - 1, Math.max(0, next[1])),
    }
    setActive(found)
    rows.scrollToIndex(found.row)
    across.scrollToIndex(found.column)
  }
  const height = Math.min(maxHeight, count * rowHeight + headHeight + 14)
  return (
    <div
      ref={scroll}
      className="grid-scroll"
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={props.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active ? `${id}-${active.row}-${active.column}` : undefined}
      style={{ height }}
      onKeyDown={move}
    >
      <div className="grid-head" role="rowgroup" style={{ height: headHeight, width: across.getTotalSize() }}>
        <div role="row" aria-rowindex={1}>
          {shown.map((item) => {
            const column = columns[item.index]!
            const sorted = props.sort?.column === column.name ? props.sort : null
            return (
              <div
                key={item.key}
                role="columnheader"
                className="grid-cell"
                aria-colindex={item.index + 1}
                aria-sort={sorted ? (sorted.down ? 'descending' : 'ascending') : 'none'}
                style={{ left: item.start, width: item.size, height: headHeight }}
              >
                {props.head(column, item.index)}
              </div>
            )
          })}
        </div>
      </div>
      <div
        role="rowgroup"
        style={{ height: rows.getTotalSize(), width: across.getTotalSize(), position: 'relative' }}
      >
        {seen.map((line) => {
          const values = row(line.index)
          return (
            <div
              key={line.key}
              role="row"
              className="grid-row"
              aria-rowindex={first + line.index + 2}
              style={{ transform: `translateY(${line.start}px)`, height: rowHeight }}
            >
              {shown.map((item) => {
                const type = columns[item.index]!.type
                const value = values?.[item.index]
                return (
                  <div
                    key={item.key}
                    id={`${id}-${line.index}-${item.index}`}
                    role="gridcell"
                    className={isNumeric(type) ? 'grid-cell num' : 'grid-cell'}
                    aria-colindex={item.index + 1}
                    data-active={(active?.row === line.index && active.column === item.index) || undefined}
                    style={{ left: item.start, width: item.size }}
                    onClick={() => setActive({ row: line.index, column: item.index })}
                  >
                    {values === undefined ? (
                      <span className="grid-wait" />
                    ) : value === null || value === undefined ? (
                      <span className="dim">missing</span>
                    ) : (
                      toShown(value, type)
                    )}
                  </div>
                )
              })}
            </div>
          )
        })}
      </div>
    </div>
  )
}

export function toShown(value: unknown, type: string | undefined): string {
  if (type === 'time' && typeof value === 'number') return toTime(value, { utc: true })
  return toCell(value).slice(0, 2000)
}
/** By what is in the first row; a column is never so wide that only it is seen. */
function toWidth({ name, type }: Column, value: Json | undefined): number {
  const cell = value === undefined || value === null ? '' : toShown(value, type)
  return Math.min(320, Math.max(104, name.length * 7.5 + 66, cell.length * 7.8 + 22))
}
