/** The bytes of an upload, from a raw body or from the one file of a form, as a stream. */
import { AppError } from '../../runtime/error.ts'
import { isMultipart, readParts } from './multipart.ts'

export interface Incoming {
  name: string | undefined
  tags: string[] | undefined
  mediaType: string
  /** What the sender says of the size; undefined for a form. */
  declaredBytes: number | undefined
  source: AsyncIterable<Uint8Array>
}
const maxFieldBytes = 4096

export async function receiveUpload(request: Request): Promise<Incoming> {
  const contentType = request.headers.get('content-type') ?? ''
  if (!request.body)
    throw new AppError('invalid', 'The body is missing: send the bytes, or a form with one file.')
  const body = request.body as unknown as AsyncIterable<Uint8Array>
  const length = Number(request.headers.get('content-length') ?? NaN)
  if (!isMultipart(contentType))
    return {
      name: undefined,
      tags: undefined,
      mediaType: contentType,
      declaredBytes: Number.isFinite(length) ? length : undefined,
      source: body,
    }
  const fields = new Map<string, string>()
  const parts = readParts(contentType, body)
  for (;;) {
    const { done, value: part } = await parts.next()
    if (done) throw new AppError('invalid', 'The form has no file.')
    if (part.filename === undefined) {
      fields.set(part.name, await readField(part.body))
      continue
    }
    return {
      name: fields.get('name') || part.filename || undefined,
      tags: fields.has('tags') ? toTags(fields.get('tags')!) : undefined,
      mediaType: part.mediaType,
      declaredBytes: undefined,
      source: whole(part.body, parts),
    }
  }
}

/** A form is complete only when its last boundary came: a cut one must not pass for a shorter file. */
async function* whole(
  body: AsyncIterable<Uint8Array>,
  parts: AsyncGenerator<{ filename: string | undefined }>,
): AsyncGenerator<Uint8Array> {
  yield* body
  for await (const part of parts)
    if (part.filename !== undefined)
      throw new AppError('invalid', 'A form may have one file; send the others apart.')
}
async function readField(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxFieldBytes) throw new AppError('too-large', 'A field of the form has more than 4 KB.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
export function toTags(text: string): string[] {
  const tags = [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '')
  if (tags.length > 30 || tags.some((tag) => tag.length > 60))
    throw new AppError('invalid', 'An object may have 30 tags of 60 characters.', { path: 'tags' })
  return tags
}
