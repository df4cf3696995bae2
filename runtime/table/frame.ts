/**
 * Frames between the runtime and a table child: length of all that follows (u32, little endian), length of the JSON
 * (u32), JSON, binary. Both lengths are checked before anything is allocated; a frame that breaks the rules ends the
 * other side, it is never repaired. Node's own IPC is not used: a hostile child can crash its parent through it.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'

export interface Frame {
  json: Json
  binary: Uint8Array
}
export const maxFrameBytes = 320 * 1024 * 1024
const maxJsonBytes = 16 * 1024 * 1024

/** The pieces to write one after the other, so that large columns are not copied together. */
export function toFrame(json: Json, binary: readonly Uint8Array[] = []): Uint8Array[] {
  const written = JSON.stringify(json)
  // To a multiple of eight, so that columns of numbers stand where they can be read as such.
  const text = Buffer.from(written + ' '.repeat(-Buffer.byteLength(written) & 7))
  const bytes = binary.reduce((sum, part) => sum + part.byteLength, 0)
  if (text.length > maxJsonBytes || 4 + text.length + bytes > maxFrameBytes)
    throw new AppError('too-large', 'A message to or from the table process is too large.')
  const head = Buffer.allocUnsafe(8)
  head.writeUInt32LE(4 + text.length + bytes, 0)
  head.writeUInt32LE(text.length, 4)
  return [head, text, ...binary]
}

/** Takes chunks as they come and tells each complete frame; throws on the first that breaks the rules. */
export function createFrameReader(
  onFrame: (frame: Frame) => void,
  cap: number = maxFrameBytes,
): (chunk: Uint8Array) => void {
  const head = Buffer.alloc(8)
  let headed = 0
  let body: Buffer | undefined
  let filled = 0
  return (chunk) => {
    let at = 0
    while (at < chunk.length || (body && filled === body.length)) {
      if (!body) {
        const taken = Math.min(8 - headed, chunk.length - at)
        head.set(chunk.subarray(at, at + taken), headed)
        headed += taken
        at += taken
        if (headed < 8) return
        const length = head.readUInt32LE(0)
        const jsonLength = head.readUInt32LE(4)
        if (length < 6 || length > cap || jsonLength > maxJsonBytes || jsonLength > length - 4)
          throw new AppError('internal', 'A table process broke the protocol.')
        body = Buffer.allocUnsafeSlow(length - 4)
        filled = 0
      }
      const taken = Math.min(body.length - filled, chunk.length - at)
      body.set(chunk.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < body.length) return
      const jsonLength = head.readUInt32LE(4)
      const frame: Frame = {
        json: JSON.parse(body.toString('utf8', 0, jsonLength)) as Json,
        binary: body.subarray(jsonLength),
      }
      body = undefined
      headed = 0
      onFrame(frame)
    }
  }
}
