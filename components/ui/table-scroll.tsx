import type { ReactNode } from 'react'

/** A table that scrolls in its own frame, by keys too. `height`: at most so many pixels; none: as high as it is. */
export function TableScroll({ height, children }: { height?: number; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      className="table-scroll"
      tabIndex={0}
      style={height === undefined ? undefined : { maxHeight: height, overflowY: 'auto' }}
    >
      {children}
    </div>
  )
}
