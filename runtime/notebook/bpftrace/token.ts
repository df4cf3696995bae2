/** A bpftrace script as tokens with their places. What cannot be one is a fault, and reading goes on behind it. Pure. */

export type TokenKind = 'word' | 'variable' | 'map' | 'number' | 'text' | 'mark' | 'parameter'
export interface Token {
  kind: TokenKind
  text: string
  start: number
  end: number
}
/** Offsets into the script. */
export interface Fault {
  start: number
  end: number
  message: string
}
export interface Tokens {
  tokens: Token[]
  faults: Fault[]
}

/** By longest first. The mark `/` is also the border of a filter. */
const marks =
  /\.\.\.|<<=|>>=|&&=|\|\|=|\.\.|=>|->|\+\+|--|&&|\|\||<<|>>|[=!<>+\-*/%&|^]=|[{}()[\],;:?.=<>+\-*/%&|^!~@]/y
const kinds: readonly [TokenKind, RegExp][] = [
  ['number', /(?:0x[\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e\d+)?)(?:ns|us|ms|[smhd]|u?ll?u?|u)?\b/iy],
  ['variable', /\$[a-z_]\w*/iy],
  ['parameter', /\$(?:\d+|#)/y],
  ['map', /@[a-z_]\w*|@/iy],
  ['word', /[a-z_]\w*/iy],
  ['mark', marks],
]
const blank = /[ \t\r\n\f]+|\/\/[^\n]*|#[^\n]*/y

export function toTokens(script: string): Tokens {
  const tokens: Token[] = []
  const faults: Fault[] = []
  let at = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(script)?.[0]
  }
  while (at < script.length) {
    const skipped = match(blank)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    if (script.startsWith('/*', at)) {
      const end = script.indexOf('*/', at + 2)
      if (end < 0) faults.push({ start: at, end: at + 2, message: 'This comment has no end: */ is missing.' })
      at = end < 0 ? script.length : end + 2
      continue
    }
    if (script[at] === '"') {
      const end = toTextEnd(script, at)
      const closed = script[end - 1] === '"' && end > at + 1
      if (!closed) faults.push({ start: at, end, message: 'This text has no end: " is missing.' })
      tokens.push({ kind: 'text', text: script.slice(at, end), start: at, end })
      at = end
      continue
    }
    const found = kinds
      .map(([kind, pattern]) => [kind, match(pattern)] as const)
      .find(([, text]) => text !== undefined)
    const end = at + (found?.[1]?.length ?? 1)
    if (found) tokens.push({ kind: found[0], text: found[1]!, start: at, end })
    else
      faults.push({
        start: at,
        end,
        message:
          script[at] === "'"
            ? 'Texts stand between ", not between \'.'
            : `"${script[at]}" is nothing that bpftrace knows.`,
      })
    at = end
  }
  return { tokens, faults }
}
/** Behind the closing quote, or where the line ends. */
function toTextEnd(script: string, start: number): number {
  for (let at = start + 1; at < script.length; at++) {
    if (script[at] === '\\') at++
    else if (script[at] === '"') return at + 1
    else if (script[at] === '\n') return at
  }
  return script.length
}
