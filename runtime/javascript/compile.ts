/**
 * A cell's TypeScript to the script that an isolate runs, and what the notebook wants to know of the cell. Pure
 * ECMAScript: it runs in the compiler isolate and in any process, but an untrusted source belongs in the isolate
 * (some sources take a parser's stack or time). rewrite.ts says what the script evaluates to.
 */
import { findAwait } from './awaits.ts'
import { readCell } from './cell.ts'
import { CompileError } from './error.ts'
import { toMappings, type Mappings } from './map.ts'
import { toContextNames } from './placement.ts'
import { rewriteCell } from './rewrite.ts'

export interface CompileOptions {
  /** Names that functions of earlier cells use: `captures` of all of them. */
  shared?: ReadonlySet<string>
  /** Default 256 KB. */
  maxBytes?: number
}

export interface Compiled {
  code: string
  /** Variables of the notebook that the cell makes. */
  declares: string[]
  /** Names that it uses and does not declare: of other cells or of the platform. */
  references: string[]
  /** Names that its functions use, declared here or elsewhere. */
  captures: string[]
  /** Modules of its import declarations. */
  imports: string[]
  /** Whether it waits at top level. */
  awaits: boolean
  mappings: Mappings
}

/** Throws CompileError, with the user's line and column. */
export function compileCell(source: string, options: CompileOptions = {}): Compiled {
  const read = readCell(source, options.maxBytes)
  try {
    return compile(read, options.shared ?? new Set())
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CompileError('The cell is too deeply nested', { line: 1, column: 1 })
  }
}

function compile(read: ReturnType<typeof readCell>, shared: ReadonlySet<string>): Compiled {
  const { javascript, program, declarations, references, imports } = read
  const context = toContextNames(program, declarations, references, shared)
  const { code, map } = rewriteCell({ ...read, code: javascript.code, context })
  return {
    code,
    declares: [...declarations.keys()],
    references: [...references.free],
    captures: [...references.captured],
    imports: imports.specifiers,
    awaits: findAwait(program),
    mappings: toMappings(map, javascript.map),
  }
}
