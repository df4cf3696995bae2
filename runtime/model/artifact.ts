/**
 * A model as JSON with binary frames beside it. Isomorphic, for the guest too: no Node, and nothing of a received
 * artifact is trusted. Typed arrays are `{"$typed": [kind, frame]}`, numbers that JSON has not `{"$number": "NaN"}`, and
 * a key of the user's own that begins with `$` has one `$` more. Like JSON, it drops functions and undefined in no
 * silence: what cannot be kept is refused with its path. `toJSON` is honoured, so that dates become text.
 */
import { AppError } from '../error.ts'
import type { Json } from '../json.ts'

export interface Artifact {
  json: Json
  binary: Uint8Array[]
}

const kinds = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  BigInt64Array,
  BigUint64Array,
} as const
type Kind = keyof typeof kinds
const numbers: { [name: string]: number } = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }
const maxDepth = 64
const maxFrames = 10_000

/** invalid: names the path of what a model cannot hold. */
export function encodeArtifact(value: unknown): Artifact {
  const binary: Uint8Array[] = []
  return { json: encode(value, '', 0, binary), binary }
}

function encode(given: unknown, path: string, depth: number, binary: Uint8Array[]): Json {
  if (depth > maxDepth) throw refuse(path, `is nested deeper than ${maxDepth} levels, or contains itself`)
  if (given === null || typeof given === 'string' || typeof given === 'boolean') return given
  if (typeof given === 'number') {
    if (Number.isFinite(given) && !Object.is(given, -0)) return given
    return { $number: Object.is(given, -0) ? '-0' : String(given) }
  }
  if (typeof given !== 'object') throw refuse(path, `is ${article(typeof given)}`)
  if (ArrayBuffer.isView(given)) return encodeTyped(given, path, binary)
  const value = 'toJSON' in given && typeof given.toJSON === 'function' ? (given.toJSON() as unknown) : given
  if (value !== given) return encode(value, path, depth + 1, binary)
  if (Array.isArray(value))
    return value.map((item: unknown, i) =>
      item === undefined ? null : encode(item, `${path}[${i}]`, depth + 1, binary),
    )
  if (
    value instanceof Map ||
    value instanceof Set ||
    value instanceof ArrayBuffer ||
    value instanceof Promise
  )
    throw refuse(path, `is a ${value.constructor.name}: use an object, an array or a typed array`)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [
        key.startsWith('$') ? `$${key}` : key,
        encode(item, path ? `${path}.${key}` : key, depth + 1, binary),
      ]),
  )
}

function encodeTyped(view: ArrayBufferView, path: string, binary: Uint8Array[]): Json {
  const kind = kindOf(view)
  if (!kind) throw refuse(path, 'is a DataView: use a typed array')
  if (binary.length >= maxFrames) throw refuse(path, `is typed array number ${maxFrames + 1}: join some`)
  binary.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return { $typed: [kind, binary.length - 1] }
}
/** By tag, not by class: a value of another realm has other classes. */
function kindOf(view: ArrayBufferView): Kind | undefined {
  const tag = Object.prototype.toString.call(view).slice(8, -1)
  return Object.hasOwn(kinds, tag) ? (tag as Kind) : undefined
}
const article = (type: string): string => (type === 'undefined' ? 'undefined' : `a ${type}`)
function refuse(path: string, what: string): AppError {
  return new AppError('invalid', `The model cannot be saved: ${path || 'it'} ${what}.`, { path })
}

/** invalid: an artifact with false shapes. Frames must be used once each, all of them. */
export function decodeArtifact({ json, binary }: Artifact): unknown {
  const used = new Set<number>()
  const value = decode(json, 0, binary, used)
  if (used.size !== binary.length) throw broken(`${binary.length} frames of which ${used.size} are used`)
  return value
}

function decode(json: Json, depth: number, binary: Uint8Array[], used: Set<number>): unknown {
  if (depth > maxDepth + 2) throw broken('it is nested too deep')
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map((item) => decode(item, depth + 1, binary, used))
  const entries = Object.entries(json)
  const [first] = entries
  if (first && first[0].startsWith('$') && !first[0].startsWith('$$')) {
    if (entries.length !== 1) throw broken(`"${first[0]}" has other keys beside it`)
    if (first[0] === '$typed') return decodeTyped(first[1], binary, used)
    if (first[0] === '$number' && typeof first[1] === 'string' && Object.hasOwn(numbers, first[1]))
      return numbers[first[1]]
    throw broken(`"${first[0]}" is unknown or has a wrong value`)
  }
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (key.startsWith('$') && !key.startsWith('$$')) throw broken(`"${key}" has other keys beside it`)
      return [key.startsWith('$$') ? key.slice(1) : key, decode(item, depth + 1, binary, used)]
    }),
  )
}

function decodeTyped(shape: Json, binary: Uint8Array[], used: Set<number>): unknown {
  if (!Array.isArray(shape) || shape.length !== 2) throw broken('"$typed" is not [kind, frame]')
  const [name, index] = shape
  if (typeof name !== 'string' || !Object.hasOwn(kinds, name)) throw broken('an unknown kind of typed array')
  const frame = typeof index === 'number' ? binary[index] : undefined
  if (typeof index !== 'number' || !frame || used.has(index))
    throw broken('a frame that is missing or used twice')
  used.add(index)
  const kind = kinds[name as Kind]
  if (frame.byteLength % kind.BYTES_PER_ELEMENT !== 0) throw broken(`a frame whose length is no ${name}`)
  // Not slice(): of a Buffer that is the same memory.
  const aligned = frame.byteOffset % kind.BYTES_PER_ELEMENT === 0 ? frame : new Uint8Array(frame)
  return new kind(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / kind.BYTES_PER_ELEMENT,
  )
}
function broken(what: string): AppError {
  return new AppError('invalid', `This is no model: ${what}.`)
}
