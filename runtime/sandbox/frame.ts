/**
 * The frames of the pipes between parent and child: u32 little-endian length of what follows the first 8 bytes, u32
 * length of the JSON header, the header, then binary parts one after the other, whose lengths the header lists in
 * `parts`. Caps are checked on the 8 bytes, before anything is allocated. A reader that threw stays broken: the
 * stream has lost its place, and the process at its other end is ended.
 */
export interface Frame {
  header: Record<string, unknown>
  parts: Uint8Array[]
}
export interface FrameCaps {
  frame: number
  header: number
}

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export class FrameReader {
  /** The start of a frame whose header has not come whole. */
  private held: Uint8Array = nothing
  /** A frame whose parts have not. */
  private body: Body | undefined
  private broken = false
  private readonly caps: FrameCaps
  private readonly onFrame: (frame: Frame) => void

  constructor(caps: FrameCaps, onFrame: (frame: Frame) => void) {
    this.caps = caps
    this.onFrame = onFrame
  }

  /** Throws FrameError; the frames before the fault were delivered. */
  push(chunk: Uint8Array): void {
    if (this.broken) return
    try {
      let rest = chunk
      while (rest.byteLength > 0) rest = this.body ? this.fill(this.body, rest) : this.begin(rest)
    } catch (error) {
      this.broken = true
      this.held = nothing
      this.body = undefined
      throw error
    }
  }

  /** What it answers is what it left. */
  private begin(chunk: Uint8Array): Uint8Array {
    const bytes = this.held.byteLength > 0 ? Buffer.concat([this.held, chunk]) : chunk
    this.held = nothing
    if (bytes.byteLength < 8) return this.hold(bytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
    const [length, header] = [view.getUint32(0, true), view.getUint32(4, true)]
    if (length > this.caps.frame)
      throw new FrameError(`a frame of ${length} bytes; at most ${this.caps.frame}`)
    if (header > this.caps.header || header > length)
      throw new FrameError(`a header of ${header} bytes in a frame of ${length}`)
    if (bytes.byteLength < 8 + header) return this.hold(bytes)
    const json = toHeader(bytes.subarray(8, 8 + header))
    const lengths = toLengths(json, length - header)
    const body = bytes.subarray(8 + header)
    if (body.byteLength < length - header) {
      this.body = { header: json, parts: lengths.map((size) => new Uint8Array(size)), index: 0, at: 0 }
      return body
    }
    let at = 0
    this.onFrame({ header: json, parts: lengths.map((size) => body.subarray(at, (at += size))) })
    return body.subarray(at)
  }
  private hold(bytes: Uint8Array): Uint8Array {
    this.held = bytes
    return nothing
  }

  /** Straight to where it stays: a large part is copied once, into a buffer of its own. */
  private fill(body: Body, chunk: Uint8Array): Uint8Array {
    let taken = 0
    for (; body.index < body.parts.length; body.index += 1, body.at = 0) {
      const part = body.parts[body.index] as Uint8Array
      const size = Math.min(part.byteLength - body.at, chunk.byteLength - taken)
      part.set(chunk.subarray(taken, taken + size), body.at)
      body.at += size
      taken += size
      if (body.at < part.byteLength) return nothing
    }
    this.body = undefined
    this.onFrame({ header: body.header, parts: body.parts })
    return chunk.subarray(taken)
  }
}

interface Body extends Frame {
  /** Which part comes next, and what of it is there. */
  index: number
  at: number
}
const nothing = new Uint8Array(0)
const decoder = new TextDecoder('utf-8', { fatal: true })

function toHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(decoder.decode(bytes))
  } catch {
    throw new FrameError('a header that is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new FrameError('a header that is not an object')
  return header as Record<string, unknown>
}

/** Of the parts, which are `bytes` long together. */
function toLengths(header: { parts?: unknown }, bytes: number): number[] {
  const lengths = header.parts ?? []
  if (!Array.isArray(lengths) || lengths.length > 4_096)
    throw new FrameError('parts that are no list of lengths')
  let left = bytes
  for (const length of lengths as unknown[]) {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > left)
      throw new FrameError('a part that reaches beyond its frame')
    left -= length
  }
  if (left !== 0) throw new FrameError('bytes that no part holds')
  return lengths as number[]
}

/** What is less is copied together: each write wakes the other side. */
const togetherBytes = 16 * 1024

/** The chunks to write, in order; one for a small frame. */
export function toChunks(header: object, parts: readonly Uint8Array[] = []): Uint8Array[] {
  const lengths = parts.map((part) => part.byteLength)
  const json = Buffer.from(JSON.stringify(parts.length > 0 ? { ...header, parts: lengths } : header))
  const bytes = lengths.reduce((sum, length) => sum + length, 0)
  const start = Buffer.allocUnsafe(8)
  start.writeUInt32LE(json.byteLength + bytes, 0)
  start.writeUInt32LE(json.byteLength, 4)
  if (bytes <= togetherBytes) return [Buffer.concat([start, json, ...parts])]
  return [Buffer.concat([start, json]), ...parts.filter((part) => part.byteLength > 0)]
}
