/**
 * Notebooks: cells, kind and tags, edited under a revision so that no edit is lost. Parameters are read from the text
 * each time; versions live beside the document (versions.ts).
 */
import type { Cell, Notebook } from '../api/notebooks.ts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Json, JsonObject } from '../json.ts'
import { findParameters } from '../notebook/declared.ts'
import type { CellSpec } from '../notebook/notebook.ts'
import { toCells } from '../notebook/notebook.ts'
import type { Document, Filter, Page, Store } from '../store/port.ts'
import { named, toMissing } from './missing.ts'
import { isTrashed, openTrash, toTrashName, type Trash } from './trash.ts'
import type { NotebookVersion, VersionContent, Versions } from './versions.ts'
import { openVersions } from './versions.ts'

export interface NotebookSpec {
  name: string
  project: string
  kind?: Notebook['kind'] | undefined
  cells?: readonly CellSpec[] | undefined
  tags?: string[] | undefined
  metadata?: JsonObject | undefined
}
export type NotebookSummary = Omit<Notebook, 'cells' | 'parameters' | 'metadata'> & { cellCount: number }
export interface NotebookQuery {
  project?: string | undefined
  /** Projects that the token sees; null: all. */
  projects?: string[] | null
  kind?: Notebook['kind'] | undefined
  tag?: string | undefined
  /** Those in the trash alone. */
  trash?: boolean | undefined
  limit?: number | undefined
  cursor?: string | undefined
}
/** A version and where it belongs: what a run pins. */
export interface PinnedNotebook extends NotebookVersion {
  id: string
  name: string
  project: string
}

export interface Notebooks {
  find(workspace: string, query: NotebookQuery): Promise<Page<NotebookSummary>>
  get(workspace: string, id: string): Promise<Notebook>
  /** As `get`, without what is read from their text. */
  cells(workspace: string, id: string): Promise<Cell[]>
  /** By id, or by name where that is unique. */
  resolve(workspace: string, nameOrId: string): Promise<Notebook>
  create(workspace: string, spec: NotebookSpec): Promise<Notebook>
  update(workspace: string, id: string, change: Partial<NotebookSpec>, revision: number): Promise<Notebook>
  /** To the trash: it is as if it were not there, but can be restored for 30 days. */
  delete(workspace: string, id: string): Promise<void>
  readonly trash: Trash
  /** Back to a version; what it is now is saved first, so that this can be undone. */
  restoreVersion(workspace: string, id: string, version: number, revision: number): Promise<Notebook>
  /** The given version, or what the notebook is now, saved as a version when it has changed. */
  versionFor(workspace: string, id: string, version?: number): Promise<PinnedNotebook>
  saveVersion(workspace: string, id: string, message: string): Promise<NotebookVersion>
  readonly versions: Versions
}

export function openNotebooks(deps: { store: Store; bus: Bus; clock: Clock }): Notebooks {
  const { store, bus, clock } = deps
  const versions = openVersions({ store, clock })
  const read = async (workspace: string, id: string): Promise<Document> => {
    const document = await named('notebook', id, store.in(workspace).get('notebooks', id))
    if (isTrashed(document)) throw toMissing('notebook', id)
    return document
  }
  const tell = (workspace: string, id: string, data: JsonObject): void =>
    bus.publish(workspace, { topic: `notebooks/${id}`, data: { id, ...data } })
  const complete = async (workspace: string, document: Document): Promise<Notebook> => {
    const cells = document['cells'] as Cell[]
    const last = await versions.lastNumbers(workspace, [document.id])
    const summary = toSummary(document, last)
    const { cellCount: _, ...rest } = summary
    const { metadata } = document
    return {
      ...rest,
      cells,
      parameters: findParameters(cells).schema,
      ...(metadata ? { metadata: metadata as JsonObject } : {}),
    }
  }
  const trash = openTrash({ store, clock, tell, complete })
  const checkProject = async (workspace: string, id: string): Promise<void> => {
    if (!(await store.in(workspace).maybe('projects', id))) throw toMissing('project', id)
  }
  const taken = (error: unknown, name: string | undefined): unknown =>
    isAppError(error, 'conflict')
      ? new AppError('conflict', `There is a notebook "${name ?? ''}" in this project already.`, {
          path: 'name',
        })
      : error

  const notebooks: Notebooks = {
    versions,
    trash,
    async find(workspace, { project, projects, kind, tag, trash: isTrash = false, limit = 100, cursor }) {
      if (project && projects && !projects.includes(project)) return { items: [], nextCursor: null }
      const filter: Filter = {
        ...(project ? { project } : projects ? { project: { $in: projects } } : {}),
        ...(kind ? { kind } : {}),
        ...(tag ? { tags: { $contains: tag } } : {}),
        deletedAt: { $exists: isTrash },
      }
      const page = await store
        .in(workspace)
        .find('notebooks', { filter, sort: '-updatedAt', limit, ...(cursor ? { cursor } : {}) })
      const last = await versions.lastNumbers(
        workspace,
        page.items.map((document) => document.id),
      )
      return { items: page.items.map((document) => toSummary(document, last)), nextCursor: page.nextCursor }
    },
    async get(workspace, id) {
      return complete(workspace, await read(workspace, id))
    },
    async cells(workspace, id) {
      return (await read(workspace, id))['cells'] as Cell[]
    },
    async resolve(workspace, nameOrId) {
      const byId = await store.in(workspace).maybe('notebooks', nameOrId)
      if (byId && !isTrashed(byId)) return complete(workspace, byId)
      const { items } = await store.in(workspace).find('notebooks', { filter: { name: nameOrId }, limit: 2 })
      if (items.length === 1) return complete(workspace, items[0]!)
      if (items.length > 1)
        throw new AppError('conflict', `More than one notebook is named "${nameOrId}". Give its id.`)
      throw new AppError('not-found', `There is no notebook "${nameOrId}".`)
    },
    async create(workspace, { name, project, kind = 'analytics', cells = [], tags = [], metadata }) {
      await checkProject(workspace, project)
      const now = clock.now()
      const document = {
        id: newId('nb', now),
        name,
        project,
        kind,
        tags,
        cells: toCells(cells, () => newId('c', now)) as unknown as Json,
        ...(metadata ? { metadata } : {}),
        createdAt: now,
        updatedAt: now,
      }
      try {
        const [made] = await store.in(workspace).insert('notebooks', [document])
        tell(workspace, document.id, { revision: 1 })
        return await complete(workspace, made!)
      } catch (error) {
        throw taken(error, name)
      }
    },
    async update(workspace, id, { name, project, kind, cells, tags }, revision) {
      if (project !== undefined) await checkProject(workspace, project)
      const now = clock.now()
      const set: JsonObject = { updatedAt: now }
      if (name !== undefined) set['name'] = name
      if (project !== undefined) set['project'] = project
      if (kind !== undefined) set['kind'] = kind
      if (tags !== undefined) set['tags'] = tags
      if (cells !== undefined) set['cells'] = toCells(cells, () => newId('c', now)) as unknown as Json
      try {
        const changed = await named(
          'notebook',
          id,
          store.in(workspace).update('notebooks', id, { set }, revision),
        )
        tell(workspace, id, { revision: changed.revision })
        return await complete(workspace, changed)
      } catch (error) {
        throw taken(error, name)
      }
    },
    async delete(workspace, id) {
      await read(workspace, id)
      await trash.put(workspace, id)
    },
    async restoreVersion(workspace, id, version, revision) {
      const document = await read(workspace, id)
      const { cells, kind } = await versions.get(workspace, id, version)
      if (document.revision !== revision)
        throw new AppError('stale', 'Somebody has changed the notebook since. Read it again.')
      await versions.pin(workspace, toContent(document), `Before going back to v${version}`)
      return notebooks.update(workspace, id, { cells, kind }, revision)
    },
    async versionFor(workspace, id, version) {
      const document = await read(workspace, id)
      const place = { id, name: document['name'] as string, project: document['project'] as string }
      const pinned =
        version === undefined
          ? await versions.pin(workspace, toContent(document))
          : await versions.get(workspace, id, version)
      return { ...pinned, ...place }
    },
    async saveVersion(workspace, id, message) {
      return versions.save(workspace, toContent(await read(workspace, id)), message)
    },
  }
  return notebooks
}

function toContent(document: Document): VersionContent {
  return {
    id: document.id,
    project: document['project'] as string,
    cells: document['cells'] as Cell[],
    kind: document['kind'] as Notebook['kind'],
  }
}
function toSummary(document: Document, last: Map<string, number>): NotebookSummary {
  return {
    id: document.id,
    name: toTrashName(document),
    project: document['project'] as string,
    kind: document['kind'] as Notebook['kind'],
    tags: document['tags'] as string[],
    version: last.get(document.id) ?? 0,
    cellCount: (document['cells'] as Json[]).length,
    createdAt: document['createdAt'] as number,
    updatedAt: document['updatedAt'] as number,
    ...(isTrashed(document) ? { deletedAt: document['deletedAt'] as number } : {}),
    revision: document.revision,
  }
}
