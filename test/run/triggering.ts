/**
 * Triggers over a real store with runs that are records alone: the test says when and how each ends. A second process
 * is a second of these on the same store; one that is killed is one that is never asked again.
 */
import { pino } from 'pino'
import type { Run } from '../../runtime/api/runs.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { AppError, isAppError } from '../../runtime/error.ts'
import { findParameters } from '../../runtime/notebook/declared.ts'
import type { RunSpec } from '../../runtime/run/runs.ts'
import { openTriggers, type Triggers } from '../../runtime/run/triggers.ts'
import type { Store } from '../../runtime/store/port.ts'

export const workspace = 'w1'
export interface World {
  store: Store
  now: number
  /** Of notebooks: the source of their one cell; deleted ones are missing. */
  notebooks: { [id: string]: string }
  /** Makes the next creation of a run fail. */
  refuse: (() => Error | undefined) | null
  /** How often a run was begun, by id. */
  begun: Map<string, number>
}
export interface Process {
  triggers: Triggers
  /** So many seconds later, fires. */
  pass(seconds?: number): Promise<void>
}

export function newWorld(store: Store): World {
  // Ahead of the store's own clock, which ends what has expired.
  const now = Date.UTC(2036, 0, 1, 12, 0, 30)
  const source =
    "parameters({ n: 1, object: '', run: '', error: '', day: '', model: '', version: 0, title: '' })"
  return {
    store,
    now,
    notebooks: { nb: source, other: source, onfail: source },
    refuse: null,
    begun: new Map(),
  }
}
export function openProcess(world: World, store: Store = world.store): Process {
  const insert = async (id: string, notebook: string, spec: RunSpec, state: Run['state']): Promise<Run> => {
    if (!(notebook in world.notebooks)) throw new AppError('not-found', `There is no notebook ${notebook}.`)
    const error = state === 'queued' ? world.refuse?.() : undefined
    if (error) throw error
    const document = {
      id,
      notebook,
      notebookName: notebook,
      triggered: spec.trigger,
      parameters: spec.parameters ?? {},
      range: spec.range ?? null,
      state,
      createdAt: world.now,
      endedAt: state === 'skipped' ? world.now : null,
    }
    try {
      await store.in(workspace).insert('runs', [document])
      if (state === 'queued') world.begun.set(id, (world.begun.get(id) ?? 0) + 1)
    } catch (failure) {
      if (!isAppError(failure, 'conflict')) throw failure
    }
    return { id } as Run
  }
  const notebook = (id: string) => {
    const source = world.notebooks[id]
    if (source === undefined) return Promise.reject(new AppError('not-found', `There is no notebook ${id}.`))
    const cells = [{ id: 'c1', type: 'typescript' as const, source }]
    const { schema: parameters, complete } = findParameters(cells)
    return Promise.resolve({ id, cells, kind: 'analytics', parameters, complete } as never)
  }
  const triggers = openTriggers({
    store,
    bus: openMemoryBus(),
    clock: { now: () => world.now },
    log: pino({ level: 'silent' }),
    notebooks: { get: (_workspace, id) => notebook(id), versionFor: (_workspace, id) => notebook(id) },
    runs: {
      create: (_workspace, id, spec) => insert(spec.id!, id, spec, 'queued'),
      skip: (_workspace, id, spec) => insert(spec.id!, id, spec, 'skipped'),
      async head(_workspace, id) {
        const document = await store.in(workspace).get('runs', id)
        return { id, state: document['state'], error: document['error'] ?? null } as unknown as Run
      },
      async cancel(_workspace, id) {
        await end(world, id, 'cancelled')
        return { id } as Run
      },
    },
    streams: {
      get: (_workspace, name) => Promise.resolve({ id: name } as never),
      head: (_workspace, id) => store.in(workspace).log.head(id),
    },
  })
  return {
    triggers,
    async pass(seconds = 1) {
      world.now += seconds * 1000
      await triggers.fire()
    },
  }
}
export async function end(world: World, run: string, state: Run['state'], message?: string): Promise<void> {
  const error = message === undefined ? null : { name: 'Error', message }
  await world.store.in(workspace).update('runs', run, { set: { state, error, endedAt: world.now } })
}
/** Runs in the order of their making, as `notebook state`. */
export async function runsOf(
  world: World,
): Promise<{ id: string; said: string; parameters: object; trigger: Run['trigger'] }[]> {
  const { items } = await world.store.in(workspace).find('runs', { sort: 'createdAt', limit: 1000 })
  return items.map((run) => ({
    id: run.id,
    said: `${String(run['notebook'])} ${String(run['state'])}`,
    parameters: run['parameters'] as object,
    trigger: run['triggered'] as unknown as Run['trigger'],
  }))
}

/** The store of a process that is killed at its write number `at`: before it, or when it is done and not yet answered. */
export function dyingStore(store: Store, at: number, done: boolean): { store: Store; dead: () => boolean } {
  let writes = 0
  const gone = (): AppError => new AppError('unavailable', 'This process is dead.')
  const writing = ['insert', 'update', 'updateMany', 'findAndUpdate', 'delete', 'claimDue']
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value: unknown = Reflect.get(object, name)
        if (typeof value !== 'function') return value
        return async (...given: unknown[]) => {
          if (writes >= at) throw gone()
          const writes1 = writing.includes(String(name)) ? ++writes : writes
          if (writes1 >= at && !done) throw gone()
          const result: unknown = await Reflect.apply(value, object, given)
          if (writes1 >= at) throw gone()
          return result
        }
      },
    })
  const dying: Store = {
    in: (name) => wrap(store.in(name)),
    system: wrap(store.system),
    close: () => Promise.resolve(),
  }
  return { store: dying, dead: () => writes >= at }
}
