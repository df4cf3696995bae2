'use client'
import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconPlayerPlay,
  IconPlayerStop,
  IconTrash,
} from '@tabler/icons-react'
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent as ReactKeyboardEvent } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { CellEditor, type EditorHandle, type Mark } from '../editor/cell-editor.tsx'
import { MarkdownText } from '../output/markdown.tsx'
import { Outputs } from '../output/outputs.tsx'
import { toDuration } from '../ui/format.ts'
import { StateMark } from '../ui/state-mark.tsx'
import type { CellRun } from './session.ts'

export type CellCommand =
  | 'run'
  | 'run-next'
  | 'run-insert'
  | 'insert-above'
  | 'insert-below'
  | 'up'
  | 'down'
  | 'next'
  | 'previous'
  | 'delete'
  | 'undo'
  | 'to-markdown'
  | 'to-typescript'
  | 'to-sql'
  | 'interrupt'
  | 'save'
  | 'keys'
  | 'select'
export interface CellViewProps {
  cell: Cell
  index: number
  generation: number
  run: CellRun | undefined
  selected: boolean
  codeHidden: boolean
  onChange: (id: string, source: string) => void
  onCommand: (id: string, command: CellCommand) => void
  onKeys: (id: string, event: KeyboardEvent, editing: boolean) => boolean
  register: (id: string, focus: ((edit: boolean) => void) | null) => void
}
const typeNames = { typescript: 'TypeScript', sql: 'SQL', markdown: 'Markdown', raw: 'Text' }

export const CellView = memo(function CellView(props: CellViewProps) {
  const { cell, index, run, register } = props
  const root = useRef<HTMLElement>(null)
  const editor = useRef<EditorHandle>(null)
  const [editing, setEditing] = useState(cell.type !== 'markdown' || cell.source === '')
  const label = `Cell ${index + 1}, ${typeNames[cell.type]}`
  const error = run?.error
  const mark = useMemo(
    (): Mark | null =>
      error?.line !== undefined &&
      (error.cell === undefined || error.cell === cell.id || error.cell === String(index + 1))
        ? { line: error.line, column: error.column ?? 1, message: `${error.name}: ${error.message}` }
        : null,
    [error, cell.id, index],
  )
  const rendered = cell.type === 'markdown' && !editing
  useEffect(() => {
    register(cell.id, (edit) => {
      if (!edit) return root.current?.focus()
      setEditing(true)
      requestAnimationFrame(() => editor.current?.focus())
    })
    return () => register(cell.id, null)
  }, [cell.id, register])

  const command = (name: CellCommand) => props.onCommand(cell.id, name)
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
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      setEditing(true)
      requestAnimationFrame(() => editor.current?.focus())
    } else if (props.onKeys(cell.id, event.nativeEvent, false)) event.preventDefault()
  }
  const busy = run?.state === 'running' || run?.state === 'queued'
  return (
    <section
      ref={root}
      className="cell"
      tabIndex={-1}
      aria-label={label}
      data-cell={cell.id}
      data-state={run?.state ?? 'idle'}
      data-selected={props.selected || undefined}
      onFocus={() => command('select')}
      onKeyDown={keyOutside}
    >
      <div className="cell-edge">
        <span className="cell-number">{index + 1}</span>
        {cell.type !== 'markdown' && (
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
        {rendered ? (
          <div className="cell-markdown" onDoubleClick={() => setEditing(true)}>
            <MarkdownText text={cell.source} />
          </div>
        ) : (
          !props.codeHidden && (
            <div className="cell-code">
              <CellEditor
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
        {run && <Outputs outputs={run.outputs} scope={cell.id} old={run.old && run.state === 'running'} />}
      </div>
      <div className="cell-tools" role="toolbar" aria-label={`Tools of cell ${index + 1}`}>
        {cell.type === 'markdown' && (
          <ActionIcon
            size={24}
            aria-label={rendered ? 'Edit the text' : 'Show the text'}
            onClick={() => setEditing(!editing)}
          >
            <IconPlayerPlay size={14} />
          </ActionIcon>
        )}
        <Tool label="Move up" icon={<IconArrowUp size={14} />} onClick={() => command('up')} />
        <Tool label="Move down" icon={<IconArrowDown size={14} />} onClick={() => command('down')} />
        <Tool label="Delete the cell" icon={<IconTrash size={14} />} onClick={() => command('delete')} />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={24} aria-label={`More for cell ${index + 1}`}>
              <IconDots size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {(['typescript', 'sql', 'markdown'] as const)
              .filter((type) => type !== cell.type)
              .map((type) => (
                <Menu.Item key={type} onClick={() => command(`to-${type}`)}>
                  Make it {typeNames[type]}
                </Menu.Item>
              ))}
            <Menu.Item onClick={() => command('insert-above')}>Insert a cell above</Menu.Item>
            <Menu.Item onClick={() => command('insert-below')}>Insert a cell below</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </section>
  )
})

function Tool({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={24} aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
function CellNote({ run, type }: { run: CellRun | undefined; type: Cell['type'] }) {
  const [now, setNow] = useState(0)
  const started = run?.state === 'running' ? run.startedAt : null
  useEffect(() => {
    if (started === null) return
    const timer = setInterval(() => setNow(Date.now()), 200)
    return () => clearInterval(timer)
  }, [started])
  if (run?.state === 'queued') return <StateMark state="queued" />
  if (started !== null && run?.state === 'running')
    return <StateMark state="busy" label={now > started ? toDuration(now - started) : 'running'} />
  if (run?.state === 'error')
    return <StateMark state="failed" label={run.receipt ? toDuration(run.receipt.wallMs) : 'failed'} />
  if (run?.receipt) return <>{toDuration(run.receipt.wallMs)}</>
  return type === 'sql' ? <>SQL</> : null
}
