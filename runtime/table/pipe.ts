/**
 * The reading end of a named pipe that a table child writes into. A second, writing end is held here, so that the pipe
 * has no end before the child has opened it; `finish` lets it go, and what was written is then read to its end.
 */
import { close, constants, open } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

export interface Pipe {
  readonly bytes: Readable
  /** The child has written all; or `error`, which the reader is told. */
  finish(error?: Error): void
}

const openFile = promisify(open)

export async function openPipe(path: string): Promise<Pipe> {
  const reading = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writing = await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const bytes = new Socket({ fd: reading, readable: true, writable: false })
  let open = true
  const finish = (error?: Error): void => {
    if (!open) return
    open = false
    close(writing, () => undefined)
    void unlink(path).catch(() => undefined)
    if (error) bytes.destroy(error)
  }
  bytes.on('error', () => undefined)
  bytes.on('close', () => finish())
  return { bytes, finish }
}
