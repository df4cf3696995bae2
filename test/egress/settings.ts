/** The one document that egress needs of a store, in memory. */
import { AppError } from '../../runtime/error.ts'
import type { Document, NewDocument, Patch, Store, WorkspaceStore } from '../../runtime/store/port.ts'

export function fakeSettings(): Pick<Store, 'in'> {
  const documents = new Map<string, Document>()
  return {
    in: (workspace) =>
      ({
        maybe: (_: string, id: string) => Promise.resolve(documents.get(`${workspace}/${id}`)),
        insert: (_: string, [document]: [NewDocument]) => {
          const key = `${workspace}/${document.id}`
          if (documents.has(key)) return Promise.reject(new AppError('conflict', 'exists'))
          documents.set(key, { ...document, revision: 1 })
          return Promise.resolve([documents.get(key)])
        },
        update: (_: string, id: string, patch: Patch) => {
          const old = documents.get(`${workspace}/${id}`)!
          const changed = { ...old, ...patch.set, revision: old.revision + 1 } as Document
          documents.set(`${workspace}/${id}`, changed)
          return Promise.resolve(changed)
        },
      }) as unknown as WorkspaceStore,
  }
}
