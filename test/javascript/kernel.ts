/** A kernel for tests of the language alone: one vm context, cells compiled and run one after the other. */
import { createContext, runInContext, type Context } from 'node:vm'
import { compileCell, type Compiled } from '../../runtime/javascript/compile.ts'
import { locate } from '../../runtime/javascript/map.ts'

export type Case = [title: string, cells: string[], outcome: Outcome]

export interface Outcome {
  value?: unknown
  /** `TypeError: ... (cell 2:1:5)`, with the cell's number and the user's line and column. */
  error?: string
}

/** `prelude` is a script of the new context. */
export function openKernel(prelude = ''): { run(source: string): Promise<Outcome>; context: Context } {
  const context = createContext({ modules: new Map<string, object>() })
  runInContext(prelude, context)
  const shared = new Set<string>()
  const cells: Compiled[] = []
  const io = {
    global: runInContext('globalThis', context) as object,
    thrown: (value: unknown): unknown => value,
    sql: (tag: unknown): unknown => tag,
    import: async (specifier: string): Promise<object> => {
      if (!specifier.startsWith('test:')) throw new Error(`no module ${specifier}`)
      return { default: 'default', one: 1, two: 2, 'a b': 3, name: specifier }
    },
  }
  const toLocated = (error: unknown): string => {
    const { name, message, stack } = error as Error
    const at = /cell-(\d+):(\d+):(\d+)/.exec(stack ?? '')
    if (!at) return `${name}: ${message}`
    const place = locate(cells[Number(at[1]) - 1]!.mappings, { line: Number(at[2]), column: Number(at[3]) })
    return `${name}: ${message} (cell ${at[1]}:${place?.line}:${place?.column})`
  }
  return {
    context,
    async run(source) {
      const compiled = compileCell(source, { shared })
      for (const name of compiled.captures) shared.add(name)
      for (const name of ['eval', 'globalThis', 'Function'])
        if (compiled.references.includes(name)) shared.add(name)
      cells.push(compiled)
      try {
        const cell = runInContext(compiled.code, context, { filename: `cell-${cells.length}` }) as (
          given: typeof io,
        ) => Promise<{ value: unknown } | undefined>
        const result = await cell(io)
        return result ? { value: result.value } : {}
      } catch (error) {
        return { error: toLocated(error) }
      }
    },
  }
}

/** Runs the cells; the outcome of the last one, which stands for all when an earlier one fails. */
export async function runCells(cells: string[]): Promise<Outcome> {
  const kernel = openKernel()
  let outcome: Outcome = {}
  for (const cell of cells) {
    outcome = await kernel.run(cell)
  }
  return outcome
}
