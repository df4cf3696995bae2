/** What can be done with cells, by a key, a button or a menu; all of it goes the same way. */
export type CellCommand =
  | 'run'
  | 'run-next'
  | 'run-insert'
  | 'run-dependents'
  | 'run-stale'
  | 'run-above'
  | 'run-below'
  | 'insert-above'
  | 'insert-below'
  | 'up'
  | 'down'
  | 'next'
  | 'previous'
  | 'extend-up'
  | 'extend-down'
  | 'extend'
  | 'select-all'
  | 'collapse'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'paste-above'
  | 'delete'
  | 'undo'
  | 'merge'
  | 'split'
  | 'fold'
  | 'hide-code'
  | 'to-markdown'
  | 'to-typescript'
  | 'to-sql'
  | 'to-raw'
  | 'interrupt'
  | 'restart'
  | 'save'
  | 'find'
  | 'keys'
  | 'select'

/** How a cell on the page is reached: its editor, or the cell as a whole. */
export interface CellHandle {
  focus(edit: boolean): void
  /** Where the cursor stands in the source. */
  offset(): number
  select(start: number, end: number): void
}
