/**
 * The interpolations of a Markdown cell: `${expression}`, outside code and where no backslash stands before it. Braces
 * inside the expression count; one that is not closed is text.
 */
export interface Interpolation {
  expression: string
  /** Offsets of the whole, `$` to `}`. */
  start: number
  end: number
}

const most = 1_000

export function findInterpolations(markdown: string): Interpolation[] {
  const found: Interpolation[] = []
  const pattern =
    /\\[\s\S]|^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?(?:^ {0,3}\1[^\n]*$|$(?![\s\S]))|$)|(`+)|\$\{/gm
  for (let match = pattern.exec(markdown); match && found.length < most; match = pattern.exec(markdown)) {
    const ticks = match[2]
    if (ticks !== undefined) pattern.lastIndex = endOfCode(markdown, pattern.lastIndex, ticks)
    if (match[0] !== '${') continue
    const end = endOfBraces(markdown, pattern.lastIndex)
    if (end === undefined) continue
    const expression = markdown.slice(pattern.lastIndex, end - 1).trim()
    if (expression !== '') found.push({ expression, start: match.index, end })
    pattern.lastIndex = end
  }
  return found
}

/** After the backticks that close it; where nothing closes it, they are text. */
function endOfCode(text: string, from: number, ticks: string): number {
  const others = /`+/g
  others.lastIndex = from
  for (let match = others.exec(text); match; match = others.exec(text))
    if (match[0].length === ticks.length) return others.lastIndex
  return from
}

const longest = 2_000

function endOfBraces(text: string, from: number): number | undefined {
  let depth = 1
  for (let at = from; at < Math.min(text.length, from + longest); at++) {
    const char = text[at]
    if (char === '{') depth++
    if (char === '}') depth--
    if (depth === 0) return at + 1
  }
  return undefined
}
