/**
 * A cell's TypeScript to the script that an isolate runs, and what the notebook wants to know of the cell. Pure
 * ECMAScript: it runs in the compiler isolate and in any process, but an untrusted source belongs in the isolate
 * (some sources take a parser's stack or time). rewrite.ts says what the script evaluates to.
 */
import { findAwait } from './awaits.ts'
import { findDeclarations } from './declarations.ts'
import { CompileError } from './error.ts'
import { findImports } from './imports.ts'
import { locate, toMappings, type Mappings } from './map.ts'
import { parseCell } from './parse.ts'
import { toContextNames } from './placement.ts'
import { toPosition, type Position } from './position.ts'
import { findReferences } from './references.ts'
import { rewriteCell } from './rewrite.ts'
import { toJavaScript, type JavaScript } from './typescript.ts'

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

const sourceLimit = 256 * 1024
const reserved = '__suricate'

/** Throws CompileError, with the user's line and column. */
export function compileCell(source: string, options: CompileOptions = {}): Compiled {
  const limit = options.maxBytes ?? sourceLimit
  if (source.length > limit || utf8Bytes(source) > limit)
    throw new CompileError(`The cell is larger than ${Math.floor(limit / 1024)} KB`, { line: 1, column: 1 })
  try {
    return compile(source, options.shared ?? new Set())
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CompileError('The cell is too deeply nested', { line: 1, column: 1 })
  }
}

function compile(source: string, shared: ReadonlySet<string>): Compiled {
  const javascript = toJavaScript(source)
  const toUser = lazyLocate(javascript)
  const { program, gaps } = parseCell(javascript.code, toUser)
  const refuse = (offset: number, message: string): never => {
    const at = toPosition(javascript.code, offset)
    throw new CompileError(message, toUser(at.line, at.column))
  }
  const imports = findImports(program)
  for (const { node, message } of imports.refused) refuse(node.start, message)
  const declarations = findDeclarations(program)
  const references = findReferences(program, declarations)
  for (const { name, start } of references.identifiers)
    if (name.startsWith(reserved)) refuse(start, `Names that begin with ${reserved} are reserved: ${name}`)
  const context = toContextNames(program, declarations, references, shared)
  const cell = { code: javascript.code, program, gaps, declarations, references, imports, context }
  const { code, map } = rewriteCell(cell)
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

/** From the JavaScript to the source; the map is decoded for errors alone. */
function lazyLocate(javascript: JavaScript): (line: number, column: number) => Position {
  return (line, column) => {
    const mappings = toMappings({ mappings: identity(javascript.code) }, javascript.map)
    return locate(mappings, { line, column }) ?? { line, column }
  }
}

function identity(code: string): number[][][] {
  return code.split('\n').map((text, line) => Array.from(text, (_, column) => [column, 0, line, column]))
}

function utf8Bytes(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    // A surrogate is half of a character of four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3
  }
  return bytes
}
