import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../runtime/error.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { openCollectors, type Collectors } from '../../runtime/collector/collectors.ts'
import { openTemporaryStore, until, workspace } from '../action/opened.ts'

const bus = openMemoryBus()
let temporary: Awaited<ReturnType<typeof openTemporaryStore>>
let collectors: Collectors
let now = Date.UTC(2026, 0, 1)
const clock = { now: () => now }
const ends = new Set<() => Promise<void>>()

beforeAll(async () => {
  temporary = await openTemporaryStore()
  const streams = {
    resolve: (_: string, id: string) =>
      id === 'str_1'
        ? Promise.resolve({})
        : Promise.reject(new AppError('not-found', 'There is no such stream.')),
  }
  collectors = openCollectors({ store: temporary.store, bus, clock, streams })
})
afterAll(async () => {
  for (const end of ends) await end()
  await bus.close()
  await temporary.remove()
})
let made = 0
async function introduce(more: object = {}): Promise<string> {
  const id = `collector-${++made}`
  await collectors.put(workspace, id, {
    host: `host ${made}`,
    name: `one ${made}`,
    stream: 'str_1',
    bpftrace: true,
    scripts: true,
    every: 1,
    ...more,
  })
  return id
}
/** Holds the event stream, and keeps what came by it. */
function follow(id: string): { jobs: string[]; end(): Promise<void> } {
  const stop = new AbortController()
  const jobs: string[] = []
  const done = (async () => {
    for await (const { event, data } of collectors.follow(workspace, id, stop.signal))
      jobs.push(`${event} ${data.script} ${data.state}`)
  })()
  const end = async (): Promise<void> => {
    ends.delete(end)
    stop.abort()
    await done
  }
  ends.add(end)
  return { jobs, end }
}
const get = async (id: string) =>
  (await collectors.find(workspace, { limit: 100 })).items.find((one) => one.id === id)!
const connect = async (id: string) => {
  const following = follow(id)
  await until(async () => (await get(id)).connected)
  return following
}
const send = (id: string, script = 'BEGIN { }', seconds = 10) =>
  collectors.send(workspace, id, { script, seconds, by: 'usr_1' })

describe('who is there', () => {
  test('one that said who it is, found by host; what it says again takes the place of that', async () => {
    const id = await introduce({ host: 'b' })
    await introduce({ host: 'a' })
    const begun = now
    now += 1000
    await collectors.put(workspace, id, {
      host: 'b',
      name: 'again',
      stream: 'str_1',
      bpftrace: false,
      scripts: false,
      every: 5,
    })
    expect((await collectors.find(workspace, {})).items.map(({ host }) => host)).toEqual(['a', 'b'])
    expect(await get(id)).toEqual({
      id,
      host: 'b',
      name: 'again',
      stream: 'str_1',
      bpftrace: false,
      scripts: false,
      every: 5,
      connected: false,
      startedAt: begun,
      seenAt: now,
      job: null,
    })
  })
  test('a stream that is not there is refused', async () => {
    await expect(introduce({ stream: 'str_9' })).rejects.toThrow('There is no such stream.')
  })
  test('is connected while it holds its events and is heard of, and not after', async () => {
    const id = await introduce()
    const following = await connect(id)
    now += 20_000
    expect((await get(id)).connected).toBe(false)
    await following.end()
    now += 1000
    expect((await get(id)).connected).toBe(false)
  })
  test('the end of an older event stream does not disconnect a newer one', async () => {
    const id = await introduce()
    const older = await connect(id)
    const before = (await temporary.store.in(workspace).get('collectors', id))['holder']
    const newer = follow(id)
    await until(async () => (await temporary.store.in(workspace).get('collectors', id))['holder'] !== before)
    await older.end()
    expect((await get(id)).connected).toBe(true)
    await newer.end()
    expect((await get(id)).connected).toBe(false)
  })
  test('delete takes it from the list', async () => {
    const id = await introduce()
    await collectors.delete(workspace, id)
    expect(await get(id)).toBeUndefined()
  })
})

describe('scripts', () => {
  test('a script reaches the collector, and how it goes is kept', async () => {
    const id = await introduce()
    const following = await connect(id)
    const job = await send(id, 'script 1', 5)
    expect(job).toEqual({
      id: job.id,
      script: 'script 1',
      seconds: 5,
      state: 'waiting',
      error: null,
      by: 'usr_1',
      createdAt: now,
      endedAt: null,
    })
    await until(() => following.jobs.includes('job script 1 waiting'))
    await collectors.report(workspace, id, job.id, { state: 'running', error: null })
    now += 5000
    const ended = await collectors.report(workspace, id, job.id, { state: 'failed', error: 'line 1' })
    expect(ended).toEqual({ ...job, state: 'failed', error: 'line 1', endedAt: now })
    expect((await get(id)).job).toEqual(ended)
    await following.end()
  })
  test('is refused where it cannot be run, and why is said', async () => {
    const deaf = await introduce({ host: 'deaf', scripts: false })
    const bare = await introduce({ host: 'bare', bpftrace: false })
    const away = await introduce({ host: 'away' })
    await expect(send(deaf)).rejects.toThrow(
      'The collector on deaf takes no scripts; start it with: suricate collect --scripts',
    )
    await expect(send(bare)).rejects.toThrow('There is no bpftrace on bare; install it there.')
    await expect(send(away)).rejects.toThrow('The collector on away is not connected.')
    await expect(send('collector-none')).rejects.toMatchObject({ code: 'not-found' })
  })
  test('of several at once one is taken', async () => {
    const id = await introduce({ host: 'busy' })
    const following = await connect(id)
    const sent = await Promise.allSettled([send(id, 'a'), send(id, 'b'), send(id, 'c')])
    const refused = sent.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
    expect(refused).toEqual(
      Array.from({ length: 2 }, () => 'AppError: The collector on busy runs a script; cancel it first.'),
    )
    await following.end()
  })
  test('cancel ends it once; what the collector says after that changes nothing', async () => {
    const id = await introduce()
    const following = await connect(id)
    const job = await send(id, 'long', 0)
    const cancelled = await collectors.cancel(workspace, id, job.id)
    expect(cancelled).toEqual({ ...job, state: 'cancelled', endedAt: now })
    await until(() => following.jobs.includes('job long cancelled'))
    now += 1000
    expect(await collectors.cancel(workspace, id, job.id)).toEqual(cancelled)
    expect(await collectors.report(workspace, id, job.id, { state: 'done', error: null })).toEqual(cancelled)
    await expect(collectors.cancel(workspace, id, 'job_other')).rejects.toThrow('has no job "job_other"')
    expect((await send(id, 'next')).state).toBe('waiting')
    await following.end()
  })
  test('one that waits is there for a collector that comes back', async () => {
    const id = await introduce()
    const first = await connect(id)
    await send(id, 'patient')
    await first.end()
    const second = follow(id)
    await until(() => second.jobs.length > 0)
    expect(second.jobs).toEqual(['job patient waiting'])
    await second.end()
  })
})
