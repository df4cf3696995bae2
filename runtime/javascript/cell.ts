/**
 * A cell's source read once: its JavaScript, its tree and the names in it. The compiler and the analysis begin here,
 * so that both see the same names and refuse the same sources.
 */
import type { Program } from 'acorn'
import { findDeclarations, type Kind } from './declarations.ts'
import { CompileError } from './error.ts'
import { findImports, type Imports } from './imports.ts'
import { decodeMap, locate, type Mappings } from './map.ts'
import { parseCell } from './parse.ts'
import { toPosition, type Position } from './position.ts'
import { toRefusal } from './refusal.ts'
import { findReferences, type References } from './references.ts'
import { toJavaScript, type JavaScript } from './typescript.ts'

export interface ReadCell {
  javascript: JavaScript
  program: Program
  gaps: number[]
  declarations: Map<string, Kind>
  references: References
  imports: Imports
  /** The user's position of an offset in the JavaScript. */
  locate(offset: number): Position
}

export const sourceLimit = 256 * 1024
const reserved = '__suricate'

/** Throws CompileError, with the user's line and column. */
export function readCell(source: string, limit = sourceLimit): ReadCell {
  if (source.length > limit || utf8Bytes(source) > limit)
    throw new CompileError(`The cell is larger than ${Math.floor(limit / 1024)} KB`, { line: 1, column: 1 })
  try {
    return read(source)
  } catch (error) {
    if (error instanceof CompileError) throw toRefusal(error, source)
    if (!(error instanceof RangeError)) throw error
    throw new CompileError('The cell is too deeply nested', { line: 1, column: 1 })
  }
}

function read(source: string): ReadCell {
  const javascript = toJavaScript(source)
  let mappings: Mappings | undefined
  const toUser = (at: Position): Position => {
    mappings ??= decodeMap(javascript.map)
    return locate(mappings, at) ?? at
  }
  const { program, gaps } = parseCell(javascript.code, (line, column) => toUser({ line, column }))
  const toUserOffset = (offset: number): Position => toUser(toPosition(javascript.code, offset))
  const refuse = (offset: number, message: string): never => {
    throw new CompileError(message, toUserOffset(offset))
  }
  const imports = findImports(program)
  for (const { node, message } of imports.refused) refuse(node.start, message)
  const declarations = findDeclarations(program)
  const references = findReferences(program, declarations)
  for (const { name, start } of references.identifiers)
    if (name.startsWith(reserved)) refuse(start, `Names that begin with ${reserved} are reserved: ${name}`)
  return { javascript, program, gaps, declarations, references, imports, locate: toUserOffset }
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
