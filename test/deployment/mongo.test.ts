import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import { type OwnMongo, startMongo } from '../mongo.ts'
import type { Script } from './fake.ts'
import { createKillable, createStream, openTestDeployments, type TestStream } from './opened.ts'

const mongo: OwnMongo | null = await startMongo()
const minute = 60_000

// without a server the reason is printed by startMongo
describe.skipIf(mongo === null)('on MongoDB', () => {
  let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
  let store: Store
  let testActions: ReturnType<typeof openTestActions>
  const scripts: { [notebook: string]: Script } = {}
  beforeAll(async () => {
    temporary = await openTemporaryStore(mongo!)
    store = temporary.store
    testActions = openTestActions(store, [])
  }, 120_000)
  afterAll(async () => {
    await testActions?.close()
    await temporary?.remove()
    await mongo?.close()
  })

  const script =
    (stream: string): Script =>
    (sdk) =>
      sdk.on(stream, { window: { type: 'tumbling', size: minute } }, (async (
        { window, messages }: { window: { start: number }; messages: unknown[] },
        state: { seen?: number },
      ) => {
        state.seen = (state.seen ?? 0) + messages.length
        if (window.start % (5 * minute) === 0) await sdk.alert('Fifth', { key: `${window.start}` })
        return { n: messages.length, seen: state.seen }
      }) as never)
  async function check(deployments: Deployments, id: string, minutes: number): Promise<void> {
    await until(async () => {
      const { items } = await deployments.rows(workspace, id, { limit: 1000 }).catch(() => ({ items: [] }))
      return items.length === minutes
    }, 60_000)
    const { items } = await deployments.rows(workspace, id, { limit: 1000 })
    expect(items.toReversed().map(({ start, fields }) => [start, fields.n, fields.seen])).toEqual(
      Array.from({ length: minutes }, (_, i) => [i * minute, 3, (i + 1) * 3]),
    )
    const wanted = Math.ceil(minutes / 5)
    const fired = await until(async () => {
      const page = await testActions.actions.find(workspace, { deployment: id, state: 'fired', limit: 100 })
      return page.items.length >= wanted && page.items
    }, 60_000)
    expect(fired.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: wanted }, (_, i) => i * 5 * minute + minute),
    )
  }
  const pushMinutes = (stream: TestStream, from: number, to: number): Promise<void> =>
    stream.push(...Array.from({ length: (to - from) * 3 }, (_, i) => ({ at: from * minute + i * 20_000 })))

  test.each([
    ['before', 10],
    ['after', 31],
  ] as const)(
    'a process that ends %s commit %i loses and repeats nothing',
    async (when, commit) => {
      const stream = await createStream(store)
      const name = `killed ${when}`
      scripts[name] = script(stream.name)
      await pushMinutes(stream, 0, 20)
      await stream.push({ at: 20 * minute })
      const killable = createKillable(store)
      const first = openTestDeployments(killable.store, testActions.actions, scripts, {
        limits: { pollMs: 10, leaseMs: 1000, commitMs: 0, commitMessages: 7, readMessages: 5, retryMs: [] },
      })
      const killed = killable.killAt(commit, when)
      const { id } = await first.deployments.create(workspace, {
        notebook: name,
        parameters: {},
        from: 'first',
      })
      await killed
      const { deployments } = openTestDeployments(store, testActions.actions, scripts)
      await check(deployments, id, 20)
      await deployments.close()
      await store.in(workspace).delete('deployments', {})
    },
    120_000,
  )

  test('the database is killed and comes back: the deployment goes on by itself', async () => {
    const stream = await createStream(store)
    scripts.surviving = script(stream.name)
    const { deployments } = openTestDeployments(store, testActions.actions, scripts, {
      limits: { pollMs: 50, leaseMs: 5000, retryMs: [], readMessages: 7 },
    })
    const { id } = await deployments.create(workspace, {
      notebook: 'surviving',
      parameters: {},
      from: 'first',
    })
    await pushMinutes(stream, 0, 10)
    for (const round of [1, 2]) {
      await pushMinutes(stream, round * 10, (round + 1) * 10)
      await mongo!.kill()
      await mongo!.start()
    }
    await until(
      () =>
        stream.push({ at: 30 * minute }).then(
          () => true,
          () => false,
        ),
      60_000,
    )
    await check(deployments, id, 30)
    expect((await deployments.get(workspace, id)).state).toBe('running')
    await deployments.close()
  }, 180_000)
})
