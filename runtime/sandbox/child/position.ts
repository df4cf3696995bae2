/**
 * From the frames of an isolate's stack to the user's: only scripts of cells count, each position goes through the
 * cell's own map. A stack is text that the user may have written; it can claim positions in the user's cells, no more.
 */
import type { RawError } from '../../guest/message.ts'
import type { GuestError } from '../port.ts'
import type { Compiler } from './compiler.ts'

/** File name of a script -> the cell it was: its id, and what people call it. */
export type Scripts = Map<string, { id: string; label: string }>

const frame = /^ {4}at (?:(.{1,200}?) \()?(?:async )?(cell-\d{1,9}\.js):(\d{1,9}):(\d{1,9})\)?$/
const maxFrames = 20

export async function toGuestError(raw: RawError, scripts: Scripts, compiler: Compiler): Promise<GuestError> {
  const error: GuestError = { name: raw.name, message: raw.message }
  if (raw.thrown !== undefined) error.thrown = raw.thrown
  const lines: string[] = []
  for (const line of raw.stack.split('\n').slice(-60)) {
    const found = frame.exec(line)
    const file = found?.[2]
    if (!found || file === undefined || lines.length >= maxFrames) continue
    const cell = scripts.get(file)
    const at =
      cell === undefined ? undefined : await compiler.locate(file, Number(found[3]), Number(found[4]))
    if (cell === undefined || !at) continue
    if (error.cell === undefined) Object.assign(error, { cell: cell.id, line: at.line, column: at.column })
    const name = (found[1] ?? '').replace(/^async /, '').replace(/^__suricate.*|^eval at .*/, '')
    lines.push(`at ${name === '' ? 'cell' : name} (cell ${cell.label}:${at.line}:${at.column})`)
  }
  if (lines.length > 0) error.stack = lines.join('\n')
  return error
}
