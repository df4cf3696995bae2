'use client'
/**
 * Every command on cells in one place: keys, buttons and menus all come here. What changes the cells leaves behind how
 * to undo it, as a function over the cells of that later time, so that undoing never takes what was typed since.
 */
import { useCallbackRef } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useRef } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import {
  insertCells,
  joinCells,
  moveCells,
  putBack,
  shiftCells,
  splitCell,
  takeCells,
  toggleView,
} from '../../runtime/notebook/edit.ts'
import { deleteCell, insertCell, updateCell } from '../../runtime/notebook/notebook.ts'
import { readClipboard, writeClipboard } from './clipboard.ts'
import type { CellCommand } from './command.ts'
import { newCellId, type Draft } from './draft.ts'
import { showUndo } from './undo.tsx'
import type { Handles } from './handles.ts'
import type { KernelControl } from './kernel.ts'
import type { Runner } from './runner.ts'
import type { Selection } from './selection.ts'

type Undo = (cells: Cell[]) => Cell[]
export interface Commands {
  onCommand: (id: string, name: CellCommand) => void
  insert: (index: number, type?: Cell['type']) => void
  paste: (index: number, cells: Cell[]) => void
  /** Takes cells away, with a way back, which it shows unless `quiet`. */
  remove: (ids: readonly string[], quiet?: boolean) => void
  /** Moves the selected cells before the one at this index. */
  moveTo: (index: number) => void
  undo: () => void
  /** Changes sources everywhere, with a way back. */
  rewrite: (next: Cell[]) => void
  focus: (id: string | undefined, edit: boolean) => void
}
const maxUndo = 100

export function useCommands(deps: {
  draft: Draft
  kernel: KernelControl
  runner: Runner
  selection: Selection
  handles: Handles
  onPanel: (panel: string) => void
}): Commands {
  const { draft, kernel, runner, selection } = deps
  const undos = useRef<Undo[]>([])
  const remember = (undo: Undo): void => {
    undos.current.push(undo)
    if (undos.current.length > maxUndo) undos.current.shift()
  }
  const focus = useCallbackRef((id: string | undefined, edit: boolean) => {
    if (id === undefined) return
    selection.select(id)
    deps.handles.reach(id, edit)
  })
  const extendTo = (id: string | undefined) => {
    if (id === undefined) return
    selection.extend(id)
    deps.handles.reach(id, false)
  }
  const insert = useCallbackRef((index: number, type: Cell['type'] = 'typescript') => {
    const cell: Cell = { id: newCellId(), type, source: '' }
    draft.edit((all) => insertCell(all, index, cell))
    remember((all) => (all.find(({ id }) => id === cell.id)?.source === '' ? deleteCell(all, cell.id) : all))
    focus(cell.id, true)
  })
  const paste = useCallbackRef((index: number, cells: Cell[]) => {
    if (cells.length === 0) return
    draft.edit((all) => insertCells(all, index, cells))
    const ids = cells.map(({ id }) => id)
    remember((all) => takeCells(all, ids).cells)
    focus(ids.at(-1), false)
  })
  const undo = useCallbackRef(() => {
    const before = draft.now()
    const next = undos.current.pop()?.(before)
    if (!next) return
    draft.replace(next)
    const known = new Set(before.map(({ id }) => id))
    focus(next.find(({ id }) => !known.has(id))?.id, false)
  })
  const remove = useCallbackRef((ids: readonly string[], quiet = false) => {
    const { cells: rest, removed } = takeCells(draft.now(), ids)
    if (removed.length === 0) return
    draft.edit(() => rest)
    const back: Undo = (all) => putBack(all, removed)
    remember(back)
    if (!quiet)
      showUndo(removed.length, () => {
        undos.current = undos.current.filter((one) => one !== back)
        draft.replace(back(draft.now()))
      })
    const index = removed[0]!.index
    focus((rest[index] ?? rest[index - 1])?.id, false)
  })
  const rewrite = useCallbackRef((next: Cell[]) => {
    const before = new Map(draft.now().map((cell) => [cell.id, cell.source]))
    const changed = next.filter((cell) => before.get(cell.id) !== cell.source)
    const wrote = new Map(changed.map((cell) => [cell.id, cell.source]))
    draft.replace(next)
    remember((all) =>
      all.map((cell) =>
        wrote.get(cell.id) === cell.source ? { ...cell, source: before.get(cell.id) ?? cell.source } : cell,
      ),
    )
  })
  const merge = (ids: string[], cells: Cell[]) => {
    const joined = joinCells(cells, ids)
    if (!joined) {
      notifications.show({ message: 'Only cells of one type can be merged.', autoClose: 4000 })
      return
    }
    const first = cells.find((cell) => ids.includes(cell.id))!
    const source = joined.find((cell) => cell.id === first.id)!.source
    const { removed } = takeCells(cells, ids)
    draft.replace(joined)
    remember((all) => {
      const now = all.find((cell) => cell.id === first.id)
      const whole = now?.source === source ? updateCell(all, first.id, { source: first.source }) : all
      return putBack(whole, removed)
    })
    focus(first.id, false)
  }
  const split = (cell: Cell) => {
    const offset = deps.handles.get(cell.id)?.offset() ?? 0
    const made = newCellId()
    draft.replace(splitCell(draft.now(), cell.id, offset, made))
    remember((all) => joinCells(all, [cell.id, made]) ?? all)
    focus(made, true)
  }
  const copy = (ids: string[]) => writeClipboard(draft.now().filter((cell) => ids.includes(cell.id)))

  const onCommand = useCallbackRef((id: string, name: CellCommand) => {
    const cells = draft.now()
    const index = cells.findIndex((cell) => cell.id === id)
    const cell = cells[index]
    if (!cell) return
    const ids = selection.ids.includes(id) ? selection.ids : [id]
    const last = cells.findIndex((one) => one.id === ids.at(-1))
    switch (name) {
      case 'select':
        return selection.select(id)
      case 'extend':
        return extendTo(id)
      case 'collapse':
        return selection.collapse()
      case 'run':
        return void runner.run(ids)
      case 'run-next':
        void runner.run(ids)
        return last === cells.length - 1 ? insert(last + 1) : focus(cells[last + 1]?.id, ids.length === 1)
      case 'run-insert':
        void runner.run(ids)
        return insert(last + 1)
      case 'run-dependents':
        return void runner.runWithDependents(ids)
      case 'run-stale':
        return void runner.runStale()
      case 'run-above':
        return void runner.runAbove(id)
      case 'run-below':
        return void runner.runBelow(id)
      case 'insert-above':
        return insert(index)
      case 'insert-below':
        return insert(last + 1)
      case 'up':
      case 'down':
        draft.edit((all) => shiftCells(all, ids, name === 'up' ? -1 : 1))
        return deps.handles.reach(id, false)
      case 'next':
        return focus(cells[index + 1]?.id, false)
      case 'previous':
        return focus(cells[index - 1]?.id, false)
      case 'extend-down':
        return extendTo(cells[index + 1]?.id)
      case 'extend-up':
        return extendTo(cells[index - 1]?.id)
      case 'select-all':
        selection.select(cells[0]!.id)
        return extendTo(cells.at(-1)!.id)
      case 'copy':
        return void copy(ids)
      case 'cut':
        void copy(ids)
        return remove(ids, true)
      case 'paste':
        return void readClipboard().then((pasted) => paste(last + 1, pasted))
      case 'paste-above':
        return void readClipboard().then((pasted) => paste(index, pasted))
      case 'delete':
        return remove(ids)
      case 'undo':
        return undo()
      case 'merge':
        return merge(ids.length > 1 ? ids : [id, cells[index + 1]?.id ?? ''], cells)
      case 'split':
        return split(cell)
      case 'fold':
        return draft.edit((all) => toggleView(all, ids, 'folded'))
      case 'hide-code':
        return draft.edit((all) => toggleView(all, ids, 'codeHidden'))
      case 'to-markdown':
      case 'to-typescript':
      case 'to-sql':
      case 'to-raw':
        draft.edit((all) =>
          ids.reduce((next, one) => updateCell(next, one, { type: name.slice(3) as Cell['type'] }), all),
        )
        return deps.handles.reach(id, false)
      case 'interrupt':
        return void kernel.interrupt()
      case 'restart':
        return void (kernel.session.kernel && kernel.restart())
      case 'save':
        return deps.onPanel('history')
      case 'find':
      case 'keys':
        return deps.onPanel(name)
    }
  })
  return {
    onCommand,
    insert,
    paste,
    remove,
    moveTo: useCallbackRef((index) => draft.edit((all) => moveCells(all, selection.ids, index))),
    undo,
    rewrite,
    focus,
  }
}
