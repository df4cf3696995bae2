/**
 * The registry of models: versions that never change, numbered densely from 1 for each model even when several are
 * saved at once (the unique index decides, the loser takes the next number), and aliases that move and remember it.
 */
import type { Model, ModelVersion } from '../api/models.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Page, Store, WorkspaceStore } from '../store/port.ts'
import { type Artifact, decodeArtifact } from './artifact.ts'
import { packArtifact, unpackArtifact } from './pack.ts'
import { type AliasMove, checkAlias, moveAlias, parseReference, toModel, toVersion } from './version.ts'

export interface SaveModel {
  /** Of the version: what is there with it is answered, and nothing is saved. */
  id?: string
  name: string
  artifact: Artifact
  kind?: string | undefined
  signature?: JsonObject | null | undefined
  metrics?: JsonObject | undefined
  baseline?: JsonObject | undefined
  /** {notebook, notebookVersion, run, parameters, objects, streams} */
  lineage?: JsonObject | undefined
  /** What making it took; the money is added by the operator's prices. */
  cost?: { cpuSeconds: number; memoryGbSeconds: number } | undefined
  /** Moved to the new version; the first version of a model is its champion anyway. */
  alias?: string | undefined
  /** Who, for the history of aliases. */
  by: string
}
export interface Models {
  /** Newest change first, each with its newest versions. */
  find(workspace: string, page?: { limit?: number; cursor?: string }): Promise<Page<Model>>
  get(workspace: string, name: string): Promise<Model>
  findVersions(
    workspace: string,
    name: string,
    page?: { limit?: number; cursor?: string },
  ): Promise<Page<ModelVersion>>
  getVersion(workspace: string, name: string, version: number): Promise<ModelVersion>
  /** `name`, `name@champion` or `name@3`; not-found says what there is. */
  resolve(workspace: string, reference: string): Promise<ModelVersion>
  load(workspace: string, reference: string): Promise<{ version: ModelVersion; artifact: Artifact }>
  save(workspace: string, model: SaveModel): Promise<ModelVersion>
  /** Only to a version that loads. With `revision`, stale unless it is the current one. */
  moveAlias(
    workspace: string,
    name: string,
    move: { alias: string; version: number; by: string },
    revision?: number,
  ): Promise<Model>
  /** With all versions. */
  delete(workspace: string, name: string): Promise<void>
}

export interface ModelsDeps {
  store: Store
  bus: Bus
  clock: Clock
  config: { SURICATE_PRICE_CPU_HOUR: number; SURICATE_PRICE_GB_HOUR: number }
}
/** Of a model's versions, those that are told with it. */
const toldVersions = 100
const maxAttempts = 100

export function openModels({ store, bus, clock, config }: ModelsDeps): Models {
  const toCost = ({ cpuSeconds, memoryGbSeconds }: { cpuSeconds: number; memoryGbSeconds: number }) => ({
    cpuSeconds,
    memoryGbSeconds,
    money:
      (cpuSeconds * config.SURICATE_PRICE_CPU_HOUR + memoryGbSeconds * config.SURICATE_PRICE_GB_HOUR) / 3600,
  })
  const tell = (workspace: string, change: string, name: string, version: number | null): void =>
    bus.publish(workspace, { topic: 'models', data: { change, name, version } })

  async function maybeModel(within: WorkspaceStore, name: string): Promise<Document | undefined> {
    return (await within.find('models', { filter: { name }, limit: 1 })).items[0]
  }
  async function getModel(within: WorkspaceStore, name: string): Promise<Document> {
    const found = await maybeModel(within, name)
    if (found) return found
    const { items } = await within.find('models', { sort: '-updatedAt', limit: 5 })
    const there = items.map((item) => `"${String(item.name)}"`).join(', ')
    throw new AppError('not-found', `There is no model "${name}".${there ? ` There are ${there}.` : ''}`)
  }
  async function findNewest(within: WorkspaceStore, id: string, limit: number): Promise<Document[]> {
    return (await within.find('modelVersions', { filter: { model: id }, sort: '-version', limit })).items
  }
  async function toTold(within: WorkspaceStore, document: Document): Promise<Model> {
    return toModel(document, (await findNewest(within, document.id, toldVersions)).map(toVersion))
  }
  async function getVersionDocument(
    within: WorkspaceStore,
    model: Document,
    version: number,
  ): Promise<Document> {
    const { items } = await within.find('modelVersions', { filter: { model: model.id, version }, limit: 1 })
    if (items[0]) return items[0]
    const [newest] = await findNewest(within, model.id, 1)
    throw new AppError(
      'not-found',
      `The model "${String(model.name)}" has no version ${version}; its newest is ${Number(newest?.version ?? 0)}.`,
    )
  }
  async function resolveDocument(within: WorkspaceStore, reference: string): Promise<Document> {
    // a name may hold an @ itself
    const whole = await maybeModel(within, reference)
    const wanted = whole ? { name: reference, alias: 'champion' } : parseReference(reference)
    const model = whole ?? (await getModel(within, wanted.name))
    if ('version' in wanted) return getVersionDocument(within, model, wanted.version)
    const aliases = model.aliases as { [alias: string]: number }
    const version = Object.hasOwn(aliases, wanted.alias) ? aliases[wanted.alias] : undefined
    if (version === undefined)
      throw new AppError(
        'not-found',
        `The model "${wanted.name}" has no alias "${wanted.alias}". It has ${Object.keys(aliases).join(', ') || 'none'}.`,
      )
    return getVersionDocument(within, model, version)
  }
  async function readArtifact(within: WorkspaceStore, version: Document): Promise<Artifact> {
    const artifact = unpackArtifact(await within.blobs.bytes(String(version.sha256)))
    decodeArtifact(artifact)
    return artifact
  }

  async function toExisting(within: WorkspaceStore, name: string): Promise<Document> {
    const found = await maybeModel(within, name)
    if (found) return found
    const now = clock.now()
    try {
      const [made] = await within.insert('models', [
        { id: newId('model', now), name, aliases: {}, history: [], createdAt: now, updatedAt: now },
      ])
      return made!
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error
      return getModel(within, name)
    }
  }
  async function insertVersion(
    within: WorkspaceStore,
    model: Document,
    fields: JsonObject,
  ): Promise<Document> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const known = typeof fields.id === 'string' ? await within.maybe('modelVersions', fields.id) : undefined
      if (known) return known
      const [newest] = await findNewest(within, model.id, 1)
      const version = Number(newest?.version ?? 0) + 1
      try {
        const now = clock.now()
        const id = typeof fields.id === 'string' ? fields.id : newId('mver', now)
        const [made] = await within.insert('modelVersions', [
          { ...fields, id, model: model.id, name: String(model.name), version, createdAt: now },
        ])
        return made!
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error
      }
    }
    throw new AppError(
      'unavailable',
      `Too many versions of "${String(model.name)}" are saved at once. Try again.`,
    )
  }
  /** Retried while others change the model, unless the caller's revision decides. */
  async function setAlias(
    within: WorkspaceStore,
    id: string,
    move: Omit<AliasMove, 'at'>,
    options: { revision?: number | undefined; onlyNew?: boolean } = {},
  ): Promise<Document> {
    for (let attempt = 0; ; attempt++) {
      const model = await within.get('models', id)
      if (options.revision !== undefined && model.revision !== options.revision)
        throw new AppError('stale', 'The model has changed since it was read. Read it again.')
      const state = model as unknown as { aliases: { [alias: string]: number }; history: AliasMove[] }
      const at = clock.now()
      const keep = options.onlyNew === true && Object.hasOwn(state.aliases, move.alias)
      const set = keep ? { updatedAt: at } : { ...moveAlias(state, { ...move, at }), updatedAt: at }
      try {
        return await within.update('models', id, { set }, model.revision)
      } catch (error) {
        if (!isAppError(error, 'stale') || options.revision !== undefined || attempt >= maxAttempts)
          throw error
      }
    }
  }

  return {
    async find(workspace, page = {}) {
      const within = store.in(workspace)
      const found = await within.find('models', { ...page, sort: '-updatedAt' })
      const items = await Promise.all(found.items.map((item) => toTold(within, item)))
      return { items, nextCursor: found.nextCursor }
    },
    async get(workspace, name) {
      const within = store.in(workspace)
      return toTold(within, await getModel(within, name))
    },
    async findVersions(workspace, name, page = {}) {
      const within = store.in(workspace)
      const { id } = await getModel(within, name)
      const found = await within.find('modelVersions', { ...page, filter: { model: id }, sort: '-version' })
      return { items: found.items.map(toVersion), nextCursor: found.nextCursor }
    },
    async getVersion(workspace, name, version) {
      const within = store.in(workspace)
      return toVersion(await getVersionDocument(within, await getModel(within, name), version))
    },
    resolve: async (workspace, reference) => toVersion(await resolveDocument(store.in(workspace), reference)),
    async load(workspace, reference) {
      const within = store.in(workspace)
      const document = await resolveDocument(within, reference)
      return { version: toVersion(document), artifact: await readArtifact(within, document) }
    },
    async save(workspace, model) {
      const within = store.in(workspace)
      if (model.alias !== undefined) checkAlias(model.alias)
      decodeArtifact(model.artifact)
      const blob = await within.blobs.put(packArtifact(model.artifact))
      const document = await toExisting(within, model.name)
      const saved = await insertVersion(within, document, {
        ...(model.id !== undefined && { id: model.id }),
        kind: model.kind ?? 'custom',
        sha256: blob.sha256,
        bytes: blob.bytes,
        signature: model.signature ?? null,
        metrics: model.metrics ?? {},
        baseline: model.baseline ?? {},
        lineage: model.lineage ?? {},
        cost: model.cost ? toCost(model.cost) : {},
        run: typeof model.lineage?.run === 'string' ? model.lineage.run : null,
      })
      const version = Number(saved.version)
      await setAlias(within, document.id, { alias: 'champion', version, by: model.by }, { onlyNew: true })
      if (model.alias !== undefined && !(model.alias === 'champion' && version === 1))
        await setAlias(within, document.id, { alias: model.alias, version, by: model.by })
      tell(workspace, 'saved', model.name, version)
      return toVersion(saved)
    },
    async moveAlias(workspace, name, move, revision) {
      const within = store.in(workspace)
      checkAlias(move.alias)
      const model = await getModel(within, name)
      await readArtifact(within, await getVersionDocument(within, model, move.version))
      const document = await setAlias(within, model.id, move, { revision })
      tell(workspace, 'moved', name, move.version)
      return toTold(within, document)
    },
    async delete(workspace, name) {
      const within = store.in(workspace)
      const { id } = await getModel(within, name)
      await within.delete('models', { id })
      for (;;) {
        const versions = await findNewest(within, id, 1000)
        if (versions.length === 0) break
        await within.delete('modelVersions', { model: id })
        for (const sha256 of new Set(versions.map((version) => String(version.sha256))))
          if (
            (await within.count('modelVersions', { sha256 })) === 0 &&
            (await within.count('objects', { sha256 })) === 0
          )
            await within.blobs.delete(sha256)
      }
      tell(workspace, 'deleted', name, null)
    },
  }
}
