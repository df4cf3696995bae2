/** What becomes of firings, on any store: overlap, retries, failures, kills, two processes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../runtime/error.ts'
import type { TriggerChange } from '../../runtime/run/triggers.ts'
import type { Store } from '../../runtime/store/port.ts'
import {
  dyingStore,
  end,
  newWorld,
  openProcess,
  type Process,
  runsOf,
  workspace,
  type World,
} from './triggering.ts'

const minutes = { type: 'schedule', cron: '* * * * *', zone: 'UTC' } as const
const at = (minute: number): number => Date.UTC(2036, 0, 1, 12, minute)

/** `step`: of the writes at which a process is killed, every so many. */
export function firingCases(open: () => Promise<Store>, step = 1): void {
  let world: World
  let one: Process
  let opened: Process[]
  beforeEach(async () => {
    const store = await open()
    await store.system.migrate()
    world = newWorld(store)
    opened = []
    one = another()
  })
  afterEach(async () => {
    for (const { triggers } of opened) await triggers.close()
    await world.store.close()
  })
  const another = (store?: Store): Process => {
    const process = openProcess(world, store)
    opened.push(process)
    return process
  }
  const make = (change: TriggerChange = {}, notebook = 'nb') =>
    one.triggers.create(workspace, { notebook, spec: minutes, ...change })
  const said = async (): Promise<string[]> => (await runsOf(world)).map((run) => run.said)
  const states = async (id: string): Promise<string[]> =>
    (await one.triggers.firings(workspace, id, {})).items.map(({ state }) => state).reverse()
  const lastRun = async (): Promise<string> => (await runsOf(world)).at(-1)!.id

  describe('a cause that comes while the run before goes', () => {
    test('skip: is recorded as skipped', async () => {
      const { id } = await make({ overlap: 'skip' })
      await one.pass(60)
      await one.pass(60)
      expect(await said()).toEqual(['nb queued', 'nb skipped'])
      expect(await states(id)).toEqual(['running', 'skipped'])
    })
    test('queue: waits, and the oldest goes first', async () => {
      const { id } = await make({ overlap: 'queue' })
      for (let i = 0; i < 3; i++) await one.pass(60)
      expect(await said()).toEqual(['nb queued'])
      for (let i = 0; i < 3; i++) {
        await end(world, await lastRun(), 'succeeded')
        for (let second = 0; second < 3; second++) await one.pass()
      }
      const runs = await runsOf(world)
      expect(runs.map(({ trigger }) => trigger.at)).toEqual([at(1), at(2), at(3)])
      expect(await states(id)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    })
    test('replace: the run is cancelled, and the newest goes', async () => {
      const { id } = await make({ overlap: 'replace' })
      await one.pass(60)
      await one.pass(60)
      for (let second = 0; second < 4; second++) await one.pass()
      expect(await said()).toEqual(['nb cancelled', 'nb queued'])
      expect(await states(id)).toEqual(['replaced', 'running'])
    })
    test('triggers of one concurrency key take turns, others do not', async () => {
      await make({ concurrencyKey: 'gpu', overlap: 'queue' })
      await make({ concurrencyKey: 'gpu', overlap: 'queue' }, 'other')
      await make({}, 'onfail')
      await one.pass(60)
      const [onfail, ...turns] = (await said()).toSorted(
        (a, b) => Number(b.startsWith('on')) - Number(a.startsWith('on')),
      )
      expect(onfail).toBe('onfail queued')
      expect(turns).toHaveLength(1)
    })
  })

  describe('a run that fails', () => {
    const onFailure = { notebook: 'onfail', version: null }
    test('is tried again after pauses that double; then the notebook for failures runs, once, with id and error', async () => {
      const retries = { attempts: 3, backoffSeconds: 10 }
      const { id } = await make({ retries, onFailure })
      await one.triggers.update(workspace, id, { spec: { ...minutes, cron: '1 * * * *' } }, 1)
      await one.pass(30)
      const begun: number[] = []
      for (let second = 0; second < 60; second++) {
        const runs = await runsOf(world)
        const last = runs.at(-1)!
        if (last.said === 'nb queued') {
          begun.push((world.now - at(1)) / 1000)
          await end(world, last.id, 'failed', `boom ${runs.length}`)
        }
        await one.pass()
      }
      const [firing] = (await one.triggers.firings(workspace, id, {})).items
      const runs = await runsOf(world)
      expect(runs.map((run) => [run.said, run.trigger.type, run.trigger.attempt])).toEqual([
        ['nb failed', 'schedule', undefined],
        ['nb failed', 'schedule', 2],
        ['nb failed', 'schedule', 3],
        ['onfail queued', 'failure', undefined],
      ])
      expect(begun).toEqual([0, 11, 32])
      const [, , third, failure] = runs
      expect(failure).toMatchObject({
        parameters: { run: third!.id, error: 'boom 3' },
        trigger: { type: 'failure', id, subject: third!.id, chain: 1 },
      })
      expect(firing).toMatchObject({
        state: 'failed',
        reason: 'boom 3',
        failureRun: failure!.id,
        failureError: null,
        attempts: [{ error: 'boom 1' }, { error: 'boom 2' }, { error: 'boom 3' }],
      })
      // The failing notebook for failures starts nothing.
      await end(world, failure!.id, 'failed', 'also boom')
      for (let second = 0; second < 30; second++) await one.pass()
      expect((await runsOf(world)).length).toBe(4)
    })
    test('a notebook for failures that is gone is said, and nothing loops', async () => {
      const { id } = await make({ onFailure })
      await one.pass(60)
      delete world.notebooks['onfail']
      await end(world, await lastRun(), 'failed', 'boom')
      await one.pass()
      expect((await one.triggers.firings(workspace, id, {})).items[0]).toMatchObject({
        state: 'failed',
        failureRun: null,
        failureError: 'There is no notebook onfail.',
      })
    })
    test('a run that cannot be made fails with its reason; a store that is away is waited for', async () => {
      const { id } = await make()
      world.refuse = () => new AppError('unavailable', 'away')
      await one.pass(60)
      expect(await states(id)).toEqual(['waiting'])
      world.refuse = null
      await one.pass(6)
      expect(await states(id)).toEqual(['running'])
      world.refuse = () => new AppError('invalid', 'The parameter n is wrong.')
      await end(world, await lastRun(), 'succeeded')
      await one.pass(60)
      expect(await states(id)).toEqual(['succeeded', 'failed'])
      expect((await one.triggers.get(workspace, id)).lastError).toBe('The parameter n is wrong.')
    })
  })

  describe('what was missed', () => {
    test.each([
      ['skip', []],
      ['once', [1]],
      ['all', [7, 8, 9]],
    ] as const)('%s', async (missed, expected) => {
      await make({ missed, missedLimit: 3, overlap: 'queue' })
      world.now = at(11) - 30_000 - 60_000
      await one.pass(60)
      for (let i = 0; i < 8; i++) {
        for (const run of await runsOf(world)) await end(world, run.id, 'succeeded')
        await one.pass()
      }
      const times = (await runsOf(world)).map(({ trigger }) => (trigger.at! - at(0)) / 60_000)
      // The last one came half a minute ago: it is not missed.
      expect(times).toEqual([...expected, 10])
    })
  })

  test('turned off: what waits is dropped, what runs goes on; deleted: nothing is left', async () => {
    const { id } = await make({ overlap: 'queue' })
    await one.pass(60)
    await one.pass(60)
    await one.triggers.update(workspace, id, { enabled: false }, 1)
    await one.pass()
    expect(await states(id)).toEqual(['running', 'skipped'])
    await one.triggers.delete(workspace, id)
    await one.pass(60)
    expect(await said()).toEqual(['nb queued'])
    expect(await world.store.in(workspace).count('firings')).toBe(0)
  })

  test('two processes at once: one firing and one run for each cause', async () => {
    const two = another()
    const { id } = await make({ overlap: 'queue' })
    for (let i = 0; i < 6; i++) {
      world.now += 60_000
      await Promise.all([one.triggers.fire(), two.triggers.fire(), one.triggers.fire(), two.triggers.fire()])
      for (const run of await runsOf(world)) await end(world, run.id, 'succeeded')
    }
    for (let i = 0; i < 3; i++) await Promise.all([one.pass(), two.pass()])
    const runs = await runsOf(world)
    expect(runs.map(({ trigger }) => (trigger.at! - at(0)) / 60_000)).toEqual([1, 2, 3, 4, 5, 6])
    expect([...world.begun.values()]).toEqual([1, 1, 1, 1, 1, 1])
    expect(await states(id)).toEqual(Array.from({ length: 6 }, () => 'succeeded'))
  })

  test('killed at any write, before it or after it: the next process leaves one run of each attempt', async () => {
    let died = 0
    // It makes and changes triggers, and fires none any more.
    await one.triggers.close()
    for (let write = 1; write <= 40; write += step)
      for (const done of [false, true]) {
        const { id } = await make({
          retries: { attempts: 2, backoffSeconds: 1 },
          onFailure: { notebook: 'onfail', version: null },
        })
        const runs = async () => (await runsOf(world)).filter(({ trigger }) => trigger.id === id)
        const live = async (process: Process, steps: number): Promise<void> => {
          for (let step = 0; step < steps; step++) {
            await process.pass().catch(() => undefined)
            for (const run of await runs())
              if (run.said === 'nb queued') await end(world, run.id, 'failed', 'boom')
          }
        }
        world.now += 60_000 - (world.now % 60_000)
        const mortal = dyingStore(world.store, write, done)
        const first = another(mortal.store)
        await live(first, 7)
        if (mortal.dead()) died++
        await first.triggers.close()
        // Leases end; what was not recorded is found by the next, which no other time may follow.
        world.now += 31_000
        const second = another()
        await live(second, 10)
        await second.triggers.close()
        const told = (await runs()).map(
          (run) => `${run.said} ${run.trigger.type} ${run.trigger.attempt ?? ''}`,
        )
        expect(told, `write ${write}, ${done ? 'done' : 'not done'}`).toEqual([
          'nb failed schedule ',
          'nb failed schedule 2',
          'onfail queued failure ',
        ])
        await one.triggers.delete(workspace, id)
      }
    expect(died).toBeGreaterThan(40 / step)
  }, 300_000)
}
