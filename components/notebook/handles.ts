/** The cells on the page by id. One that is not drawn yet, because it was made just now, is reached once it is. */
import { useState } from 'react'
import type { CellHandle } from './command.ts'

export interface Handles {
  register: (id: string, handle: CellHandle | null) => void
  get: (id: string) => CellHandle | undefined
  /** Focuses the cell, or its editor, once the page is drawn. */
  reach: (id: string, edit: boolean) => void
}

export function useHandles(): Handles {
  const [handles] = useState(openHandles)
  return handles
}

export function openHandles(): Handles {
  const known = new Map<string, CellHandle>()
  let wanted: { id: string; edit: boolean } | null = null
  const settle = () => {
    const handle = wanted && known.get(wanted.id)
    if (!handle || !wanted) return
    const { edit } = wanted
    wanted = null
    handle.focus(edit)
  }
  return {
    register(id, handle) {
      if (!handle) return void known.delete(id)
      known.set(id, handle)
      if (wanted?.id === id) requestAnimationFrame(settle)
    },
    get: (id) => known.get(id),
    reach(id, edit) {
      wanted = { id, edit }
      requestAnimationFrame(settle)
    },
  }
}
