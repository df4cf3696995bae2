/** How util.inspect writes the parts of a line: primitives, quoted strings, keys. */
import { $String, charCodeAt, cut, indexOf, regexpExec, sameValue, slice, symbolText } from './primordials.ts'

const maxString = 10_000
const identifier = /^[A-Za-z_$][\w$]*$/

export function toPrimitive(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return symbolText(value)
  return sameValue(value, -0) ? '-0' : $String(value)
}

/** In single quotes where that is possible; line breaks and control characters escaped. */
export function quote(text: string): string {
  const shown = cut(text, maxString)
  let mark = "'"
  if (indexOf(shown, "'") >= 0) mark = indexOf(shown, '"') < 0 ? '"' : indexOf(shown, '`') < 0 ? '`' : "'"
  let out = mark
  let from = 0
  for (let i = 0; i < shown.length; i++) {
    const code = charCodeAt(shown, i)
    const escape =
      code === 10
        ? '\\n'
        : code === 9
          ? '\\t'
          : code === 13
            ? '\\r'
            : code === 92
              ? '\\\\'
              : code < 32 || code === 127
                ? `\\x${code < 16 ? '0' : ''}${hex(code)}`
                : code === 39 && mark === "'"
                  ? "\\'"
                  : ''
    if (escape === '') continue
    out += slice(shown, from, i) + escape
    from = i + 1
  }
  return out + slice(shown, from) + mark
}

function hex(code: number): string {
  const digits = '0123456789ABCDEF'
  return code < 16 ? digits[code]! : `${digits[code >> 4]}${digits[code & 15]}`
}

export function toKey(key: PropertyKey): string {
  if (typeof key === 'symbol') return `[${symbolText(key)}]`
  const text = `${key}`
  return regexpExec(identifier, text) ? text : quote(text)
}
