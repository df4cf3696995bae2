/** A package with all that it needs: resolved, downloaded, checked, unpacked, within the limits of all together. */
import { AppError } from '../error.ts'
import type { Sources } from './bundle.ts'
import { packageLimits, toMb } from './limits.ts'
import type { Registry } from './registry.ts'
import { type Resolution, resolvePackages, toId } from './resolve.ts'
import { unpack } from './tarball.ts'
import type { PinnedPackage } from '../api/packages.ts'

export interface Fetched {
  resolution: Resolution
  sources: Sources
  told: { version: string; integrity: string; licence: string | null; dependencies: PinnedPackage[] }
}

export async function fetchPackage(
  registry: Registry,
  name: string,
  requested: string,
  tell: (step: string) => Promise<void>,
  signal: AbortSignal,
): Promise<Fetched> {
  await tell('Asking the registry')
  const resolution = await resolvePackages(name, requested, (each) => registry.get(each, signal))
  const sources = new Map<string, ReadonlyMap<string, Uint8Array>>()
  let bytes = 0
  let files = 0
  for (const [id, { manifest }] of resolution) {
    await tell(`Downloading ${sources.size + 1} of ${resolution.size}: ${id}`)
    const left = { bytes: packageLimits.unpackedBytes - bytes, files: packageLimits.files - files }
    if (left.bytes <= 0 || left.files <= 0)
      throw new AppError(
        'too-large',
        `${name} with its dependencies is larger than ${toMb(packageLimits.unpackedBytes)} or ${packageLimits.files} files, which is the limit.`,
      )
    const unpacked = await unpack(id, await registry.download(manifest, signal), left)
    bytes += unpacked.bytes
    files += unpacked.files.size
    sources.set(id, unpacked.files)
  }
  const [first, ...rest] = [...resolution.values()].map(({ manifest }) => manifest)
  const toIntegrity = (integrity: string | undefined): string => integrity ?? ''
  return {
    resolution,
    sources,
    told: {
      version: first!.version,
      integrity: toIntegrity(first!.integrity),
      licence: toLicence(sources.get(toId(first!))?.get('package.json')),
      dependencies: rest
        .map(({ name: of, version, integrity }) => ({ name: of, version, integrity: toIntegrity(integrity) }))
        .sort((a, b) => (toId(a) < toId(b) ? -1 : 1)),
    },
  }
}

function toLicence(manifest: Uint8Array | undefined): string | null {
  try {
    const { license } = JSON.parse(Buffer.from(manifest ?? []).toString()) as { license?: unknown }
    const text = typeof license === 'string' ? license : (license as { type?: unknown } | undefined)?.type
    return typeof text === 'string' ? text.slice(0, 100) : null
  } catch {
    return null
  }
}
