/**
 * The names in one cell: what it declares, what it uses of others, where, and why it cannot run. It reads as the
 * compiler reads and runs nothing. Answers are kept by type and source, as many as a large notebook has, for pages ask
 * after every key. It is for the texts that a page shows; a server hands texts of others to the sandbox's compiler.
 */
import type { Cell } from '../api/notebooks.ts'
import { findAwait } from '../javascript/awaits.ts'
import { readCell, type ReadCell } from '../javascript/cell.ts'
import { findBindings } from '../javascript/declarations.ts'
import { CompileError } from '../javascript/error.ts'
import { toPosition, type Position } from '../javascript/position.ts'
import { findInterpolations } from './interpolation.ts'
import { toSource } from './source.ts'

export interface CellNames {
  /** Variables of the notebook that the cell makes, in the order of the source. */
  declares: string[]
  /** Names that it uses and does not declare, of other cells or of the platform, in order of first use. */
  references: string[]
  /** Those of the references that are read while the cell runs, and not in functions alone. */
  direct: string[]
  /** Declared name -> module, for imports. */
  imports: { [name: string]: string }
  /** Whether it waits at top level. */
  awaits: boolean
  /** Line and column, from 1, in the cell's own text. */
  error: ({ message: string } & Position) | null
  /** Where each name is declared, or used first. */
  places: { [name: string]: Position }
}

type Source = Pick<Cell, 'type' | 'source'>

const keptCells = 4_000
const keptChars = 16_000_000
const kept = new Map<string, CellNames>()
let chars = 0

export function analyzeCell(cell: Source): CellNames {
  const key = `${cell.type}:${cell.source}`
  const known = kept.get(key)
  if (known) {
    kept.delete(key)
    kept.set(key, known)
    return known
  }
  const names = analyze(cell)
  kept.set(key, names)
  chars += key.length
  for (const oldest of kept.keys()) {
    if ((kept.size <= keptCells && chars <= keptChars) || oldest === key) break
    kept.delete(oldest)
    chars -= oldest.length
  }
  return names
}

function analyze(cell: Source): CellNames {
  if (cell.type === 'markdown') return analyzeMarkdown(cell.source)
  const source = toSource(cell)
  if (source === undefined) return nothing()
  const toUser = cell.type === 'sql' ? toSqlPosition(cell.source, source) : (at: Position) => at
  try {
    const names = toNames(readCell(source), toUser)
    return cell.type === 'sql' ? withoutUnnamed(names) : names
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    const { message, line, column } = error
    return { ...nothing(), error: { message, ...toUser({ line, column }) } }
  }
}

function nothing(): CellNames {
  return { declares: [], references: [], direct: [], imports: {}, awaits: false, error: null, places: {} }
}

function toNames(read: ReadCell, toUser: (at: Position) => Position): CellNames {
  const places = new Map<string, Position>()
  const place = (name: string, start: number): void => {
    if (!places.has(name)) places.set(name, toUser(read.locate(start)))
  }
  for (const { id } of findBindings(read.program)) place(id.name, id.start)
  for (const [name, { start }] of read.references.places) place(name, start)
  return {
    declares: [...read.declarations.keys()],
    references: [...read.references.free],
    direct: [...read.references.places].filter(([, { direct }]) => direct).map(([name]) => name),
    imports: Object.fromEntries(read.imports.names),
    awaits: findAwait(read.program),
    error: null,
    places: Object.fromEntries(places),
  }
}

/** The result of a query without a name is the latest query's: no cell owns it. */
function withoutUnnamed(names: CellNames): CellNames {
  if (!names.declares.includes('_')) return names
  const { _: _unnamed, ...places } = names.places
  return { ...names, declares: names.declares.filter((name) => name !== '_'), places }
}

/** From the template that executes to the query: the lines are the same, the first begins later, escapes go. */
function toSqlPosition(query: string, source: string): (at: Position) => Position {
  const prefix = source.indexOf('`') + 1
  const lines = query.split('\n')
  const escaped = source.split('\n')
  return ({ line, column }) => {
    const text = lines[line - 1]
    if (text === undefined) return { line: 1, column: 1 }
    let from = line === 1 ? prefix : 0
    let user = 0
    while (from < column - 1 && user < text.length) {
      if (escaped[line - 1]?.[from] !== text[user]) from++
      from++
      user++
    }
    return { line, column: user + 1 }
  }
}

function analyzeMarkdown(source: string): CellNames {
  const names = nothing()
  const references = new Set<string>()
  for (const { expression, start } of findInterpolations(source)) {
    try {
      for (const name of readCell(`(${expression}\n)`).references.free) {
        names.places[name] ??= toPosition(source, start)
        references.add(name)
      }
    } catch (error) {
      // What is no expression is text.
      if (!(error instanceof CompileError)) throw error
    }
  }
  return { ...names, references: [...references], direct: [...references] }
}
