/**
 * Isolate B: the cell compiler, pure JavaScript over a hostile text, with a heap and a time of its own. One that ran
 * out of either is thrown away and made anew; it has then forgotten which names earlier cells share.
 */
import { limitMessage } from '../limits.ts'
import type { GuestError, Limits } from '../port.ts'
import type { Isolate, Reference } from './addon.ts'
import type { Files } from './files.ts'

export type CompileResult =
  | { ok: true; code: string; declares: string[] }
  | { ok: false; error: Pick<GuestError, 'name' | 'message' | 'line' | 'column'> }
export interface Compiler {
  compile(source: string, file: string, limits: Limits): Promise<CompileResult>
  locate(file: string, line: number, column: number): Promise<{ line: number; column: number } | undefined>
  reset(): Promise<void>
}

const heapMb = 128
const locateMs = 200

export async function openCompiler(files: Files): Promise<Compiler> {
  let isolate: Isolate
  let entries: { compile: Reference; locate: Reference; reset: Reference }

  async function start(): Promise<void> {
    isolate = new files.ivm.Isolate({ memoryLimit: heapMb })
    const context = await isolate.createContext()
    await context.eval(files.compiler, { filename: 'compiler.js' })
    const entry = (code: string): Promise<Reference> =>
      context.evalClosure(`return ${code}`, [], { result: { reference: true } }) as Promise<Reference>
    entries = {
      compile: await entry(
        '(source, options) => { const { ok, code, declares, error } = suricateCompiler.compile(source, JSON.parse(options)); return JSON.stringify({ ok, code, declares, error }) }',
      ),
      locate: await entry(
        '(file, line, column) => JSON.stringify(suricateCompiler.locate(file, line, column))',
      ),
      reset: await entry('() => suricateCompiler.reset()'),
    }
  }
  await start()

  return {
    async compile(source, file, limits) {
      const options = JSON.stringify({ file, maxBytes: limits.sourceBytes })
      try {
        // In this thread: nothing else is to be done meanwhile, and a change of threads costs as much as a small cell.
        const text = entries.compile.applySync(undefined, [source, options], { timeout: limits.compileMs })
        return JSON.parse(String(text)) as CompileResult
      } catch (error) {
        const timedOut = /timed out/.test(String(error))
        if (isolate.isDisposed || timedOut) {
          if (!isolate.isDisposed) isolate.dispose()
          await start()
        }
        const message = timedOut
          ? limitMessage('compileMs', limits)
          : 'The cell needs too much memory or too deep a stack to compile; make it simpler.'
        return { ok: false, error: { name: 'SyntaxError', message, line: 1, column: 1 } }
      }
    },
    async locate(file, line, column) {
      try {
        const text = await entries.locate.apply(undefined, [file, line, column], { timeout: locateMs })
        return (JSON.parse(String(text)) as { line: number; column: number } | null) ?? undefined
      } catch {
        return undefined
      }
    },
    async reset() {
      await entries.reset.apply(undefined, [], { timeout: locateMs }).catch(start)
    },
  }
}
