/**
 * Frames on their way to the host: with the call where they fit, else before it in parts. They are not copied here, and
 * what a notebook writes into its arrays before the call is answered may be sent.
 */
import type { Json } from '../../json.ts'
import { maxPartBytes, maxPartFrames, maxPayloadBytes, sumBytes, tooLargePayload } from '../../sdk/payload.ts'
import type { Bridge } from '../bridge.ts'

export type CallWith = (name: string, args: Json[], frames: Uint8Array[]) => ReturnType<Bridge['call']>

export function createCallWith(bridge: Bridge): CallWith {
  let transfers = 0
  return async (name, args, frames) => {
    const bytes = sumBytes(frames)
    if (bytes > maxPayloadBytes) throw tooLargePayload(bytes)
    if (bytes <= maxPartBytes && frames.length <= maxPartFrames) return bridge.call(name, args, frames)
    const transfer = ++transfers
    let part: Uint8Array[] = []
    let free = maxPartBytes
    const send = async (): Promise<void> => {
      const sent = part
      part = []
      free = maxPartBytes
      await bridge.call('parts.send', [transfer], sent)
    }
    for (const frame of frames)
      for (let at = 0; at < frame.byteLength;) {
        const piece = frame.subarray(at, at + free)
        part.push(piece)
        at += piece.byteLength
        free -= piece.byteLength
        if (free === 0 || part.length === maxPartFrames) await send()
      }
    if (part.length > 0) await send()
    const lengths = frames.map((frame) => frame.byteLength)
    return bridge.call(name, [...args, { transfer, lengths }])
  }
}

/** The frames of an answer: as they came, or, when they are many, out of the one that holds all. */
export function toFrames(binary: Uint8Array[], lengths: number[] | undefined): Uint8Array[] {
  const [joined] = binary
  if (!lengths || !joined) return binary
  let at = 0
  return lengths.map((length) => joined.slice(at, (at += length)))
}
