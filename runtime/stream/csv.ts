import { AppError } from '../error.ts'
import type { Json, JsonObject } from '../json.ts'

/** The fields of every line by RFC 4180. invalid: a quote that never ends. */
export function parseCsv(text: string, maxLines = Infinity, delimiter = ','): string[][] {
  const lines: string[][] = []
  let line: string[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length && lines.length < maxLines) {
    let field = ''
    if (text[at] === '"') {
      let from = at + 1
      for (;;) {
        const quote = text.indexOf('"', from)
        if (quote < 0) throw new AppError('invalid', `A quote in line ${lines.length + 1} never ends.`)
        field += text.slice(from, quote)
        at = quote + 1
        if (text[at] !== '"') break
        field += '"'
        from = at + 1
      }
    } else {
      let end = at
      while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++
      field = text.slice(at, end)
      at = end
    }
    line.push(field)
    if (text[at] === delimiter) {
      at++
      if (at >= text.length) line.push('')
      else continue
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    if (line.length > 1 || line[0] !== '') lines.push(line)
    line = []
  }
  return lines
}

/** A field that reads as a number becomes one; an empty field is null. */
export function toCsvValue(field: string): Json {
  if (field === '') return null
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(field) ? Number(field) : field
}

export function toCsvObject(names: string[], fields: string[]): JsonObject {
  return Object.fromEntries(names.map((name, i) => [name, toCsvValue(fields[i] ?? '')]))
}
