/** Each kind of trigger, on any store: what fires it, once, over restarts and late records, in bounds. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openAlerts } from '../../runtime/action/alerts.ts'
import { openMemoryBus } from '../../runtime/bus/memory.ts'
import { encodeArtifact } from '../../runtime/model/artifact.ts'
import { openModels } from '../../runtime/model/models.ts'
import { toDocument } from '../../runtime/object/object.ts'
import { maxChain } from '../../runtime/run/cause.ts'
import type { TriggerChange } from '../../runtime/run/triggers.ts'
import type { Store } from '../../runtime/store/port.ts'
import { end, newWorld, openProcess, type Process, runsOf, workspace, type World } from './triggering.ts'

type Spec = NonNullable<TriggerChange['spec']>

export function triggerKindCases(open: () => Promise<Store>): void {
  let world: World
  let process: Process
  beforeEach(async () => {
    const store = await open()
    await store.system.migrate()
    world = newWorld(store)
    process = openProcess(world)
  })
  afterEach(async () => {
    await process.triggers.close()
    await world.store.close()
  })
  const make = (spec: Spec, change: TriggerChange & { notebook?: string } = {}) =>
    process.triggers.create(workspace, { notebook: 'nb', ...change, spec })
  const within = () => world.store.in(workspace)
  const restart = async (downSeconds: number): Promise<void> => {
    await process.triggers.close()
    world.now += downSeconds * 1000
    process = openProcess(world)
  }
  /** Lets every run succeed as it comes, for so many seconds. */
  const settle = async (seconds = 6): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      await process.pass()
      for (const run of await runsOf(world))
        if (run.said.endsWith('queued')) await end(world, run.id, 'succeeded')
    }
  }
  const fired = async (): Promise<{ parameters: object; trigger: object }[]> =>
    (await runsOf(world)).map(({ parameters, trigger }) => ({ parameters, trigger }))
  const upload = async (name: string, at = world.now, more: { tags?: string[]; run?: string } = {}) => {
    const content = { mediaType: 'text/csv', bytes: 1, sha256: 'a'.repeat(64), inspection: null }
    const id = `obj_${name}_${at}`
    const document = toDocument(id, `${name}`, more.tags ?? [], content, at)
    await within().insert('objects', [{ ...document, run: more.run ?? null }])
    return id
  }

  describe('an upload', () => {
    test('whose name fits starts one run, which is told the name and the day in the zone', async () => {
      world.now = Date.UTC(2036, 0, 1, 23, 30)
      const { id } = await make({ type: 'object', pattern: '*.csv', tag: 'new', zone: 'Europe/Berlin' })
      await upload('a.txt', world.now, { tags: ['new'] })
      await upload('b.csv')
      const object = await upload('c.csv', world.now, { tags: ['new'] })
      const at = world.now
      await settle()
      expect(await fired()).toEqual([
        {
          parameters: { object: 'c.csv', day: '2036-01-02' },
          trigger: { type: 'object', id, subject: object, name: 'c.csv', at },
        },
      ])
    })
    test('new bytes under the old name fire again; a new tag does not', async () => {
      await make({ type: 'object' })
      const id = await upload('a.csv')
      await settle(2)
      world.now += 10_000
      await within().update('objects', id, { set: { updatedAt: world.now, tags: ['x'] } })
      await settle(2)
      expect((await fired()).length).toBe(1)
      await within().update('objects', id, { set: { updatedAt: world.now, uploadedAt: world.now } })
      await settle(2)
      expect((await fired()).length).toBe(2)
    })
    test('of before the trigger, or while it was off, is not its business', async () => {
      await upload('before.csv', world.now - 1000)
      const trigger = await make({ type: 'object' })
      await settle(2)
      const off = await process.triggers.update(workspace, trigger.id, { enabled: false }, 1)
      await upload('while-off.csv')
      await settle(2)
      await process.triggers.update(workspace, trigger.id, { enabled: true }, off.revision)
      await settle(15)
      expect(await fired()).toEqual([])
    })
    test('while nothing ran is found after the restart; so is a record that came two minutes late', async () => {
      await make({ type: 'object' })
      await settle(2)
      await upload('down.csv', world.now + 1000)
      await restart(7200)
      await settle(12)
      await upload('late.csv', world.now - 110_000)
      await upload('now.csv', world.now)
      await settle(25)
      const names = (await fired()).map(({ parameters }) => (parameters as { object: string }).object)
      expect(names.toSorted()).toEqual(['down.csv', 'late.csv', 'now.csv'])
    })
    test.each([
      ['skip', ['now']],
      ['once', ['down-2', 'now']],
      ['all', ['down-0', 'down-1', 'down-2', 'now']],
    ] as const)('missed: %s', async (missed, expected) => {
      await make({ type: 'object' }, { missed })
      await settle(2)
      for (let i = 0; i < 3; i++) await upload(`down-${i}`, world.now + 1000 + i)
      await restart(3600)
      await upload('now')
      await settle(12)
      const names = (await fired()).map(({ parameters }) => (parameters as { object: string }).object)
      expect(names).toEqual(expected)
    })
    test('120 at once: all fire in order, never more than 100 wait', async () => {
      await make({ type: 'object' })
      for (let i = 0; i < 120; i++) await upload(`n${String(i).padStart(3, '0')}`, world.now + i)
      let most = 0
      for (let i = 0; i < 400 && (await within().count('runs', { state: 'succeeded' })) < 120; i++) {
        await process.pass()
        most = Math.max(most, await within().count('firings', { state: 'waiting' }))
        const { items } = await within().find('runs', { filter: { state: 'queued' } })
        for (const { id } of items) await end(world, id, 'succeeded')
      }
      const names = (await fired()).map(({ parameters }) => (parameters as { object: string }).object)
      expect(names).toEqual(Array.from({ length: 120 }, (_, i) => `n${String(i).padStart(3, '0')}`))
      expect(most).toBeLessThanOrEqual(100)
    }, 150_000)
  })

  describe('a model', () => {
    const models = () =>
      openModels({
        store: world.store,
        bus: openMemoryBus(),
        clock: { now: () => world.now },
        config: { SURICATE_PRICE_CPU_HOUR: 0, SURICATE_PRICE_GB_HOUR: 0 },
      })
    const save = (name: string) => models().save(workspace, { name, artifact: encodeArtifact(1), by: 'me' })
    test('each new version fires; an alias trigger fires when that alias moves', async () => {
      await make({ type: 'model', pattern: 'machine*' })
      await make({ type: 'model', alias: 'champion' }, { notebook: 'other' })
      await save('machine 1')
      await save('else')
      await settle(3)
      await save('machine 1')
      await models().moveAlias(workspace, 'machine 1', { alias: 'champion', version: 2, by: 'me' })
      await models().moveAlias(workspace, 'machine 1', { alias: 'challenger', version: 1, by: 'me' })
      await settle(20)
      const told = (await runsOf(world)).map(({ said, trigger: { name, version, alias, change } }) =>
        [said.split(' ')[0], name, version, alias, change].join(' '),
      )
      expect(told.toSorted()).toEqual([
        'nb machine 1 1  saved',
        'nb machine 1 2  saved',
        'other else 1 champion moved',
        'other machine 1 1 champion moved',
        'other machine 1 2 champion moved',
      ])
    })
  })

  describe('an alert', () => {
    test('fires when it is raised and when it is cleared, each episode anew', async () => {
      const alerts = openAlerts({ store: world.store, bus: openMemoryBus(), clock: { now: () => world.now } })
      let firings = 0
      const raise = (title: string, severity: 'info' | 'critical') => {
        const firing = { action: `act_${++firings}`, at: world.now, severity, title, details: null }
        return alerts.fire(workspace, title, firing, {})
      }
      await make({ type: 'alert', on: ['raised', 'cleared'], severities: ['critical'], pattern: 'CPU*' })
      const { id } = await raise('CPU of web-1', 'critical')
      await raise('CPU of web-1', 'critical')
      await raise('CPU of web-2', 'info')
      await raise('disk', 'critical')
      await settle(3)
      await alerts.resolve(workspace, id)
      await settle(3)
      await raise('CPU of web-1', 'critical')
      await settle(20)
      const told = (await runsOf(world)).map(({ trigger: { name, change }, parameters }) => [
        name,
        change,
        parameters,
      ])
      const parameters = { title: 'CPU of web-1', day: '2036-01-01' }
      expect(told).toEqual([
        ['CPU of web-1', 'raised', parameters],
        ['CPU of web-1', 'cleared', parameters],
        ['CPU of web-1', 'raised', parameters],
      ])
    })
  })

  describe('a finished run', () => {
    test('of the states that were asked for fires, and is told its id', async () => {
      await make({ type: 'run', notebook: 'other', states: ['failed', 'timed_out'] })
      const ran = (id: string, notebook: string, state: string) =>
        within().insert('runs', [
          {
            id,
            notebook,
            notebookName: notebook,
            triggered: { type: 'api' },
            parameters: {},
            state,
            createdAt: world.now,
            endedAt: world.now,
          },
        ])
      await ran('run_a', 'other', 'succeeded')
      await ran('run_b', 'other', 'failed')
      await ran('run_c', 'onfail', 'failed')
      await settle()
      const runs = (await runsOf(world)).filter(({ said }) => said.startsWith('nb'))
      expect(runs.map(({ parameters, trigger }) => [parameters, trigger.chain])).toEqual([
        [{ run: 'run_b', day: '2036-01-01' }, 1],
      ])
    })
    test('notebooks that start each other come to an end, which is said', async () => {
      const first = await make({ type: 'run', notebook: 'nb' }, { notebook: 'other' })
      await make({ type: 'run', notebook: 'other' })
      const start = await make({ type: 'api' })
      await process.triggers.call(workspace, start.id, { by: 'api' })
      await settle(60)
      const runs = await runsOf(world)
      expect(runs.map(({ trigger }) => trigger.chain ?? 0)).toEqual([0, 1, 2, 3, 4, 5])
      expect(runs.length).toBe(maxChain + 1)
      const told = [
        (await process.triggers.find(workspace, {})).items,
        (await process.triggers.get(workspace, first.id)).lastFiring,
      ]
      expect(JSON.stringify(told)).toContain('6 runs led to one another by triggers; 5 are allowed.')
    })
    test('a run that uploads what starts it comes to an end too', async () => {
      await make({ type: 'object' })
      await upload('0')
      for (let i = 1; i < 12; i++) {
        await settle(3)
        const last = (await runsOf(world)).at(-1)!
        world.now += 1
        await upload(String(i), world.now, { run: last.id })
      }
      await settle(5)
      expect((await runsOf(world)).length).toBeLessThanOrEqual(maxChain + 1 + 10)
      const chains = (await runsOf(world)).map(({ trigger }) => trigger.chain ?? 0)
      expect(Math.max(...chains)).toBeLessThanOrEqual(maxChain)
    })
  })

  describe('a stream', () => {
    const append = async (values: number[]): Promise<void> => {
      const lease = (await within().log.lease('str_1', 'test', world.now, 1e9))!
      const messages = values.map((v, i) => ({
        body: { v },
        headers: {},
        key: null,
        eventTime: world.now,
        receivedAt: world.now,
        messageId: `${world.now} ${i}`,
        redelivered: false,
        definition: 1,
        bytes: 1,
      }))
      await within().log.append('str_1', lease, { messages })
    }
    const ranges = async () =>
      (await within().find('runs', { sort: 'createdAt' })).items
        .map((run) => run['range'] as { fromSeq: number; toSeq: number })
        .map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq}`)
    test('each message that matches starts a run with its seq, over a restart, none twice', async () => {
      await append([99, 99])
      await make({ type: 'stream', stream: 'str_1', match: { path: 'v', is: 'above', value: 90 } })
      await append([1, 95, 2, 96])
      await settle(3)
      await append([97])
      await restart(600)
      await append([3, 98])
      await settle(5)
      expect(await ranges()).toEqual(['4-4', '6-6', '7-7', '9-9'])
    })
    test('a count gives every message to one run, however slow the runs are', async () => {
      await make({ type: 'stream', stream: 'str_1', everyMessages: 3 })
      await append(Array.from({ length: 330 }, (_, i) => i))
      for (let i = 0; i < 400 && (await within().count('runs')) < 110; i++) {
        await process.pass()
        const { items } = await within().find('runs', { filter: { state: 'queued' } })
        for (const { id } of items) await end(world, id, 'succeeded')
      }
      await settle(3)
      const seen = await within().find('runs', { sort: 'createdAt', limit: 1000 })
      const found = seen.items.map((run) => (run['range'] as { fromSeq: number }).fromSeq)
      expect(found).toEqual(Array.from({ length: 110 }, (_, i) => 1 + 3 * i))
    }, 150_000)
    test.each([
      [{ type: 'stream', stream: 'str_1' }],
      [{ type: 'stream', stream: 'str_1', match: { path: 'v', is: 'above' } }],
      [{ type: 'stream', stream: 'str_1', match: { path: 'v', is: 'there' }, everyMessages: 1 }],
      [{ type: 'object', zone: 'Mars/Base' }],
    ] as const)('%j is refused', async (spec) => {
      await expect(make(spec)).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  describe('a call', () => {
    test('fires at once with its parameters; the same key is the same firing', async () => {
      const { id } = await make({ type: 'api' }, { parameters: { n: 2 } })
      const first = await process.triggers.call(workspace, id, {
        by: 'api',
        key: 'k',
        parameters: { title: 'x' },
      })
      const again = await process.triggers.call(workspace, id, { by: 'api', key: 'k' })
      await settle(2)
      expect(again.id).toBe(first.id)
      expect(await fired()).toEqual([
        { parameters: { n: 2, title: 'x', day: '2036-01-01' }, trigger: { type: 'api', id, at: first.at } },
      ])
      await expect(
        process.triggers.call(workspace, id, { by: 'api', parameters: { none: 1 } }),
      ).rejects.toMatchObject({ code: 'invalid' })
    })
    test('by its own path alone; a new path ends the old one, and no other trigger is reached', async () => {
      const { id } = await make({ type: 'api' })
      const other = await make({ type: 'api' })
      expect((await process.triggers.get(workspace, id)).hasToken).toBe(false)
      const old = await process.triggers.createToken(workspace, id)
      const token = await process.triggers.createToken(workspace, id)
      expect((await process.triggers.callHook(token, {})).trigger).toBe(id)
      const wrong = [old, token.replace(id, other.id), `${token}x`, 'nonsense', `${workspace}~${id}~`]
      for (const one of wrong)
        await expect(process.triggers.callHook(one, {}), one).rejects.toMatchObject({ code: 'not-found' })
      expect(JSON.stringify((await within().find('triggers')).items)).not.toContain(token.split('~')[2])
    })
    test('that is one too many is refused, and an off trigger cannot be called', async () => {
      const { id, revision } = await make({ type: 'api' })
      for (let i = 0; i < 101; i++) {
        await process.triggers.call(workspace, id, { by: 'api' })
        if (i === 0) await process.triggers.fire()
      }
      await expect(process.triggers.call(workspace, id, { by: 'api' })).rejects.toMatchObject({
        code: 'limit',
      })
      await process.triggers.update(workspace, id, { enabled: false }, revision)
      await expect(process.triggers.call(workspace, id, { by: 'api' })).rejects.toMatchObject({
        code: 'conflict',
      })
    })
  })
}
