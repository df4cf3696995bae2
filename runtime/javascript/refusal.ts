/** What cannot be compiled and that a parser only calls unexpected: told by its name, from the text before the place. */
import { CompileError } from './error.ts'

export const decoratorMessage = 'A decorator cannot be compiled in a cell; call the function instead'

/** The same error where the text is merely wrong. */
export function toRefusal(error: CompileError, source: string): CompileError {
  const { line, column } = error
  const text = source.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? ''
  const before = text.slice(0, column - 1)
  if (text[column - 1] === '@') return new CompileError(decoratorMessage, { line, column })
  const accessor = /\baccessor\s+$/.exec(before)
  if (accessor) {
    const message = 'An accessor field cannot be compiled in a cell; write a getter and a setter'
    return new CompileError(message, { line, column: accessor.index + 1 })
  }
  const phase = /\bimport\s+(defer|source)\s+$/.exec(before)
  if (phase) {
    const message = `\`import ${phase[1]}\` is not supported in a cell; write \`import\``
    return new CompileError(message, { line, column: phase.index + 1 })
  }
  return error
}
