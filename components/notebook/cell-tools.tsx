'use client'
import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconEye,
  IconFold,
  IconFoldDown,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { CellCommand } from './command.ts'

export const typeNames = { typescript: 'TypeScript', sql: 'SQL', markdown: 'Markdown', raw: 'Text' }
const runs = [
  ['run-dependents', 'Run with what depends on it', 'R'],
  ['run-above', 'Run the cells above', ''],
  ['run-below', 'Run this and the cells below', ''],
] as const
const edits = [
  ['insert-above', 'Insert a cell above', 'A'],
  ['insert-below', 'Insert a cell below', 'B'],
  ['cut', 'Cut', 'X'],
  ['copy', 'Copy', 'C'],
  ['paste', 'Paste below', 'V'],
  ['split', 'Split at the cursor', 'Ctrl+Shift+-'],
  ['merge', 'Merge with the next', 'Shift+M'],
] as const

/** What can be done with one cell by mouse: the frequent in sight, the rest in a menu with its keys. */
export function CellTools(props: {
  cell: Cell
  number: number
  rendered: boolean
  onEdit: () => void
  onCommand: (name: CellCommand) => void
}) {
  const { cell, number, onCommand } = props
  const folded = cell.view?.folded === true
  const item = ([name, label, key]: readonly [CellCommand, string, string]) => (
    <Menu.Item
      key={name}
      rightSection={key && <kbd className="menu-key">{key}</kbd>}
      onClick={() => onCommand(name)}
    >
      {label}
    </Menu.Item>
  )
  return (
    <div className="cell-tools" role="toolbar" aria-label={`Tools of cell ${number}`}>
      {cell.type === 'markdown' && (
        <Tool
          label={props.rendered ? 'Edit the text' : 'Show the text'}
          icon={props.rendered ? <IconPencil size={14} /> : <IconEye size={14} />}
          onClick={props.onEdit}
        />
      )}
      <Tool label="Move up" icon={<IconArrowUp size={14} />} onClick={() => onCommand('up')} />
      <Tool label="Move down" icon={<IconArrowDown size={14} />} onClick={() => onCommand('down')} />
      <Tool
        label={folded ? 'Unfold' : 'Fold'}
        icon={folded ? <IconFoldDown size={14} /> : <IconFold size={14} />}
        onClick={() => onCommand('fold')}
      />
      <Tool label="Delete the cell" icon={<IconTrash size={14} />} onClick={() => onCommand('delete')} />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={24} aria-label={`More for cell ${number}`}>
            <IconDots size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(cell.type === 'typescript' || cell.type === 'sql') && (
            <>
              {runs.map(item)}
              <Menu.Divider />
              {item(['hide-code', cell.view?.codeHidden ? 'Show the code' : 'Hide the code', 'H'])}
            </>
          )}
          {edits.map(item)}
          <Menu.Divider />
          {(['typescript', 'sql', 'markdown', 'raw'] as const)
            .filter((type) => type !== cell.type)
            .map((type) => (
              <Menu.Item key={type} onClick={() => onCommand(`to-${type}`)}>
                Make it {typeNames[type]}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

function Tool({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <ActionIcon size={24} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  )
}
