/**
 * Which version of which package: breadth first from the one that was asked for, each range met by a version that is
 * chosen already where one fits, else by the tag `latest` where it fits, else by the highest; as npm does. Bounded in
 * number. What is not a range of the registry (an address, a folder, git) is refused by name.
 */
import { maxSatisfying, satisfies, valid, validRange } from 'semver'
import { packageName } from '../api/packages.ts'
import { AppError } from '../error.ts'
import { packageLimits } from './limits.ts'
import type { Manifest, Packument } from './registry.ts'

export interface Resolved {
  manifest: Manifest
  /** What it imports, by the name it uses -> `name@version`. */
  dependencies: Map<string, string>
}
/** By `name@version`; the first is the one that was asked for. */
export type Resolution = Map<string, Resolved>

export async function resolvePackages(
  name: string,
  wanted: string,
  get: (name: string) => Promise<Packument>,
  maxPackages: number = packageLimits.packages,
): Promise<Resolution> {
  const packuments = new Map<string, Promise<Packument>>()
  const known = (of: string): Promise<Packument> => {
    let found = packuments.get(of)
    if (!found) packuments.set(of, (found = get(of)))
    return found
  }
  const chosen: Resolution = new Map()
  async function choose(of: string, range: string, by: string): Promise<Manifest> {
    const { versions, tags } = await known(of)
    const taken = [...chosen.values()].find(
      ({ manifest }) => manifest.name === of && satisfies(manifest.version, range),
    )
    if (taken) return taken.manifest
    const version = toVersion(range, Object.keys(versions), tags)
    const manifest = version === undefined ? undefined : versions[version]
    if (manifest) return manifest
    const newest = tags['latest'] ? ` The newest is ${tags['latest']}.` : ''
    throw new AppError('not-found', `There is no version ${range} of ${of}${by}.${newest}`)
  }

  let level = [await choose(name, wanted, '')]
  while (level.length > 0) {
    const next: Manifest[] = []
    for (const manifest of level) {
      const id = toId(manifest)
      if (chosen.has(id)) continue
      if (chosen.size >= maxPackages)
        throw new AppError('limit', `${name} needs more than ${maxPackages} packages, which is the limit.`)
      const dependencies = new Map<string, string>()
      chosen.set(id, { manifest, dependencies })
      const asked = Object.entries(manifest.dependencies).map(([as, spec]) => toAsked(as, spec, id))
      // Together; the choice below goes in order, so that it is the same each time.
      await Promise.all(asked.map(({ of }) => known(of)))
      for (const { as, of, range } of asked) {
        const found = await choose(of, range, ` that ${id} needs`)
        dependencies.set(as, toId(found))
        next.push(found)
      }
    }
    level = next
  }
  return chosen
}

export function toId({ name, version }: { name: string; version: string }): string {
  return `${name}@${version}`
}

function toVersion(range: string, versions: string[], tags: { [tag: string]: string }): string | undefined {
  if (Object.hasOwn(tags, range)) return tags[range]
  if (valid(range) !== null) return valid(range) ?? undefined
  if (validRange(range) === null) return undefined
  const latest = tags['latest']
  if (latest !== undefined && satisfies(latest, range)) return latest
  return maxSatisfying(versions, range) ?? undefined
}

function toAsked(as: string, spec: string, by: string): { as: string; of: string; range: string } {
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@(.*))?$/.exec(spec)
  const of = alias ? alias[1]! : as
  const range = (alias ? (alias[2] ?? '') : spec).trim() || '*'
  const isName = packageName.safeParse(of).success && packageName.safeParse(as).success
  if (!isName || (validRange(range) === null && !/^[a-z][\w.-]*$/i.test(range)))
    throw new AppError(
      'unsupported',
      `${by} needs ${as} from ${spec.slice(0, 100)}, which is not a version in the registry.`,
    )
  return { as, of, range }
}
