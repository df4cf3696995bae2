/**
 * Saved versions of notebooks: immutable, counted from 1. A run pins one; `pin` saves what the notebook is now when it
 * differs from the last, in its cells or in the packages that they name. The notebook's own document is not touched, so saving a version never makes an edit stale.
 */
import type { Cell } from '../api/notebooks.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import { newId } from '../id.ts'
import type { Json, JsonObject } from '../json.ts'
import { findParameters } from '../notebook/declared.ts'
import { isSameCells } from '../notebook/notebook.ts'
import type { ParameterSchema } from '../notebook/parameters.ts'
import { findPins, isSamePins } from '../package/pins.ts'
import type { PackageUse } from '../sdk/context.ts'
import type { Document, Page, Store } from '../store/port.ts'

export interface NotebookVersion {
  notebook: string
  version: number
  message: string
  cells: Cell[]
  parameters: ParameterSchema
  /** False when only a run can tell what the notebook declares. */
  complete: boolean
  kind: 'analytics' | 'processing'
  /** Those of the project that it names, as they were. */
  packages?: PackageUse[]
  createdAt: number
}
/** What is saved. */
export interface VersionContent {
  id: string
  project: string
  cells: Cell[]
  kind: 'analytics' | 'processing'
}
export interface Versions {
  find(
    workspace: string,
    notebook: string,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<NotebookVersion>>
  get(workspace: string, notebook: string, version: number): Promise<NotebookVersion>
  maybeLast(workspace: string, notebook: string): Promise<NotebookVersion | undefined>
  /** The last version of each, 0 before the first. */
  lastNumbers(workspace: string, notebooks: string[]): Promise<Map<string, number>>
  save(workspace: string, notebook: VersionContent, message: string): Promise<NotebookVersion>
  pin(
    workspace: string,
    notebook: VersionContent,
    /** Of the version that is made where the last one differs. */
    message?: string,
  ): Promise<NotebookVersion>
}

/** A page ends early where its versions are large: by their text, about. */
const maxPageBytes = 16 * 1024 * 1024
/** Of unknown size. */
const readAtOnce = 2

export function openVersions({ store, clock }: { store: Store; clock: Clock }): Versions {
  const versions: Versions = {
    async find(workspace, notebook, { limit = 100, cursor }) {
      const items: NotebookVersion[] = []
      let next: string | null = cursor ?? null
      let left = maxPageBytes
      let count = Math.min(limit, readAtOnce)
      do {
        const page = await store.in(workspace).find('notebookVersions', {
          filter: { notebook },
          sort: '-version',
          limit: count,
          ...(next ? { cursor: next } : {}),
        })
        const sizes = page.items.map((document) => JSON.stringify(document['cells']).length)
        items.push(...page.items.map(toVersion))
        next = page.nextCursor
        left -= sizes.reduce((sum, size) => sum + size, 0)
        count = Math.min(limit - items.length, Math.floor(left / Math.max(...sizes, 1)), 200)
      } while (next !== null && count > 0)
      return { items, nextCursor: next }
    },
    async get(workspace, notebook, version) {
      const { items } = await store
        .in(workspace)
        .find('notebookVersions', { filter: { notebook, version }, limit: 1 })
      if (items[0]) return toVersion(items[0])
      const last = await versions.maybeLast(workspace, notebook)
      throw new AppError(
        'not-found',
        `The notebook has no version ${version}. ${last ? `The latest is ${last.version}.` : 'None is saved yet.'}`,
      )
    },
    async maybeLast(workspace, notebook) {
      const { items } = await store
        .in(workspace)
        .find('notebookVersions', { filter: { notebook }, sort: '-version', limit: 1 })
      return items[0] && toVersion(items[0])
    },
    async lastNumbers(workspace, notebooks) {
      const numbers = new Map(notebooks.map((id) => [id, 0]))
      if (notebooks.length === 0) return numbers
      const groups = await store.in(workspace).aggregate('notebookVersions', {
        filter: { notebook: { $in: notebooks } },
        by: ['notebook'],
        max: ['version'],
      })
      for (const group of groups) numbers.set(group.by['notebook'] as string, group.max['version'] ?? 0)
      return numbers
    },
    save: (workspace, notebook, message) => add(workspace, notebook, message, () => false),
    pin: (workspace, notebook, message = '') =>
      add(
        workspace,
        notebook,
        message,
        (last, packages) =>
          last.kind === notebook.kind &&
          isSameCells(last.cells, notebook.cells) &&
          isSamePins(last.packages, packages),
      ),
  }
  /** The last one where that will do. Of several at once one makes the number, the others look again. */
  async function add(
    workspace: string,
    { id, project, cells, kind }: VersionContent,
    message: string,
    willDo: (last: NotebookVersion, packages: PackageUse[]) => boolean,
  ): Promise<NotebookVersion> {
    const packages = await findPins(store, workspace, { project, cells })
    for (let attempt = 0; ; attempt++) {
      const last = await versions.maybeLast(workspace, id)
      if (last && willDo(last, packages)) return last
      const { schema, complete } = findParameters(cells)
      const document = {
        id: newId('ver', clock.now()),
        notebook: id,
        version: (last?.version ?? 0) + 1,
        message,
        cells,
        kind,
        parameters: schema,
        complete,
        ...(packages.length > 0 ? { packages: packages as unknown as Json } : {}),
        createdAt: clock.now(),
      }
      try {
        const [made] = await store.in(workspace).insert('notebookVersions', [document])
        return toVersion(made!)
      } catch (error) {
        if (!isAppError(error, 'conflict') || attempt >= 100) throw error
      }
    }
  }
  return versions
}

function toVersion(document: Document): NotebookVersion {
  return {
    notebook: document['notebook'] as string,
    version: document['version'] as number,
    message: document['message'] as string,
    cells: document['cells'] as Cell[],
    parameters: document['parameters'] as JsonObject as ParameterSchema,
    complete: document['complete'] === true,
    kind: document['kind'] as 'analytics' | 'processing',
    ...(document['packages'] ? { packages: document['packages'] as unknown as PackageUse[] } : {}),
    createdAt: document['createdAt'] as number,
  }
}
