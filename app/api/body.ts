/**
 * JSON bodies of requests: bounded in bytes, depth and keys, and scanned before they are parsed, because JSON.parse
 * itself recurses and builds what it reads.
 */
import { AppError } from '../../runtime/error.ts'

export const bodyLimits = { bytes: 1_048_576, depth: 64, keys: 10_000 }

/** JSON by its name, and what curl -d and fetch say of a text when nobody names it. */
const taken = /^(?:application\/(?:[\w.+-]+\+)?json|text\/plain|application\/x-www-form-urlencoded)\b/i

/** Reads at most `maxBytes`; too-large beyond. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const header = request.headers.get('content-length')
  const declared = Number(header ?? 0)
  const refuse = () =>
    new AppError(
      'too-large',
      `The body has more than ${maxBytes.toLocaleString('en')} bytes, the limit here.`,
    )
  if (declared > maxBytes) throw refuse()
  if (header !== null) {
    // In one piece, past the streams of the web: nobody sends more than is declared.
    const whole = new Uint8Array(await request.arrayBuffer())
    if (whole.byteLength > maxBytes) throw refuse()
    return whole
  }
  const parts: Uint8Array[] = []
  let size = 0
  if (request.body)
    for await (const part of request.body) {
      size += part.byteLength
      if (size > maxBytes) throw refuse()
      parts.push(part)
    }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}

/** invalid when it is nested too deep, has too many keys, or is no JSON. */
export function parseJson(text: string, limits: { depth: number; keys: number } = bodyLimits): unknown {
  let depth = 0
  let keys = 0
  let inText = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inText) {
      if (c === 0x5c) i++
      else if (c === 0x22) inText = false
    } else if (c === 0x22) inText = true
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > limits.depth)
        throw new AppError('invalid', `The JSON is nested deeper than ${limits.depth} levels.`)
    } else if (c === 0x7d || c === 0x5d) depth--
    else if (c === 0x3a && ++keys > limits.keys)
      throw new AppError('invalid', `The JSON has more than ${limits.keys.toLocaleString('en')} keys.`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError('invalid', `The body is no JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

/** `maxBytes`: of bodies that hold whole documents; their keys are allowed for likewise. */
export async function readJson(
  request: Request,
  maxBytes: number = bodyLimits.bytes,
): Promise<{ value: unknown; text: string }> {
  const type = request.headers.get('content-type') ?? ''
  if (type && !taken.test(type))
    throw new AppError(
      'unsupported',
      `The content type is ${type.slice(0, 80)}; this call takes application/json.`,
    )
  const limits = { ...bodyLimits, keys: Math.ceil(bodyLimits.keys * (maxBytes / bodyLimits.bytes)) }
  const text = new TextDecoder('utf-8', { fatal: false }).decode(await readBytes(request, maxBytes))
  return { value: text.trim() === '' ? {} : parseJson(text, limits), text }
}
