/**
 * A package's tarball, unpacked in memory: the scripts and JSON that a bundle may need, and nothing else. Whatever would
 * reach outside of its folder (`..`, an absolute path, a link, a device) refuses the whole package; sizes are bounded
 * before they are taken.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { AppError, isAppError } from '../error.ts'
import { toMb } from './limits.ts'

export interface Unpacked {
  /** Path below the package's folder -> content. */
  files: Map<string, Uint8Array>
  /** Unpacked bytes of all that was in it. */
  bytes: number
}
const inflate = promisify(gunzip)
const wanted = /\.(?:[cm]?js|json)$/i
const ignored = /(?:^|\/)(?:tsconfig[^/]*\.json|node_modules\/.*)$/i

export async function unpack(
  what: string,
  tarball: Uint8Array,
  limits: { bytes: number; files: number },
): Promise<Unpacked> {
  const tooLarge = (): AppError =>
    new AppError('too-large', `${what} is larger than ${toMb(limits.bytes)} unpacked, which is the limit.`)
  let content: Buffer
  try {
    content = await inflate(tarball, { maxOutputLength: Math.max(1, limits.bytes) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw broken(what, 'it is not compressed with gzip')
  }
  const files = new Map<string, Uint8Array>()
  let count = 0
  const entries = extract()
  entries.end(content)
  try {
    for await (const entry of entries) {
      const { name, type } = entry.header
      if (type === 'directory') {
        entry.resume()
        continue
      }
      if (type !== 'file' && type !== 'contiguous-file')
        throw broken(what, `it has a ${String(type)}, ${JSON.stringify(name)}`)
      const path = toPath(what, name)
      if (++count > limits.files)
        throw new AppError('too-large', `${what} has more than ${limits.files} files, which is the limit.`)
      if (path === '' || !wanted.test(path) || ignored.test(path)) {
        entry.resume()
        continue
      }
      const parts: Uint8Array[] = []
      for await (const part of entry) parts.push(part as Uint8Array)
      files.set(path, Buffer.concat(parts))
    }
  } catch (error) {
    if (isAppError(error)) throw error
    throw broken(what, 'its archive is damaged')
  }
  if (!files.has('package.json')) throw broken(what, 'it has no package.json')
  return { files, bytes: content.length }
}

/** Without its first folder, which is `package` as a rule. */
function toPath(what: string, name: string): string {
  const isOutside = /[\\\u0000]/.test(name) || /^(?:\/|[a-z]:)/i.test(name) || name.split('/').includes('..')
  if (isOutside || name.length > 500)
    throw broken(what, `it has the path ${JSON.stringify(name.slice(0, 100))}`)
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .slice(1)
    .join('/')
}

function broken(what: string, why: string): AppError {
  return new AppError('invalid', `${what} cannot be taken: ${why}. It was not added.`)
}
