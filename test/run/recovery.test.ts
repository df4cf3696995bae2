import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobLimits } from '../../runtime/sandbox/limits.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let all: Opened
beforeAll(async () => {
  all = await openAll()
})
afterAll(() => all.close())
const never = new AbortController().signal
const trigger = { type: 'api' as const }

describe('runs of a process that is gone', () => {
  test('queued ones go on with the next, running ones are failed with the reason, after their lease', async () => {
    let now = Date.now()
    const clock = { now: () => now }
    const first = await openAll({
      clock,
      sandboxes: all.sandboxes,
      environment: { SURICATE_RUNS_AT_ONCE: '1' },
    })
    const slow = await first.write('slow', ['await new Promise(() => undefined)'])
    const quick = await first.write('quick', ['6 * 7'])
    const running = await first.runs.create(workspace, slow.id, { trigger })
    const queued = await first.runs.create(workspace, quick.id, { trigger })
    expect([running.state, queued.state]).toEqual(['running', 'queued'])

    // Nobody closes it: another process opens the same data.
    const second = await openAll({ clock, data: first.data, sandboxes: all.sandboxes })
    await second.runs.recover()
    expect((await second.runs.head(workspace, running.id)).state).toBe('running')
    now += 16_000
    await second.runs.recover()
    expect(await second.runs.get(workspace, running.id)).toMatchObject({
      state: 'failed',
      error: { name: 'Lost', message: 'The process that ran it ended before the run did. Start it again.' },
    })
    expect(await second.runs.wait(workspace, queued.id, 30, never)).toMatchObject({
      state: 'succeeded',
      result: 42,
    })
    // The first one wakes up and may not overwrite what became of its run.
    await first.runs.cancel(workspace, running.id)
    expect((await second.runs.get(workspace, running.id)).state).toBe('failed')
    await first.close({ keep: true })
    await second.close()
  })
  test('a queued one whose version is gone fails with that, and does not stop the others', async () => {
    const first = await openAll({ sandboxes: all.sandboxes, environment: { SURICATE_RUNS_AT_ONCE: '1' } })
    const slow = await first.write('slow', ['await new Promise(() => undefined)'])
    const quick = await first.write('quick', ['6 * 7'])
    const gone = await first.write('gone', ['1'])
    await first.runs.create(workspace, slow.id, { trigger })
    const lost = await first.runs.create(workspace, gone.id, { trigger })
    const kept = await first.runs.create(workspace, quick.id, { trigger })
    await first.notebooks.delete(workspace, gone.id)
    await first.close({ keep: true })
    const second = await openAll({ data: first.data, sandboxes: all.sandboxes })
    await second.runs.recover()
    expect(await second.runs.get(workspace, lost.id)).toMatchObject({
      state: 'failed',
      error: { name: 'NotFound' },
    })
    expect((await second.runs.wait(workspace, kept.id, 30, never)).state).toBe('succeeded')
    await second.close()
  })
  test('close fails what runs and leaves what waits for the next', async () => {
    const first = await openAll({ sandboxes: all.sandboxes, environment: { SURICATE_RUNS_AT_ONCE: '1' } })
    const slow = await first.write('slow', ['await new Promise(() => undefined)'])
    const quick = await first.write('quick', ['6 * 7'])
    const running = await first.runs.create(workspace, slow.id, { trigger })
    const queued = await first.runs.create(workspace, quick.id, { trigger })
    await first.close({ keep: true })
    const second = await openAll({ data: first.data, sandboxes: all.sandboxes })
    expect((await second.runs.get(workspace, running.id)).state).toBe('failed')
    await second.runs.recover()
    expect(await second.runs.wait(workspace, queued.id, 30, never)).toMatchObject({
      state: 'succeeded',
      result: 42,
    })
    await second.close()
  })
})

describe('runs that go over a limit', () => {
  test('of time are timed_out, of memory failed, with the limit and the cell', async () => {
    expect(jobLimits).toMatchObject({ cpuMs: 300_000, wallMs: 900_000 })
    const short = await openAll({ sandboxes: all.sandboxes, limits: { cpuMs: 500, wallMs: 1500 } })
    const loops = await short.write('loops', ['1', 'while (true);'])
    expect(await short.run(loops.id)).toMatchObject({ state: 'timed_out', error: { cell: '2' } })
    const waits = await short.write('waits', ['await new Promise((go) => setTimeout(go, 1e9))'])
    expect(await short.run(waits.id)).toMatchObject({ state: 'timed_out', error: { cell: '1' } })
    // One budget for all cells.
    const parts = await short.write(
      'parts',
      Array.from({ length: 5 }, () => 'await new Promise((go) => setTimeout(go, 500))'),
    )
    expect((await short.run(parts.id)).state).toBe('timed_out')
    const eats = await all.write('eats', ['const a = []; while (true) a.push(new Array(1e6).fill(a.length))'])
    const eaten = await all.run(eats.id)
    expect([eaten.state, eaten.error?.cell]).toEqual(['failed', '1'])
    expect(eaten.error!.message).toMatch(/memory|heap/i)
    const floods = await all.write('floods', [
      'for (let i = 0; i < 1e5; i++) console.log("x".repeat(200))\n1',
    ])
    const flooded = await all.run(floods.id)
    expect(flooded.state).toBe('succeeded')
    expect(JSON.stringify(flooded.outputs).length).toBeLessThan(2_000_000)
    await short.close()
  })
})
