/** What a run read, once each, for the lineage of the models that it saves. */
import type { Lineage, PackageUse } from './context.ts'

const maxEntries = 1000

export function readObject(lineage: Lineage, { name, sha256 }: { name: string; sha256: string }): void {
  const known = lineage.objects.some((object) => object.name === name && object.sha256 === sha256)
  if (!known && lineage.objects.length < maxEntries) lineage.objects.push({ name, sha256 })
}

export function usePackage(lineage: Lineage, used: PackageUse): void {
  const packages = (lineage.packages ??= [])
  const known = packages.some(({ name, sha256 }) => name === used.name && sha256 === used.sha256)
  if (!known && packages.length < maxEntries) packages.push(used)
}

/** Ranges of one stream grow together: what is told is the stretch from the first to the last event time read. */
export function readStream(lineage: Lineage, range: { name: string; from: number; to: number }): void {
  const known = lineage.streams.find((stream) => stream.name === range.name)
  if (known) {
    known.from = Math.min(known.from, range.from)
    known.to = Math.max(known.to, range.to)
  } else if (lineage.streams.length < maxEntries) lineage.streams.push({ ...range })
}
