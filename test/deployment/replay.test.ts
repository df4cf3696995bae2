import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPassThrough } from '../../runtime/deployment/pass-through.ts'
import type { Passage, Stretch } from '../../runtime/run/services.ts'
import type { Registration } from '../../runtime/sdk/context.ts'
import { createHost } from '../../runtime/sdk/host.ts'
import type { SdkServices } from '../../runtime/sdk/services.ts'
import type { ActionRequest } from '../../runtime/sdk/context.ts'
import { openTemporaryStore, openTestActions, workspace } from '../action/opened.ts'
import { createFakeSandboxes, Death, type Script } from './fake.ts'
import { createStream, type TestStream } from './opened.ts'

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let opened: ReturnType<typeof openTestActions>
let stream: TestStream
const minute = 60_000
let runs = 0

beforeAll(async () => {
  temporary = await openTemporaryStore()
  opened = openTestActions(temporary.store, [])
  stream = await createStream(temporary.store, { outOfOrder: minute })
  const times = [0, 10_000, 70_000, 50_000, 130_000, 190_000, 250_000]
  await stream.push(...times.map((at, i) => ({ at, body: { v: i } })))
})
afterAll(async () => {
  await opened.close()
  await temporary.remove()
})

async function replay(
  script: Script,
  stretch: Stretch,
  more: Partial<Passage> = {},
): Promise<{ run: string; ended: Promise<unknown> }> {
  const registrations: Registration[] = []
  let act = (_: ActionRequest, _step: number): Promise<{ id: string }> =>
    Promise.reject(new Error('too early'))
  const run = `run_${(runs += 1)}`
  const notebook = { id: 'nb', version: 2, name: 'nb' }
  const host = createHost({} as SdkServices)({
    workspace,
    kind: 'processing',
    notebook,
    project: 'p',
    run,
    kernel: null,
    deployment: null,
    parameters: {},
    lineage: { objects: [], streams: [] },
    act: (request, step) => act(request, step),
    register: (registration) => {
      registrations.push(registration)
      return Promise.resolve()
    },
    depth: 0,
    receipt: () => ({ cpuMs: 0, peakBytes: 0 }),
    declare: () => undefined,
  })
  const deps = { store: temporary.store, actions: opened.actions, retryMs: [1] }
  const prepared = await createPassThrough(deps).prepare(workspace, stretch, host)
  const sandbox = await createFakeSandboxes({ cell: script }).open({
    workspace,
    onOutput: () => undefined,
    host: prepared.host,
  })
  await sandbox.execute({ id: 'c1', label: '1', source: 'cell' })
  const passing = prepared.pass({
    workspace,
    sandbox,
    notebook,
    run,
    registrations,
    limits: { cpuMs: 10_000, wallMs: 10_000 },
    signal: new AbortController().signal,
    ...more,
  })
  act = (request, step) => passing.act(request, step)
  return { run, ended: passing.ended }
}
type Counting = { window: { start: number }; messages: { seq: number }[] }
const counting: Script = (sdk) =>
  sdk.on(stream.name, { window: { type: 'tumbling', size: minute } }, (async ({
    window,
    messages,
  }: Counting) => {
    if (messages.length > 1) await sdk.alert('Many')
    return { seqs: messages.map(({ seq }) => seq).join(' '), start: window.start }
  }) as never)
const fields = async (ended: Promise<unknown>): Promise<unknown[]> =>
  ((await ended) as { result: { rows: { fields: unknown }[] } }).result.rows.map((row) => row.fields)

describe('createPassThrough', () => {
  test('passes a stretch of event time, in order of arrival, and fires what is open at the end', async () => {
    const { run, ended } = await replay(counting, { from: 0, to: 200_000 })
    expect(await fields(ended)).toEqual([
      { start: 0, seqs: '1 2 4' },
      { start: minute, seqs: '3' },
      { start: 2 * minute, seqs: '5' },
      { start: 3 * minute, seqs: '6' },
    ])
    expect((await ended) as object).toMatchObject({ receipt: { messages: 6, cpuMs: 4 } })
    const { items } = await opened.actions.find(workspace, { kind: 'alert' })
    const mine = items.filter((item) => item.run === run)
    expect(mine).toMatchObject([
      { at: minute, deployment: null, window: { start: 0, end: minute }, stream: { from: 1, to: 4 } },
    ])
  })
  test('passes a range of seq of one stream, both ends kept', async () => {
    const { ended } = await replay(counting, { stream: stream.id, fromSeq: 2, toSeq: 4 })
    expect(await fields(ended)).toEqual([
      { start: 0, seqs: '2 4' },
      { start: minute, seqs: '3' },
    ])
  })
  test('an empty stretch has no rows', async () => {
    const { ended } = await replay(counting, { from: 10_000_000, to: 20_000_000 })
    expect(await fields(ended)).toEqual([])
  })
  test('rejects with what the handler threw, and where', async () => {
    const throwing: Script = (sdk) =>
      sdk.on(stream.name, {}, (() => {
        throw new RangeError('no')
      }) as never)
    const { ended } = await replay(throwing, { from: 0, to: 1 })
    await expect(ended).rejects.toMatchObject({
      message: 'no',
      error: { name: 'RangeError', message: 'no', cell: 'c1', line: 7 },
    })
  })
  test('rejects when the sandbox ends, and when the run is cancelled', async () => {
    const dying: Script = (sdk) =>
      sdk.on(stream.name, {}, (() => {
        throw new Death('memory')
      }) as never)
    await expect((await replay(dying, { from: 0, to: 1 })).ended).rejects.toMatchObject({ code: 'limit' })
    const { ended } = await replay(counting, { from: 0, to: minute }, { signal: AbortSignal.abort() })
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
  })
  test('an unknown stream is not-found', async () => {
    const lost: Script = (sdk) => sdk.on('nowhere', {}, (() => null) as never)
    await expect((await replay(lost, { from: 0, to: 1 })).ended).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('batches are cut where a deployment cuts them', async () => {
  const long = await createStream(temporary.store)
  await long.push(...Array.from({ length: 1003 }, (_, i) => ({ at: i })))
  const batches: Script = (sdk) =>
    sdk.on(long.name, { batch: true }, (({ messages }: { messages: { seq: number }[] }) => ({
      first: messages[0]!.seq,
      last: messages.at(-1)!.seq,
    })) as never)
  const { ended } = await replay(batches, { stream: long.id, fromSeq: 200, toSeq: 1002 })
  const { rows } = ((await ended) as { result: { rows: { fields: object }[] } }).result
  expect(rows.map(({ fields }) => fields)).toEqual([
    { first: 200, last: 499 },
    { first: 500, last: 999 },
    { first: 1000, last: 1002 },
  ])
})
