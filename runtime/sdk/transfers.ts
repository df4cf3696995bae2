/**
 * The payloads that are on their way to one context in parts. The last call of a transfer takes it; one that breaks a
 * bound, or whose cell ended or was interrupted, is dropped with all its parts. Nothing here trusts a length.
 */
import { AppError } from '../error.ts'
import {
  maxPartBytes,
  maxPartFrames,
  maxPayloadBytes,
  type Payload,
  sumBytes,
  tooLargePayload,
} from './payload.ts'

export interface Transfers {
  /** Appends; too-large beyond 100 MB, limit when too much is on its way at once. */
  add(transfer: number, frames: readonly Uint8Array[], signal: AbortSignal): void
  /** The frames, which are then no longer held; invalid when they are not exactly what was sent. */
  take(payload: Payload): Uint8Array[]
}
interface Held {
  chunks: Uint8Array[]
  bytes: number
  calls: number
}

const maxOpen = 4
const maxHeldBytes = 2 * maxPayloadBytes
/** Full ones by bytes, full ones by frames (a model has up to 10,000), and one more of each. */
const maxCalls = maxPayloadBytes / maxPartBytes + 10_000 / maxPartFrames + 5

export function createTransfers(): Transfers {
  const open = new Map<number, Held>()
  const watched = new WeakSet<AbortSignal>()

  function fail(transfer: number, error: AppError): never {
    open.delete(transfer)
    throw error
  }

  return {
    add(transfer, frames, signal) {
      if (signal.aborted) throw new AppError('cancelled', 'The cell ended before its data was sent.')
      if (!watched.has(signal)) signal.addEventListener('abort', () => open.clear(), { once: true })
      watched.add(signal)
      const held = open.get(transfer) ?? { chunks: [], bytes: 0, calls: 0 }
      held.calls += 1
      held.bytes += sumBytes(frames)
      held.chunks.push(...frames.filter((frame) => frame.byteLength > 0))
      open.set(transfer, held)
      if (held.bytes > maxPayloadBytes) fail(transfer, tooLargePayload(held.bytes))
      if (held.calls > maxCalls || frames.length > maxPartFrames)
        fail(transfer, new AppError('invalid', 'The data was sent in too many parts.'))
      const total = [...open.values()].reduce((sum, { bytes }) => sum + bytes, 0)
      if (open.size > maxOpen || total > maxHeldBytes)
        fail(
          transfer,
          new AppError('limit', 'Too much data is being sent at once; await one save before the next.'),
        )
    },
    take({ transfer, lengths }) {
      const held = open.get(transfer)
      open.delete(transfer)
      if (!held || lengths.reduce((sum, length) => sum + length, 0) !== held.bytes)
        throw new AppError('invalid', 'The parts of the data are not what was sent; send it again.')
      return cut(held.chunks, lengths)
    },
  }
}

/** Frames within a chunk are views of it; those that several hold are copied. */
function cut(chunks: readonly Uint8Array[], lengths: readonly number[]): Uint8Array[] {
  let index = 0
  let at = 0
  return lengths.map((length) => {
    const first = chunks[index]
    if (first && at + length < first.byteLength) return first.subarray(at, (at += length))
    const frame = first && at === 0 && length === first.byteLength ? first : new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const chunk = chunks[index]!
      const part = chunk.subarray(at, at + length - filled)
      if (frame !== chunk) frame.set(part, filled)
      filled += part.byteLength
      at += part.byteLength
      if (at === chunk.byteLength) [index, at] = [index + 1, 0]
    }
    return frame
  })
}
