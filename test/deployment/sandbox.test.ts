import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { systemClock } from '../../runtime/clock.ts'
import { type Deployments, openDeployments } from '../../runtime/deployment/deployments.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import { log, openReceiver, openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import { createStream, untilCaughtUp } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let receiver: Awaited<ReturnType<typeof openReceiver>>
let opened: ReturnType<typeof openTestActions>
let sandboxes: Sandboxes
let deployments: Deployments
let sources: string[] = []

beforeAll(async () => {
  temporary = await openTemporaryStore()
  receiver = await openReceiver()
  opened = openTestActions(temporary.store, [receiver.pair], { timeoutMs: 2000 })
  sandboxes = await openSandboxes({ log, pool: 1, singleUser: true })
  deployments = openDeployments({
    store: temporary.store,
    bus: openMemoryBus(),
    clock: systemClock,
    log,
    sandboxes,
    createHost: createHost({} as SdkServices),
    notebooks: {
      getVersion: (_, notebook) =>
        Promise.resolve({
          id: notebook,
          name: notebook,
          project: 'prj',
          kind: 'processing',
          version: 1,
          cells: sources.map((source, i): Cell => ({ id: `c${i + 1}`, type: 'typescript', source })),
        }),
    },
    actions: opened.actions,
    limits: { pollMs: 20, retryMs: [1, 1, 1], handler: { cpuMs: 2000, wallMs: 4000 } },
  })
})
afterAll(async () => {
  await deployments?.close()
  await sandboxes?.close()
  await opened?.close()
  receiver?.close()
  await temporary?.remove()
})
const create = (parameters = {}) =>
  deployments.create(workspace, { notebook: 'nb', parameters, from: 'first' })

test('a real sandbox holds a stream: rows, state, an alert and a webhook', async () => {
  const stream = await createStream(temporary.store)
  sources = [
    `const { limit, url } = parameters({ limit: 5, url: '' })`,
    `await streams.on('${stream.name}', { window: { type: 'tumbling', size: '1 min' }, by: 'host' }, async ({ key, window, messages }, state) => {
      const value = Math.max(...messages.map((m) => m.body.v))
      state.windows = (state.windows ?? 0) + 1
      if (value > limit) {
        await act.alert('High', { key: key + window.start, details: { value } })
        await act.webhook(url, { value, key }, { key: key + window.start })
      }
      return { value, windows: state.windows, random: Math.random(), now: Date.now() }
    })`,
  ]
  await stream.push(
    { at: 0, body: { host: 'a', v: 3 } },
    { at: 1000, body: { host: 'b', v: 7 } },
    { at: 61_000, body: { host: 'a', v: 4 } },
    { at: 121_000, body: { host: 'a', v: 4 } },
  )
  const first = await create({ limit: 6, url: `${receiver.url}/hook` })
  await untilCaughtUp(deployments, first.id)
  const { items } = await deployments.rows(workspace, first.id, {})
  const rows = items.toReversed().map(({ key, start, fields }) => [key, start, fields.value, fields.windows])
  expect(rows).toEqual([
    ['a', 0, 3, 1],
    ['b', 0, 7, 1],
    ['a', 60_000, 4, 2],
  ])
  await until(() => receiver.received.length === 1)
  expect(receiver.received[0]).toMatchObject({ path: '/hook', body: { value: 7, key: 'b' } })
  const alert = await until(async () => (await opened.actions.alerts.find(workspace, {})).items[0])
  expect(alert).toMatchObject({
    title: 'High',
    count: 1,
    details: { value: 7 },
    links: { deployment: first.id },
  })

  const second = await create({ limit: 100 })
  await untilCaughtUp(deployments, second.id)
  const again = (await deployments.rows(workspace, second.id, {})).items
  expect(again).toEqual(items)
})

test('a handler that throws names its cell and line', async () => {
  const stream = await createStream(temporary.store)
  sources = [
    `const nothing = null`,
    `await streams.on('${stream.name}', {}, ({ message }) => {\n  return { value: nothing.value }\n})`,
  ]
  await stream.push({ at: 0 })
  const { id } = await create()
  const failed = await until(async () => {
    const now = await deployments.get(workspace, id)
    return now.state === 'failed' && now
  })
  expect(failed.lastError).toMatch(/^TypeError: .* \(cell 2, line 2\) at message 1 of /)
})

test('a handler that never ends is ended by its limit, restarted a few times, and fails', async () => {
  const stream = await createStream(temporary.store)
  sources = [`await streams.on('${stream.name}', {}, () => { while (true) {} })`]
  await stream.push({ at: 0 })
  const { id } = await create()
  const failed = await until(async () => {
    const now = await deployments.get(workspace, id)
    return now.state === 'failed' && now
  }, 60_000)
  expect(failed.lastError).toMatch(/CPU|time|limit/i)
}, 90_000)

test('its sandbox is killed: it goes on from the last commit', async () => {
  const stream = await createStream(temporary.store)
  sources = [
    `await streams.on('${stream.name}', {}, ({ message }, state) => { state.n = (state.n ?? 0) + 1; return { n: state.n } })`,
  ]
  const pids: number[] = []
  const { id } = await create()
  await stream.push({ at: 1 }, { at: 2 })
  await untilCaughtUp(deployments, id)
  for (const name of await readdir('/proc').catch(() => []))
    if (/^\d+$/.test(name)) {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid) pids.push(Number(name))
    }
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await until(async () => (await deployments.get(workspace, id)).restarts === 1)
  await stream.push({ at: 3 })
  await untilCaughtUp(deployments, id)
  const { items } = await deployments.rows(workspace, id, {})
  expect(items.map(({ fields }) => fields.n)).toEqual([3, 2, 1])
}, 60_000)

test("time and chance of message and batch handlers are the messages', not the machine's", async () => {
  const stream = await createStream(temporary.store)
  const told =
    '({ now: Date.now(), again: new Date().getTime(), random: Math.random(), more: Math.random() })'
  sources = [
    `await streams.on('${stream.name}', {}, async () => { await null; return ${told} })
     await streams.on('${stream.name}', { batch: true }, () => ${told})`,
  ]
  await stream.push({ at: 1000 }, { at: 2000 })
  const rowsOf = async (): Promise<{ fields: { [name: string]: unknown } }[]> => {
    const { id } = await create()
    await untilCaughtUp(deployments, id)
    return (await deployments.rows(workspace, id, {})).items
  }
  const rows = await rowsOf()
  const messages = await temporary.store.in(workspace).log.read(stream.id, 1, 2)
  const times = new Set(messages.map(({ receivedAt }) => receivedAt))
  expect(rows.length).toBe(3)
  for (const { fields } of rows) {
    expect(times.has(Number(fields.now))).toBe(true)
    expect(fields.again).toBe(fields.now)
    expect(fields.random).not.toBe(fields.more)
  }
  expect(await rowsOf()).toEqual(rows)
})

test('windows, late messages, several streams and joins from a real notebook', async () => {
  const [left, right] = [await createStream(temporary.store), await createStream(temporary.store)]
  sources = [
    `await streams.on(['${left.name}', '${right.name}'], {
       window: { type: 'session', gap: '10 s' }, by: 'host', watermark: { type: 'bounded', idle: '1 h' },
       late: ({ message, reason }, state) => ({ late: message.body.v, reason, sessions: state.n ?? 0 }),
     }, ({ messages }, state) => {
       state.n = (state.n ?? 0) + 1
       return { sum: messages.reduce((sum, m) => sum + m.body.v, 0), from: messages.map((m) => m.stream).join() }
     })
     await streams.join('${left.name}', '${right.name}', { within: '5 s', by: 'host', unmatched: 'left' },
       ({ left, right }) => ({ left: left.body.v, right: right ? right.body.v : null }))`,
  ]
  await left.push({ at: 0, body: { host: 'a', v: 1 } })
  await right.push({ at: 4000, body: { host: 'a', v: 2 } })
  await left.push({ at: 60_000, body: { host: 'a', v: 4 } })
  await right.push({ at: 70_000, body: { host: 'a', v: 8 } })
  await left.push({ at: 1000, body: { host: 'a', v: 16 } })
  const { id } = await create()
  await untilCaughtUp(deployments, id)
  const { items } = await deployments.rows(workspace, id, {})
  expect(items.map(({ start, end, fields }) => ({ start, end, ...fields }))).toEqual(
    expect.arrayContaining([
      { start: 0, end: 4000, left: 1, right: 2 },
      { start: 0, end: 14_000, sum: 3, from: `${left.name},${right.name}` },
      { start: 1000, end: 1000, late: 16, reason: 'late', sessions: 1 },
    ]),
  )
  expect((await deployments.late(workspace, id, {})).items.map(({ handler }) => handler)).toEqual([1, 0])
})

test.each([
  [`{ window: { type: 'session' } }`, 'argument 3, window.gap'],
  [
    `{ window: { type: 'weekly' } }`,
    'a window is of type tumbling, hopping, sliding, session, count, calendar or global',
  ],
  [`{ watermark: { type: 'later' } }`, 'a watermark is of type bounded'],
  [`{ window: { type: 'tumbling', size: '1 min' }, late: true }`, 'late is a function'],
  [`{ every: 5 }`, 'every'],
])('streams.on refuses %s and names what is wrong', async (options, message) => {
  const stream = await createStream(temporary.store)
  sources = [`await streams.on('${stream.name}', ${options}, () => null)`]
  const { id } = await create()
  const failed = await until(async () => {
    const now = await deployments.get(workspace, id)
    return now.state === 'failed' && now
  })
  expect(failed.lastError).toContain(message)
})
