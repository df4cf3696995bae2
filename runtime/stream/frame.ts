/**
 * Frames between the ingest process and its parent: four bytes of length, then JSON. Both sides are ours and trusted,
 * but a length is checked before anything is allocated.
 */
import type { Readable, Writable } from 'node:stream'
import { AppError } from '../error.ts'

const maxFrame = 16_777_216

export function writeFrame(stream: Writable, message: unknown): void {
  const body = Buffer.from(JSON.stringify(message))
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32BE(body.length)
  stream.write(Buffer.concat([head, body]))
}

/** Ends when the stream does. invalid: a frame over 16 MiB. */
export async function* readFrames(stream: Readable): AsyncGenerator<unknown> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0)
      if (length > maxFrame) throw new AppError('invalid', `A frame of ${length} bytes; at most ${maxFrame}.`)
      if (rest.length < 4 + length) break
      yield JSON.parse(rest.toString('utf8', 4, 4 + length)) as unknown
      rest = rest.subarray(4 + length)
    }
  }
}
