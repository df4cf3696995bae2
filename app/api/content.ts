import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { AppError } from '../../runtime/error.ts'
import { readBytes } from './body.ts'

const ways = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) }

/** The body, decompressed: at most `maxBytes` as sent, and `maxPlain` of what is in it, so that no bomb unfolds. */
export async function readContent(request: Request, maxBytes: number, maxPlain: number): Promise<Uint8Array> {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  const bytes = await readBytes(request, maxBytes)
  if (encoding === 'identity' || encoding === '') return bytes
  if (!Object.hasOwn(ways, encoding))
    throw new AppError('unsupported', `The content encoding is ${encoding.slice(0, 40)}; send gzip or none.`)
  try {
    return await ways[encoding as keyof typeof ways](bytes, { maxOutputLength: maxPlain })
  } catch (error) {
    if (error instanceof RangeError)
      throw new AppError(
        'too-large',
        `The body unfolds to more than ${maxPlain.toLocaleString('en')} bytes, the limit here.`,
      )
    throw new AppError('invalid', `The body is not ${encoding}.`)
  }
}
