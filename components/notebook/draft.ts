/**
 * The notebook as this page edits it: cells change at once here and are saved 600 ms after the last change with the
 * revision that was read. Where somebody else saved meanwhile, both edits are merged cell by cell; a cell that both
 * changed waits, unsaved, for the person to choose. What the server has not got yet is kept in the browser.
 */
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Cell, Notebook } from '../../runtime/api/notebooks.ts'
import { mergeCells, type Conflict } from '../../runtime/notebook/merge.ts'
import { isSameCells } from '../../runtime/notebook/notebook.ts'
import { client, keyOf, statusOf, toText } from '../ui/api.ts'
import { findKept, forget, keep, settle, type Choice, type Kept } from './kept.ts'

export type SaveState = 'saved' | 'changed' | 'saving' | 'failed' | 'conflict'
export interface Draft {
  cells: Cell[]
  /** The cells at this instant, also what was typed since the page was last drawn. */
  now: () => Cell[]
  saved: SaveState
  detail: string
  revision: number
  /** The revision at this instant. */
  revisionNow: () => number
  /** Counts what came from elsewhere than the editors: they show it then. */
  generation: number
  /** Changes the cells. */
  edit: (change: (cells: Cell[]) => Cell[]) => void
  /** Puts other cells in the place of all. */
  replace: (cells: Cell[]) => void
  /** Saves what has changed now; resolves when it is durable. */
  flush: () => Promise<boolean>
  /** Cells that somebody else changed as well; nothing is saved until each is decided. */
  conflicts: Conflict[]
  choose: (id: string, choice: Choice) => void
  /** What an earlier visit of this browser could not save. */
  kept: Kept | null
  /** Merges it into the cells, or drops it. */
  takeKept: (take: boolean) => void
  /** The cells are those of the server now: it was told what to do in another way. */
  adopt: (stored: Notebook) => void
}
const pause = 600
const keepPause = 200

export function useDraft(notebook: Notebook): Draft {
  const queries = useQueryClient()
  const [cells, setCells] = useState(notebook.cells)
  const [saved, setSaved] = useState<SaveState>('saved')
  const [detail, setDetail] = useState('')
  const [revision, setRevision] = useState(notebook.revision)
  const [generation, setGeneration] = useState(0)
  const [conflicts, setConflicts] = useState<Conflict[]>([])
  const [kept, setKept] = useState<Kept | null>(null)
  const now = useRef({
    cells: notebook.cells,
    stored: notebook.cells,
    revision: notebook.revision,
    conflicts: [] as Conflict[],
  })
  const keepTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const saving = useRef<Promise<boolean> | null>(null)
  const { id } = notebook

  const settleStored = useCallback(
    (stored: Notebook) => {
      Object.assign(now.current, { stored: stored.cells, revision: stored.revision })
      setRevision(stored.revision)
      queries.setQueryData(keyOf('getNotebook', { params: { id } }), stored)
      if (!isSameCells(now.current.cells, stored.cells)) return
      clearTimeout(keepTimer.current)
      forget(localStorage, id)
    },
    [queries, id],
  )
  const put = useCallback((next: Cell[]) => {
    now.current.cells = next
    setCells(next)
  }, [])
  /** Somebody else saved: both edits become one, or the person is asked. */
  const merge = useCallback(async (): Promise<boolean> => {
    const theirs = await client.call('getNotebook', { params: { id } })
    const merged = mergeCells(now.current.stored, now.current.cells, theirs.cells)
    put(merged.cells)
    setGeneration((count) => count + 1)
    now.current.conflicts = merged.conflicts
    setConflicts(merged.conflicts)
    settleStored(theirs)
    if (merged.conflicts.length > 0) return false
    notifications.show({ message: 'Changes from elsewhere were merged with yours.', autoClose: 4000 })
    return true
  }, [id, put, settleStored])
  const save = useCallback(
    async function store(): Promise<boolean> {
      clearTimeout(timer.current)
      while (saving.current) await saving.current
      const state = now.current
      if (state.conflicts.length > 0) return false
      if (isSameCells(state.cells, state.stored)) {
        setSaved('saved')
        return true
      }
      setSaved('saving')
      saving.current = client
        .call('updateNotebook', { params: { id }, body: { cells: state.cells }, revision: state.revision })
        .then(
          (stored) => {
            settleStored(stored)
            setSaved(isSameCells(now.current.cells, stored.cells) ? 'saved' : 'changed')
            return true
          },
          async (error: unknown) => {
            const stale = statusOf(error) === 412
            try {
              if (stale && (await merge())) return true
            } catch (other) {
              setDetail(toText(other))
              setSaved('failed')
              return false
            }
            setDetail(toText(error))
            setSaved(stale ? 'conflict' : 'failed')
            return false
          },
        )
      const done = await saving.current
      saving.current = null
      // A save that was merged instead, and what was typed meanwhile.
      if (done && !isSameCells(now.current.cells, now.current.stored)) setSaved('changed')
      if (done && !isSameCells(now.current.cells, now.current.stored))
        timer.current = setTimeout(() => void store(), pause)
      return done
    },
    [id, settleStored, merge],
  )

  const keepNow = useCallback(() => {
    clearTimeout(keepTimer.current)
    const { cells: mine, stored } = now.current
    if (!isSameCells(mine, stored)) keep(localStorage, id, { cells: mine, base: stored, at: Date.now() })
  }, [id])
  useEffect(() => {
    const found = findKept(localStorage, id)
    if (found && !isSameCells(found.cells, now.current.stored)) setKept(found)
    else forget(localStorage, id)
  }, [id])
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!isSameCells(now.current.cells, now.current.stored)) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    window.addEventListener('pagehide', keepNow)
    return () => {
      window.removeEventListener('beforeunload', warn)
      window.removeEventListener('pagehide', keepNow)
      keepNow()
      void save()
    }
  }, [save, keepNow])
  // Somebody else's edit, while there is none here.
  useEffect(() => {
    const state = now.current
    if (notebook.revision <= state.revision || !isSameCells(state.cells, state.stored)) return
    Object.assign(state, { cells: notebook.cells, stored: notebook.cells, revision: notebook.revision })
    setCells(notebook.cells)
    setRevision(notebook.revision)
    setGeneration((count) => count + 1)
  }, [notebook])

  const edit: Draft['edit'] = (change) => {
    put(change(now.current.cells))
    clearTimeout(keepTimer.current)
    keepTimer.current = setTimeout(keepNow, keepPause)
    if (now.current.conflicts.length > 0) return
    setSaved('changed')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void save(), pause)
  }
  const replace: Draft['replace'] = (next) => {
    edit(() => next)
    setGeneration((count) => count + 1)
  }
  return {
    cells,
    now: () => now.current.cells,
    saved,
    detail,
    revision,
    revisionNow: () => now.current.revision,
    generation,
    edit,
    replace,
    flush: save,
    conflicts,
    choose(conflict, choice) {
      const found = now.current.conflicts.find((one) => one.id === conflict)
      if (!found) return
      const left = now.current.conflicts.filter((one) => one !== found)
      now.current.conflicts = left
      setConflicts(left)
      replace(settle(now.current.cells, found, choice, newCellId()))
    },
    kept,
    takeKept(take) {
      setKept(null)
      if (!take || !kept) return forget(localStorage, id)
      const merged = mergeCells(kept.base, kept.cells, now.current.cells)
      now.current.conflicts = merged.conflicts
      setConflicts(merged.conflicts)
      if (merged.conflicts.length > 0) setSaved('conflict')
      replace(merged.cells)
    },
    adopt(stored) {
      put(stored.cells)
      setGeneration((count) => count + 1)
      settleStored(stored)
      setSaved('saved')
    },
  }
}
export function newCellId(): string {
  return `c${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
}
