/** The keys of Jupyter, as commands. */
import type { CellCommand } from './cell-view.tsx'

export const keyList: [string, string][] = [
  ['Ctrl+Enter', 'Run the cell'],
  ['Shift+Enter', 'Run the cell and go to the next'],
  ['Alt+Enter', 'Run the cell and insert one below'],
  ['Esc', 'Leave the editor; the keys below work then'],
  ['Enter', 'Go into the editor'],
  ['A', 'Insert a cell above'],
  ['B', 'Insert a cell below'],
  ['D D', 'Delete the cell'],
  ['Z', 'Bring a deleted cell back'],
  ['M', 'Make it Markdown'],
  ['Y', 'Make it TypeScript'],
  ['J or ↓', 'Next cell'],
  ['K or ↑', 'Previous cell'],
  ['I I', 'Interrupt'],
  ['Ctrl+S', 'Save a version'],
  ['Ctrl+K', 'Find anything'],
  ['?', 'This list'],
]
const plain: Record<string, CellCommand> = {
  a: 'insert-above',
  b: 'insert-below',
  z: 'undo',
  m: 'to-markdown',
  y: 'to-typescript',
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  '?': 'keys',
}
const twice: Record<string, CellCommand> = { d: 'delete', i: 'interrupt' }
let last = { key: '', at: 0 }

/** The command of a key, in the editor or outside; undefined when the key is not ours. 'wait': half of a double key. */
export function toCommand(event: KeyboardEvent, editing: boolean): CellCommand | 'wait' | undefined {
  const mod = event.ctrlKey || event.metaKey
  if (event.key === 'Enter') {
    if (mod) return 'run'
    if (event.shiftKey) return 'run-next'
    if (event.altKey) return 'run-insert'
    return undefined
  }
  if (mod && event.key.toLowerCase() === 's') return 'save'
  if (editing || mod || event.altKey) return undefined
  const double = twice[event.key]
  if (double) {
    const now = event.timeStamp
    const second = last.key === event.key && now - last.at < 800
    last = second ? { key: '', at: 0 } : { key: event.key, at: now }
    return second ? double : 'wait'
  }
  return plain[event.key]
}
