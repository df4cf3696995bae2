import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { overviewHandlers } from '../../app/api/overview.ts'
import type { Call } from '../../app/api/handler.ts'
import type { Actor } from '../../runtime/access/actor.ts'
import type { Overview } from '../../runtime/api/overview.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'

const bus = openMemoryBus()
const handlers = overviewHandlers({
  overviews: { get: () => Promise.resolve({ at: 1, timeline: [{ id: 'run_1' }] } as unknown as Overview) },
  bus,
  metrics: new Registry(),
  version: '1',
  ready: () => Promise.resolve({}),
  sdkTypes: () => '',
})
const actor = (projects: string[] | null): Actor => ({
  workspace: 'w1',
  member: 'm',
  name: 'm',
  role: 'owner',
  rights: ['read'],
  projects,
  platformOwner: false,
})

/** The data of the events that a client with this token sees. */
async function follow(projects: string[] | null): Promise<unknown[]> {
  const gone = new AbortController()
  const call = { actor: actor(projects), signal: gone.signal } as unknown as Call<'getEvents'>
  const response = (await handlers.getEvents(call)) as Response
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  const first = reader.read()
  await new Promise((done) => setImmediate(done))
  bus.publish('w1', { topic: 'deployments/d1', data: { type: 'output', output: 'x' } })
  bus.publish('w1', { topic: 'actions', data: { id: 'act_1', request: { secret: 1 } } })
  let text = (await first).value!
  while (!text.includes('actions')) text += (await reader.read()).value
  gone.abort()
  await reader.cancel()
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as unknown)
}

test('getEvents: outputs of deployments are told without their data', async () => {
  expect(await follow(null)).toEqual([
    { topic: 'deployments/d1', data: null },
    { topic: 'actions', data: { id: 'act_1', request: { secret: 1 } } },
  ])
})
test('getEvents: a confined token learns that something changed, and no more', async () => {
  expect(await follow(['p1'])).toEqual([
    { topic: 'deployments/d1', data: null },
    { topic: 'actions', data: null },
  ])
})
test('getOverview: a confined token does not see the timeline of all projects', async () => {
  const get = (projects: string[] | null) =>
    handlers.getOverview({ actor: actor(projects) } as unknown as Call<'getOverview'>)
  expect(await get(['p1'])).toEqual({ at: 1, timeline: [] })
  expect(await get(null)).toEqual({ at: 1, timeline: [{ id: 'run_1' }] })
})
