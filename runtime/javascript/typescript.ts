/**
 * TypeScript to JavaScript, by Sucrase: types are removed, lines stay. Sucrase is lenient: it drops a namespace
 * without a word and passes decorators on. What it cannot compile is refused here by name, from its own tokens.
 * It also leaves `a as B` and a removed statement without an end, so that a next line which begins with a bracket
 * would be taken for a continuation: a semicolon is put there first.
 */
import { transform } from 'sucrase'
import { parse, type Token } from 'sucrase/dist/parser/index.js'
import { TokenType } from 'sucrase/dist/parser/tokenizer/types.js'
import { CompileError } from './error.ts'
import { toPosition } from './position.ts'
import { decoratorMessage, toRefusal } from './refusal.ts'

export interface JavaScript {
  code: string
  /** A version 3 source map from `code` to the source. */
  map: { version: number; sources: string[]; names: string[]; mappings: string }
}

export function toJavaScript(source: string): JavaScript {
  const text = endTypes(source, checkTokens(source))
  try {
    const { code, sourceMap } = transform(text, {
      transforms: ['typescript'],
      keepUnusedImports: true,
      disableESTransforms: true,
      preserveDynamicImport: true,
      sourceMapOptions: { compiledFilename: 'cell.js' },
      filePath: 'cell.ts',
    })
    if (!sourceMap) throw new Error('Sucrase gave no map')
    return { code, map: { ...sourceMap, version: 3, sources: ['cell.ts'] } }
  } catch (error) {
    throw toCompileError(error, source)
  }
}

function toTokens(source: string): Token[] {
  try {
    return parse(source, false, true, false).tokens
  } catch (error) {
    const jsx = findJsx(source)
    if (jsx)
      throw new CompileError(
        'JSX cannot be compiled in a cell; use show.html(...)',
        toPosition(source, jsx.start),
      )
    throw toCompileError(error, source)
  }
}

/** The first token of JSX in a source that is only right with JSX. */
function findJsx(source: string): Token | undefined {
  try {
    return parse(source, true, true, false).tokens.find(({ type }) => type === TokenType.jsxTagStart)
  } catch {
    return undefined
  }
}

function checkTokens(source: string): Token[] {
  const tokens = toTokens(source)
  const text = (index: number): string => {
    const token = tokens[index]
    // The text of a template is a token of its own, without its quotes.
    return token && token.type !== TokenType.template ? source.slice(token.start, token.end) : ''
  }
  let depth = 0
  /** Depth of the braces of a `declare` block, which holds types only and goes whole. */
  let declared = Number.POSITIVE_INFINITY
  let declaring = false
  tokens.forEach((token, index) => {
    const word = text(index)
    const refuse = (what: string): never => {
      throw new CompileError(what, toPosition(source, token.start))
    }
    if (word === '{') {
      if (declaring) declared = Math.min(declared, depth)
      declaring = false
      depth++
    } else if (word === '}') {
      depth--
      if (depth <= declared) declared = Number.POSITIVE_INFINITY
    }
    if (depth > declared) return
    if (
      token.isType &&
      /^(namespace|module|global)$/.test(word) &&
      /^["'\w$\\{]|^[^\0-\x7f]/.test(text(index + 1))
    ) {
      if (text(index - 1) === 'declare') declaring = true
      else if (word !== 'global' && startsStatement(tokens, index, source))
        refuse(`A ${word} declaration cannot be compiled in a cell; use an object or separate cells`)
    }
    if (token.isType) return
    if (word === '@') refuse(decoratorMessage)
    if (word === 'export') {
      if (text(index + 1) === '=') refuse('`export =` cannot be compiled in a cell')
      if (text(index + 1) === 'as' && text(index + 2) === 'namespace')
        refuse('`export as namespace` cannot be compiled in a cell')
    }
    if (word !== 'import' || text(index + 1) === '.') return
    const isType = text(index + 1) === 'type' && text(index + 2) !== 'from'
    if (text(index + (isType ? 3 : 2)) === '=')
      refuse('`import x = ...` cannot be compiled in a cell; write `import x from ...`')
  })
  return tokens
}

/** Whether a type token begins a statement, by what stands before it: the end of one, or an `export`. */
function startsStatement(tokens: Token[], index: number, source: string): boolean {
  const before = tokens[index - 1]
  const token = tokens[index]
  if (!before || !token) return true
  const word = source.slice(before.start, before.end)
  return /^([;{})]|export)$/.test(word) || source.slice(before.end, token.start).includes('\n')
}

const endless = /^(as|satisfies|type|interface|declare)$/
const continues = /^[([`/+-]/

/** Two semicolons: Sucrase takes the first away with a removed statement. */
function endTypes(source: string, tokens: Token[]): string {
  const ends: number[] = []
  let first: Token | undefined
  let last: Token | undefined
  for (const token of tokens) {
    if (token.isType) {
      first ??= token
      last = token
      continue
    }
    if (
      first &&
      last &&
      source.slice(last.end, token.start).includes('\n') &&
      endless.test(source.slice(first.start, first.end)) &&
      continues.test(source.slice(token.start, token.end))
    )
      ends.push(last.end)
    first = undefined
  }
  return [0, ...ends].map((from, index) => source.slice(from, ends[index])).join(';;')
}

/** Sucrase's own faults, where it lost its way in the source, have no position; RangeError is the stack's. */
function toCompileError(error: unknown, source: string): unknown {
  if (error instanceof CompileError || error instanceof RangeError || !(error instanceof Error)) return error
  const at = (error as { loc?: { line: number; column: number } }).loc
  if (!at) {
    const message = 'The cell cannot be parsed; look for a bracket, quote or template that is not closed'
    return new CompileError(message, toPosition(source, source.length))
  }
  const position = { line: at.line, column: Math.max(1, at.column) }
  const message = error.message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')
  return toRefusal(new CompileError(message, position), source)
}
