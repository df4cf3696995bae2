/**
 * What a saved version of a notebook keeps of its project's packages: of each that its text names, the bundle that it
 * had then. Runs, deployments and shared apps of the version import these, whatever the project has since. A package
 * that came later is not among them, and is taken from the project.
 */
import type { Cell } from '../api/notebooks.ts'
import type { ProjectPackage } from '../api/packages.ts'
import type { PackageUse } from '../sdk/context.ts'
import type { Store } from '../store/port.ts'

const quotes = ["'", '"', '`']

/** By name, as the project has them now. */
export async function findPins(
  store: Pick<Store, 'in'>,
  workspace: string,
  notebook: { project: string; cells: readonly Cell[] },
): Promise<PackageUse[]> {
  const { items } = await store
    .in(workspace)
    .find('packages', { filter: { project: notebook.project }, sort: 'name', limit: 1000 })
  return (items as unknown as ProjectPackage[]).flatMap(({ name, bundle }) =>
    bundle && isNamed(notebook.cells, name)
      ? [{ name, version: bundle.version, integrity: bundle.integrity, sha256: bundle.sha256 }]
      : [],
  )
}

/** The one of this name that the version keeps; version 0 is what the notebook is now, and keeps none. */
export async function maybePin(
  store: Pick<Store, 'in'>,
  workspace: string,
  notebook: { id: string; version: number },
  name: string,
): Promise<PackageUse | undefined> {
  if (notebook.version === 0) return undefined
  const { items } = await store.in(workspace).find('notebookVersions', {
    filter: { notebook: notebook.id, version: notebook.version },
    limit: 1,
  })
  const pins = (items[0]?.['packages'] ?? []) as unknown as PackageUse[]
  return pins.find((pin) => pin.name === name)
}

export function isSamePins(a: readonly PackageUse[] = [], b: readonly PackageUse[] = []): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, sha256 }) => b.some((other) => other.name === name && other.sha256 === sha256))
  )
}

/** In quotes of any kind: an import need not be parsed to be found, and one too many does no harm. */
function isNamed(cells: readonly Cell[], name: string): boolean {
  const texts = quotes.map((quote) => `${quote}${name}${quote}`)
  return cells.some(
    ({ type, source }) => type === 'typescript' && texts.some((text) => source.includes(text)),
  )
}
