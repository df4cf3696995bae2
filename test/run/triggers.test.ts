import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Run } from '../../runtime/api/runs.ts'
import { AppError } from '../../runtime/error.ts'
import type { RunSpec } from '../../runtime/run/runs.ts'
import { openTriggers, type Triggers } from '../../runtime/run/triggers.ts'
import type { Head } from '../../runtime/store/log.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let all: Opened
let triggers: Triggers
let now = Date.UTC(2026, 0, 1, 12, 0, 30)
let head: Head
let made: { spec: RunSpec; skipped: boolean }[] = []
let running = false
beforeAll(async () => {
  all = await openAll({ clock: { now: () => now } })
  const record = (spec: RunSpec, skipped: boolean): Promise<Run> => {
    made.push({ spec, skipped })
    return Promise.resolve({ id: `run_${made.length}` } as Run)
  }
  triggers = openTriggers({
    store: all.store,
    bus: all.bus,
    clock: all.clock,
    log: all.log,
    notebooks: all.notebooks,
    runs: {
      create: (_workspace, _notebook, spec) => record(spec, false),
      skip: (_workspace, _notebook, spec) => record(spec, true),
      head: () => Promise.resolve({ state: running ? 'running' : 'succeeded' } as Run),
    },
    streams: {
      get: (_workspace, name) =>
        name === 'live'
          ? Promise.resolve({ id: 'str_1', name } as never)
          : Promise.reject(new AppError('not-found', `There is no stream "${name}".`)),
      head: () => Promise.resolve(head),
    },
  })
})
beforeEach(async () => {
  made = []
  running = false
  head = {
    firstSeq: 1,
    nextSeq: 101,
    bytes: 0,
    lastReceivedAt: 0,
    maxEventTime: 0,
    ackedSeq: 0,
    source: null,
  }
  for (const { id } of (await triggers.find(workspace, {})).items) await triggers.delete(workspace, id)
})
afterAll(async () => {
  await triggers.close()
  await all.close()
})
const minutes = { type: 'schedule', cron: '*/5 * * * *', zone: 'UTC' } as const
const start = async (spec: Parameters<Triggers['create']>[1]['spec'], name = `n${Math.random()}`) => {
  const notebook = await all.write(name, ['const { n } = parameters({ n: 1 })'])
  return triggers.create(workspace, { notebook: notebook.id, spec, parameters: { n: 2 } })
}

describe('a schedule', () => {
  test('fires when it is due, once for all that was missed, in its zone', async () => {
    const trigger = await start(minutes)
    expect(trigger).toMatchObject({
      enabled: true,
      nextAt: Date.UTC(2026, 0, 1, 12, 5),
      revision: 1,
      lastRun: null,
    })
    expect(await triggers.fire()).toBe(0)
    now = Date.UTC(2026, 0, 1, 12, 17)
    expect(await triggers.fire()).toBe(1)
    expect(made).toEqual([
      {
        skipped: false,
        spec: {
          id: expect.stringMatching(/^run_[0-9a-f]{26}_1$/) as string,
          parameters: { n: 2 },
          trigger: { type: 'schedule', id: trigger.id, at: Date.UTC(2026, 0, 1, 12, 5) },
        },
      },
    ])
    expect(await triggers.get(workspace, trigger.id)).toMatchObject({
      nextAt: Date.UTC(2026, 0, 1, 12, 20),
      lastRun: 'run_1',
      lastError: null,
      revision: 1,
    })
    const berlin = await start({ type: 'schedule', cron: '0 9 * * *', zone: 'Europe/Berlin' })
    expect(berlin.nextAt).toBe(Date.UTC(2026, 0, 2, 8))
  })
  test('is recorded as skipped while the last run still goes', async () => {
    const trigger = await start(minutes)
    now += 300_000
    await triggers.fire()
    running = true
    now += 300_000
    await triggers.fire()
    expect(made.map(({ skipped }) => skipped)).toEqual([false, true])
    expect((await triggers.get(workspace, trigger.id)).lastRun).toBe('run_1')
  })
  test.each([
    [{ ...minutes, cron: 'soon' }, 'spec.cron'],
    [{ ...minutes, zone: 'Mars/Base' }, 'spec.zone'],
  ])('%j is refused', async (spec, path) => {
    await expect(start(spec)).rejects.toMatchObject({ code: 'invalid', details: { path } })
  })
  test('runs the version it is pinned to, or the notebook as it is then', async () => {
    const trigger = await start(minutes)
    expect(trigger.version).toBeNull()
    const change = { version: 7 }
    await expect(triggers.update(workspace, trigger.id, change, 1)).rejects.toMatchObject({
      code: 'not-found',
    })
    const { version } = await all.notebooks.saveVersion(workspace, trigger.notebook, 'pinned')
    const pinned = await triggers.update(workspace, trigger.id, { version }, 1)
    expect(pinned.version).toBe(version)
    now += 300_000
    await triggers.fire()
    await triggers.update(workspace, trigger.id, { version: null }, 2)
    now += 300_000
    await triggers.fire()
    expect(made.map(({ spec }) => spec.version)).toEqual([version, undefined])
  })
  test('does not fire when disabled; an edit needs the revision, which firing does not change', async () => {
    const trigger = await start(minutes)
    now += 300_000
    await triggers.fire()
    const off = await triggers.update(workspace, trigger.id, { enabled: false }, trigger.revision)
    expect([off.enabled, off.revision]).toEqual([false, 2])
    now += 600_000
    expect(await triggers.fire()).toBe(0)
    await expect(triggers.update(workspace, trigger.id, { enabled: true }, 1)).rejects.toMatchObject({
      code: 'stale',
    })
    await expect(triggers.update(workspace, trigger.id, { parameters: { m: 1 } }, 2)).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})

describe('a stream trigger', () => {
  test('starts one run for each stated count, with its stretch of seq, nothing twice and nothing lost', async () => {
    const trigger = await start({ type: 'stream', stream: 'live', everyMessages: 10 })
    expect(trigger.spec).toEqual({ type: 'stream', stream: 'str_1', everyMessages: 10 })
    now += 1000
    await triggers.fire()
    expect(made).toEqual([])
    head.nextSeq = 125
    const fire = async (): Promise<void> => {
      now += 1000
      await triggers.fire()
    }
    running = true
    await fire()
    await fire()
    expect(made.map(({ spec }) => spec.range)).toEqual([{ stream: 'str_1', fromSeq: 101, toSeq: 110 }])
    running = false
    await fire()
    await fire()
    expect(made.map(({ spec }) => [spec.range, spec.trigger])).toEqual([
      [
        { stream: 'str_1', fromSeq: 101, toSeq: 110 },
        { type: 'stream', id: trigger.id, stream: 'str_1', from: 101, to: 110 },
      ],
      [
        { stream: 'str_1', fromSeq: 111, toSeq: 120 },
        { type: 'stream', id: trigger.id, stream: 'str_1', from: 111, to: 120 },
      ],
    ])
  })
  test('starts one run for each stated time when there was anything', async () => {
    await start({ type: 'stream', stream: 'live', everySeconds: 60 })
    now += 60_000
    await triggers.fire()
    expect(made).toEqual([])
    head.nextSeq = 103
    now += 60_000
    await triggers.fire()
    expect(made.map(({ spec }) => spec.range)).toEqual([{ stream: 'str_1', fromSeq: 101, toSeq: 102 }])
  })
  test('of a stream that is not there, or of both a count and a time, is refused', async () => {
    await expect(start({ type: 'stream', stream: 'other', everyMessages: 1 })).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(
      start({ type: 'stream', stream: 'live', everyMessages: 1, everySeconds: 1 }),
    ).rejects.toMatchObject({ code: 'invalid' })
  })
})
