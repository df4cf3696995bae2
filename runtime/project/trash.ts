/**
 * The trash: notebooks that were deleted, kept for 30 days. A trashed one gives its name free, answers as missing, and
 * its triggers are off; versions, outputs and runs stay until it is purged, by hand or by the sweep.
 */
import type { Notebook } from '../api/notebooks.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Store } from '../store/port.ts'
import { named, toMissing } from './missing.ts'

export const keptMs = 30 * 86_400_000
/** Of one sweep, so that it ends. */
const maxSwept = 100
const maxNames = 50

export interface Trash {
  put(workspace: string, id: string): Promise<void>
  /** Under its name, or that with a number where another notebook has it by now. */
  restore(workspace: string, id: string): Promise<Notebook>
  /** For good. */
  purge(workspace: string, id: string): Promise<void>
  /** The project of one in the trash. */
  project(workspace: string, id: string): Promise<string>
  /** Purges what has been there for 30 days; how many. */
  sweep(workspace: string): Promise<number>
}

export function isTrashed(document: Document): boolean {
  return typeof document['deletedAt'] === 'number'
}
export function toTrashName(document: Document): string {
  return (document['trashedName'] ?? document['name']) as string
}

export function openTrash(deps: {
  store: Store
  clock: Clock
  tell: (workspace: string, id: string, data: JsonObject) => void
  complete: (workspace: string, document: Document) => Promise<Notebook>
}): Trash {
  const { store, clock, tell, complete } = deps
  const read = async (workspace: string, id: string): Promise<Document> => {
    const document = await named('notebook', id, store.in(workspace).get('notebooks', id))
    if (!isTrashed(document)) throw toMissing('notebook in the trash with the id', id)
    return document
  }
  async function remove(workspace: string, id: string): Promise<void> {
    const documents = store.in(workspace)
    await documents.delete('triggers', { notebook: id })
    await documents.delete('notebookVersions', { notebook: id })
    await documents.delete('outputs', { owner: id })
    await documents.delete('notebooks', { id })
  }
  return {
    async put(workspace, id) {
      const documents = store.in(workspace)
      const { name } = await named('notebook', id, documents.get('notebooks', id))
      const deployments = await documents.count('deployments', { notebook: id })
      if (deployments > 0)
        throw new AppError('conflict', `${deployments} deployments use this notebook. Delete them first.`)
      const set = { deletedAt: clock.now(), trashedName: name ?? '', name: `${id} in the trash` }
      await documents.update('notebooks', id, { set })
      await documents.updateMany('triggers', { notebook: id }, { set: { enabled: false } })
      tell(workspace, id, { deleted: true })
    },
    async restore(workspace, id) {
      const document = await read(workspace, id)
      const base = toTrashName(document)
      for (let number = 1; ; number++)
        try {
          const name = number === 1 ? base : `${base} (${number})`
          const change = { set: { name }, unset: ['deletedAt', 'trashedName'] }
          const restored = await store.in(workspace).update('notebooks', id, change)
          tell(workspace, id, { revision: restored.revision })
          return await complete(workspace, restored)
        } catch (error) {
          if (!isAppError(error, 'conflict') || number >= maxNames) throw error
        }
    },
    async purge(workspace, id) {
      await read(workspace, id)
      await remove(workspace, id)
      tell(workspace, id, { deleted: true })
    },
    async project(workspace, id) {
      return (await read(workspace, id))['project'] as string
    },
    async sweep(workspace) {
      const { items } = await store.in(workspace).find('notebooks', {
        filter: { deletedAt: { $lt: clock.now() - keptMs } },
        limit: maxSwept,
      })
      for (const { id } of items) await remove(workspace, id)
      return items.length
    },
  }
}
