/** What is wrong with a cell's source, where: line and column count from 1, in the user's own text. */
export class CompileError extends Error {
  override readonly name = 'SyntaxError'
  readonly line: number
  readonly column: number
  constructor(message: string, at: { line: number; column: number }) {
    super(message)
    this.line = at.line
    this.column = at.column
  }
}
