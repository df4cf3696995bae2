/** Which cells are selected: from where the selection began to the active one. One cell is always the active one. */
import { useCallback, useMemo, useState } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { findRange } from '../../runtime/notebook/edit.ts'

export interface Selection {
  active: string | null
  /** In document order; the active one alone where nothing is extended. */
  ids: string[]
  select: (id: string) => void
  extend: (id: string) => void
  /** The active cell alone. */
  collapse: () => void
}

export function useSelection(cells: readonly Cell[]): Selection {
  const [state, setState] = useState(() => ({ anchor: cells[0]?.id ?? '', active: cells[0]?.id ?? '' }))
  const { anchor, active } = state
  const found = anchor === active ? null : findRange(cells, anchor, active)
  const text = found && found.length > 0 ? found.join(' ') : active
  const ids = useMemo(() => (text === '' ? [] : text.split(' ')), [text])
  return {
    active: active === '' ? null : active,
    ids,
    select: useCallback(
      (id: string) => setState((now) => (now.active === id ? now : { anchor: id, active: id })),
      [],
    ),
    extend: useCallback(
      (id: string) => setState((now) => ({ anchor: now.anchor === '' ? id : now.anchor, active: id })),
      [],
    ),
    collapse: useCallback(
      () => setState((now) => (now.anchor === now.active ? now : { ...now, anchor: now.active })),
      [],
    ),
  }
}
