import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deployment as deploymentSchema, row as rowSchema } from '../../runtime/api/deployments.ts'
import type { Deployments } from '../../runtime/deployment/deployments.ts'
import { followDeployment } from '../../runtime/deployment/follow.ts'
import type { Json, JsonObject } from '../../runtime/json.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import { Death, type Script } from './fake.ts'
import { createKillable, createStream, openTestDeployments, type Opened, untilCaughtUp } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let store: Store
let testActions: ReturnType<typeof openTestActions>
const scripts: { [notebook: string]: Script } = {}
let opened: Opened
let deployments: Deployments
const left: Deployments[] = []

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
  opened = openTestDeployments(store, testActions.actions, scripts)
  deployments = opened.deployments
})
afterEach(async () => {
  await deployments.close()
  for (const one of left.splice(0)) await one.close()
  // what a killed process had does not go on in the next test
  await store.in(workspace).delete('deployments', {})
})

type Counting = {
  key: string | null
  window: { start: number; index: number }
  messages: { body: { v: number } }[]
}
const minute = 60_000
/** Sums a minute, counts calls in its state, and acts on every sum over 5. */
function summing(stream: string): Script {
  return (sdk) =>
    sdk.on(stream, { window: { type: 'tumbling', size: '1 min' } }, (async (
      { window, messages }: Counting,
      state: { calls?: number; sum?: number },
    ) => {
      const value = messages.reduce((sum, { body }) => sum + body.v, 0)
      state.calls = (state.calls ?? 0) + 1
      state.sum = (state.sum ?? 0) + value
      if (value > 5) await sdk.alert(`Over ${stream}`, { key: `${window.start}` })
      return { value, calls: state.calls }
    }) as never)
}
const create = (notebook: string, more: Partial<Parameters<Deployments['create']>[1]> = {}) =>
  deployments.create(workspace, { notebook, parameters: {}, from: 'first', ...more })
const rowsOf = async (id: string): Promise<JsonObject[]> => {
  const { items } = await deployments.rows(workspace, id, { limit: 1000 })
  return items.toReversed().map(({ start, end, fields }) => ({ start, end, ...fields }))
}
const stateOf = async (id: string): Promise<{ [key: string]: unknown }> =>
  Object.fromEntries(
    (await store.in(workspace).commits.state(id, null, 1000))
      .filter(({ key }) => key.includes(' s '))
      .map(({ key, value }) => [key, value]),
  )
const actionsOf = async (id: string) =>
  (await testActions.actions.find(workspace, { deployment: id, limit: 1000 })).items.toSorted(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1),
  )

describe('a window handler', () => {
  test('gives rows, state and actions in one commit, and the API shape is right', async () => {
    const stream = await createStream(store)
    scripts.sums = summing(stream.name)
    await stream.push({ at: 0, body: { v: 1 } }, { at: 1000, body: { v: 2 } }, { at: minute, body: { v: 9 } })
    const made = await create('sums', { name: 'Sums' })
    expect(deploymentSchema.parse(made)).toEqual(made)
    await stream.push({ at: 2 * minute, body: { v: 1 } })
    await untilCaughtUp(deployments, made.id)
    expect(await rowsOf(made.id)).toEqual([
      { start: 0, end: minute, value: 3, calls: 1 },
      { start: minute, end: 2 * minute, value: 9, calls: 2 },
    ])
    expect(await stateOf(made.id)).toEqual({ '0 s -': { calls: 2, sum: 12 } })
    const [action] = await until(async () => {
      const found = await actionsOf(made.id)
      return found[0]?.state === 'fired' && found
    })
    expect(action).toMatchObject({
      kind: 'alert',
      key: `${minute}`,
      deployment: made.id,
      notebook: { id: 'sums', version: 1 },
      stream: { id: stream.id, name: stream.name, from: 3, to: 3 },
      window: { key: null, start: minute, end: 2 * minute, pane: 0 },
      at: 2 * minute,
    })
    const after = await deployments.get(workspace, made.id)
    expect(deploymentSchema.parse(after)).toEqual(after)
    expect(after).toMatchObject({
      name: 'Sums',
      state: 'running',
      lastError: null,
      inputs: [{ stream: stream.id, name: stream.name, nextSeq: 5, lag: 0, watermark: 2 * minute }],
      restarts: 0,
    })
    expect(await deployments.lag(workspace)).toBe(0)
    const page = await deployments.rows(workspace, made.id, { limit: 1 })
    expect(page.items.map((item) => rowSchema.parse(item).start)).toEqual([minute])
    const next = await deployments.rows(workspace, made.id, { limit: 1, cursor: page.nextCursor! })
    expect(next.items.map(({ start }) => start)).toEqual([0])
    await expect(deployments.rows(workspace, made.id, { cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  test('is keyed by the field it names, and lateness of the stream gives late panes', async () => {
    const stream = await createStream(store, { lateness: 5 * minute })
    scripts.keyed = (sdk) =>
      sdk.on(stream.id, { window: { type: 'tumbling', size: '1 min' }, by: 'host' }, (({
        key,
        window,
        messages,
      }: Counting) => ({
        key,
        n: messages.length,
        index: window.index,
      })) as never)
    const { id } = await create('keyed')
    await stream.push(
      { at: 0, body: { host: 'a' } },
      { at: 1, body: { host: 'b' } },
      { at: minute, body: { host: 'a' } },
      { at: 2, body: { host: 'a' } },
      { at: 10 * minute, body: { host: 'a' } },
      { at: 3, body: { host: 'a' } },
    )
    await untilCaughtUp(deployments, id)
    const { items } = await deployments.rows(workspace, id, { limit: 10 })
    expect(items.map(({ key, start, pane, fields }) => [key, start, pane, fields.n])).toEqual(
      expect.arrayContaining([
        ['a', 0, 1, 2],
        ['b', 0, 0, 1],
        ['a', minute, 0, 1],
      ]),
    )
    expect((await deployments.get(workspace, id)).counters).toMatchObject({ lateAccepted: 1, rejected: 1 })
  })
})

test('a handler without a window is called per message, with batch per batch', async () => {
  const stream = await createStream(store)
  scripts.each = async (sdk) => {
    await sdk.on(stream.name, {}, ((
      { message }: { message: { seq: number } },
      _: unknown,
      { seed }: { seed: number },
    ) => ({
      seq: message.seq,
      seed,
    })) as never)
    await sdk.on(stream.name, { batch: true }, ((
      { messages }: { messages: unknown[] },
      state: { n?: number },
    ) => {
      state.n = (state.n ?? 0) + messages.length
    }) as never)
  }
  const { id } = await create('each')
  await stream.push({ at: 5 }, { at: 6 })
  await untilCaughtUp(deployments, id)
  await stream.push({ at: 7 })
  await untilCaughtUp(deployments, id)
  expect(await rowsOf(id)).toEqual([
    { start: 5, end: 5, seq: 1, seed: 1 },
    { start: 6, end: 6, seq: 2, seed: 2 },
    { start: 7, end: 7, seq: 3, seed: 3 },
  ])
  await until(async () => {
    const state = await stateOf(id)
    return (state['1 s -'] as { n: number } | undefined)?.n === 3
  })
})

test('batches are cut at the same places, wherever they start and however often commits are due', async () => {
  const stream = await createStream(store)
  scripts.batches = (sdk) =>
    sdk.on(stream.name, { batch: true }, (({ messages }: { messages: { seq: number }[] }) => ({
      first: messages[0]!.seq,
      last: messages.at(-1)!.seq,
    })) as never)
  await stream.push(...Array.from({ length: 25 }, (_, i) => ({ at: i })))
  const cut = async (seq: number, commitMs: number): Promise<Json[]> => {
    const own = openTestDeployments(store, testActions.actions, scripts, {
      limits: { readMessages: 10, commitMs },
    })
    const request = { notebook: 'batches', parameters: {}, from: { seq } as const }
    const { id } = await own.deployments.create(workspace, request)
    await untilCaughtUp(own.deployments, id)
    const { items } = await own.deployments.rows(workspace, id, {})
    await own.deployments.close()
    return items.toReversed().map(({ fields }) => [fields.first!, fields.last!])
  }
  expect(await cut(4, 0)).toEqual([
    [4, 9],
    [10, 19],
    [20, 25],
  ])
  expect(await cut(12, 60_000)).toEqual([
    [12, 19],
    [20, 25],
  ])
})

describe('from', () => {
  const firsts = async (from: Parameters<Deployments['create']>[1]['from'], id: string): Promise<unknown> => {
    scripts.firsts = (sdk) =>
      sdk.on(id, {}, (({ message }: { message: { seq: number } }) => ({ seq: message.seq })) as never)
    const made = await create('firsts', { from })
    return made.id
  }
  test('first, seq, event time and now', async () => {
    const stream = await createStream(store)
    await stream.push({ at: 10 }, { at: 30 }, { at: 20 }, { at: 40 })
    await until(() => Date.now() % 5 === 0)
    const ids = []
    for (const from of [
      'first',
      { seq: 3 },
      { eventTime: 20 },
      { eventTime: '1970-01-01T00:00:00.040Z' },
      'now',
    ] as const)
      ids.push(String(await firsts(from, stream.id)))
    for (const id of ids) await untilCaughtUp(deployments, id)
    await stream.push({ at: 50 })
    const seen = []
    for (const id of ids) {
      await untilCaughtUp(deployments, id)
      seen.push((await rowsOf(id)).map(({ seq }) => Number(seq)).toSorted((a, b) => a - b))
    }
    expect(seen).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [2, 3, 4, 5], [4, 5], [5]])
  })
})

describe('exactly once', () => {
  const numbers = Array.from({ length: 60 }, (_, i) => ({ at: i * 10_000, body: { v: i % 4 } }))
  async function expected(): Promise<{ rows: JsonObject[]; state: unknown; actions: number[] }> {
    const stream = await createStream(store)
    scripts.plain = summing(stream.name)
    await stream.push(...numbers)
    const { id } = await create('plain')
    await untilCaughtUp(deployments, id)
    const result = {
      rows: await rowsOf(id),
      state: await stateOf(id),
      actions: (await actionsOf(id)).map(({ at }) => at),
    }
    // its commits must not be taken for those of the one that is killed
    await deployments.delete(workspace, id)
    return result
  }
  // a commit for each message, a window for every six: in its middle, at its end, and where state came before
  test.each([
    ['before', 0],
    ['before', 1],
    ['before', 7],
    ['before', 31],
    ['after', 0],
    ['after', 4],
    ['after', 7],
    ['after', 31],
    ['after', 50],
  ] as const)('a process that ends %s commit %i loses and repeats nothing', async (when, commit) => {
    const wanted = await expected()
    const stream = await createStream(store)
    scripts.killed = summing(stream.name)
    await stream.push(...numbers)
    const killable = createKillable(store)
    const first = openTestDeployments(killable.store, testActions.actions, scripts, {
      limits: { pollMs: 10, leaseMs: 300, commitMs: 0, commitMessages: 7, readMessages: 5, retryMs: [] },
    })
    const killed = killable.killAt(commit, when)
    await deployments.close()
    const { id } = await first.deployments.create(workspace, {
      notebook: 'killed',
      parameters: {},
      from: 'first',
    })
    await killed
    const head = await store.in(workspace).commits.head(id)
    expect(head?.number ?? 0).toBe(when === 'before' ? commit : commit + 1)
    opened = openTestDeployments(store, testActions.actions, scripts)
    deployments = opened.deployments
    await untilCaughtUp(deployments, id)
    await until(async () => (await actionsOf(id)).length === wanted.actions.length)
    expect({
      rows: await rowsOf(id),
      state: await stateOf(id),
      actions: (await actionsOf(id)).map(({ at }) => at),
    }).toEqual(wanted)
  })

  test('the sandbox may die in any step', async () => {
    const wanted = await expected()
    const stream = await createStream(store)
    let calls = 0
    scripts.dying = (sdk) =>
      summing(stream.name)({
        ...sdk,
        on: (name, options, handler) =>
          sdk.on(name, options, (async (...args: [never, never, never]) => {
            const row = await handler(...args)
            calls += 1
            if (calls === 3) throw new Death('out of memory')
            return row
          }) as never),
      })
    await stream.push(...numbers)
    const { id } = await create('dying')
    await untilCaughtUp(deployments, id)
    expect(await rowsOf(id)).toEqual(wanted.rows)
    expect(await stateOf(id)).toEqual(wanted.state)
    expect((await actionsOf(id)).map(({ at }) => at)).toEqual(wanted.actions)
    expect((await deployments.get(workspace, id)).restarts).toBe(1)
  })

  test('the same messages give the same rows and the same actions, byte for byte', async () => {
    const stream = await createStream(store)
    scripts.same = summing(stream.name)
    await stream.push(...numbers)
    const runs = []
    for (let i = 0; i < 2; i++) {
      const { id } = await create('same')
      await untilCaughtUp(deployments, id)
      const { items } = await deployments.rows(workspace, id, { limit: 1000 })
      const actions = (await actionsOf(id)).map(({ request, window, at, key }) => ({
        request,
        window,
        at,
        key,
      }))
      runs.push(JSON.stringify({ items, actions }))
    }
    expect(runs[0]).toBe(runs[1])
  })
})

describe('life', () => {
  test('pause holds, resume goes on where it was, drain works off and stops', async () => {
    const stream = await createStream(store)
    scripts.life = summing(stream.name)
    await stream.push({ at: 0, body: { v: 1 } })
    const { id } = await create('life')
    await untilCaughtUp(deployments, id)
    expect((await deployments.pause(workspace, id)).state).toBe('paused')
    await until(async () => {
      const lease = await store.in(workspace).commits.lease(id, 'probe', Date.now(), 1)
      return lease !== undefined
    })
    await stream.push({ at: minute, body: { v: 2 } })
    expect((await deployments.get(workspace, id)).inputs[0]?.lag).toBe(1)
    expect(await rowsOf(id)).toEqual([])
    await deployments.resume(workspace, id)
    await untilCaughtUp(deployments, id)
    expect(await rowsOf(id)).toEqual([{ start: 0, end: minute, value: 1, calls: 1 }])
    await stream.push({ at: 2 * minute, body: { v: 3 } })
    expect((await deployments.drain(workspace, id)).state).toBe('draining')
    await until(async () => (await deployments.get(workspace, id)).state === 'stopped')
    expect((await rowsOf(id)).map(({ value }) => value)).toEqual([1, 2])
    await expect(deployments.pause(workspace, id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('pause and resume in quick succession end up running', async () => {
    const stream = await createStream(store)
    scripts.quick = summing(stream.name)
    const { id } = await create('quick')
    for (let i = 0; i < 5; i++) {
      await deployments.pause(workspace, id)
      await deployments.resume(workspace, id)
    }
    await until(async () => (await deployments.get(workspace, id)).state === 'running')
    await stream.push({ at: 0, body: { v: 1 } }, { at: minute, body: { v: 1 } })
    await untilCaughtUp(deployments, id)
    expect((await rowsOf(id)).length).toBe(1)
  })

  test('what ran goes on in the next process', async () => {
    const stream = await createStream(store)
    scripts.moved = summing(stream.name)
    await stream.push({ at: 0, body: { v: 1 } })
    const { id } = await create('moved')
    await untilCaughtUp(deployments, id)
    await deployments.close()
    opened = openTestDeployments(store, testActions.actions, scripts)
    deployments = opened.deployments
    await stream.push({ at: minute, body: { v: 2 } })
    await until(async () => (await rowsOf(id)).length === 1)
    expect(await rowsOf(id)).toEqual([{ start: 0, end: minute, value: 1, calls: 1 }])
  })

  test('of two processes one holds it', async () => {
    const stream = await createStream(store)
    scripts.held = summing(stream.name)
    const second = openTestDeployments(store, testActions.actions, scripts)
    left.push(second.deployments)
    const { id } = await create('held')
    await stream.push({ at: 0, body: { v: 1 } }, { at: minute, body: { v: 1 } })
    await untilCaughtUp(deployments, id)
    expect(opened.sandboxes.opened.length + second.sandboxes.opened.length).toBe(1)
  })

  test('delete forgets it, its rows and its state; its actions stay', async () => {
    const stream = await createStream(store)
    scripts.deleted = summing(stream.name)
    await stream.push({ at: 0, body: { v: 9 } }, { at: minute, body: { v: 1 } })
    const { id } = await create('deleted')
    await until(async () => (await actionsOf(id)).length === 1)
    expect(await deployments.uses(workspace, 'deleted')).toBe(true)
    await deployments.delete(workspace, id)
    await expect(deployments.get(workspace, id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await store.in(workspace).commits.head(id)).toBeUndefined()
    expect((await actionsOf(id)).length).toBe(1)
    expect(await deployments.uses(workspace, 'deleted')).toBe(false)
    await expect(deployments.delete(workspace, id)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('create refuses an analytics notebook, a missing one and one over the quota', async () => {
    const one = openTestDeployments(store, testActions.actions, scripts, {
      limits: { perWorkspace: 0 },
    })
    left.push(one.deployments)
    const spec = { parameters: {}, from: 'now' as const }
    await expect(one.deployments.create(workspace, { ...spec, notebook: 'any' })).rejects.toMatchObject({
      code: 'limit',
    })
    await expect(create('missing')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('another workspace sees nothing of it', async () => {
    const stream = await createStream(store)
    scripts.mine = summing(stream.name)
    const { id } = await create('mine')
    for (const call of [
      deployments.get('w2', id),
      deployments.pause('w2', id),
      deployments.delete('w2', id),
      deployments.rows('w2', id, {}),
    ])
      await expect(call).rejects.toMatchObject({ code: 'not-found' })
    expect((await deployments.find('w2', {})).items).toEqual([])
    expect((await deployments.find(workspace, { state: 'stopped' })).items).toEqual([])
  })
})

test('followDeployment gives the state first, then rows and changes as they come', async () => {
  const stream = await createStream(store)
  scripts.followed = summing(stream.name)
  const { id } = await create('followed')
  await untilCaughtUp(deployments, id)
  const abort = new AbortController()
  const events: string[] = []
  const following = (async () => {
    for await (const { event, data } of followDeployment(
      { deployments, bus: opened.bus },
      workspace,
      id,
      abort.signal,
    )) {
      events.push(event)
      if (event === 'rows' && (data as { rows: unknown[] }).rows.length > 0) abort.abort()
    }
  })()
  await until(() => events.length >= 2)
  await stream.push({ at: 0, body: { v: 1 } }, { at: minute, body: { v: 1 } })
  await following
  expect(events.slice(0, 2)).toEqual(['state', 'rows'])
  expect(events.at(-1)).toBe('rows')
})
