/**
 * The events that one received body holds, by the stream's format. A format of lines gives one event for each line; a
 * line that cannot be read is an event with its reason, and leaves the others. Throws when the whole cannot be read.
 */
import { AppError, toMessage } from '../../error.ts'
import type { Json } from '../../json.ts'
import { parseCsv, toCsvObject, toCsvValue } from '../csv.ts'
import type { StoredStream } from '../definition.ts'
import { parseAccessLog } from './access-log.ts'
import { parseJson } from './json.ts'
import { parseMsgpack } from './msgpack.ts'
import { parsePattern } from './pattern.ts'
import { parsePython } from './python.ts'
import { parseSyslog } from './syslog.ts'

export interface Part {
  body: Json
  /** As it was received. */
  raw: string | Uint8Array
  /** The time that a format carries by itself, ms UTC. */
  timestamp?: number | null
  dead?: string
}
type Parsed = Omit<Part, 'raw'>

export function toParts(
  stream: Pick<StoredStream, 'format' | 'parse'>,
  bytes: Uint8Array,
  receivedAt: number,
): Part[] {
  const { columns, delimiter = ',', pattern = '' } = stream.parse
  const { format } = stream
  switch (format) {
    case 'json':
      return single(bytes, parseJson)
    case 'python':
      return single(bytes, parsePython)
    case 'text':
      return single(bytes, (text) => text)
    case 'msgpack': {
      const values = parseMsgpack(bytes)
      if (values.length === 1) return [{ body: values[0]!, raw: bytes }]
      return values.map((body) => ({ body, raw: JSON.stringify(body) }))
    }
    case 'csv':
      return columns === undefined
        ? toTable(decode(bytes), delimiter)
        : lines(bytes, (line) => ({ body: toNamed(columns, line, delimiter) }))
    case 'ndjson':
      return lines(bytes, (line) => ({ body: parseJson(line) }))
    case 'access-log':
      return lines(bytes, parseAccessLog)
    case 'syslog':
      return lines(bytes, (line) => parseSyslog(line, receivedAt))
    case 'pattern':
      return lines(bytes, (line) => ({ body: parsePattern(pattern, line) }))
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new AppError('invalid', `The text is not UTF-8 from byte ${findInvalid(bytes)} on.`)
  }
}
/** Where decoding stops: what is before it decodes to the same bytes again. */
function findInvalid(bytes: Uint8Array): number {
  const again = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
  let at = 0
  while (at < bytes.length && bytes[at] === again[at]) at++
  return at
}

function single(bytes: Uint8Array, parse: (text: string) => Json): Part[] {
  const text = decode(bytes)
  return [{ body: parse(text), raw: text }]
}

function lines(bytes: Uint8Array, parse: (line: string) => Parsed): Part[] {
  const found: Part[] = []
  for (let from = 0; from < bytes.length;) {
    const next = bytes.indexOf(10, from)
    const end = next < 0 ? bytes.length : next
    const part = bytes.subarray(from, bytes[end - 1] === 13 && end > from ? end - 1 : end)
    from = end + 1
    try {
      const line = decode(part)
      if (line.trim() !== '') found.push({ raw: line, ...tryParse(line, parse) })
    } catch (error) {
      found.push({ body: null, raw: part, dead: toMessage(error) })
    }
  }
  return found
}
function tryParse(line: string, parse: (line: string) => Parsed): Parsed {
  try {
    return parse(line)
  } catch (error) {
    return { body: null, dead: toMessage(error) }
  }
}

/** With a heading; a single line has none and stays an array. */
function toTable(text: string, delimiter: string): Part[] {
  const [first, ...rest] = parseCsv(text, Infinity, delimiter)
  if (!first) throw new AppError('invalid', 'The message is empty.')
  if (rest.length === 0) return [{ body: first.map(toCsvValue), raw: text }]
  return rest.map((fields) => ({ body: toCsvObject(first, fields), raw: fields.join(delimiter) }))
}
function toNamed(columns: string[], line: string, delimiter: string): Json {
  const fields = parseCsv(line, 1, delimiter)[0] ?? []
  if (fields.length !== columns.length)
    throw new AppError('invalid', `The line has ${fields.length} fields, the definition ${columns.length}.`)
  return toCsvObject(columns, fields)
}
