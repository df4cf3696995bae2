/** The keys of Jupyter, as commands. */
import type { CellCommand } from './command.ts'

export const keyList: { title: string; keys: [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl+Enter', 'Run'],
      ['Shift+Enter', 'Run and go to the next cell'],
      ['Alt+Enter', 'Run and insert a cell below'],
      ['Alt+↑ or ↓', 'Move the cell up or down'],
      ['Ctrl+S', 'Save a version'],
      ['Ctrl+Shift+F', 'Find and replace in all cells'],
      ['Ctrl+K', 'Find anything'],
    ],
  },
  {
    title: 'In the editor',
    keys: [
      ['Esc', 'Leave it; the keys below work then'],
      ['Ctrl+Shift+-', 'Split the cell at the cursor'],
      ['Ctrl+Space', 'Complete'],
      ['Alt+I', 'Tell what the name at the cursor is'],
      ['F12', 'Go to where it is declared'],
      ['F2', 'Rename it in every cell'],
      ['Alt+F8', 'Next fault'],
      ['Shift+Alt+F', 'Format the cell'],
    ],
  },
  {
    title: 'Outside the editor',
    keys: [
      ['Enter', 'Go into the editor'],
      ['J or ↓', 'Next cell'],
      ['K or ↑', 'Previous cell'],
      ['Shift+J or ↓', 'Select the next cell too'],
      ['Shift+K or ↑', 'Select the previous cell too'],
      ['Ctrl+A', 'Select every cell'],
      ['A', 'Insert a cell above'],
      ['B', 'Insert a cell below'],
      ['X', 'Cut'],
      ['C', 'Copy'],
      ['V', 'Paste below'],
      ['Shift+V', 'Paste above'],
      ['D D', 'Delete'],
      ['Z', 'Undo the last change of cells'],
      ['Shift+M', 'Merge'],
      ['M', 'Make it Markdown'],
      ['Y', 'Make it TypeScript'],
      ['O', 'Fold or unfold'],
      ['H', 'Hide or show the code'],
      ['R', 'Run with what depends on it'],
      ['S', 'Run what is stale'],
      ['Ctrl+F', 'Find and replace'],
      ['I I', 'Interrupt'],
      ['0 0', 'Restart the kernel'],
      ['?', 'This list'],
    ],
  },
]
const plain: Record<string, CellCommand> = {
  a: 'insert-above',
  b: 'insert-below',
  z: 'undo',
  m: 'to-markdown',
  M: 'merge',
  y: 'to-typescript',
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  J: 'extend-down',
  K: 'extend-up',
  x: 'cut',
  c: 'copy',
  v: 'paste',
  V: 'paste-above',
  o: 'fold',
  h: 'hide-code',
  r: 'run-dependents',
  s: 'run-stale',
  Escape: 'collapse',
  '?': 'keys',
}
const withMod: Record<string, CellCommand> = { a: 'select-all', f: 'find' }
const twice: Record<string, CellCommand> = { d: 'delete', i: 'interrupt', '0': 'restart' }
let last = { key: '', at: 0 }

export const isBareEnter = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)

/** The command of a key, in the editor or outside; undefined when the key is not ours. 'wait': half of a double key. */
export function toCommand(event: KeyboardEvent, editing: boolean): CellCommand | 'wait' | undefined {
  const mod = event.ctrlKey || event.metaKey
  const { key } = event
  if (key === 'Enter') {
    if (mod) return 'run'
    if (event.shiftKey) return 'run-next'
    if (event.altKey) return 'run-insert'
    return undefined
  }
  if (mod && event.shiftKey) {
    if (key.toLowerCase() === 'f') return 'find'
    return event.code === 'Minus' && editing ? 'split' : undefined
  }
  if (mod && key.toLowerCase() === 's') return 'save'
  if (event.altKey && !mod && !event.shiftKey && !editing) {
    if (key === 'ArrowUp') return 'up'
    if (key === 'ArrowDown') return 'down'
  }
  if (editing || event.altKey) return undefined
  if (mod) return withMod[key.toLowerCase()]
  if (event.shiftKey && key === 'ArrowDown') return 'extend-down'
  if (event.shiftKey && key === 'ArrowUp') return 'extend-up'
  const double = twice[key]
  if (double) {
    const now = event.timeStamp
    const second = last.key === key && now - last.at < 800
    last = second ? { key: '', at: 0 } : { key, at: now }
    return second ? double : 'wait'
  }
  return plain[key]
}
