/**
 * Literals of Python, as `str()` and `repr()` write a value: what senders publish that were never taught JSON. A parser
 * of its own, because nothing may be evaluated: it reads once from left to right and its depth is bounded. What JSON
 * has no word for becomes the nearest that it has: tuples and sets are arrays, nan and inf are null, bytes are text or
 * base64, whole numbers beyond 2^53 keep their digits as text, datetime(...) is ISO 8601, keys are text.
 * Grammar: docs.python.org/3/reference/lexical_analysis.html, and the u'' and 10L of Python 2.
 */
import { AppError } from '../../error.ts'
import type { Json } from '../../json.ts'
import { maxDepth } from './json.ts'

const number = /[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf\b|nan\b)/y
const word = /[A-Za-z_][A-Za-z0-9_.]*/y
const escapes: { [letter: string]: string } = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
}
const words: { [name: string]: Json } = { None: null, True: true, False: false, nan: null, inf: null }

/** invalid, with the place: not a literal, or nested too deep. */
export function parsePython(text: string): Json {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.end()
  return value
}

class Reader {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }
  end(): void {
    this.#space()
    if (this.#at < this.#text.length) throw this.#wrong('the end')
  }
  value(depth: number): Json {
    if (depth > maxDepth) throw new AppError('invalid', `The literal is nested deeper than ${maxDepth}.`)
    this.#space()
    const c = this.#text[this.#at]
    switch (c) {
      case '{':
        return this.#braces(depth)
      case '[':
        return this.#items(']', depth).items
      case '(': {
        const { items, commas } = this.#items(')', depth)
        return items.length === 1 && commas === 0 ? items[0]! : items
      }
      case "'":
      case '"':
        return this.#string(false)
      default:
        return c !== undefined && /[A-Za-z_]/.test(c) ? this.#name(depth) : this.#number()
    }
  }
  #wrong(wanted: string): AppError {
    const found =
      this.#at < this.#text.length ? JSON.stringify(this.#text.slice(this.#at, this.#at + 20)) : 'the end'
    return new AppError(
      'invalid',
      `Not a Python literal: at ${this.#at} there is ${found}, expected ${wanted}.`,
    )
  }
  #space(): void {
    while (this.#at < this.#text.length && ' \t\r\n\f'.includes(this.#text[this.#at]!)) this.#at++
  }
  #take(sign: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
  #items(close: string, depth: number): { items: Json[]; commas: number } {
    this.#at++
    const items: Json[] = []
    let commas = 0
    while (!this.#take(close)) {
      if (items.length > commas) throw this.#wrong(`"," or "${close}"`)
      items.push(this.value(depth + 1))
      if (this.#take(',')) commas++
    }
    return { items, commas }
  }
  #braces(depth: number): Json {
    this.#at++
    const entries: [string, Json][] = []
    const items: Json[] = []
    for (let more = true; !this.#take('}'); more = this.#take(',')) {
      if (!more) throw this.#wrong('"," or "}"')
      const from = this.#at
      const key = this.value(depth + 1)
      const text = this.#text.slice(from, this.#at).trim()
      if (items.length === 0 && this.#take(':'))
        entries.push([typeof key === 'string' ? key : text, this.value(depth + 1)])
      else if (entries.length === 0) items.push(key)
      else throw this.#wrong('":"')
    }
    return items.length > 0 ? items : Object.fromEntries(entries)
  }
  #number(): Json {
    const found = this.#match(number)
    if (found === undefined) throw this.#wrong('a value')
    if (/[jJ]/.test(this.#text[this.#at] ?? '')) throw this.#wrong('a number that is not complex')
    if (/[lL]/.test(this.#text[this.#at] ?? '')) this.#at++
    return toNumber(found)
  }
  #name(depth: number): Json {
    const start = this.#at
    const found = this.#match(word)!
    const quote = this.#text[this.#at]
    if ((quote === "'" || quote === '"') && /^(?:[uU]|[bB]|[rR])$/.test(found))
      return /[bB]/.test(found) ? this.#bytes() : this.#string(/[rR]/.test(found))
    if (Object.hasOwn(words, found)) return words[found]!
    if (quote === '(') {
      const { items } = this.#items(')', depth)
      const called = toCalled(found.split('.').at(-1)!, items)
      if (called !== undefined) return called
    }
    this.#at = start
    throw this.#wrong('a value')
  }
  #bytes(): Json {
    const bytes = Buffer.from(this.#string(false), 'latin1')
    const text = bytes.toString('utf8')
    return Buffer.from(text).equals(bytes) ? text : bytes.toString('base64')
  }
  #string(raw: boolean): string {
    const quote = this.#text[this.#at]!
    let from = ++this.#at
    let value = ''
    for (;;) {
      const c = this.#text[this.#at]
      if (c === undefined || (c === '\n' && !raw)) throw this.#wrong(`the closing ${quote}`)
      if (c === quote) break
      if (c !== '\\') {
        this.#at++
        continue
      }
      if (raw) {
        this.#at += 2
        continue
      }
      value += this.#text.slice(from, this.#at) + this.#escape()
      from = this.#at
    }
    value += this.#text.slice(from, this.#at++)
    return value
  }
  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? ''
    const digits = { x: 2, u: 4, U: 8 }[letter]
    if (digits !== undefined) {
      const hex = this.#text.slice(this.#at + 2, this.#at + 2 + digits)
      const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? parseInt(hex, 16) : NaN
      if (!(code <= 0x10ffff)) throw this.#wrong(`${digits} hexadecimal digits of a character`)
      this.#at += 2 + digits
      return String.fromCodePoint(code)
    }
    const octal = /^[0-7]{1,3}/.exec(this.#text.slice(this.#at + 1, this.#at + 4))?.[0]
    if (octal !== undefined) {
      this.#at += 1 + octal.length
      return String.fromCharCode(parseInt(octal, 8))
    }
    this.#at += 2
    return Object.hasOwn(escapes, letter) ? escapes[letter]! : `\\${letter}`
  }
}

function toNumber(text: string): Json {
  if (/inf|nan/.test(text)) return null
  const value = Number(text.replace(/^([+-])(0[xX])/, '$2'))
  if (/^-?\d+$/.test(text) && !Number.isSafeInteger(value)) return text
  if (!Number.isFinite(value)) return null
  return text.startsWith('-0x') || text.startsWith('-0X') ? -value : value
}

/** What str() of common types writes inside a dict; undefined for any other call, for nothing is called. */
function toCalled(name: string, items: Json[]): Json | undefined {
  const [first] = items
  switch (name) {
    case 'Decimal':
    case 'float64':
    case 'float32':
    case 'int64':
    case 'int32':
      return typeof first === 'string' && /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/.test(first)
        ? toNumber(first)
        : typeof first === 'number'
          ? first
          : undefined
    case 'UUID':
      return typeof first === 'string' ? first : undefined
    case 'set':
    case 'frozenset':
    case 'deque':
      return items.length === 0 ? [] : Array.isArray(first) ? first : undefined
    case 'OrderedDict':
      return toDict(items)
    case 'datetime':
    case 'date':
      return toDate(items)
    default:
      return undefined
  }
}
function toDict([first]: Json[]): Json | undefined {
  if (first === undefined) return {}
  if (!Array.isArray(first)) return typeof first === 'object' ? first : undefined
  const pairs = first.filter((pair): pair is Json[] => Array.isArray(pair) && pair.length === 2)
  if (pairs.length !== first.length) return undefined
  return Object.fromEntries(
    pairs.map(([key, value]) => [typeof key === 'string' ? key : JSON.stringify(key), value!]),
  )
}
function toDate(items: Json[]): Json | undefined {
  const parts = items.filter((item) => typeof item === 'number')
  if (parts.length !== items.length || parts.length < 3 || parts.length > 7) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, micro = 0] = parts
  const at = Date.UTC(year, month - 1, day, hour, minute, second)
  if (Number.isNaN(at)) return undefined
  const text = new Date(at).toISOString().slice(0, parts.length === 3 ? 10 : 19)
  return micro > 0 ? `${text}.${String(micro).padStart(6, '0')}` : text
}
