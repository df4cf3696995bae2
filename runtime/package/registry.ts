/**
 * A registry of npm, over guarded egress: what versions a package has, and the bytes of one, checked against the
 * sha512 that the registry tells. Nothing of an answer is trusted but the fields that are read here.
 */
import { createHash } from 'node:crypto'
import { AppError, isAppError } from '../error.ts'
import type { Egress } from '../egress/port.ts'
import { packageLimits } from './limits.ts'

export interface Manifest {
  name: string
  version: string
  tarball: string
  /** `sha512-…` */
  integrity: string | undefined
  /** Those that must be there: name -> range; peers too. */
  dependencies: { [name: string]: string }
}
export interface Packument {
  tags: { [tag: string]: string }
  versions: { [version: string]: Manifest }
}
export interface Registry {
  get(name: string, signal: AbortSignal): Promise<Packument>
  /** The tarball's bytes, whose integrity is right. */
  download(manifest: Manifest, signal: AbortSignal): Promise<Uint8Array>
}

export function openRegistry(egress: Pick<Egress, 'fetch'>, workspace: string, base: string): Registry {
  const limits = { maxBytes: packageLimits.answerBytes, timeoutMs: 60_000 }
  async function read(url: string, what: string, signal: AbortSignal, accept: string): Promise<Uint8Array> {
    const { status, body } = await egress
      .fetch(workspace, url, { headers: { accept }, signal, ...limits })
      .catch((error: unknown) => {
        if (isAppError(error, 'too-large'))
          throw new AppError('too-large', `${what} is larger than 30 MB, which is the limit.`)
        throw error
      })
    if (status === 404) throw new AppError('not-found', `${what} is not in the registry. Check its name.`)
    if (status !== 200)
      throw new AppError('unavailable', `The registry answered ${status} for ${what}. Try again later.`)
    return body
  }
  return {
    async get(name, signal) {
      const what = `The package ${name}`
      const url = `${base.replace(/\/+$/, '')}/${name.replace('/', '%2f')}`
      const body = await read(
        url,
        what,
        signal,
        'application/vnd.npm.install-v1+json, application/json;q=0.8',
      )
      let parsed: unknown
      try {
        parsed = JSON.parse(Buffer.from(body).toString())
      } catch {
        throw new AppError('unavailable', `The registry's answer for ${name} is not JSON.`)
      }
      return toPackument(name, parsed)
    },
    async download(manifest, signal) {
      const what = `${manifest.name} ${manifest.version}`
      const expected = manifest.integrity
      if (expected === undefined)
        throw new AppError(
          'unsupported',
          `The registry tells no sha512 of ${what}, so that it cannot be checked. Take a newer version.`,
        )
      const bytes = await read(manifest.tarball, what, signal, 'application/octet-stream')
      const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
      if (found !== expected)
        throw new AppError(
          'invalid',
          `The bytes of ${what} are not those that the registry promises (${expected.slice(0, 20)}…): it was not added.`,
        )
      return bytes
    },
  }
}

function toPackument(name: string, value: unknown): Packument {
  const { versions, 'dist-tags': tags } = toObject(value)
  const packument: Packument = { tags: dictionary(), versions: dictionary() }
  for (const [tag, version] of Object.entries(toObject(tags)))
    if (typeof version === 'string') packument.tags[tag] = version
  for (const [version, given] of Object.entries(toObject(versions))) {
    const manifest = toObject(given)
    const dist = toObject(manifest['dist'])
    if (typeof dist['tarball'] !== 'string') continue
    // Some registries promise several, apart by spaces.
    const integrity = String(dist['integrity'] ?? '')
      .split(/\s+/)
      .find((each) => /^sha512-[A-Za-z0-9+/]{86}==$/.test(each))
    packument.versions[version] = {
      name,
      version,
      tarball: dist['tarball'],
      integrity,
      dependencies: toDependencies(manifest),
    }
  }
  return packument
}

/** Optional ones are for what an isolate does not have: they stay away. */
function toDependencies(manifest: { [field: string]: unknown }): { [name: string]: string } {
  const found = dictionary<string>()
  const meta = toObject(manifest['peerDependenciesMeta'])
  const optional = toObject(manifest['optionalDependencies'])
  for (const [name, range] of Object.entries(toObject(manifest['peerDependencies'])))
    if (typeof range === 'string' && toObject(meta[name])['optional'] !== true) found[name] = range
  for (const [name, range] of Object.entries(toObject(manifest['dependencies'])))
    if (typeof range === 'string' && !Object.hasOwn(optional, name)) found[name] = range
  return found
}

function toObject(value: unknown): { [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { [field: string]: unknown })
    : {}
}
function dictionary<T>(): { [name: string]: T } {
  return Object.create(null) as { [name: string]: T }
}
