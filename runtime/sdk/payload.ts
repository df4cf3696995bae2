/** Bytes too large for one host call: how guest and host tell each other where the frames of a call are. Isomorphic. */
import { AppError } from '../error.ts'

/** What may cross whole: a model, or the bytes of an object. */
export const maxPayloadBytes = 100 * 1024 * 1024
/** Of one host call, well below what a frame from a child may have. */
export const maxPartBytes = 16 * 1024 * 1024
export const maxPartFrames = 1_000

/** Stands as the last argument where the frames were sent before, by `parts.send`. */
export interface Payload {
  transfer: number
  /** Of each frame; the bytes were sent one after the other. */
  lengths: number[]
}

export function tooLargePayload(bytes: number): AppError {
  return new AppError(
    'too-large',
    `The data has ${(bytes / 1024 / 1024).toFixed(1)} MB, and at most 100 MB may be sent whole.`,
  )
}
export const sumBytes = (frames: readonly { byteLength: number }[]): number =>
  frames.reduce((sum, frame) => sum + frame.byteLength, 0)
