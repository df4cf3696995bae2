/** Changes of a deployment's state in the store: read, apply, write at that revision, again when it was stale. */
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../clock.ts'
import { AppError, isAppError } from '../error.ts'
import type { JsonObject } from '../json.ts'
import type { Document, Store } from '../store/port.ts'
import { toDeployment, toState } from './shape.ts'
import { apply, type DeploymentEffect, type DeploymentOperation } from './state.ts'

export interface Control {
  get(workspace: string, id: string): Promise<Document>
  apply(
    workspace: string,
    id: string,
    operation: DeploymentOperation,
  ): Promise<{ document: Document; effects: DeploymentEffect[] }>
  /** Tells live pages what the deployment is now. */
  tell(workspace: string, document: Document): Promise<void>
}

const rounds = 50

export function createControl({
  store,
  bus,
  clock,
}: {
  store: Pick<Store, 'in'>
  bus: Bus
  clock: Clock
}): Control {
  async function get(workspace: string, id: string): Promise<Document> {
    const document = await store.in(workspace).maybe('deployments', id)
    if (!document) throw new AppError('not-found', 'There is no such deployment.')
    return document
  }
  async function tell(workspace: string, document: Document): Promise<void> {
    const deployment = (await toDeployment(store.in(workspace), document)) as unknown as JsonObject
    bus.publish(workspace, { topic: `deployments/${document.id}`, data: { type: 'state', deployment } })
  }
  return {
    get,
    tell,
    async apply(workspace, id, operation) {
      for (let round = 1; ; round++) {
        const document = await get(workspace, id)
        const state = toState(document)
        const { next, effects } = apply(state, operation)
        if (next === state) return { document, effects }
        try {
          const set = { ...next, updatedAt: clock.now() } as unknown as JsonObject
          const changed = await store.in(workspace).update('deployments', id, { set }, document.revision)
          await tell(workspace, changed)
          return { document: changed, effects }
        } catch (error) {
          if (round >= rounds || !isAppError(error, 'stale')) throw error
        }
      }
    },
  }
}
