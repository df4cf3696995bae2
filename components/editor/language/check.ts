/**
 * Looks for faults cell by cell, those that are on the screen first, and lets go between cells: what is asked meanwhile
 * is answered at once, and a check of older text ends. A cell's faults are told when they differ from what was told.
 */
import {
  typescript as ts,
  type Diagnostic,
  type MessageChain,
} from 'monaco-editor/languages/features/typescript/lib/typescriptServices.js'
import { toProgram } from '../../../runtime/notebook/program.ts'
import type { Fault, FromWorker } from './protocol.ts'
import { findSyntaxFaults, programFile, type Service } from './service.ts'

/** Told by the analysis of the program in a notebook's terms, or right in cells. */
const ignored = new Set([
  1108, 1375, 1378, 1431, 1432, 2300, 2323, 2393, 2440, 2448, 2449, 2451, 2528, 7028, 80_005,
])
/** Of names assigned in a cell that stands elsewhere while it does not parse. */
const ofOrder = new Set([2454])

export interface Checker {
  check(version: number, first: readonly string[]): Promise<void>
}

export function createChecker(
  service: Service,
  tell: (event: FromWorker) => void,
  pause: () => Promise<void>,
): Checker {
  const told = new Map<string, string>()
  let current = 0
  return {
    async check(version, first) {
      current = version
      const started = performance.now()
      const cells = service.cells()
      const present = new Set(cells.map((cell) => cell.id))
      for (const id of told.keys()) if (!present.has(id)) told.delete(id)
      const problems = findProblems(service)
      const urgent = new Set(first)
      const sorted = [
        ...cells.filter((cell) => urgent.has(cell.id)),
        ...cells.filter((cell) => !urgent.has(cell.id)),
      ]
      for (const cell of sorted) {
        const own = problems.get(cell.id) ?? []
        const faults = [...own, ...findFaults(service, cell.id)]
        const text = JSON.stringify(faults)
        if (told.get(cell.id) !== text && (faults.length > 0 || told.has(cell.id))) {
          told.set(cell.id, text)
          tell({ type: 'faults', version, cell: cell.id, faults })
        }
        await pause()
        if (current !== version) return
      }
      tell({ type: 'checked', version, ms: performance.now() - started })
    },
  }
}

/** Names that two cells declare, and uses before a declaration. */
function findProblems(service: Service): Map<string, Fault[]> {
  const cells = service.cells()
  const found = new Map<string, Fault[]>()
  for (const problem of toProgram(cells).problems) {
    const source = cells.find((cell) => cell.id === problem.cell)?.source
    if (problem.kind === 'syntax' || source === undefined) continue
    const lines = source.split('\n')
    const before = lines.slice(0, problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0)
    const fault: Fault = {
      cell: problem.cell,
      start: before + problem.column - 1,
      length: Math.max(1, problem.name.length),
      message: problem.message,
      code: 0,
      severity: problem.kind === 'duplicate' ? 'error' : 'warning',
      tag: null,
    }
    found.set(problem.cell, [...(found.get(problem.cell) ?? []), fault])
  }
  return found
}

function findFaults(service: Service, id: string): Fault[] {
  const cell = service.cells().find((one) => one.id === id)
  const virtual = service.virtual()
  const range = virtual.range(id)
  if (!cell || !range) return []
  if (service.isBroken(id))
    return findSyntaxFaults(cell.source).map((fault) => ({
      cell: id,
      ...fault,
      severity: 'error',
      tag: null,
    }))
  const anyBroken = service.cells().some((one) => service.isBroken(one.id))
  const found = service.language.getRegionSemanticDiagnostics(programFile, [range])?.diagnostics ?? []
  return found.flatMap((diagnostic) => {
    if (ignored.has(diagnostic.code) || (anyBroken && ofOrder.has(diagnostic.code))) return []
    const span = virtual.toCell(diagnostic.start ?? 0, diagnostic.length ?? 1)
    return span?.cell === id ? toFault(span, diagnostic) : []
  })
}

/** No declarations of a module, or none that can be read. */
const untyped = new Set([2307, 2792, 7016])

function toFault(span: { cell: string; start: number; length: number }, diagnostic: Diagnostic): Fault {
  const name = untyped.has(diagnostic.code) && /'([^'./:][^':]*)'/.exec(toMessage(diagnostic))?.[1]
  if (name)
    return {
      ...span,
      message: `No types of ${name} are known here, so what it exports is of any type. It can be imported when it is a package of the project.`,
      code: diagnostic.code,
      severity: 'warning',
      tag: null,
    }
  return {
    ...span,
    message: toMessage(diagnostic),
    code: diagnostic.code,
    severity: diagnostic.category === 1 ? 'error' : diagnostic.category === 0 ? 'warning' : 'hint',
    tag: diagnostic.reportsUnnecessary ? 'unused' : diagnostic.reportsDeprecated ? 'deprecated' : null,
  }
}

const noOverload = 2769
/** Of several signatures that do not fit, what the last one says. */
function toMessage({ code, messageText }: Diagnostic): string {
  let chain: string | MessageChain = messageText
  if (code === noOverload) while (typeof chain !== 'string' && chain.next?.length) chain = chain.next.at(-1)!
  return ts.flattenDiagnosticMessageText(chain, '\n')
}
