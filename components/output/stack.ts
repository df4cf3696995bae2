/** The lines of a stack, and what in them is the place of a cell: `at name (cell 2:3:14)`. Pure. */
export interface StackFrame {
  before: string
  place: { text: string; cell: string; line: number; column: number } | null
  after: string
}
export function parseFrames(stack: string): StackFrame[] {
  return stack.split('\n').map((line) => {
    const found = /cell ([^\s:()]{1,64}):(\d{1,7}):(\d{1,7})/.exec(line)
    if (!found) return { before: line, place: null, after: '' }
    const [text, cell = '', row, column] = found
    return {
      before: line.slice(0, found.index),
      place: { text, cell, line: Number(row), column: Number(column) },
      after: line.slice(found.index + text.length),
    }
  })
}
