/**
 * What the compiler isolate holds: the global `suricateCompiler`, made by evaluating build/guest/compiler.js in a
 * bare isolate. It belongs to one kernel: it remembers which names the functions of earlier cells use, and the maps
 * of the latest scripts, so that a position in any of them finds its way back to the user's text. Arguments and
 * results are plain data; a wrong source is a result, nothing is thrown but what the engine throws (memory).
 *
 *   compile(source, {file}) -> {ok: true, code, declares, references, captures, imports, awaits}
 *                            | {ok: false, error: {name, message, line, column}}
 *   locate(file, line, column) -> {line, column} | null       positions count from 1, as in a stack trace
 *   reset()                                                    when the kernel's context is new
 *
 * `file` is the script's file name in the kernel's isolate. Give every execution its own (cell id and a count):
 * functions of an earlier execution of a cell live on and throw from its text.
 */
import './bare.ts'
import { compileCell } from './compile.ts'
import { CompileError } from './error.ts'
import { locate, type Mappings } from './map.ts'

const keptMaps = 1_000
const maps = new Map<string, Mappings>()
let shared = new Set<string>()

const compiler = {
  compile(source: string, options: { file: string; maxBytes?: number }) {
    try {
      const { mappings, ...compiled } = compileCell(source, { shared, maxBytes: options.maxBytes })
      for (const name of compiled.captures) shared.add(name)
      for (const name of ['eval', 'globalThis', 'Function'])
        if (compiled.references.includes(name)) shared.add(name)
      maps.delete(options.file)
      maps.set(options.file, mappings)
      for (const oldest of maps.keys()) {
        if (maps.size <= keptMaps) break
        maps.delete(oldest)
      }
      return { ok: true as const, ...compiled }
    } catch (error) {
      if (error instanceof CompileError) {
        const { name, message, line, column } = error
        return { ok: false as const, error: { name, message, line, column } }
      }
      const message = error instanceof Error ? error.message : String(error)
      return { ok: false as const, error: { name: 'SyntaxError', message, line: 1, column: 1 } }
    }
  },
  locate(file: string, line: number, column: number) {
    const mappings = maps.get(file)
    return mappings ? locate(mappings, { line, column }) : null
  },
  reset() {
    maps.clear()
    shared = new Set()
  },
}

export type Compiler = typeof compiler

Object.defineProperty(globalThis, 'suricateCompiler', { value: compiler })
