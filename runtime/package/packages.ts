/**
 * The packages of npm that a project's notebooks can import. Owns the collection `packages` and the work of adding one:
 * resolve, download and check, bundle, try. It goes on after the request has been answered, one package after another;
 * its step is in the document. A package that is added again keeps its old bundle until the new one is ready. Bundles
 * are blobs, and stay: a run's record names the one it ran with by its hash, and a saved version those that it keeps.
 */
import type { Logger } from 'pino'
import type { ProjectPackage } from '../api/packages.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import type { Egress } from '../egress/port.ts'
import { AppError, isAppError, toMessage } from '../error.ts'
import { ownModules, toolkitModules } from '../guest/module-names.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import type { Sandboxes } from '../sandbox/port.ts'
import type { Wrapper } from '../sandbox/wrapper.ts'
import type { PackageUse } from '../sdk/context.ts'
import type { Document, Store } from '../store/port.ts'
import { bundlePackage } from './bundle.ts'
import { checkRuns } from './check.ts'
import { fetchPackage } from './fetch.ts'
import { packageLimits } from './limits.ts'
import { maybePin } from './pins.ts'
import { openRegistry } from './registry.ts'

export type Bundle = NonNullable<ProjectPackage['bundle']>
export interface Packages {
  find(workspace: string, project: string): Promise<ProjectPackage[]>
  /** Answers when it has been noted; conflict when it is being added. */
  add(
    workspace: string,
    project: string,
    asked: { name: string; version: string },
    by: string,
  ): Promise<ProjectPackage>
  /** Also ends its adding. */
  delete(workspace: string, project: string, id: string): Promise<void>
  /**
   * The script of a package: the one that the notebook's version keeps, else the project's. What there is, by name, when
   * this is none.
   */
  load(
    workspace: string,
    project: string,
    name: string,
    notebook?: { id: string; version: number },
  ): Promise<{ used: PackageUse; code: Uint8Array } | { names: string[] }>
  close(): Promise<void>
}
export interface PackagesDeps {
  store: Store
  bus: Bus
  clock: Clock
  log: Pick<Logger, 'error'>
  egress: Pick<Egress, 'fetch'>
  sandboxes: Pick<Sandboxes, 'open'>
  /** Made at the first package. */
  wrapper(): Promise<Wrapper>
  registry: string
}
const reserved: readonly string[] = ['suricate', ...Object.keys(toolkitModules), ...ownModules]
/** Of one process: what waits to be added. */
const maxWaiting = 20

export function openPackages(deps: PackagesDeps): Packages {
  const { store, bus, clock, log } = deps
  const working = new Map<string, AbortController>()
  let line: Promise<void> = Promise.resolve()

  const findOne = async (workspace: string, project: string, name: string): Promise<Document | undefined> =>
    (await store.in(workspace).find('packages', { filter: { project, name }, limit: 1 })).items[0]

  async function note(workspace: string, id: string, set: JsonObject): Promise<Document> {
    const found = await store
      .in(workspace)
      .update('packages', id, { set: { ...set, updatedAt: clock.now() } })
    bus.publish(workspace, { topic: `packages/${id}`, data: { id } })
    return found
  }

  async function work(workspace: string, found: ProjectPackage, signal: AbortSignal): Promise<void> {
    const tell = async (step: string): Promise<void> => {
      signal.throwIfAborted()
      await note(workspace, found.id, { step })
    }
    const registry = openRegistry(deps.egress, workspace, deps.registry)
    const fetched = await fetchPackage(registry, found.name, found.requested, tell, signal)
    await tell('Bundling')
    const code = await bundlePackage(await deps.wrapper(), fetched.resolution, fetched.sources, signal)
    await tell('Trying it in a fresh sandbox')
    await checkRuns(deps.sandboxes, workspace, found.name, code, signal)
    signal.throwIfAborted()
    const { sha256, bytes } = await store.in(workspace).blobs.put(code)
    const bundle: Bundle = { ...fetched.told, sha256, bytes }
    await note(workspace, found.id, { state: 'ready', step: null, error: null, bundle: bundle as never })
  }

  async function workSafely(workspace: string, found: ProjectPackage, stop: AbortController): Promise<void> {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(packageLimits.totalMs)])
    try {
      signal.throwIfAborted()
      await work(workspace, found, signal)
    } catch (error) {
      if (!stop.signal.aborted && !signal.aborted && !isAppError(error))
        log.error({ err: error, name: found.name }, 'a package could not be added')
      const message = stop.signal.aborted
        ? 'Adding it was stopped. Add it again.'
        : signal.aborted
          ? `It took longer than ${packageLimits.totalMs / 1000} s, which is the limit. Try again.`
          : isAppError(error)
            ? error.message
            : `It could not be added: ${toMessage(error).slice(0, 200)}.`
      const state = found.bundle ? 'ready' : 'failed'
      await note(workspace, found.id, { state, step: null, error: message }).catch((fault: unknown) => {
        // It was removed meanwhile.
        if (!isAppError(fault, 'not-found')) log.error({ err: fault }, 'a package could not be noted')
      })
    } finally {
      working.delete(found.id)
    }
  }

  /** A process that ended in the middle has left it so. */
  function toTold(document: Document): ProjectPackage {
    const told = toPackage(document)
    const isLost =
      told.state === 'adding' &&
      !working.has(told.id) &&
      clock.now() - told.updatedAt > packageLimits.totalMs + 60_000
    if (!isLost) return told
    const error = 'Suricate ended while it was added. Add it again.'
    return { ...told, state: told.bundle ? 'ready' : 'failed', step: null, error }
  }

  async function begin(
    workspace: string,
    project: string,
    { name, version }: { name: string; version: string },
    by: string,
  ): Promise<Document> {
    const now = clock.now()
    const fresh = { requested: version, state: 'adding', step: 'Waiting', error: null, by, updatedAt: now }
    const known = await findOne(workspace, project, name)
    if (known && toTold(known).state === 'adding')
      throw new AppError('conflict', `${name} is being added: ${String(known['step'])}.`, { path: 'name' })
    if (known) return store.in(workspace).update('packages', known.id, { set: fresh }, known.revision)
    if ((await store.in(workspace).count('packages', { project })) >= packageLimits.perProject)
      throw new AppError(
        'limit',
        `A project has at most ${packageLimits.perProject} packages. Remove one first.`,
      )
    const made = { id: newId('pkg', now), project, name, bundle: null, createdAt: now, ...fresh }
    const [document] = await store.in(workspace).insert('packages', [made])
    return document!
  }

  return {
    async find(workspace, project) {
      const { items } = await store
        .in(workspace)
        .find('packages', { filter: { project }, sort: 'name', limit: 1000 })
      return items.map(toTold)
    },
    async add(workspace, project, asked, by) {
      if (reserved.includes(asked.name))
        throw new AppError('conflict', `${asked.name} can be imported already; it comes with Suricate.`, {
          path: 'name',
        })
      if (working.size >= maxWaiting)
        throw new AppError('limit', `${maxWaiting} packages wait to be added. Try again when they are there.`)
      const document = await begin(workspace, project, asked, by)
      const found = toPackage(document)
      const stop = new AbortController()
      working.set(found.id, stop)
      line = line.then(() => workSafely(workspace, found, stop))
      bus.publish(workspace, { topic: `packages/${found.id}`, data: { id: found.id } })
      return found
    },
    async delete(workspace, project, id) {
      working.get(id)?.abort()
      const gone = await store.in(workspace).delete('packages', { id, project })
      if (gone === 0) throw new AppError('not-found', `There is no package ${id} in this project.`)
      bus.publish(workspace, { topic: `packages/${id}`, data: { id } })
    },
    async load(workspace, project, name, notebook) {
      const read = async (used: PackageUse) => ({
        used,
        code: await store.in(workspace).blobs.bytes(used.sha256),
      })
      const pin = notebook && (await maybePin(store, workspace, notebook, name))
      if (pin) return read(pin)
      const document = await findOne(workspace, project, name)
      if (!document) {
        const { items } = await store
          .in(workspace)
          .find('packages', { filter: { project }, sort: 'name', limit: 100 })
        return { names: items.filter((one) => one['bundle']).map((one) => one['name'] as string) }
      }
      const { bundle, state, step, error } = toTold(document)
      if (!bundle)
        throw new AppError(
          'conflict',
          state === 'adding'
            ? `The package ${name} is being added to the project: ${step ?? ''}. Import it when it is ready.`
            : `The package ${name} could not be added to the project: ${error ?? ''}`,
        )
      const { version, integrity, sha256 } = bundle
      return read({ name, version, integrity, sha256 })
    },
    async close() {
      for (const stop of working.values()) stop.abort()
      await line
    },
  }
}

function toPackage(document: Document): ProjectPackage {
  const { revision: _, ...told } = document
  return told as unknown as ProjectPackage
}
