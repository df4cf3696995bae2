/**
 * What a table child writes to: one end of a pair of sockets, whose other end reads into the same buffer over and over.
 * Node's own pipes take new memory for each 64 KB, and a result of 24 MB then costs its parent more in collecting that
 * than in anything else (measured: 90 ms).
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'

export interface Channel {
  /** For the child, to be destroyed here once it has it. */
  end: Socket
  close(): void
}
const bufferBytes = 256 * 1024

/** `onChunk` gets bytes that are others after it has returned. */
export async function openChannel(folder: string, onChunk: (bytes: Uint8Array) => void): Promise<Channel> {
  const path = join(folder, `c${randomBytes(9).toString('hex')}`)
  const server = createServer({ pauseOnConnect: true })
  server.listen(path)
  try {
    await once(server, 'listening')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const own = connect({
      path,
      onread: {
        buffer: Buffer.allocUnsafeSlow(bufferBytes),
        callback(count, buffer) {
          onChunk(buffer.subarray(0, count))
          return true
        },
      },
    })
    own.on('error', () => undefined)
    const [end] = await accepted
    end.on('error', () => undefined)
    return { end, close: () => void own.destroy() }
  } finally {
    // Nobody else connects; this also takes its name away.
    server.close()
  }
}
