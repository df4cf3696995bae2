import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputMime } from '../../runtime/api/inputs.ts'
import type { Output } from '../../runtime/api/runs.ts'
import type { JsonObject } from '../../runtime/json.ts'
import type { RunEvent } from '../../runtime/run/run-events.ts'
import { until } from '../server.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let all: Opened
beforeAll(async () => {
  all = await openAll()
})
afterAll(() => all.close())

const slider = "const hours = ui.slider('Hours', { min: 1, max: 48, value: 24 })"
const valuesOf = (outputs: Output[]): unknown[] =>
  outputs.flatMap(({ data }) => (inputMime in data ? [(data[inputMime] as JsonObject)['value']!] : []))

async function start(name: string, cells: string[]) {
  const notebook = await all.write(name, cells)
  const { id } = await all.kernels.open(workspace, notebook.id)
  const run = (index: number) =>
    all.kernels.execute(workspace, id, { source: cells[index]!, cell: `c${index + 1}` }, 30)
  return {
    notebook,
    id,
    run,
    set: (input: string, value: never) => all.kernels.setInput(workspace, id, { id: input, value }),
    shown: async () => valuesOf((await all.kernels.outputs(workspace, notebook.id)).items),
  }
}

describe('an input of a kernel', () => {
  test('changes in the guest, in the outputs and in the store; its dependents are told, not run', async () => {
    const { notebook, id, run, set, shown } = await start('dependents', [
      slider,
      'const doubled = hours.value * 2\ndoubled',
      'doubled + 1',
      '"another"',
    ])
    expect(valuesOf((await run(0)).outputs)).toEqual([24])
    expect([(await run(1)).value, (await run(2)).value]).toEqual(['48', '49'])
    expect(await set('c1.1', 30 as never)).toEqual({
      id: 'c1.1',
      value: 30,
      cell: 'c1',
      dependents: ['c2', 'c3'],
    })
    expect(await shown()).toEqual([30])
    expect((await run(1)).value).toBe('60')
    await until(
      async () => {
        const { items } = await all.store
          .in(workspace)
          .find('outputs', { filter: { owner: notebook.id, cell: 'c1' } })
        return valuesOf(items.flatMap((item) => item['items'] as unknown as Output[]))[0] === 30
      },
      5000,
      'the value in the store',
    )
    const [at1, at2] = all.kernels.executions(workspace, id).items.map(({ at }) => at!)
    expect(at1! <= at2!).toBe(true)
  })
  test('is as it was chosen when its cell runs again, after a restart and in the next kernel', async () => {
    const { notebook, id, run, set, shown } = await start('kept', [slider, 'hours.value'])
    await run(0)
    await set('c1.1', 7 as never)
    expect(valuesOf((await run(0)).outputs)).toEqual([7])
    await all.kernels.restart(workspace, id)
    expect(valuesOf((await run(0)).outputs)).toEqual([7])
    expect((await run(1)).value).toBe('7')
    await set('c1.1', 8 as never)
    await all.kernels.shutDown(workspace, id)
    await until(async () => (await shown())[0] === 8, 5000, 'the value in the store')
    const next = await all.kernels.open(workspace, notebook.id)
    await all.kernels.execute(workspace, next.id, { source: slider, cell: 'c1' }, 30)
    expect(
      (await all.kernels.execute(workspace, next.id, { source: 'hours.value', cell: 'c2' }, 30)).value,
    ).toBe('8')
  })
  test('that is dragged while a cell runs: the last value counts', async () => {
    const { id, run, set } = await start('dragged', [slider, 'hours.value'])
    await run(0)
    const busy = all.kernels.execute(
      workspace,
      id,
      { source: 'await new Promise((done) => setTimeout(done, 300))' },
      30,
    )
    for (let value = 1; value <= 48; value++) await set('c1.1', value as never)
    await busy
    expect((await run(1)).value).toBe('48')
  })
  test('is told to every page, and to one that comes later', async () => {
    const { id, run, set } = await start('told', [slider])
    await run(0)
    const events: RunEvent[] = []
    const stop = new AbortController()
    const reading = (async () => {
      for await (const event of all.kernels.events(workspace, id, 1, stop.signal)) {
        if (event.event !== 'input') continue
        events.push(event)
        if (events.length === 2) break
      }
    })()
    await until(() => events.length === 1, 5000, 'what there is')
    await set('c1.1', 3 as never)
    await reading
    expect(events).toEqual([
      { event: 'input', data: { id: 'c1.1', value: 24 } },
      { event: 'input', data: { id: 'c1.1', cell: 'c1', value: 3, at: expect.any(Number) } },
    ])
  })
  test('that is wrong is refused in words; one that is gone is missing', async () => {
    const { id, run, set } = await start('refused', [slider, '1'])
    await run(0)
    await expect(set('c1.1', 49 as never)).rejects.toMatchObject({
      code: 'invalid',
      message: 'The input "Hours" must be from 1 to 48, not 49.',
    })
    await expect(set('c9.1', 1 as never)).rejects.toMatchObject({ code: 'not-found' })
    await all.kernels.execute(workspace, id, { source: '1', cell: 'c1' }, 30)
    await expect(set('c1.1', 2 as never)).rejects.toMatchObject({ code: 'not-found' })
    await expect(all.kernels.setInput('w2', id, { id: 'c1.1', value: 1 })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
  test('runs no code of the notebook when it changes', async () => {
    const { id, run, set } = await start('quiet', [
      slider,
      `globalThis.count = 0
       Object.defineProperty(Object.prototype, 'c1.1', { set() { count++ }, get() { count++ }, configurable: true })
       Map.prototype.set = () => { count++ }
       JSON.parse = () => { count++ }`,
      'count',
    ])
    await run(0)
    await run(1)
    await set('c1.1', 5 as never)
    expect((await run(2)).value).toBe('0')
    expect((await all.kernels.execute(workspace, id, { source: 'hours.value' }, 30)).value).toBe('5')
  })
  test('in a run from outside has its first value', async () => {
    const notebook = await all.write('outside', [slider, 'hours.value'])
    expect(await all.run(notebook.id)).toMatchObject({ state: 'succeeded', result: 24 })
  })
})
