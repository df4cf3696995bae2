import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output, Run } from '../../runtime/api/runs.ts'
import { errorMime } from '../../runtime/notebook/output.ts'
import type { RunEvent } from '../../runtime/run/run-events.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let all: Opened
beforeAll(async () => {
  all = await openAll()
})
afterAll(() => all.close())

const texts = (run: Run): unknown[] =>
  (run.outputs ?? []).map(({ seq, cell, kind, data }) => [seq, cell, kind, data['text/plain']])
const never = new AbortController().signal

describe('a run', () => {
  test('executes all cells in order in one context and ends with result, outputs and receipt', async () => {
    const notebook = await all.write('three cells', [
      'const a = 20\nconsole.log("one")',
      { type: 'markdown', source: '# not run' },
      'show({ a })\nconst b = a * 2',
      'b + 2',
    ])
    const run = await all.run(notebook.id)
    expect({ ...run, receipt: null, createdAt: 0, startedAt: 0, endedAt: 0, outputs: [] }).toEqual({
      id: run.id,
      notebook: { id: notebook.id, version: 1, name: 'three cells' },
      project: all.project.id,
      state: 'succeeded',
      parameters: {},
      trigger: { type: 'api' },
      result: 42,
      error: null,
      outputs: [],
      receipt: null,
      progress: null,
      createdAt: 0,
      startedAt: 0,
      endedAt: 0,
    })
    expect(texts(run)).toEqual([
      [1, 'c1', 'stdout', 'one\n'],
      [2, 'c3', 'display', '{"a":20}'],
      [3, 'c4', 'result', '42'],
    ])
    const { cpuMs, wallMs, peakBytes, cost, messages } = run.receipt!
    expect(messages).toBe(0)
    expect(wallMs).toBeGreaterThan(0)
    expect(peakBytes).toBeGreaterThan(1e6)
    expect(cost).toBeCloseTo(cpuMs / 1000, 9)
    expect(await all.runs.get(workspace, run.id)).toEqual(run)
  })
  test('result(value) of any cell is the result, undefined without', async () => {
    const chosen = await all.write('chosen', ['result({ f1: 0.5 })', '7'])
    expect((await all.run(chosen.id)).result).toEqual({ f1: 0.5 })
    const none = await all.write('none', ['const x = 1'])
    expect((await all.run(none.id)).result).toBe(null)
  })
  test('parameters come over the defaults; a wrong or unknown one is refused with what there is', async () => {
    const notebook = await all.write('typed', [
      'const { hours, host } = parameters({ hours: { default: 24, min: 1 }, host: "web-1" })\nresult([hours, host])',
    ])
    expect(notebook.parameters).toEqual({
      type: 'object',
      properties: {
        hours: { type: 'number', default: 24, minimum: 1 },
        host: { type: 'string', default: 'web-1' },
      },
      additionalProperties: false,
    })
    expect((await all.run(notebook.id, { hours: 3 })).result).toEqual([3, 'web-1'])
    await expect(all.run(notebook.id, { hours: 0 })).rejects.toThrow(
      'The parameter hours must be at least 1.',
    )
    await expect(all.run(notebook.id, { days: 1 })).rejects.toThrow(
      'The notebook has no parameter "days". It declares: hours, host.',
    )
    const computed = await all.write('computed', ['const spec = { hours: 1 }\nresult(parameters(spec))'])
    expect((await all.run(computed.id, { hours: 2 })).result).toEqual({ hours: 2 })
    expect(await all.run(computed.id, { days: 2 })).toMatchObject({
      state: 'failed',
      error: { message: 'The notebook has no parameter "days". It declares: hours.' },
    })
  })
  test('outputs and a result that the store cannot hold give way to notes, and nothing else is lost', async () => {
    const notebook = await all.write('beyond the store', [
      'console.log("kept")',
      'show.html("€".repeat(4_000_000))',
      'let o = {}\nfor (let i = 0; i < 300; i++) o = { o }\no',
    ])
    const run = await all.run(notebook.id)
    expect([run.state, run.result]).toEqual(['succeeded', null])
    const stored = (await all.runs.get(workspace, run.id)).outputs!
    expect(stored[0]!.data['text/plain']).toBe('kept\n')
    expect(stored.map(({ data }) => data['text/plain']).join()).toContain('bytes and is not kept')
    expect(stored.map(({ data }) => data['text/plain']).join()).toContain('nested deeper than 180 levels')
  })
  test('a throw fails it with the cell, line and column that people see, and its error is an output', async () => {
    const notebook = await all.write('throws', ['1', 'const x = 1\nthrow new TypeError("bad " + x)', '3'])
    const run = await all.run(notebook.id)
    expect(run).toMatchObject({
      state: 'failed',
      result: null,
      error: { name: 'TypeError', message: 'bad 1', cell: '2', line: 2, column: 7 },
    })
    expect(run.outputs!.map(({ cell, kind }) => [cell, kind])).toEqual([
      ['c1', 'result'],
      ['c2', 'error'],
    ])
  })
  test('what was thrown that is no Error comes with its value and the way there, in run and output', async () => {
    const notebook = await all.write('throws a value', [
      'const check = (n: number) => {\n  if (n > 1) throw { code: 4, message: "too many" }\n}',
      'await 0; check(2)',
    ])
    const run = await all.run(notebook.id)
    const error = {
      name: 'Error',
      cell: '1',
      message: 'too many',
      thrown: '{"code":4,"message":"too many"}',
      line: 2,
      column: 14,
      stack: 'at check (cell 1:2:14)\nat cell (cell 2:1:10)',
    }
    expect(run.error).toEqual(error)
    expect(run.outputs!.map(({ cell, data }) => [cell, data[errorMime]])).toEqual([['c2', error]])
  })
  test('the version is pinned; an edit makes the next one', async () => {
    const notebook = await all.write('versions', ['1'])
    expect((await all.run(notebook.id)).notebook.version).toBe(1)
    expect((await all.run(notebook.id)).notebook.version).toBe(1)
    await all.notebooks.update(workspace, notebook.id, { cells: [{ source: '2' }] }, notebook.revision)
    expect(await all.run(notebook.id)).toMatchObject({ notebook: { version: 2 }, result: 2 })
    const first = await all.runs.create(workspace, notebook.id, { version: 1, trigger: { type: 'api' } })
    expect((await all.runs.wait(workspace, first.id, 30, never)).result).toBe(1)
    await expect(
      all.runs.create(workspace, notebook.id, { version: 9, trigger: { type: 'api' } }),
    ).rejects.toThrow('The notebook has no version 9. The latest is 2.')
  })
  test('cancel ends a running one; events resume after the seq that was seen and end with the state', async () => {
    const notebook = await all.write('long', [
      'console.log("begun")\nprogress(1, 2, "half")\nawait new Promise(() => undefined)',
    ])
    const { id } = await all.runs.create(workspace, notebook.id, { trigger: { type: 'api' } })
    const events: RunEvent[] = []
    for await (const event of all.runs.events(workspace, id, 0, never)) {
      events.push(event)
      if (event.event === 'state' && (event.data as Run).progress) await all.runs.cancel(workspace, id)
    }
    const outputs = events.filter(({ event }) => event === 'output').map(({ data }) => data as Output)
    expect(outputs.map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, 'stdout'],
      [2, 'progress'],
      [3, 'error'],
    ])
    expect(events.at(-1)).toMatchObject({
      event: 'state',
      data: {
        state: 'cancelled',
        progress: { done: 1, total: 2, label: 'half' },
        error: { name: 'Cancelled' },
      },
    })
    const resumed: unknown[] = []
    for await (const event of all.runs.events(workspace, id, 2, never)) resumed.push([event.event, event.id])
    expect(resumed).toEqual([
      ['output', '3'],
      ['state', undefined],
    ])
    expect((await all.runs.cancel(workspace, id)).state).toBe('cancelled')
  })
  test('notebooks.run waits for the other one and gives its result; failure and depth are errors', async () => {
    await all.write('leaf', ['const { n } = parameters({ n: 1 })\nn * 10'])
    const parent = await all.write('parent', [
      'const runs = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => notebooks.run("leaf", { n })))\nruns.map((r) => r.result)',
    ])
    expect((await all.run(parent.id)).result).toEqual([10, 20, 30, 40, 50, 60])
    const endless = await all.write('endless', ['await notebooks.run("endless")'])
    expect((await all.run(endless.id)).error?.message).toContain('notebooks.run is nested 5 deep')
    const { items } = await all.runs.find(workspace, { notebook: endless.id })
    expect(items.map(({ state, trigger }) => [state, trigger.type])).toEqual([
      ...Array.from({ length: 5 }, () => ['failed', 'notebook']),
      ['failed', 'api'],
    ])
  })
  test('actions go to the ledger with the run', async () => {
    const notebook = await all.write('acts', ['(await act.alert("hot", { severity: "critical" })).id'])
    expect((await all.run(notebook.id)).result).toBe(`act_${all.acts.length}`)
    expect(all.acts.at(-1)).toEqual({
      kind: 'alert',
      request: { title: 'hot', severity: 'critical', details: {} },
    })
  })
  test('another workspace sees nothing of it', async () => {
    const notebook = await all.write('mine', ['1'])
    const run = await all.run(notebook.id)
    const missing = { code: 'not-found', message: `There is no run ${run.id}.` }
    await expect(all.runs.get('w2', run.id)).rejects.toMatchObject(missing)
    await expect(all.runs.cancel('w2', run.id)).rejects.toMatchObject(missing)
    await expect(all.runs.create('w2', notebook.id, { trigger: { type: 'api' } })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect((await all.runs.find('w2', {})).items).toEqual([])
  })
  test('more than there are slots for wait their turn and all end', async () => {
    const notebook = await all.write('many', ['1 + 1'])
    const made = await Promise.all(
      Array.from({ length: 12 }, () => all.runs.create(workspace, notebook.id, { trigger: { type: 'api' } })),
    )
    expect(new Set(made.map(({ state }) => state))).toEqual(new Set(['running', 'queued']))
    const ended = await Promise.all(made.map(({ id }) => all.runs.wait(workspace, id, 60, never)))
    expect(ended.map(({ state, result }) => [state, result])).toEqual(made.map(() => ['succeeded', 2]))
  })
  test('a queued one is cancelled without ever running', async () => {
    const slow = await all.write('slow', ['await new Promise(() => undefined)'])
    const running = await Promise.all(
      [1, 2, 3, 4].map(() => all.runs.create(workspace, slow.id, { trigger: { type: 'api' } })),
    )
    const waiting = await all.runs.create(workspace, slow.id, { trigger: { type: 'api' } })
    expect(waiting.state).toBe('queued')
    expect(await all.runs.cancel(workspace, waiting.id)).toMatchObject({
      state: 'cancelled',
      startedAt: null,
    })
    expect(await all.runs.get(workspace, waiting.id)).toMatchObject({ state: 'cancelled', outputs: [] })
    const ended = await Promise.all(running.map(({ id }) => all.runs.cancel(workspace, id)))
    expect(ended.map(({ state }) => state)).toEqual(running.map(() => 'cancelled'))
  })
})
