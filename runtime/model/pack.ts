/**
 * An artifact as the bytes of one blob: `SURMODEL`, version (u32), length of the JSON (u32), number of frames (u32), the
 * length of each (u32), JSON; then each frame from an address divisible by 8, so that typed arrays are views. All
 * little endian. Equal artifacts are equal bytes.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'
import type { Artifact } from './artifact.ts'

const magic = Buffer.from('SURMODEL')
const version = 1
const headBytes = 20
export const maxArtifactBytes = 100 * 1024 * 1024

const toAligned = (at: number): number => Math.ceil(at / 8) * 8

/** too-large beyond 100 MB. */
export function packArtifact({ json, binary }: Artifact): Uint8Array {
  const text = Buffer.from(JSON.stringify(json))
  let at = toAligned(headBytes + 4 * binary.length + text.length)
  const places = binary.map((frame) => {
    const place = at
    at = toAligned(at + frame.byteLength)
    return place
  })
  if (at > maxArtifactBytes)
    throw new AppError('too-large', `The model has ${at} bytes, and a model may have up to 100 MB.`)
  const out = Buffer.alloc(at)
  magic.copy(out)
  out.writeUInt32LE(version, 8)
  out.writeUInt32LE(text.length, 12)
  out.writeUInt32LE(binary.length, 16)
  binary.forEach((frame, i) => {
    out.writeUInt32LE(frame.byteLength, headBytes + 4 * i)
    out.set(frame, places[i])
  })
  text.copy(out, headBytes + 4 * binary.length)
  return out
}

/** invalid when the bytes are no artifact: every length is checked against what is there. */
export function unpackArtifact(bytes: Uint8Array): Artifact {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const broken = (): AppError => new AppError('invalid', 'The stored model is damaged.')
  if (input.length < headBytes || !input.subarray(0, 8).equals(magic) || input.readUInt32LE(8) !== version)
    throw broken()
  const textLength = input.readUInt32LE(12)
  const count = input.readUInt32LE(16)
  const textAt = headBytes + 4 * count
  let at = toAligned(textAt + textLength)
  if (at > input.length) throw broken()
  const binary: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    const length = input.readUInt32LE(headBytes + 4 * i)
    if (at + length > input.length) throw broken()
    binary.push(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length))
    at = toAligned(at + length)
  }
  if (at !== input.length) throw broken()
  try {
    return { json: JSON.parse(input.toString('utf8', textAt, textAt + textLength)) as Json, binary }
  } catch {
    throw broken()
  }
}
