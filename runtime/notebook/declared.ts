/**
 * The parameters that a notebook's text declares: every call `parameters({ ... })` whose argument is a plain literal is
 * read without executing or compiling anything, by a scanner of bounded depth. `complete` is false when a call has
 * another kind of argument: then only a run can tell.
 */
import type { Cell } from '../api/notebooks.ts'
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { ParameterSchema } from './parameters.ts'
import { mergeSchemas, noParameters, toParameterSchema } from './parameters.ts'

const maxDepth = 8

export function findParameters(cells: readonly Pick<Cell, 'type' | 'source'>[]): {
  schema: ParameterSchema
  complete: boolean
} {
  let schema = noParameters
  let complete = true
  for (const cell of cells) {
    if (cell.type !== 'typescript' || !cell.source.includes('parameters')) continue
    for (const start of findCalls(cell.source)) {
      try {
        schema = mergeSchemas(schema, toParameterSchema(new Literal(cell.source, start).argument()))
      } catch (error) {
        if (!(error instanceof NoLiteral) && !(error instanceof AppError)) throw error
        complete = false
      }
    }
  }
  return { schema, complete }
}

/** Where the argument of each call begins; comments and texts are passed over. */
function* findCalls(source: string): Iterable<number> {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|\S/g
  let previous = ''
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const text = match[0]
    if (text.startsWith('//') || text.startsWith('/*')) continue
    if (text === 'parameters' && previous !== '.' && previous !== 'function') {
      const open = /^\s*\(/.exec(source.slice(token.lastIndex, token.lastIndex + 100))
      if (open) yield token.lastIndex + open[0].length
    }
    previous = text
  }
}

class NoLiteral extends Error {}

/** A literal of objects, arrays, texts, numbers, true, false and null, as TypeScript writes it. */
class Literal {
  readonly #source: string
  #at: number
  constructor(source: string, at: number) {
    this.#source = source
    this.#at = at
  }
  /** One literal and the end of the call. */
  argument(): Json {
    const value = this.#value(0)
    this.#take(/,/y)
    if (this.#take(/\)/y) === undefined) throw new NoLiteral()
    return value
  }
  #take(pattern: RegExp): string | undefined {
    const space = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
    space.lastIndex = this.#at
    this.#at += space.exec(this.#source)?.[0].length ?? 0
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#source)?.[0]
    if (text !== undefined) this.#at += text.length
    return text
  }
  #value(depth: number): Json {
    if (depth > maxDepth) throw new NoLiteral()
    const value = this.#bare(depth)
    this.#take(/as\s+const\b/y)
    return value
  }
  #bare(depth: number): Json {
    if (this.#take(/\{/y) !== undefined) return this.#object(depth)
    if (this.#take(/\[/y) !== undefined) return this.#array(depth)
    const text = this.#text()
    if (text !== undefined) return text
    const word = this.#take(/true\b|false\b|null\b|[+-]?\s*(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?/iy)
    if (word === undefined) throw new NoLiteral()
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    const number = Number(word.replaceAll(/[_\s]/g, ''))
    if (!Number.isFinite(number)) throw new NoLiteral()
    return number
  }
  #text(): string | undefined {
    const quoted = this.#take(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\$])*`/y)
    if (quoted === undefined) return undefined
    const plain: { [escape: string]: string } = {
      n: '\n',
      t: '\t',
      r: '\r',
      b: '\b',
      f: '\f',
      v: '\v',
      0: '\0',
    }
    return quoted
      .slice(1, -1)
      .replaceAll(
        /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([\s\S]))/gi,
        (_, a, b, c, char: string) => {
          const hex = (a ?? b ?? c) as string | undefined
          if (hex !== undefined) return String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff))
          return plain[char] ?? char
        },
      )
  }
  #object(depth: number): Json {
    const entries: [string, Json][] = []
    while (this.#take(/\}/y) === undefined) {
      const key = this.#take(/[A-Za-z_$][\w$]*/y) ?? this.#text()
      if (key === undefined || this.#take(/:/y) === undefined) throw new NoLiteral()
      entries.push([key, this.#value(depth + 1)])
      this.#comma(/(?=\})/y)
    }
    return Object.fromEntries(entries)
  }
  #array(depth: number): Json {
    const values: Json[] = []
    while (this.#take(/\]/y) === undefined) {
      values.push(this.#value(depth + 1))
      this.#comma(/(?=\])/y)
    }
    return values
  }
  #comma(end: RegExp): void {
    if (this.#take(/,/y) === undefined && this.#take(end) === undefined) throw new NoLiteral()
  }
}
