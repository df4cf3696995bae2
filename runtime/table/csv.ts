/**
 * Whether bytes are a CSV, and with which delimiter: read from the first megabytes, strictly, so that a file that is
 * none is refused with its line. DuckDB's own sniffer is not asked for this: it skips leading lines until the rest
 * fits (of `a,b,c / 1,2,3 / 4,5 / 6,7,8,9` it keeps the last line) and takes HTML and binary data for tables.
 * Types, and the rest of a long file, are DuckDB's part (inspect.ts).
 */
import { AppError } from '../error.ts'

export const delimiters = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof delimiters)[number]
const maxColumns = 2000
const maxCellBytes = 1024 * 1024

const names = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' } as const
const fail = (line: number, message: string): never => {
  throw new AppError('invalid', `Line ${line}: ${message}`, { line })
}

/** `whole`: the head is all there is. Throws invalid, with `details.line`. */
export function findDelimiter(head: Buffer, whole: boolean): Delimiter {
  checkText(head, whole)
  const text = head.toString('utf8').replace(/^\ufeff/, '')
  if (text.trim() === '') fail(1, 'the file is empty, a CSV has at least a header.')
  const first = text.trimStart()
  if (/^<(!doctype|\?xml|html|svg)/i.test(first)) fail(1, 'this is HTML or XML, not CSV.')
  if (/^[[{]\s*["{[]/.test(first))
    fail(1, 'this is JSON, not CSV. Upload it under a name that ends in .json.')
  const delimiter = guess(text)
  checkRecords(text, delimiter, whole)
  return delimiter
}

/** NUL bytes and what is not UTF-8, with the line. */
function checkText(head: Buffer, whole: boolean): void {
  const nul = head.indexOf(0)
  if (nul >= 0) fail(countLines(head, nul), 'a NUL byte. This is binary data or UTF-16; a CSV is UTF-8 text.')
  // a character may be cut at the end of the head
  const safe = whole ? head.length : head.lastIndexOf(10) + 1
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, safe))
  } catch {
    let line = 1
    for (let at = 0; at < safe; line++) {
      const end = head.indexOf(10, at)
      const next = end < 0 ? safe : end + 1
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(at, next))
      } catch {
        fail(line, 'not UTF-8. Save the file as UTF-8.')
      }
      at = next
    }
  }
}
function countLines(bytes: Buffer, end: number): number {
  let line = 1
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) line++
  return line
}

/** The delimiter that splits the first records into the most fields, the same number each. */
function guess(text: string): Delimiter {
  let best: Delimiter = ','
  let score = 0
  for (const delimiter of delimiters) {
    const widths: number[] = []
    scan(text.slice(0, 65_536), delimiter, (width) => widths.push(width) < 20)
    const head = widths[0] ?? 1
    if (head < 2) continue
    const same = widths.filter((width) => width === head).length / widths.length
    if (same * 10_000 + head > score) {
      score = same * 10_000 + head
      best = delimiter
    }
  }
  return best
}

function checkRecords(text: string, delimiter: Delimiter, whole: boolean): void {
  let header = 0
  let records = 0
  let words = 0
  const open = scan(text, delimiter, (width, line, longest, spaced) => {
    records++
    if (spaced) words++
    if (longest > maxCellBytes) fail(line, 'a cell has more than 1 MB.')
    if (header === 0) {
      header = width
      if (width > maxColumns) fail(line, `${width} columns, and at most ${maxColumns} are taken.`)
    } else if (width !== header)
      fail(
        line,
        `${fields(width)} where the first line has ${header}, separated by ${names[delimiter]}s. A ${names[delimiter]} inside a value needs quotes around it.`,
      )
    return true
  })
  if (open > 0 && whole) fail(open, 'a quote is opened here and never closed.')
  if (header === 1 && whole && (records === 1 || words === records))
    fail(1, 'no comma, semicolon, tab or bar separates columns, so this is text and not CSV.')
}
const fields = (count: number): string => (count === 1 ? '1 field' : `${count} fields`)

/**
 * Tells each complete record: fields, line where it begins, longest field, whether all of it is words with spaces.
 * Blank lines are none. Returns the line of a quote that is still open at the end, or 0.
 */
function scan(
  text: string,
  delimiter: string,
  onRecord: (width: number, line: number, longest: number, spaced: boolean) => boolean,
): number {
  const split = delimiter.charCodeAt(0)
  let line = 1
  let begin = 1
  let width = 1
  let longest = 0
  let start = 0
  let recordStart = 0
  let opened = 0
  let spaced = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (opened > 0) {
      if (code === 10) line++
      else if (code === 34) {
        if (text.charCodeAt(i + 1) === 34) i++
        else opened = 0
      }
    } else if (code === 34 && i === start) opened = line
    else if (code === split) {
      width++
      longest = Math.max(longest, i - start)
      start = i + 1
    } else if (code === 32 && i > recordStart) spaced = true
    else if (code === 10) {
      const blank = width === 1 && (i === recordStart || (i === recordStart + 1 && text[i - 1] === '\r'))
      if (!blank && !onRecord(width, begin, Math.max(longest, i - start), spaced)) return 0
      line++
      begin = line
      width = 1
      longest = 0
      spaced = false
      start = recordStart = i + 1
    }
  }
  if (opened > 0) return opened
  if (recordStart < text.length && text.length < 1_000_000)
    onRecord(width, begin, Math.max(longest, text.length - start), spaced)
  return 0
}
