'use client'
import { ActionIcon } from '@mantine/core'
import { useCallbackRef } from '@mantine/hooks'
import { IconChevronRight, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent as ReactKeyboardEvent,
  type PointerEvent as ReactPointerEvent,
} from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Problem } from '../../runtime/notebook/program.ts'
import { CellEditor, type EditorHandle, type Mark } from '../editor/cell-editor.tsx'
import { Outputs } from '../output/outputs.tsx'
import { CellNote, CellNotices } from './cell-note.tsx'
import { CellTools, typeNames } from './cell-tools.tsx'
import type { CellCommand, CellHandle } from './command.ts'
import { isBareEnter } from './keys.ts'
import { MarkdownCell } from './markdown-cell.tsx'
import { useNear } from './near.ts'
import { toTitle } from './outline.tsx'
import { PlainEditor } from './plain-editor.tsx'
import type { CellRun } from './session.ts'

export interface CellViewProps {
  cell: Cell
  index: number
  generation: number
  run: CellRun | undefined
  stale: string | undefined
  problems: readonly Problem[]
  /** The active cell is selected too. */
  selected: boolean
  active: boolean
  codeHidden: boolean
  /** Without Monaco, on a narrow screen. */
  plain: boolean
  onChange: (id: string, source: string) => void
  onCommand: (id: string, command: CellCommand) => void
  onKeys: (id: string, event: KeyboardEvent, editing: boolean) => boolean
  onGo: (id: string) => void
  register: (id: string, handle: CellHandle | null) => void
}

export const CellView = memo(function CellView(props: CellViewProps) {
  const { cell, index, run, register } = props
  const root = useRef<HTMLElement>(null)
  const editor = useRef<EditorHandle>(null)
  /** What is to be done in the editor once it is there. */
  const wanted = useRef<((editor: EditorHandle) => void) | null>(null)
  const [editing, setEditing] = useState(cell.type !== 'markdown' || cell.source === '')
  const [near, height, come] = useNear(root, index < 6)
  const folded = cell.view?.folded === true
  const hidden = (props.codeHidden || cell.view?.codeHidden === true) && cell.type !== 'markdown'
  const rendered = cell.type === 'markdown' && !editing
  const mark = useMark(run, props.problems, cell, index)

  const command = (name: CellCommand) => props.onCommand(cell.id, name)
  const inEditor = (act: (editor: EditorHandle) => void) => {
    wanted.current = act
    setEditing(true)
    come()
    if (cell.view?.folded) command('fold')
    if (cell.view?.codeHidden) command('hide-code')
    requestAnimationFrame(() => {
      if (editor.current) wanted.current?.(editor.current)
      if (editor.current) wanted.current = null
    })
  }
  useEffect(() => {
    if (!wanted.current || !editor.current) return
    wanted.current(editor.current)
    wanted.current = null
  })
  const focus = useCallbackRef((edit: boolean) => {
    if (edit) return inEditor((one) => one.focus())
    root.current?.focus({ preventScroll: true })
    root.current?.scrollIntoView({ block: 'nearest' })
  })
  const offset = useCallbackRef(() => editor.current?.offset() ?? cell.source.length)
  const select = useCallbackRef((start: number, end: number) => inEditor((one) => one.select(start, end)))
  useEffect(() => {
    register(cell.id, { focus, offset, select })
    return () => register(cell.id, null)
  }, [cell.id, register, focus, offset, select])

  function key(event: KeyboardEvent): boolean {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      const open = document.querySelector('.suggest-widget.visible, .find-widget.visible, .rename-box')
      if (open) return false
      if (cell.type === 'markdown' && cell.source.trim() !== '') setEditing(false)
      root.current?.focus()
      return true
    }
    const used = props.onKeys(cell.id, event, true)
    if (used && event.key === 'Enter' && cell.type === 'markdown') setEditing(false)
    return used
  }
  function keyOutside(event: ReactKeyboardEvent) {
    if (event.target !== root.current) return
    if (isBareEnter(event.nativeEvent)) {
      event.preventDefault()
      inEditor((one) => one.focus())
    } else if (props.onKeys(cell.id, event.nativeEvent, false)) event.preventDefault()
  }
  function press(event: ReactPointerEvent) {
    const inside = (event.target as Element).closest('.cell-main, .cell-tools')
    if (event.shiftKey && !inside) {
      event.preventDefault()
      command('extend')
    } else if (!inside?.matches('.cell-tools')) {
      command('select')
      command('collapse')
    }
  }
  const busy = run?.state === 'running' || run?.state === 'queued'
  const Editor = props.plain ? PlainEditor : CellEditor
  return (
    <section
      ref={root}
      className="cell"
      tabIndex={props.active ? 0 : -1}
      aria-label={`Cell ${index + 1}, ${typeNames[cell.type]}`}
      aria-current={props.active || undefined}
      data-cell={cell.id}
      data-state={run?.state ?? 'idle'}
      data-stale={props.stale !== undefined || undefined}
      data-selected={props.selected || undefined}
      style={near || height === null ? undefined : { height }}
      onFocus={() => command('select')}
      onKeyDown={keyOutside}
      onPointerDown={press}
    >
      <div className="cell-edge">
        <span className="cell-number" draggable title="Drag to move; with Shift, click to select up to here">
          {index + 1}
        </span>
        {cell.type !== 'markdown' && cell.type !== 'raw' && (
          <ActionIcon
            size={24}
            aria-label={busy ? `Interrupt cell ${index + 1}` : `Run cell ${index + 1}`}
            onClick={() => command(busy ? 'interrupt' : 'run')}
          >
            {busy ? <IconPlayerStop size={14} /> : <IconPlayerPlay size={14} />}
          </ActionIcon>
        )}
      </div>
      <div className="cell-main">
        {folded ? (
          <button
            type="button"
            className="cell-folded"
            aria-expanded={false}
            aria-label={`Unfold cell ${index + 1}`}
            onClick={() => command('fold')}
          >
            <IconChevronRight size={14} aria-hidden />
            <span>{toTitle(cell.source).text}</span>
            <CellNote run={run} type={cell.type} />
          </button>
        ) : !near ? (
          <pre className="cell-far">{cell.source}</pre>
        ) : (
          <>
            {rendered ? (
              <div className="cell-markdown" onDoubleClick={() => inEditor((one) => one.focus())}>
                <MarkdownCell source={cell.source} />
              </div>
            ) : (
              !hidden && (
                <div className="cell-code">
                  <Editor
                    cell={cell}
                    label={`Source of cell ${index + 1}`}
                    mark={mark}
                    generation={props.generation}
                    handle={editor}
                    onChange={(source) => props.onChange(cell.id, source)}
                    onFocus={() => command('select')}
                    onKey={key}
                  />
                  <span className="cell-note">
                    <CellNote run={run} type={cell.type} />
                  </span>
                </div>
              )
            )}
            <CellNotices
              problems={props.problems}
              stale={props.stale}
              failed={run?.state === 'error'}
              onGo={props.onGo}
            />
            {run && (
              <Outputs outputs={run.outputs} scope={cell.id} old={run.old && run.state === 'running'} />
            )}
          </>
        )}
      </div>
      {near && (
        <CellTools
          cell={cell}
          number={index + 1}
          rendered={rendered}
          onEdit={() => (rendered ? inEditor((one) => one.focus()) : setEditing(false))}
          onCommand={command}
        />
      )}
    </section>
  )
})

/** The line that an error or, before any run, a problem is about. */
function useMark(
  run: CellRun | undefined,
  problems: readonly Problem[],
  cell: Cell,
  index: number,
): Mark | null {
  const error = run?.error
  const problem = problems[0]
  return useMemo(() => {
    const here =
      error?.line !== undefined &&
      (error.cell === undefined || error.cell === cell.id || error.cell === String(index + 1))
    if (here && run?.source === cell.source)
      return { line: error.line!, column: error.column ?? 1, message: `${error.name}: ${error.message}` }
    if (problem) return { line: problem.line, column: problem.column, message: problem.message }
    return here && run?.source === null
      ? { line: error.line!, column: error.column ?? 1, message: `${error.name}: ${error.message}` }
      : null
  }, [error, run?.source, problem, cell.id, cell.source, index])
}
