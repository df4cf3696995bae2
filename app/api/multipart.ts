/**
 * multipart/form-data as a stream (RFC 7578): parts are told one after the other, the body of each as it arrives, so
 * that a file of 500 MB passes through a few kilobytes. Request.formData() holds all of it first. Bounded: 100 parts,
 * 8 KB of headers each. A body that is not read to its end is skipped before the next part.
 */
import { AppError } from '../../runtime/error.ts'

export interface Part {
  name: string
  /** undefined for a plain field. */
  filename: string | undefined
  mediaType: string
  body: AsyncIterable<Uint8Array>
}

const maxParts = 100
const maxHeaderBytes = 8192
const broken = (what: string): AppError => new AppError('invalid', `The multipart body is broken: ${what}.`)

export function isMultipart(contentType: string): boolean {
  return /^multipart\/form-data\b/i.test(contentType)
}

export async function* readParts(
  contentType: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Part> {
  const match = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  if (!boundary || boundary.length > 70) throw broken('the Content-Type names no boundary')
  const input = createInput(source)
  // what precedes the first boundary has no meaning; a line break in front makes it like the others
  input.prepend(Buffer.from('\r\n'))
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  for await (const skipped of input.until(delimiter, maxHeaderBytes)) void skipped
  for (let count = 0; ; count++) {
    const end = await input.take(2)
    if (end === '--') return
    if (end !== '\r\n') throw broken('a boundary is not followed by a line break')
    if (count === maxParts) throw new AppError('too-large', `A form may have at most ${maxParts} parts.`)
    const headers = await readHeaders(input)
    const disposition = headers.get('content-disposition') ?? ''
    const name = parameter(disposition, 'name')
    if (name === undefined) throw broken('a part has no name')
    const body = input.until(delimiter, Infinity)
    yield {
      name,
      filename: parameter(disposition, 'filename'),
      mediaType: headers.get('content-type') ?? '',
      body,
    }
    for await (const skipped of body) void skipped
  }
}

async function readHeaders(input: Input): Promise<Map<string, string>> {
  const chunks: Uint8Array[] = []
  input.prepend(Buffer.from('\r\n'))
  for await (const chunk of input.until(Buffer.from('\r\n\r\n'), maxHeaderBytes)) chunks.push(chunk)
  const headers = new Map<string, string>()
  for (const line of Buffer.concat(chunks).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}
/** Browsers escape a quote in a name as %22 and send the rest as UTF-8. */
function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(header)?.[1]
  return found?.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
}

interface Input {
  prepend(bytes: Buffer): void
  /** Exactly this many bytes, as text. */
  take(count: number): Promise<string>
  /** What comes before the mark, as it comes; the mark itself is taken away. Ends at once when read again. */
  until(mark: Buffer, maxBytes: number): AsyncIterable<Uint8Array>
}

function createInput(source: AsyncIterable<Uint8Array>): Input {
  const reader = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  async function more(): Promise<void> {
    const { done, value } = await reader.next()
    if (done) throw broken('it ends before its last boundary')
    const chunk = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
  }
  async function* until(mark: Buffer, maxBytes: number): AsyncGenerator<Uint8Array> {
    let told = 0
    for (;;) {
      const at = rest.indexOf(mark)
      // a mark may begin in the last bytes
      const sure = at >= 0 ? at : Math.max(0, rest.length - mark.length + 1)
      const chunk = rest.subarray(0, sure)
      rest = rest.subarray(at >= 0 ? at + mark.length : sure)
      told += chunk.length
      if (told > maxBytes) throw broken('its headers are too long')
      if (chunk.length > 0) yield chunk
      if (at >= 0) return
      await more()
    }
  }
  return {
    prepend(bytes) {
      rest = Buffer.concat([bytes, rest])
    },
    async take(count) {
      while (rest.length < count) await more()
      const text = rest.toString('latin1', 0, count)
      rest = rest.subarray(count)
      return text
    },
    until(mark, maxBytes) {
      const once = until(mark, maxBytes)
      return { [Symbol.asyncIterator]: () => ({ next: () => once.next() }) }
    },
  }
}
