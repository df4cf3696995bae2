import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import type { JsonObject } from '../../runtime/json.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import { Death, type Script } from './fake.ts'
import { createStream, openTestDeployments, untilCaughtUp } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let store: Store
let testActions: ReturnType<typeof openTestActions>
const scripts: { [notebook: string]: Script } = {}
let deployments: Deployments

beforeAll(async () => {
  temporary = await openTemporaryStore()
  store = temporary.store
  testActions = openTestActions(store, [])
})
afterAll(async () => {
  await testActions.close()
  await temporary.remove()
})
beforeEach(() => {
  deployments = openTestDeployments(store, testActions.actions, scripts).deployments
})
afterEach(() => deployments.close())

const create = (notebook: string) =>
  deployments.create(workspace, { notebook, parameters: {}, from: 'first' })
const rowsOf = async (id: string): Promise<JsonObject[]> => {
  const { items } = await deployments.rows(workspace, id, { limit: 1000 })
  return items.toReversed().map(({ start, end, fields }) => ({ start, end, ...fields }))
}
const actionsOf = async (id: string) =>
  (await testActions.actions.find(workspace, { deployment: id, limit: 1000 })).items

describe('failure', () => {
  test('a handler that throws now and then is called again with its old state', async () => {
    const stream = await createStream(store)
    let tries = 0
    scripts.flaky = (sdk) =>
      sdk.on(stream.name, {}, (async (_: unknown, state: { n?: number }) => {
        state.n = (state.n ?? 0) + 1
        await sdk.alert('Flaky', { key: 'once' })
        if (++tries % 3 !== 0) throw new Error('not now')
        return { n: state.n }
      }) as never)
    const { id } = await create('flaky')
    await stream.push({ at: 1 }, { at: 2 })
    await untilCaughtUp(deployments, id)
    expect((await rowsOf(id)).map(({ n }) => n)).toEqual([1, 2])
    expect((await actionsOf(id)).length).toBe(2)
    expect((await deployments.get(workspace, id)).counters.retries).toBe(4)
  })

  test('one that throws four times fails the deployment: the message is named, the offset stays, what was before is kept', async () => {
    const stream = await createStream(store)
    let broken = true
    scripts.broken = (sdk) =>
      sdk.on(stream.name, {}, (({ message }: { message: { seq: number } }, state: { n?: number }) => {
        state.n = (state.n ?? 0) + 1
        if (message.seq === 4 && broken) throw new TypeError('no value')
        return { seq: message.seq, n: state.n }
      }) as never)
    await stream.push({ at: 1 }, { at: 2 }, { at: 3 }, { at: 4 }, { at: 5 })
    const { id } = await create('broken')
    const failed = await until(async () => {
      const now = await deployments.get(workspace, id)
      return now.state === 'failed' && now
    })
    expect(failed.lastError).toBe(`TypeError: no value (cell 1, line 7) at message 4 of "${stream.name}"`)
    expect(failed.inputs[0]).toMatchObject({ nextSeq: 4, lag: 2 })
    expect((await rowsOf(id)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    broken = false
    expect((await deployments.resume(workspace, id)).state).toBe('starting')
    await untilCaughtUp(deployments, id)
    expect((await rowsOf(id)).map(({ seq, n }) => [seq, n])).toEqual([1, 2, 3, 4, 5].map((n) => [n, n]))
  })

  test('a sandbox that dies on every try fails the deployment after a few restarts', async () => {
    const stream = await createStream(store)
    scripts.deadly = (sdk) =>
      sdk.on(stream.name, {}, (() => {
        throw new Death('heap limit')
      }) as never)
    await stream.push({ at: 1 })
    const { id } = await create('deadly')
    const failed = await until(async () => {
      const now = await deployments.get(workspace, id)
      return now.state === 'failed' && now
    }, 20_000)
    expect(failed.restarts).toBe(4)
    expect(failed.lastError).toMatch(/4 times in a row.*heap limit/)
  })

  test.each<[string, Script, RegExp]>([
    [
      'a cell that throws',
      () => {
        throw new Error('no model')
      },
      /^Error: no model \(cell 1, line 7\)$/,
    ],
    ['no handler', () => undefined, /registers no handler/],
    ['an unknown stream', (sdk) => sdk.on('nowhere', {}, (() => null) as never), /no stream "nowhere"/],
    ['act in a cell', (sdk) => sdk.alert('Early'), /acts in its handlers only/],
  ])('%s fails it at start', async (name, script, message) => {
    scripts[name] = script
    const { id } = await create(name)
    const failed = await until(async () => {
      const now = await deployments.get(workspace, id)
      return now.state === 'failed' && now
    })
    expect(failed.lastError).toMatch(message)
  })

  test.each<[string, unknown, RegExp]>([
    ['a list', [1], /returns a flat object/],
    ['a text', 'x', /returns a flat object/],
    ['a huge row', { text: 'x'.repeat(70_000) }, /64 KB/],
  ])('a handler that returns %s', async (name, value, message) => {
    const stream = await createStream(store)
    scripts[name] = (sdk) => sdk.on(stream.name, {}, (() => value) as never)
    await stream.push({ at: 1 })
    const { id } = await create(name)
    await until(async () => (await deployments.get(workspace, id)).state === 'failed')
    expect((await deployments.get(workspace, id)).lastError).toMatch(message)
  })

  test('a state over 1 MB is refused and says so', async () => {
    const stream = await createStream(store)
    scripts.large = (sdk) =>
      sdk.on(stream.name, {}, ((_: unknown, state: { text?: string }) => {
        state.text = 'x'.repeat(1_100_000)
      }) as never)
    await stream.push({ at: 1, key: 'web-1' })
    const { id } = await create('large')
    await until(async () => (await deployments.get(workspace, id)).state === 'failed')
    expect((await deployments.get(workspace, id)).lastError).toMatch(/state of key "web-1".*1 MB/)
  })

  test('deaths with commits in between are restarts, however many', async () => {
    const stream = await createStream(store)
    const died = new Set<number>()
    scripts.shaky = (sdk) =>
      sdk.on(stream.name, {}, (({ message: { seq } }: { message: { seq: number } }) => {
        if (died.size < seq) {
          died.add(seq)
          throw new Death('killed')
        }
        return { seq }
      }) as never)
    const { id } = await create('shaky')
    for (let i = 1; i <= 5; i++) {
      await stream.push({ at: i })
      await until(async () => (await rowsOf(id)).length === i)
    }
    expect(await deployments.get(workspace, id)).toMatchObject({
      state: 'running',
      restarts: 5,
      lastError: null,
    })
  })

  test('close does not wait for a handler that runs long', async () => {
    const stream = await createStream(store)
    let called = false
    scripts.endless = (sdk) =>
      sdk.on(stream.name, {}, (() => {
        called = true
        return new Promise(() => undefined)
      }) as never)
    const { id } = await create('endless')
    await stream.push({ at: 1 })
    await until(() => called)
    await deployments.close()
    expect((await deployments.get(workspace, id)).state).toBe('running')
  })
})
