/**
 * A notebook as one program: which cell uses the names of which, what is wrong between them, and which cells the text
 * has left behind. Pure. A name that several cells declare is, for a cell that uses it, that of the nearest cell above.
 */
import type { Cell } from '../api/notebooks.ts'
import { analyzeCell, type CellNames } from './analysis.ts'
import { platformNames } from './platform.ts'

export interface Problem {
  cell: string
  kind: 'duplicate' | 'use-before' | 'syntax'
  /** Empty for a problem of syntax. */
  name: string
  /** The other cell of a problem between two. */
  other: string | null
  message: string
  line: number
  column: number
}
/** `to` uses `names`, which `from` declares. */
export interface Edge {
  from: string
  to: string
  names: string[]
}
export interface Program {
  cells: { id: string; source: string; names: CellNames }[]
  /** In document order of `to`, then of `from`. */
  edges: Edge[]
  /** In document order. */
  problems: Problem[]
}

export function toProgram(cells: readonly Pick<Cell, 'id' | 'type' | 'source'>[]): Program {
  const program: Program = { cells: [], edges: [], problems: [] }
  for (const cell of cells) program.cells.push({ id: cell.id, source: cell.source, names: analyzeCell(cell) })
  const declarers = new Map<string, number[]>()
  program.cells.forEach(({ names }, index) => {
    for (const name of names.declares) declarers.set(name, [...(declarers.get(name) ?? []), index])
  })
  program.cells.forEach((_, index) => {
    program.edges.push(...findEdges(program, declarers, index))
    program.problems.push(...findProblems(program, declarers, index))
  })
  return program
}

/** The cell that gives `name` to the one at `index`; undefined for a name of the platform. */
function findSource(declarers: Map<string, number[]>, name: string, index: number): number | undefined {
  const found = declarers.get(name)
  const above = found?.findLast((declarer) => declarer < index)
  if (above !== undefined || platformNames.has(name)) return above
  return found?.find((declarer) => declarer > index)
}

function findEdges(program: Program, declarers: Map<string, number[]>, index: number): Edge[] {
  const { id, names } = program.cells[index]!
  const bySource = new Map<number, string[]>()
  for (const name of names.references) {
    const source = findSource(declarers, name, index)
    if (source !== undefined) bySource.set(source, [...(bySource.get(source) ?? []), name])
  }
  return [...bySource]
    .toSorted(([a], [b]) => a - b)
    .map(([source, used]) => ({ from: program.cells[source]!.id, to: id, names: used }))
}

function findProblems(program: Program, declarers: Map<string, number[]>, index: number): Problem[] {
  const { id, names } = program.cells[index]!
  if (names.error) {
    const { message, line, column } = names.error
    return [{ cell: id, kind: 'syntax', name: '', other: null, message, line, column }]
  }
  const problems: Problem[] = []
  const add = (kind: Problem['kind'], name: string, other: number, message: string): void => {
    const { line, column } = names.places[name] ?? { line: 1, column: 1 }
    problems.push({ cell: id, kind, name, other: program.cells[other]!.id, message, line, column })
  }
  for (const name of names.declares) {
    const other = declarers
      .get(name)!
      .find((declarer) => declarer !== index && !isSameImport(program, name, declarer, index))
    if (other === undefined) continue
    add(
      'duplicate',
      name,
      other,
      `${name} is declared in cell ${other + 1} too; give one of them another name.`,
    )
  }
  for (const name of names.direct) {
    const source = findSource(declarers, name, index)
    if (source === undefined || source < index) continue
    add(
      'use-before',
      name,
      source,
      `${name} is declared further down, in cell ${source + 1}; move that cell above this one.`,
    )
  }
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}

/** Two cells that import a name from one module mean the same. */
function isSameImport(program: Program, name: string, a: number, b: number): boolean {
  const module = program.cells[a]!.names.imports[name]
  return module !== undefined && module === program.cells[b]!.names.imports[name]
}

/** The cells that use what these make, also by way of others; in document order, without these themselves. */
export function findDependents(program: Program, ids: readonly string[]): string[] {
  return reach(program, ids, 'from', 'to')
}

/** The cells whose names these use, also by way of others; in document order, without these themselves. */
export function findDependencies(program: Program, ids: readonly string[]): string[] {
  return reach(program, ids, 'to', 'from')
}

function reach(program: Program, ids: readonly string[], near: 'from' | 'to', far: 'from' | 'to'): string[] {
  const next = new Map<string, string[]>()
  for (const edge of program.edges) next.set(edge[near], [...(next.get(edge[near]) ?? []), edge[far]])
  const found = new Set<string>()
  const open = [...ids]
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const other of next.get(id) ?? []) {
      if (found.has(other)) continue
      found.add(other)
      open.push(other)
    }
  const given = new Set(ids)
  return program.cells.map(({ id }) => id).filter((id) => found.has(id) && !given.has(id))
}

/**
 * Of the cells that have run, those that would give something else now, with the reason in words: `edited`, or
 * `uses history` where a cell above that gives history, directly or by way of others, was edited or has run since.
 * `at` orders the executions. What a function reaches in a cell below is live and makes nothing stale.
 */
export function findStale(
  program: Program,
  executed: ReadonlyMap<string, { source: string; at: number }>,
): Map<string, string> {
  const position = new Map(program.cells.map(({ id }, index) => [id, index]))
  const isEdited = (id: string): boolean => {
    const ran = executed.get(id)
    return ran !== undefined && ran.source !== program.cells[position.get(id)!]!.source
  }
  const incoming = Map.groupBy(program.edges, ({ to }) => to)
  const stale = new Map<string, string>()
  for (const [index, { id }] of program.cells.entries()) {
    const ran = executed.get(id)
    if (!ran) continue
    if (isEdited(id)) {
      stale.set(id, 'edited')
      continue
    }
    const isBehind = (source: string): boolean => {
      const at = executed.get(source)?.at ?? Number.NEGATIVE_INFINITY
      return position.get(source)! < index && (at > ran.at || isEdited(source))
    }
    const names = (incoming.get(id) ?? []).flatMap(({ from, names: used }) =>
      [from, ...findDependencies(program, [from])].some(isBehind) ? used : [],
    )
    if (names.length > 0) stale.set(id, `uses ${names.join(', ')}`)
  }
  return stale
}
