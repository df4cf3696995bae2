/** Line and column, both from 1, of an offset in a text. */
export interface Position {
  line: number
  column: number
}

export function toPosition(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const lines = before.split(/\r\n|[\n\r\u2028\u2029]/)
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
