/**
 * The JavaScript of a cell as a tree. Acorn sees the user's text alone, before any wrapper is around it: a text that
 * closes a wrapper does not parse. It is read as a strict module with await at top level.
 */
import { parse, type Program, type Token } from 'acorn'
import { CompileError } from './error.ts'
import type { Position } from './position.ts'

export interface Parsed {
  program: Program
  /** Offsets after which a space keeps `<!--` from opening an HTML comment: scripts have those, modules have not. */
  gaps: number[]
}

export function parseCell(code: string, locate: (line: number, column: number) => Position): Parsed {
  const gaps: number[] = []
  const onToken = (token: Token): void => {
    if (code.startsWith('<!--', token.start) && code.slice(token.start, token.end) === '<')
      gaps.push(token.end)
  }
  try {
    const program = parse(code, {
      ecmaVersion: 'latest',
      sourceType: 'module',
      allowAwaitOutsideFunction: true,
      checkPrivateFields: true,
      onToken,
    })
    return { program, gaps }
  } catch (error) {
    const at = (error as { loc?: { line: number; column: number } }).loc
    if (!(error instanceof SyntaxError) || !at) throw error
    throw new CompileError(error.message.replace(/ \(\d+:\d+\)$/, ''), locate(at.line, at.column + 1))
  }
}
