/** What Tab does in a plain field: two spaces at the cursor, or before each selected line; back takes them away. */
export interface Edited {
  text: string
  start: number
  end: number
}
const step = '  '

export function indent(text: string, start: number, end: number, back: boolean): Edited {
  if (!back && start === end)
    return { text: text.slice(0, start) + step + text.slice(end), start: start + 2, end: start + 2 }
  const from = text.lastIndexOf('\n', start - 1) + 1
  const lines = text.slice(from, end).split('\n')
  const changed = lines.map((line) => (back ? line.replace(/^ {1,2}|^\t/, '') : step + line))
  const first = changed[0]!.length - lines[0]!.length
  const block = changed.join('\n')
  return {
    text: text.slice(0, from) + block + text.slice(end),
    start: Math.max(from, start + first),
    end: from + block.length,
  }
}
