import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lateMessage } from '../../runtime/api/deployments.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import { modelKind } from '../../runtime/deployment/learner.ts'
import { AppError } from '../../runtime/error.ts'
import { openModels } from '../../runtime/model/models.ts'
import { createPublish } from '../../runtime/model/publish.ts'
import type { Store, WorkspaceStore } from '../../runtime/store/port.ts'
import { openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import type { Script } from './fake.ts'
import { createStream, openTestDeployments, type Opened, untilCaughtUp } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let store: Store
let models: ReturnType<typeof openModels>
let testActions: ReturnType<typeof openTestActions>
const scripts: { [notebook: string]: Script } = {}
let opened: Opened
let deployments: Deployments
/** What the store answers to a commit, instead of taking it. */
let refusal: AppError | undefined

beforeAll(async () => {
  temporary = await openTemporaryStore()
  store = refusing(temporary.store)
  const config = { SURICATE_PRICE_CPU_HOUR: 0, SURICATE_PRICE_GB_HOUR: 0 }
  models = openModels({ store, bus: openMemoryBus(), clock: systemClock, config })
  const publish = { kind: modelKind, take: createPublish(models) }
  testActions = openTestActions(store, [], { publish })
})
afterAll(async () => {
  await testActions.close()
  await temporary.remove()
})
beforeEach(() => {
  refusal = undefined
  opened = openTestDeployments(store, testActions.actions, scripts)
  deployments = opened.deployments
})
afterEach(async () => {
  await deployments.close()
  await store.in(workspace).delete('deployments', {})
})

function refusing(inner: Store): Store {
  const wrap = (within: WorkspaceStore): WorkspaceStore =>
    new Proxy(within, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown
        if (name !== 'commits') return typeof value === 'function' ? value.bind(target) : value
        return new Proxy(target.commits, {
          get: (commits, method) =>
            method === 'commit' && refusal
              ? () => Promise.reject(refusal!)
              : (Reflect.get(commits, method) as unknown),
        })
      },
    })
  return new Proxy(inner, {
    get(target, name) {
      if (name === 'in') return (id: string) => wrap(target.in(id))
      return Reflect.get(target, name) as unknown
    },
  })
}
const create = (notebook: string) =>
  deployments.create(workspace, { notebook, parameters: {}, from: 'first' })
const fieldsOf = async (id: string) =>
  (await deployments.rows(workspace, id, { limit: 1000 })).items.toReversed().map(({ fields }) => fields)
type Messages = { messages: { seq: number; stream?: string }[] }
const seqs = (({ messages }: Messages) => ({
  seqs: messages.map(({ seq, stream = '' }) => `${stream}${seq}`).join(' '),
})) as never

test('a session that grew together has one row, in the store too', async () => {
  const stream = await createStream(store, { lateness: 1000 })
  scripts.sessions = (sdk) => sdk.on(stream.name, { window: { type: 'session', gap: 10 } }, seqs)
  const { id } = await create('sessions')
  await stream.push({ at: 0 }, { at: 15 }, { at: 100 })
  await until(async () => (await fieldsOf(id)).length === 2)
  await stream.push({ at: 8 })
  await untilCaughtUp(deployments, id)
  expect(await fieldsOf(id)).toEqual([{ seqs: '1 2 4' }])
})

test('a stream that went silent closes its last window', async () => {
  const stream = await createStream(store)
  const now = Date.now()
  const start = now - (now % 100)
  scripts.silent = (sdk) =>
    sdk.on(
      stream.name,
      { window: { type: 'tumbling', size: 100 }, watermark: { type: 'boundedPlusWallclock' } },
      seqs,
    )
  const { id } = await create('silent')
  await stream.push({ at: start + 10 }, { at: start + 20 })
  await until(async () => (await fieldsOf(id)).length === 1, 10_000)
  expect(await fieldsOf(id)).toEqual([{ seqs: '1 2' }])
})

test('of two streams one of which is silent, the other goes on after its idle time', async () => {
  const [left, right] = [await createStream(store), await createStream(store)]
  scripts.idle = (sdk) =>
    sdk.on(
      [left.name, right.name],
      { window: { type: 'tumbling', size: 100 }, watermark: { type: 'bounded', idle: '1 s' } },
      (({ messages }: Messages) => ({ n: messages.length })) as never,
    )
  const { id } = await create('idle')
  await right.push({ at: 50 })
  await left.push({ at: 10 }, { at: 250 })
  const shown = await until(async () => {
    const now = await deployments.get(workspace, id)
    return now.inputs.length === 2 && now.inputs.every(({ lag }) => lag === 0) && now
  })
  expect(shown.inputs.map(({ name, nextSeq }) => [name, nextSeq])).toEqual([
    [left.name, 3],
    [right.name, 2],
  ])
  // where all are silent, event time holds
  await until(async () => {
    await left.push({ at: 260 })
    return (await fieldsOf(id)).length === 1
  })
  expect(await fieldsOf(id)).toEqual([{ n: 2 }])
})

test('a join pairs messages of two streams, whichever is read first', async () => {
  const [orders, payments] = [await createStream(store), await createStream(store)]
  scripts.join = (sdk) =>
    sdk.join(orders.name, payments.name, { within: '1 min', by: 'order' }, (({
      key,
      left,
      right,
    }: {
      key: string
      left: { body: { sum: number } }
      right: { body: { paid: number } }
    }) => ({ order: key, open: left.body.sum - right.body.paid })) as never)
  const { id } = await create('join')
  await payments.push({ at: 1000, body: { order: 'a', paid: 4 } })
  await orders.push({ at: 0, body: { order: 'a', sum: 5 } }, { at: 0, body: { order: 'b', sum: 9 } })
  await payments.push({ at: 61_000, body: { order: 'b', paid: 9 } })
  await untilCaughtUp(deployments, id)
  expect(await fieldsOf(id)).toEqual([{ order: 'a', open: 1 }])
})

test('late messages are in the log of the deployment, and its handler for them is called', async () => {
  const stream = await createStream(store)
  scripts.late = (sdk) =>
    sdk.on(
      stream.name,
      {
        window: { type: 'tumbling', size: 100 },
        late: (({ message, reason }: { message: { seq: number }; reason: string }) => ({
          late: message.seq,
          reason,
        })) as never,
      },
      seqs,
    )
  const { id } = await create('late')
  await stream.push({ at: 0 }, { at: 500 }, { at: 1, body: { v: 1 } }, { at: 2 })
  await untilCaughtUp(deployments, id)
  expect(await fieldsOf(id)).toEqual([
    { late: 3, reason: 'late' },
    { late: 4, reason: 'late' },
    { seqs: '1' },
  ])
  const page = await deployments.late(workspace, id, { limit: 1 })
  expect(page.items.map((item) => lateMessage.parse(item).seq)).toEqual([4])
  const next = await deployments.late(workspace, id, { limit: 5, cursor: page.nextCursor! })
  expect(next).toMatchObject({ items: [{ seq: 3, watermark: 500, body: { v: 1 } }], nextCursor: null })
  await expect(deployments.late(workspace, id, { cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
})

test('what a handler learns becomes versions of a model, once each', async () => {
  const stream = await createStream(store)
  scripts.learning = (sdk) =>
    sdk.on(
      stream.name,
      { batch: false, by: null, learn: { model: 'level of a stream', count: 2, alias: 'live' } },
      ((_: unknown, state: { model?: { n: number }; metrics?: object }) => {
        state.model = { n: (state.model?.n ?? 0) + 1 }
        state.metrics = { n: state.model.n }
      }) as never,
    )
  const { id } = await create('learning')
  await stream.push({ at: 1 }, { at: 2 }, { at: 3 }, { at: 4 }, { at: 5 })
  const model = await until(async () => {
    const found = await models.get(workspace, 'level of a stream').catch(() => undefined)
    return found?.aliases.live === 2 && found
  })
  expect(model.aliases).toEqual({ champion: 1, live: 2 })
  const { version, artifact } = await models.load(workspace, 'level of a stream@live')
  expect(version).toMatchObject({
    version: 2,
    kind: 'learned',
    metrics: { n: 4 },
    lineage: { deployment: id, seqs: { stream: stream.id, from: 1, to: 4 }, messages: 4 },
  })
  expect(artifact.json).toEqual({ n: 4 })
  const entry = { id: 'same', kind: modelKind, at: 1, body: { name: 'again', model: 1, lineage: {} } }
  for (let i = 0; i < 2; i++) await createPublish(models)(workspace, entry)
  expect((await models.get(workspace, 'again')).versions).toHaveLength(1)
})

test('a bound of the state stops the deployment, and its error names it', async () => {
  const stream = await createStream(store)
  scripts.bounded = (sdk) =>
    sdk.on(stream.name, { maxKeys: 2 }, ((_: unknown, state: { n?: number }) => {
      state.n = 1
    }) as never)
  const { id } = await create('bounded')
  await stream.push({ at: 1, key: 'a' }, { at: 2, key: 'b' }, { at: 3, key: 'c' })
  const failed = await until(async () => {
    const now = await deployments.get(workspace, id)
    return now.state === 'failed' && now
  })
  expect(failed.lastError).toContain('bound (maxKeys: 2)')
  expect((await store.in(workspace).commits.head(id))?.offsets).toEqual({ [stream.id]: 3 })
})

describe('life', () => {
  test('the last error is shown while the store refuses, and gone when it takes the commit', async () => {
    const stream = await createStream(store)
    scripts.refused = (sdk) => sdk.on(stream.name, {}, ((): object => ({ ok: true })) as never)
    const { id } = await create('refused')
    await untilCaughtUp(deployments, id)
    refusal = new AppError('unavailable', 'The disk is full.')
    await stream.push({ at: 1 })
    const troubled = await until(async () => {
      const now = await deployments.get(workspace, id)
      return now.lastError !== null && now
    })
    expect(troubled).toMatchObject({
      state: 'running',
      lastError: 'The store refuses a commit, which is tried again: The disk is full.',
    })
    refusal = undefined
    await until(async () => (await fieldsOf(id)).length === 1)
    await until(async () => (await deployments.get(workspace, id)).lastError === null)
  })
  test('move: another process takes it from the last commit on', async () => {
    const stream = await createStream(store)
    scripts.moving = (sdk) =>
      sdk.on(stream.name, {}, ((_: unknown, state: { n?: number }) => {
        state.n = (state.n ?? 0) + 1
        return { n: state.n }
      }) as never)
    const { id } = await create('moving')
    await stream.push({ at: 1 })
    await until(async () => (await fieldsOf(id)).length === 1)
    const second = openTestDeployments(store, testActions.actions, scripts)
    try {
      expect((await deployments.move(workspace, id)).state).toBe('starting')
      await until(() => second.sandboxes.opened.length === 1)
      await stream.push({ at: 2 })
      await until(async () => (await fieldsOf(id)).length === 2)
      expect(await fieldsOf(id)).toEqual([{ n: 1 }, { n: 2 }])
      expect(opened.sandboxes.opened).toHaveLength(1)
    } finally {
      await second.deployments.close()
    }
  })
  test('move of one that is paused is refused; with nobody else it goes on here', async () => {
    const own = openTestDeployments(store, testActions.actions, scripts, {
      limits: { pollMs: 10, leaseMs: 400, retryMs: [], commitMs: 20, moveMs: 50 },
    })
    const stream = await createStream(store)
    scripts.alone = (sdk) => sdk.on(stream.name, {}, (() => null) as never)
    await deployments.close()
    try {
      const spec = { notebook: 'alone', parameters: {}, from: 'first' } as const
      const { id } = await own.deployments.create(workspace, spec)
      await untilCaughtUp(own.deployments, id)
      await own.deployments.move(workspace, id)
      await until(() => own.sandboxes.opened.length === 2)
      await until(async () => (await own.deployments.get(workspace, id)).state === 'running')
      await own.deployments.pause(workspace, id)
      await expect(own.deployments.move(workspace, id)).rejects.toMatchObject({ code: 'conflict' })
    } finally {
      await own.deployments.close()
    }
  })
})
