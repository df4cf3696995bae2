import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Actions } from '../../runtime/action/actions.ts'
import { toActionId, toEntry } from '../../runtime/action/entry.ts'
import type { Action } from '../../runtime/api/actions.ts'
import { action as actionSchema, alert as alertSchema } from '../../runtime/api/actions.ts'
import type { ActionRequest } from '../../runtime/sdk/context.ts'
import type { Store } from '../../runtime/store/port.ts'
import { openReceiver, openTemporaryStore, openTestActions, until, workspace } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let store: Store
let receiver: Awaited<ReturnType<typeof openReceiver>>
let opened: ReturnType<typeof openTestActions>
let actions: Actions
let notebook: { id: string; version: number }
let count = 0

beforeAll(async () => {
  temporary = await openTemporaryStore()
  store = temporary.store
  receiver = await openReceiver()
})
afterAll(async () => {
  receiver.close()
  await temporary.remove()
})
beforeEach(() => {
  receiver.received.length = 0
  receiver.answer = () => 200
  notebook = { id: `nb_${(count += 1)}`, version: 1 }
  // the first connection of a process takes longer than others
  opened = openTestActions(store, [receiver.pair], { timeoutMs: 2000 })
  actions = opened.actions
})
afterEach(() => opened.close())

const webhook = (path = '/hook', more: Partial<ActionRequest> = {}): ActionRequest => ({
  kind: 'webhook',
  request: { url: receiver.url + path, body: { hello: 1 }, headers: { 'x-a': 'b' } },
  ...more,
})
const alert = (more: Partial<ActionRequest> = {}): ActionRequest => ({
  kind: 'alert',
  request: { title: 'Hot', severity: 'warning', details: { value: 3 } },
  ...more,
})
const settled = (id: string): Promise<Action> =>
  until(async () => {
    const action = await actions.get(workspace, id)
    return action.state !== 'pending' && action
  })

describe('record', () => {
  test('a webhook is delivered with its Idempotency-Key and becomes fired', async () => {
    const { id } = await actions.record(
      workspace,
      { notebook, run: 'run_1' },
      webhook('/hook', { model: { name: 'm', version: 2 } }),
    )
    const action = await settled(id)
    expect(action).toEqual({
      id,
      kind: 'webhook',
      state: 'fired',
      key: action.idempotencyKey,
      idempotencyKey: action.idempotencyKey,
      attempts: [{ at: action.firedAt, ok: true, detail: 'the receiver answered 200' }],
      request: { url: `${receiver.url}/hook`, body: { hello: 1 }, headers: { 'x-a': 'b' } },
      run: 'run_1',
      deployment: null,
      notebook,
      model: { name: 'm', version: 2 },
      stream: null,
      window: null,
      alert: null,
      at: action.at,
      createdAt: action.createdAt,
      firedAt: action.firedAt,
    })
    expect(actionSchema.parse(action)).toEqual(action)
    expect(receiver.received).toMatchObject([
      {
        path: '/hook',
        body: { hello: 1 },
        headers: {
          'x-a': 'b',
          'content-type': 'application/json',
          'idempotency-key': action.idempotencyKey,
        },
      },
    ])
  })

  test('a wrong request is refused at once', async () => {
    const bad: ActionRequest = { kind: 'webhook', request: { url: 'x', body: null } }
    await expect(actions.record(workspace, { notebook }, bad)).rejects.toMatchObject({ code: 'invalid' })
  })

  test('a webhook that answers 500 is tried again with the same key until it fires', async () => {
    receiver.answer = () => (receiver.received.length < 3 ? 500 : 204)
    const action = await settled((await actions.record(workspace, { notebook }, webhook())).id)
    expect([action.state, action.attempts.map((attempt) => attempt.detail)]).toEqual([
      'fired',
      ['the receiver answered 500', 'the receiver answered 500', 'the receiver answered 204'],
    ])
    expect(new Set(receiver.received.map(({ headers }) => headers['idempotency-key']))).toEqual(
      new Set([action.idempotencyKey]),
    )
  })

  test('after the last attempt it has failed, and retry sends it again with the same key', async () => {
    receiver.answer = () => 503
    const { id } = await actions.record(workspace, { notebook }, webhook())
    const failed = await settled(id)
    expect([failed.state, failed.attempts.length, receiver.received.length]).toEqual(['failed', 4, 4])
    receiver.answer = () => 200
    expect((await actions.retry(workspace, id)).state).toBe('pending')
    const fired = await settled(id)
    expect([fired.state, fired.attempts.length]).toEqual(['fired', 5])
    expect(receiver.received.at(-1)?.headers['idempotency-key']).toBe(failed.idempotencyKey)
    await expect(actions.retry(workspace, id)).rejects.toMatchObject({ code: 'conflict' })
  })

  test.each([400, 401, 404, 410])('an answer of %i fails at once', async (status) => {
    receiver.answer = () => status
    const action = await settled((await actions.record(workspace, { notebook }, webhook())).id)
    expect([action.state, action.attempts.length]).toEqual(['failed', 1])
  })

  test.each([408, 425, 429])('an answer of %i is tried again', async (status) => {
    receiver.answer = () => (receiver.received.length === 1 ? status : 200)
    const action = await settled((await actions.record(workspace, { notebook }, webhook())).id)
    expect([action.state, action.attempts.length]).toEqual(['fired', 2])
  })

  test('an address that egress refuses fails at once and says how to allow it', async () => {
    const request = { url: 'http://10.0.0.1/', body: null }
    const { id } = await actions.record(workspace, { notebook }, { kind: 'webhook', request })
    const action = await settled(id)
    expect([action.state, action.attempts[0]?.detail]).toEqual([
      'failed',
      expect.stringContaining('PUT /settings/egress'),
    ])
  })

  test('a webhook that never answers holds back no other, and fails in the end', async () => {
    const other = await openReceiver()
    await opened.close()
    opened = openTestActions(store, [receiver.pair, other.pair])
    actions = opened.actions
    receiver.answer = () => 0
    const hanging = await Promise.all(
      Array.from({ length: 8 }, () => actions.record(workspace, { notebook }, webhook('/never'))),
    )
    const request = { url: `${other.url}/quick`, body: 1 }
    const { id } = await actions.record(workspace, { notebook }, { kind: 'webhook', request })
    const quick = await settled(id)
    expect(quick.state).toBe('fired')
    const states = await Promise.all(hanging.map(({ id }) => actions.get(workspace, id)))
    expect(states.every(({ state }) => state === 'pending')).toBe(true)
    for (const { id } of hanging) {
      const action = await settled(id)
      expect([action.state, action.attempts.at(-1)?.detail]).toEqual([
        'failed',
        `${receiver.pair} did not answer within 0.3 s.`,
      ])
    }
    other.close()
  })
})

describe('deduplication', () => {
  test('within the cooldown of event time further firings are ledger entries only', async () => {
    const at = (time: number): Promise<{ id: string }> =>
      actions.record(workspace, { notebook, at: time }, webhook('/hook', { key: 'k', cooldownMs: 1000 }))
    const ids = []
    for (const time of [10_000, 10_999, 9001, 11_000, 11_500]) ids.push((await at(time)).id)
    const states = await Promise.all(ids.map(async (id) => (await settled(id)).state))
    expect(states).toEqual(['fired', 'deduplicated', 'deduplicated', 'fired', 'deduplicated'])
    expect(receiver.received.length).toBe(2)
  })

  test('a key without a cooldown fires once; another notebook, kind or receiver is another action', async () => {
    const states = []
    for (const [context, request] of [
      [{ notebook }, webhook('/hook', { key: 'k' })],
      [{ notebook }, webhook('/hook?again', { key: 'k' })],
      [{ notebook }, webhook('/other', { key: 'k' })],
      [{ notebook }, alert({ key: 'k' })],
      [{ notebook: { id: `${notebook.id}x`, version: 1 } }, webhook('/hook', { key: 'k' })],
      [
        { notebook: { ...notebook, version: 2 } },
        webhook('/hook', { key: 'k', model: { name: 'm', version: 2 } }),
      ],
    ] as const)
      states.push((await settled((await actions.record(workspace, context, request)).id)).state)
    expect(states).toEqual(['fired', 'deduplicated', 'fired', 'fired', 'fired', 'deduplicated'])
  })

  test('a failed one does not stand in the way', async () => {
    receiver.answer = () => 404
    await settled((await actions.record(workspace, { notebook }, webhook('/hook', { key: 'k' }))).id)
    receiver.answer = () => 200
    const again = await actions.record(workspace, { notebook }, webhook('/hook', { key: 'k' }))
    expect((await settled(again.id)).state).toBe('fired')
  })

  test('without key, window and cooldown every action fires', async () => {
    for (let i = 0; i < 3; i++)
      await settled((await actions.record(workspace, { notebook, run: 'r' }, webhook())).id)
    expect(receiver.received.length).toBe(3)
  })
})

describe('takeOutbox', () => {
  test('moves committed entries once, also when it is repeated before they were settled', async () => {
    const deployment = `dep_${notebook.id}`
    const { commits } = store.in(workspace)
    const lease = (await commits.lease(deployment, 'me', Date.now(), 60_000))!
    const entry = toEntry(
      { notebook, deployment, at: 5000, identity: '0', window: { key: null, start: 0, end: 5000, pane: 0 } },
      webhook(),
    )
    const base = { deployment, lease, offsets: { s: 1 }, clocks: {}, state: {}, rows: [] }
    await commits.commit({ ...base, number: 1, outbox: [entry] })
    await actions.takeOutbox(workspace, deployment)
    const action = await settled(toActionId(entry.id))
    expect([action.state, action.at, action.deployment]).toEqual(['fired', 5000, deployment])
    expect(await commits.outbox({ deployment, limit: 10 })).toEqual([])
    await commits.commit({ ...base, number: 2, outbox: [{ ...entry, at: 6000 }] })
    await actions.takeOutbox(workspace, deployment)
    expect((await actions.get(workspace, toActionId(entry.id))).at).toBe(5000)
    expect(receiver.received.length).toBe(1)
  })

  test('what a process left behind is taken by the sweep of the next', async () => {
    await opened.close()
    const deployment = `dep_${notebook.id}`
    const { commits } = store.in(workspace)
    const lease = (await commits.lease(deployment, 'me', Date.now(), 60_000))!
    const entry = toEntry({ notebook, deployment, at: 1, identity: 'x' }, alert())
    const base = { deployment, lease, offsets: {}, clocks: {}, state: {}, rows: [] }
    await commits.commit({ ...base, number: 1, outbox: [entry] })
    opened = openTestActions(store, [])
    actions = opened.actions
    const action = await until(async () => {
      const found = await actions.get(workspace, toActionId(entry.id)).catch(() => undefined)
      return found?.state === 'fired' && found
    })
    expect(action.alert).toEqual(expect.any(String))
  })
})

describe('alerts', () => {
  test('are grouped by fingerprint, acknowledged, resolved, and open anew', async () => {
    const topics: string[] = []
    opened.bus.subscribe(workspace, 'alerts', ({ data }) => topics.push((data as { state: string }).state))
    const fire = async (at: number): Promise<Action> =>
      settled((await actions.record(workspace, { notebook, at }, alert())).id)
    const first = await fire(1000)
    const second = await fire(3000)
    expect(second.alert).toBe(first.alert)
    const open = await actions.alerts.get(workspace, first.alert!)
    expect(open).toEqual({
      id: first.alert,
      fingerprint: `Hot ${notebook.id} `,
      severity: 'warning',
      title: 'Hot',
      details: { value: 3 },
      state: 'open',
      count: 2,
      firstAt: 1000,
      lastAt: 3000,
      links: { action: second.id, deployment: null, notebook: notebook.id, model: null, run: null },
      acknowledgedBy: null,
      revision: 2,
    })
    expect(alertSchema.parse(open)).toEqual(open)
    expect((await actions.alerts.acknowledge(workspace, open.id, 'eve')).acknowledgedBy).toBe('eve')
    expect((await actions.alerts.resolve(workspace, open.id)).state).toBe('resolved')
    await expect(actions.alerts.acknowledge(workspace, open.id, 'eve')).rejects.toMatchObject({
      code: 'conflict',
    })
    const third = await fire(9000)
    expect(third.alert).not.toBe(first.alert)
    expect((await actions.alerts.get(workspace, third.alert!)).count).toBe(1)
    expect(topics).toEqual(['open', 'open', 'acknowledged', 'resolved', 'open'])
  })

  test('a hundred firings at once, from two processes, are counted exactly', async () => {
    const second = openTestActions(store, [])
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        (i % 2 ? actions : second.actions).record(workspace, { notebook, at: i }, alert()),
      ),
    )
    // one look for all: a hundred that look at once keep the store from anything else
    const mine = store.in(workspace)
    await until(
      async () => (await mine.count('actions', { notebook: notebook.id, state: 'pending' })) === 0,
      30_000,
    )
    const fired = await Promise.all(ids.map(({ id }) => actions.get(workspace, id)))
    expect(fired.every(({ state }) => state === 'fired')).toBe(true)
    expect(new Set(fired.map(({ alert: id }) => id)).size).toBe(1)
    const one = await actions.alerts.get(workspace, fired[0]!.alert!)
    expect([one.count, one.firstAt, one.lastAt]).toEqual([100, 0, 99])
    await second.close()
  })

  test('find filters by state and pages', async () => {
    const { items } = await actions.alerts.find(workspace, { state: 'resolved', limit: 1 })
    expect(items.map(({ state }) => state)).toEqual(['resolved'])
  })
})

test('find shows the ledger, newest first, by state and kind; another workspace sees nothing', async () => {
  const { id } = await actions.record(workspace, { notebook }, alert())
  await settled(id)
  const { items } = await actions.find(workspace, { kind: 'alert', state: 'fired', limit: 5 })
  expect(items.some((item) => item.id === id)).toBe(true)
  expect(items.map(({ createdAt }) => createdAt)).toEqual(
    items.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
  )
  await expect(actions.get('w2', id)).rejects.toMatchObject({ code: 'not-found' })
  expect((await actions.find('w2', {})).items).toEqual([])
})
