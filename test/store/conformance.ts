/**
 * What every adapter of the store must do, as one suite: `newStore` opens another store on the same data (as another
 * process would), migrated, with the collections of schema.ts. Each test works in a workspace of its own.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Store, WorkspaceStore } from '../../runtime/store/port.ts'
import { blobCases } from './blob.case.ts'
import { commitCases } from './commit.case.ts'
import { documentCases } from './document.case.ts'
import { logCases } from './log.case.ts'
import { systemCases } from './system.case.ts'

export interface Subject {
  store(): Store
  /** A fresh workspace. */
  in(): WorkspaceStore
  /** Another store on the same data. */
  another(): Promise<Store>
}
export function storeConformance(name: string, newStore: () => Promise<Store>): void {
  describe(name, () => {
    const opened: Store[] = []
    let workspaces = 0
    const subject: Subject = {
      store: () => {
        const [first] = opened
        if (!first) throw new Error('The store is not open yet.')
        return first
      },
      in: () => subject.store().in(`w${++workspaces}`),
      async another() {
        const store = await newStore()
        opened.push(store)
        return store
      },
    }
    beforeAll(async () => {
      const store = await subject.another()
      await store.system.migrate()
    })
    afterAll(async () => {
      for (const store of opened) await store.close()
    })
    documentCases(subject)
    logCases(subject)
    commitCases(subject)
    blobCases(subject)
    systemCases(subject)
  })
}
