/** What stands between the braces of a probe, or the slashes of its filter: names, brackets, missing semicolons. Pure. */
import type { Token } from './token.ts'
import { builtins, findNear, functions, keywords, types } from './words.ts'

type Fail = (start: number, end: number, message: string) => void
const closing: { [open: string]: string } = { '(': ')', '[': ']', '{': '}' }

export function checkBody(tokens: readonly Token[], script: string, fail: Fail): void {
  checkBrackets(tokens, fail)
  const assigned = findAssigned(tokens)
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]
    const next = tokens[index + 1]
    if (token.kind === 'variable' && !assigned.has(token.text))
      fail(
        token.start,
        token.end,
        `${token.text} has no value here: ${token.text} = … is missing in this probe.`,
      )
    else if (token.kind === 'word') checkWord(token, before, next, fail)
    if (before && isOperand(token) && isUnparted(tokens, index, script))
      fail(before.start, before.end, `A ; is missing behind ${before.text}`)
  })
}

function checkBrackets(tokens: readonly Token[], fail: Fail): void {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'mark') continue
    if (closing[token.text]) open.push(token)
    else if (Object.values(closing).includes(token.text)) {
      const last = open.at(-1)
      if (last && closing[last.text] === token.text) open.pop()
      else if (last && open.some(({ text }) => closing[text] === token.text)) {
        fail(last.start, last.end, `This ${last.text} has no ${closing[last.text]}.`)
        while (open.length > 0 && closing[open.pop()!.text] !== token.text);
      } else fail(token.start, token.end, `This ${token.text} closes nothing.`)
    }
  }
  for (const left of open) fail(left.start, left.end, `This ${left.text} has no ${closing[left.text]}.`)
}

/** Variables live in their probe: assigned, counted, declared, or those of a loop. */
function findAssigned(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>()
  tokens.forEach(({ kind, text }, index) => {
    if (kind !== 'variable') return
    const next = tokens[index + 1]?.text ?? ''
    const before = tokens[index - 1]?.text ?? ''
    const isLoop = before === '(' && tokens[index - 2]?.text === 'for'
    if (/^(=|[-+*/%&|^]=|<<=|>>=|\+\+|--)$/.test(next) || ['let', '++', '--'].includes(before) || isLoop)
      names.add(text)
  })
  return names
}

function checkWord(token: Token, before: Token | undefined, next: Token | undefined, fail: Fail): void {
  const { text, start, end } = token
  // A field, or the name of a struct.
  if (before && ['.', '->', 'struct', 'union', 'enum', '::'].includes(before.text)) return
  const isCall = next?.text === '('
  if (
    isCall
      ? functions.has(text) || keywords.has(text)
      : builtins.has(text) || keywords.has(text) || types.has(text)
  )
    return
  if (!isCall && functions.has(text)) {
    // A mode, as in print(@, kstack), is known above; a call without its parentheses is not.
    return fail(start, end, `${text} is a function: ${text}()`)
  }
  // A constant of the kernel, a type of it, or a macro.
  if (/^[A-Z_][A-Z\d_]*$/.test(text) || text.endsWith('_t') || next?.text === '*' || next?.text === '::')
    return
  const near = findNear(text, isCall ? functions : [...builtins, ...keywords])
  const what = isCall ? 'function' : 'variable'
  fail(start, end, `There is no ${what} "${text}".${near ? ` Is ${near} meant?` : ''}`)
}

function isOperand({ kind, text }: Token): boolean {
  return kind !== 'mark' && !(kind === 'word' && ['else', 'as'].includes(text))
}
/** Two operands beside each other, where no cast and no keyword allows it. */
function isUnparted(tokens: readonly Token[], index: number, script: string): boolean {
  const before = tokens[index - 1]!
  const token = tokens[index]!
  if (before.kind === 'text' && token.kind === 'text') return false
  if (before.kind === 'word')
    return (
      !keywords.has(before.text) &&
      !types.has(before.text) &&
      before.text !== 'args' &&
      !isTyped(tokens, index)
    )
  if (before.kind !== 'mark')
    return !(token.kind === 'word' && keywords.has(token.text) && token.text === 'as')
  const isLineApart = script.slice(before.end, token.start).includes('\n')
  if (before.text === ']') return true
  if (before.text === '++' || before.text === '--') return isLineApart
  return before.text === ')' && isLineApart && !isCondition(tokens, index - 1)
}
/** `struct name field` and casts. */
function isTyped(tokens: readonly Token[], index: number): boolean {
  return ['struct', 'union', 'enum', 'let'].includes(tokens[index - 2]?.text ?? '')
}
/** Whether this parenthesis ends what if, while, for or unroll ask, or a cast. */
function isCondition(tokens: readonly Token[], close: number): boolean {
  let depth = 0
  for (let at = close; at >= 0; at--) {
    if (tokens[at]!.text === ')') depth++
    else if (tokens[at]!.text === '(' && --depth === 0) {
      const first = tokens[at + 1]?.text ?? ''
      return (
        ['if', 'while', 'for', 'unroll'].includes(tokens[at - 1]?.text ?? '') ||
        first === 'struct' ||
        types.has(first)
      )
    }
  }
  return true
}
