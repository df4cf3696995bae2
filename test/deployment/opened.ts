/** Deployments over a real store with scripts as notebooks, and ways to end a process in the middle of a step. */
import type { Cell } from '../../runtime/api/notebooks.ts'
import type { Actions } from '../../runtime/action/actions.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { type Deployments, openDeployments } from '../../runtime/deployment/deployments.ts'
import type { DeploymentDeps, DeploymentNotebooks } from '../../runtime/deployment/ports.ts'
import { AppError } from '../../runtime/error.ts'
import type { Json } from '../../runtime/json.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import type { NewMessage } from '../../runtime/store/log.ts'
import type { Store, WorkspaceStore } from '../../runtime/store/port.ts'
import { log, until, workspace } from '../action/opened.ts'
import { createFakeSandboxes, type Script } from './fake.ts'

export const notebooks = (kind: 'analytics' | 'processing' = 'processing'): DeploymentNotebooks => ({
  getVersion: (_, notebook, version = 1) =>
    notebook.startsWith('missing')
      ? Promise.reject(new AppError('not-found', 'There is no such notebook.'))
      : Promise.resolve({
          id: notebook,
          name: notebook,
          project: 'prj',
          kind,
          version,
          cells: [{ id: 'c1', type: 'typescript', source: notebook } satisfies Cell],
        }),
})

export interface Opened {
  deployments: Deployments
  sandboxes: ReturnType<typeof createFakeSandboxes>
  bus: DeploymentDeps['bus']
}
export function openTestDeployments(
  store: Store,
  actions: Pick<Actions, 'takeOutbox'>,
  scripts: { [notebook: string]: Script },
  more: Partial<DeploymentDeps> = {},
): Opened {
  const sandboxes = createFakeSandboxes(scripts)
  const bus = openMemoryBus()
  const deployments = openDeployments({
    store,
    bus,
    clock: systemClock,
    log,
    sandboxes,
    createHost: createHost({} as SdkServices),
    notebooks: notebooks(),
    actions,
    limits: { pollMs: 10, leaseMs: 400, retryMs: [1, 1, 1], commitMs: 20, perWorkspace: 100 },
    ...more,
  })
  return { deployments, sandboxes, bus }
}

let count = 0
/** What is pushed later arrives later, to whichever stream: within a millisecond their order would be open. */
let arrivedAt = 0
export interface TestStream {
  id: string
  name: string
  push(...messages: { at: number; body?: Json; key?: string | null }[]): Promise<void>
}
export async function createStream(
  store: Store,
  fields: { outOfOrder?: number; lateness?: number } = {},
): Promise<TestStream> {
  count += 1
  const id = `str_${count}`
  const name = `stream ${count}`
  const documents = store.in(workspace)
  await documents.insert('streams', [{ id, name, type: 'http', outOfOrder: 0, lateness: 0, ...fields }])
  const lease = (await documents.log.lease(id, 'test', Date.now(), 3_600_000))!
  return {
    id,
    name,
    async push(...messages) {
      arrivedAt = Math.max(Date.now(), arrivedAt + 1)
      const made = messages.map<NewMessage>(({ at, body = {}, key = null }) => ({
        body,
        headers: {},
        key,
        eventTime: at,
        receivedAt: arrivedAt,
        messageId: null,
        redelivered: false,
        definition: 1,
        bytes: 10,
      }))
      await documents.log.append(id, lease, { messages: made })
    },
  }
}

/** A store whose process can be ended: from then on every call of it hangs, as if nobody were there. */
export function createKillable(store: Store): {
  store: Store
  /** Ends before the n-th commit from now (0: the next), or after it. */
  killAt(commit: number, when: 'before' | 'after'): Promise<void>
} {
  let dead = false
  let at: { commit: number; when: 'before' | 'after'; done: () => void } | undefined
  const never = new Promise<never>(() => undefined)
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, name) {
        const value = Reflect.get(inner, name) as unknown
        if (typeof value === 'object' && value !== null) return guard(value)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          if (dead) return never
          if (name === 'in') return guard(value.apply(inner, args) as WorkspaceStore)
          const plan = name === 'commit' ? at : undefined
          if (plan?.commit === 0 && plan.when === 'before') {
            dead = true
            plan.done()
            return never
          }
          const answer = value.apply(inner, args) as Promise<unknown>
          if (!plan) return answer
          return answer.then((result) => {
            if (plan.commit-- > 0) return result
            dead = true
            plan.done()
            return never
          })
        }
      },
    })
  return {
    store: guard(store),
    killAt(commit, when) {
      return new Promise((resolve) => {
        at = { commit, when, done: resolve }
      })
    },
  }
}

export async function untilCaughtUp(deployments: Deployments, id: string): Promise<void> {
  await until(async () => {
    const { inputs, state, lastError } = await deployments.get(workspace, id)
    if (state === 'failed') throw new Error(lastError ?? 'failed')
    return inputs.length > 0 && inputs.every(({ lag }) => lag === 0)
  })
}
