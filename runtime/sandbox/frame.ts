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
  private chunks: Uint8Array[] = []
  private held = 0
  private pending: { length: number; header: number } | undefined
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
    this.chunks.push(chunk)
    this.held += chunk.byteLength
    try {
      while (this.next()) continue
    } catch (error) {
      this.broken = true
      this.chunks = []
      throw error
    }
  }

  private next(): boolean {
    if (!this.pending) {
      if (this.held < 8) return false
      const start = this.take(8)
      const view = new DataView(start.buffer, start.byteOffset, 8)
      const [length, header] = [view.getUint32(0, true), view.getUint32(4, true)]
      if (length > this.caps.frame)
        throw new FrameError(`a frame of ${length} bytes; at most ${this.caps.frame}`)
      if (header > this.caps.header || header > length)
        throw new FrameError(`a header of ${header} bytes in a frame of ${length}`)
      this.pending = { length, header }
    }
    if (this.held < this.pending.length) return false
    const { length, header } = this.pending
    this.pending = undefined
    const body = this.take(length)
    this.onFrame(toFrame(body, header))
    return true
  }

  private take(count: number): Uint8Array {
    const first = this.chunks[0]
    this.held -= count
    if (first && first.byteLength >= count) {
      if (first.byteLength === count) this.chunks.shift()
      else this.chunks[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    const taken = new Uint8Array(count)
    let at = 0
    let used = 0
    while (at < count) {
      const chunk = this.chunks[used] as Uint8Array
      const part = Math.min(chunk.byteLength, count - at)
      taken.set(chunk.subarray(0, part), at)
      at += part
      if (part === chunk.byteLength) used += 1
      else this.chunks[used] = chunk.subarray(part)
    }
    this.chunks.splice(0, used)
    return taken
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function toFrame(body: Uint8Array, headerBytes: number): Frame {
  let header: unknown
  try {
    header = JSON.parse(decoder.decode(body.subarray(0, headerBytes)))
  } catch {
    throw new FrameError('a header that is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new FrameError('a header that is not an object')
  const lengths = (header as { parts?: unknown }).parts ?? []
  if (!Array.isArray(lengths) || lengths.length > 4_096)
    throw new FrameError('parts that are no list of lengths')
  const parts: Uint8Array[] = []
  let at = headerBytes
  for (const length of lengths as unknown[]) {
    if (
      typeof length !== 'number' ||
      !Number.isInteger(length) ||
      length < 0 ||
      at + length > body.byteLength
    )
      throw new FrameError('a part that reaches beyond its frame')
    parts.push(body.subarray(at, at + length))
    at += length
  }
  if (at !== body.byteLength) throw new FrameError('bytes that no part holds')
  return { header: header as Record<string, unknown>, parts }
}

/** The chunks to write, in order. */
export function toChunks(header: object, parts: readonly Uint8Array[] = []): Uint8Array[] {
  const lengths = parts.map((part) => part.byteLength)
  const json = Buffer.from(JSON.stringify(parts.length > 0 ? { ...header, parts: lengths } : header))
  const start = Buffer.allocUnsafe(8 + json.byteLength)
  start.writeUInt32LE(
    lengths.reduce((sum, length) => sum + length, json.byteLength),
    0,
  )
  start.writeUInt32LE(json.byteLength, 4)
  json.copy(start, 8)
  return [start, ...parts.filter((part) => part.byteLength > 0)]
}
