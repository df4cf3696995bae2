/**
 * The notebook as this page edits it: cells change at once here and are saved 600 ms after the last change with the
 * revision that was read. Where somebody else saved meanwhile, nothing is overwritten until the person chooses.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Cell, Notebook } from '../../runtime/api/notebooks.ts'
import { isSameCells } from '../../runtime/notebook/notebook.ts'
import { client, keyOf, statusOf, toText } from '../ui/api.ts'

export type SaveState = 'saved' | 'changed' | 'saving' | 'failed' | 'conflict'
export interface Draft {
  cells: Cell[]
  /** The cells at this instant, also what was typed since the page was last drawn. */
  now: () => Cell[]
  saved: SaveState
  detail: string
  revision: number
  /** Counts what came from elsewhere than the editors: they show it then. */
  generation: number
  /** Changes the cells. */
  edit: (change: (cells: Cell[]) => Cell[]) => void
  /** Puts other cells in the place of all. */
  replace: (cells: Cell[]) => void
  /** Saves what has changed now; resolves when it is durable. */
  flush: () => Promise<boolean>
  /** After a conflict: mine over theirs, or theirs. */
  keepMine: () => Promise<void>
  takeTheirs: () => Promise<void>
}
const pause = 600

export function useDraft(notebook: Notebook): Draft {
  const queries = useQueryClient()
  const [cells, setCells] = useState(notebook.cells)
  const [saved, setSaved] = useState<SaveState>('saved')
  const [detail, setDetail] = useState('')
  const [revision, setRevision] = useState(notebook.revision)
  const [generation, setGeneration] = useState(0)
  const now = useRef({
    cells: notebook.cells,
    stored: notebook.cells,
    revision: notebook.revision,
    conflict: false,
  })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const saving = useRef<Promise<boolean> | null>(null)
  const { id } = notebook

  const settle = useCallback(
    (stored: Notebook) => {
      Object.assign(now.current, { stored: stored.cells, revision: stored.revision })
      setRevision(stored.revision)
      queries.setQueryData(keyOf('getNotebook', { params: { id } }), stored)
    },
    [queries, id],
  )
  const save = useCallback(
    async function store(): Promise<boolean> {
      clearTimeout(timer.current)
      while (saving.current) await saving.current
      const state = now.current
      if (state.conflict) return false
      if (isSameCells(state.cells, state.stored)) {
        setSaved('saved')
        return true
      }
      setSaved('saving')
      saving.current = client
        .call('updateNotebook', { params: { id }, body: { cells: state.cells }, revision: state.revision })
        .then(
          (stored) => {
            settle(stored)
            setSaved(isSameCells(now.current.cells, stored.cells) ? 'saved' : 'changed')
            return true
          },
          (error: unknown) => {
            setDetail(toText(error))
            state.conflict = statusOf(error) === 412
            setSaved(state.conflict ? 'conflict' : 'failed')
            return false
          },
        )
      const done = await saving.current
      saving.current = null
      if (done && !isSameCells(now.current.cells, now.current.stored))
        timer.current = setTimeout(() => void store(), pause)
      return done
    },
    [id, settle],
  )

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (!isSameCells(now.current.cells, now.current.stored)) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
      void save()
    }
  }, [save])
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
    const next = change(now.current.cells)
    now.current.cells = next
    setCells(next)
    if (now.current.conflict) return
    setSaved('changed')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void save(), pause)
  }
  return {
    cells,
    now: () => now.current.cells,
    saved,
    detail,
    revision,
    generation,
    edit,
    replace(next) {
      edit(() => next)
      setGeneration((count) => count + 1)
    },
    flush: save,
    async keepMine() {
      const theirs = await client.call('getNotebook', { params: { id } })
      Object.assign(now.current, { stored: theirs.cells, revision: theirs.revision, conflict: false })
      await save()
    },
    async takeTheirs() {
      const theirs = await client.call('getNotebook', { params: { id } })
      now.current.conflict = false
      now.current.cells = theirs.cells
      setCells(theirs.cells)
      setGeneration((count) => count + 1)
      settle(theirs)
      setSaved('saved')
    },
  }
}
export function newCellId(): string {
  return `c${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`
}
