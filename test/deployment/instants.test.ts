/**
 * What fired, again: the calls of handlers that asked for actions, made anew in other processes from what was kept, and
 * a stretch with the replies that a deployment got. What the host answers differs each time that it is asked.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Cell } from '../../runtime/api/notebooks.ts'
import { callAgain } from '../../runtime/deployment/again.ts'
import { createCaller } from '../../runtime/deployment/handler.ts'
import { type FoundInstant, openInstants } from '../../runtime/deployment/instants.ts'
import { createPassThrough } from '../../runtime/deployment/pass-through.ts'
import { findPlaces } from '../../runtime/deployment/records.ts'
import { fromReplies, giveReplies } from '../../runtime/deployment/replies.ts'
import { toCellClock } from '../../runtime/deployment/session.ts'
import type { Json, JsonObject } from '../../runtime/json.ts'
import type { Passing, Stretch } from '../../runtime/run/services.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandbox, Sandboxes } from '../../runtime/sandbox/port.ts'
import type { HostContext, Registration } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import type { WorkspaceStore } from '../../runtime/store/port.ts'
import { log, openTemporaryStore, openTestActions, until, workspace } from '../action/opened.ts'
import { createStream, openTestDeployments, type TestStream, untilCaughtUp } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let opened: ReturnType<typeof openTestActions>
let pools: Sandboxes[]
let stream: TestStream
let within: WorkspaceStore
let asked = 0

/** A host that never says the same twice. */
const services = {
  streams: {
    find: () => {
      asked += 1
      const names = [{ id: 's', name: `n${asked} ${Math.random()}`, source: { type: 'http' }, state: 'live' }]
      return Promise.resolve({ items: names, nextCursor: null })
    },
  },
} as unknown as SdkServices
const toCells = (limit: number, name: string): Cell[] =>
  [
    `const [start] = await streams.list(); const began = Date.now() + Math.random()`,
    `await streams.on('${name}', { by: 'host' }, async ({ key, message }, state) => {
      state.sum = (state.sum ?? 0) + message.body.v * Math.random()
      const [now] = await streams.list()
      if (message.body.v > ${limit})
        await act.alert('High ' + message.seq, { details: { start: start.name, now: now.name, began, sum: state.sum, at: Date.now(), random: Math.random() } })
      return { v: message.body.v, sum: state.sum, now: now.name, began }
    })`,
  ].map((source, i): Cell => ({ id: `c${i + 1}`, type: 'typescript', source }))

beforeAll(async () => {
  temporary = await openTemporaryStore()
  within = temporary.store.in(workspace)
  opened = openTestActions(temporary.store, [])
  pools = await Promise.all([1, 2].map(() => openSandboxes({ log, pool: 1, singleUser: true })))
  stream = await createStream(temporary.store)
})
afterAll(async () => {
  await Promise.all((pools ?? []).map((pool) => pool.close()))
  await opened?.close()
  await temporary?.remove()
})

/** Deploys over all messages of the stream, and starts it again before it has `later`; until each action is in the ledger. */
async function deploy(fires: number, later: Parameters<TestStream['push']> = [], limit = 5): Promise<string> {
  const start = () =>
    openTestDeployments(
      temporary.store,
      opened.actions,
      {},
      {
        sandboxes: pools[0]!,
        // so that it is started again on the way
        limits: { pollMs: 10, leaseMs: 400, retryMs: [1, 1, 1], commitMs: 20, commitMessages: 4 },
        createHost: createHost(services),
        notebooks: {
          getVersion: (_, id) =>
            Promise.resolve({
              id,
              name: id,
              project: 'prj',
              kind: 'processing',
              version: 1,
              cells: toCells(limit, stream.name),
            }),
        },
      },
    ).deployments
  let deployments = start()
  const { id } = await deployments.create(workspace, { notebook: 'guard', parameters: {}, from: 'first' })
  if (later.length > 0) {
    await until(async () => (await deployments.get(workspace, id)).commit > 3)
    await deployments.close()
    await stream.push(...later)
    deployments = start()
  }
  await until(async () => (await within.count('actions', { deployment: id })) === fires, 50_000)
  await untilCaughtUp(deployments, id)
  await deployments.close()
  return id
}

const notebook = { id: 'guard', version: 1, name: 'guard' }
const toContext = (registrations: Registration[], act: HostContext['act']): HostContext => ({
  workspace,
  kind: 'processing',
  notebook,
  project: 'prj',
  run: 'run_1',
  kernel: null,
  deployment: null,
  parameters: {},
  lineage: { objects: [], streams: [] },
  act,
  register: (one) => Promise.resolve(void registrations.push(one)),
  depth: 0,
  receipt: () => ({ cpuMs: 0, peakBytes: 0 }),
  declare: () => undefined,
})
async function execute(sandbox: Sandbox, limit: number): Promise<void> {
  for (const { id, source } of toCells(limit, stream.name)) {
    const { status, error } = await sandbox.execute({ id, label: id, source })
    expect([status, error]).toEqual(['ok', undefined])
  }
}

/** The cells in a sandbox of another process, and what `pass` is to be called with. */
async function open(stretch: Stretch, limit = 5): Promise<Passing> {
  const registrations: Registration[] = []
  let passing: Passing | undefined
  const context = toContext(registrations, (request, step) => passing!.act(request, step))
  const { store } = temporary
  const through = createPassThrough({
    store,
    actions: { recordEntry: () => Promise.resolve({ id: 'none' }) },
  })
  const prepared = await through.prepare(workspace, stretch, createHost(services)(context))
  const sandbox = await pools[1]!.open({
    workspace,
    kind: 'processing',
    host: prepared.host,
    ...(prepared.clock && { clock: prepared.clock }),
    onOutput: () => undefined,
  })
  await execute(sandbox, limit)
  passing = prepared.pass({
    workspace,
    sandbox,
    notebook,
    run: 'run_1',
    registrations,
    limits: { cpuMs: 60_000, wallMs: 60_000 },
    signal: new AbortController().signal,
  })
  void passing.ended.then(
    () => sandbox.close(),
    () => sandbox.close(),
  )
  return passing
}

test('actions fire again, word by word, in another process; changed code tells whether it would have fired', async () => {
  const bodies = Array.from({ length: 60 }, (_, i) => ({
    at: i * 1000,
    body: { host: `h${i % 3}`, v: i % 10 },
  }))
  await stream.push(...bodies.slice(0, 30))
  const deployment = await deploy(24, bodies.slice(30))
  const { items } = await within.find('actions', { filter: { deployment }, limit: 1000 })
  expect(items.length).toBe(24)
  const before = asked
  const told: unknown[] = []
  for (const { id } of items.slice(0, 6)) {
    const { result } = await (await open({ action: id })).ended
    told.push([result.fires, result.same, result.askedAnew])
  }
  expect(told).toEqual(Array.from({ length: 6 }, () => [true, true, []]))
  expect(asked).toBe(before)

  const quiet = items.find(({ request }) => String((request as JsonObject).title).length > 0)!
  const { result } = await (await open({ action: quiet.id }, 100)).ended
  expect(result).toMatchObject({ fires: false, same: false, would: { actions: [] } })
  expect((result.did as { actions: JsonObject[] }).actions).toEqual([
    { kind: 'alert', request: quiet.request, key: quiet.key },
  ])

  // it was started again, and its cells were answered otherwise
  await expect(open({ from: 0, to: 1e9, answers: deployment })).rejects.toMatchObject({ code: 'conflict' })
  // the whole stretch, with the replies that a deployment got
  const other = await deploy(24)
  const rows = await within.commits.rows(other, { limit: 1000 })
  const since = asked
  const again = await (await open({ from: 0, to: 1e9, answers: other })).ended
  expect(asked).toBe(since)
  const byId = (list: Json[]) =>
    list.toSorted((a, b) => ((a as JsonObject).id! < (b as JsonObject).id! ? -1 : 1))
  expect(JSON.stringify(byId(again.result.rows as Json[]))).toBe(
    JSON.stringify(byId(rows as unknown as Json[])),
  )
})

test('a thousand actions, in any order, are the same in another process', async () => {
  stream = await createStream(temporary.store)
  const half = Array.from({ length: 500 }, (_, i) => ({
    at: i * 1000,
    body: { host: `h${i % 7}`, v: i % 10 },
  }))
  await stream.push(...half)
  const deployment = await deploy(1000, half, -1)
  const { items } = await within.find('actions', { filter: { deployment }, limit: 1000 })
  const instants = openInstants({ store: temporary.store })
  const before = asked
  /** The cells as they were answered at one opening, in a process of their own. */
  async function openCells(instant: FoundInstant) {
    const registrations: Registration[] = []
    let source = fromReplies(instant.opening)
    const host = createHost(services)(toContext(registrations, (request, step) => caller.act(request, step)))
    const sandbox = await pools[1]!.open({
      workspace,
      kind: 'processing',
      host: giveReplies(host, () => source),
      clock: toCellClock(instant),
      onOutput: () => undefined,
    })
    const caller = createCaller(() => sandbox, { retryMs: [], wait: () => Promise.resolve() })
    await execute(sandbox, -1)
    return {
      sandbox,
      again(one: FoundInstant) {
        source = fromReplies(one.replies)
        return callAgain({ registrations }, caller, one, [])
      },
    }
  }
  const openings = new Map<string, Awaited<ReturnType<typeof openCells>>>()
  const differs: string[] = []
  for (const { id } of items.toSorted(() => Math.random() - 0.5)) {
    const instant = await instants.get(workspace, id)
    const opening = JSON.stringify(instant.opening)
    const cells = openings.get(opening) ?? (await openCells(instant))
    openings.set(opening, cells)
    if ((await cells.again(instant)).result.same !== true) differs.push(id)
  }
  for (const { sandbox } of openings.values()) await sandbox.close()
  expect(openings.size).toBe(2)
  expect([items.length, differs, asked]).toEqual([1000, [], before])
}, 120_000)

test('what is kept goes with the deployment, and it says so', async () => {
  const [action] = (await within.find('actions', { filter: {}, limit: 1 })).items
  const deployment = String(action!.deployment)
  const places = await findPlaces(within.commits, deployment)
  expect(places.length).toBeGreaterThan(3)
  const { deployments } = openTestDeployments(temporary.store, opened.actions, {})
  await deployments.delete(workspace, deployment)
  await deployments.close()
  expect(await Promise.all(places.map(({ blob }) => within.blobs.has(blob)))).toEqual(places.map(() => false))
  await expect(open({ action: action!.id })).rejects.toMatchObject({
    code: 'conflict',
    message: 'The deployment was deleted, and what it kept with it.',
  })
})
