import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output } from '../../runtime/api/runs.ts'
import type { RunEvent } from '../../runtime/run/run-events.ts'
import type { Sandboxes } from '../../runtime/sandbox/port.ts'
import { openAll, type Opened, workspace } from './opened.ts'

let all: Opened
beforeAll(async () => {
  all = await openAll()
})
afterAll(() => all.close())

const brief = (outputs: Output[]): unknown[] =>
  outputs.map(({ seq, cell, kind, data }) => [seq, cell, kind, data['text/plain']])

/** The kernel of a new notebook of these cells. */
async function start(name: string, cells: string[] = ['1']) {
  const notebook = await all.write(name, cells)
  const { id } = await all.kernels.open(workspace, notebook.id)
  const run = (source: string, cell?: string) => all.kernels.execute(workspace, id, { source, cell }, 30)
  /** Events until one is wanted to be the last. */
  const read = async (after: number, isLast: (event: RunEvent) => boolean): Promise<RunEvent[]> => {
    const events: RunEvent[] = []
    for await (const event of all.kernels.events(workspace, id, after, new AbortController().signal)) {
      events.push(event)
      if (isLast(event)) break
    }
    return events
  }
  return { notebook, id, run, read }
}
/** Sandboxes whose kernels reject when they are to execute `fault`. */
function faulty(sandboxes: Sandboxes): Sandboxes {
  return {
    wrappers: sandboxes.wrappers,
    close: () => Promise.resolve(),
    async open(options) {
      const sandbox = await sandboxes.open(options)
      const execute: typeof sandbox.execute = (cell, limits) =>
        cell.source === 'fault' ? Promise.reject(new Error('broken')) : sandbox.execute(cell, limits)
      return new Proxy(sandbox, { get: (of, name) => (name === 'execute' ? execute : Reflect.get(of, name)) })
    },
  }
}
const isState = (state: string) => (event: RunEvent) =>
  event.event === 'kernel' && (event.data as { state: string }).state === state

describe('a kernel', () => {
  test('is one for a notebook and keeps variables from cell to cell', async () => {
    const { notebook, id, run } = await start('vars')
    expect((await all.kernels.open(workspace, notebook.id)).id).toBe(id)
    expect(await run('const x = 20', 'c1')).toMatchObject({
      state: 'ok',
      outputs: [],
      value: null,
      error: null,
    })
    const second = await run('console.log("x")\nx + 22', 'c2')
    expect(second).toMatchObject({ state: 'ok', value: '42', error: null })
    expect(brief(second.outputs)).toEqual([
      [1, 'c2', 'stdout', 'x\n'],
      [2, 'c2', 'result', '42'],
    ])
    expect(second.receipt!.wallMs).toBeGreaterThanOrEqual(0)
    expect(all.kernels.get(workspace, id)).toMatchObject({
      state: 'idle',
      lastSeq: 2,
      execution: null,
      reason: null,
    })
    expect(all.kernels.find(workspace, null, { limit: 1000 }).items.map((kernel) => kernel.id)).toContain(id)
    expect(all.kernels.find(workspace, ['another project']).items).toEqual([])
  })
  test('keeps the outputs of the last execution of each cell, numbered on, also for the next kernel', async () => {
    const { notebook, id, run } = await start('kept', ['1', '2'])
    await run('console.log("old")\n1', 'c1')
    await run('2', 'c2')
    await run('console.log("new")', 'c1')
    const kept = [
      [3, 'c2', 'result', '2'],
      [4, 'c1', 'stdout', 'new\n'],
    ]
    const found = await all.kernels.outputs(workspace, notebook.id)
    expect([brief(found.items), found.lastSeq]).toEqual([kept, 4])
    await run('const silent = 1', 'c1')
    await all.kernels.shutDown(workspace, id)
    expect(brief((await all.kernels.outputs(workspace, notebook.id)).items)).toEqual([kept[0]])
    const next = await all.kernels.open(workspace, notebook.id)
    expect([next.id === id, next.lastSeq]).toEqual([false, 4])
    const after = await all.kernels.execute(workspace, next.id, { source: '5', cell: 'c1' }, 30)
    expect(brief(after.outputs)).toEqual([[5, 'c1', 'result', '5']])
  })
  test('names the cell in an error as people count it, compiles SQL cells, passes over Markdown', async () => {
    const notebook = await all.write('types', [
      '1',
      { type: 'sql', source: '-- name: found\nselect 1' },
      { type: 'markdown', source: '# text' },
    ])
    const { id } = await all.kernels.open(workspace, notebook.id)
    const run = (source: string, cell: string) => all.kernels.execute(workspace, id, { source, cell }, 30)
    expect(await run('\n  missing()', 'c1')).toMatchObject({
      state: 'error',
      error: { name: 'ReferenceError', cell: '1', line: 2, column: 3 },
    })
    // The test's objects refuse every query; that it gets there is what counts.
    expect((await run('-- name: found\nselect ${1 + 1}', 'c2')).error).toMatchObject({ cell: '2', line: 1 })
    expect(await run('# not code {', 'c3')).toMatchObject({ state: 'ok', outputs: [] })
  })
  test('an interrupt ends the running one, drops what waits and keeps the variables', async () => {
    const { id, run, read } = await start('interrupted')
    await run('var kept = 7')
    const running = all.kernels.execute(
      workspace,
      id,
      { source: 'while (true) await streams.list().catch(() => 0)' },
      60,
    )
    const waiting = all.kernels.execute(workspace, id, { source: '1' }, 60)
    await read(0, isState('busy'))
    await all.kernels.interrupt(workspace, id)
    expect(['error', 'killed', 'timeout']).toContain((await running).state)
    expect(await waiting).toMatchObject({
      state: 'killed',
      error: { message: 'Not run: the kernel was interrupted.' },
    })
    const { value, state } = await run('typeof kept')
    expect([state, value]).toEqual(['ok', expect.stringMatching(/number|undefined/)])
  })
  test('a death is told with its reason, and the next execution starts it again', async () => {
    const { id, run, read } = await start('dies')
    await run('const gone = 1')
    const died = await run('const a = []; while (true) a.push(new Array(1e6).fill(a.length))', 'c1')
    expect(died.state).toBe('memory')
    expect(died.outputs.map(({ kind }) => kind)).toEqual(['error'])
    const events = await read(0, isState('dead'))
    const dead = events.at(-1)!.data as { state: string; reason: string }
    expect(dead.reason).toMatch(/memory|heap/i)
    expect(await run('typeof gone')).toMatchObject({ state: 'ok', value: 'undefined' })
    expect(all.kernels.get(workspace, id)).toMatchObject({ state: 'idle', reason: null })
  })
  test('restart forgets the variables', async () => {
    const { id, run } = await start('restarts')
    await run('const x = 1')
    await all.kernels.restart(workspace, id)
    expect((await run('typeof x')).value).toBe('undefined')
  })
  test('tells the source that each cell last ran, and after a restart what is lost', async () => {
    const { notebook, id, run, read } = await start('sources', ['const a = 1', 'a + 1'])
    await run('const a = 1', 'c1')
    await run('a + 1', 'c2')
    await run('throw 1', 'c1')
    await run('a')
    const brief = () =>
      all.kernels
        .executions(workspace, id)
        .items.map(({ cell, source, state, at }) => [cell, source, state, typeof at])
    expect(brief()).toEqual([
      ['c1', 'throw 1', 'error', 'number'],
      ['c2', 'a + 1', 'ok', 'number'],
      [null, null, 'ok', 'object'],
    ])
    const page = all.kernels.executions(workspace, id, { limit: 1, cursor: '1' })
    expect([page.items.map(({ cell }) => cell), page.nextCursor]).toEqual([['c2'], '2'])
    const seen = await read(
      0,
      ({ event, data }) => event === 'execution' && (data as { cell?: string | null }).cell === null,
    )
    expect(seen.filter(({ event }) => event === 'execution').map(({ data }) => data)).toEqual(
      all.kernels.executions(workspace, id).items,
    )
    expect(all.kernels.get(workspace, id).lost).toBeNull()
    await all.kernels.restart(workspace, id)
    // In the order in which they ran.
    const lost = { reason: 'It was restarted.', cells: ['c2', 'c1'] }
    expect(all.kernels.get(workspace, id).lost).toEqual(lost)
    expect(brief().map(([, source]) => source)).toEqual([null, null, null])
    await run('2', 'c2')
    expect(all.kernels.get(workspace, id).lost).toEqual({ ...lost, cells: ['c1'] })
    await run(
      'while (true) globalThis.grows = [...(globalThis.grows ?? [0]), ...(globalThis.grows ?? [0])]',
      'c1',
    )
    const [dead] = all.kernels.find(workspace, null, { notebook: notebook.id }).items
    expect(dead).toMatchObject({ id, state: 'dead', lost: { reason: dead!.reason, cells: ['c2', 'c1'] } })
    await run('1', 'c1')
    await run('1', 'c2')
    expect(all.kernels.get(workspace, id).lost).toBeNull()
  })
  test('an execution that fails outside its sandbox ends, and the kernel goes on', async () => {
    const failing = await openAll({ sandboxes: faulty(all.sandboxes) })
    const notebook = await failing.write('faulty', ['1'])
    const { id } = await failing.kernels.open(workspace, notebook.id)
    const run = (source: string) => failing.kernels.execute(workspace, id, { source }, 30)
    expect(await run('fault')).toMatchObject({
      state: 'killed',
      error: { name: 'Internal', message: 'The cell could not be executed: the fault is in the log.' },
    })
    expect(await run('1 + 1')).toMatchObject({ state: 'ok', value: '2' })
    await failing.close()
  })
  test('tells its variables between executions, the last known while it works, none when it is new', async () => {
    const { id, run } = await start('variables')
    await run('const b = [1, 2], a = 1', 'c1')
    await run('const scratch = 1')
    const brief = async () => {
      const { items, at, live } = await all.kernels.variables(workspace, id)
      return [items.map(({ name, cell }) => [name, cell]), typeof at, live]
    }
    const known = [
      ['a', 'c1'],
      ['b', 'c1'],
      ['scratch', null],
    ]
    expect(await brief()).toEqual([known, 'number', true])
    const running = all.kernels.execute(
      workspace,
      id,
      { source: 'await new Promise(() => 0)', cell: 'c2' },
      30,
    )
    expect(await brief()).toEqual([known, 'number', false])
    await all.kernels.interrupt(workspace, id)
    await running
    expect(await brief()).toEqual([known, 'number', true])
    const page = await all.kernels.variables(workspace, id, { limit: 1, cursor: '1' })
    expect(page).toEqual({
      items: [{ name: 'b', type: 'array', shape: '2', bytes: 32, preview: '[1, 2]', cell: 'c1' }],
      nextCursor: '2',
      at: page.at,
      live: true,
    })
    await run('scratch', 'c1')
    await run('const scratch = 2', 'c3')
    expect((await brief())[0]).toEqual([known[0], known[1], ['scratch', 'c3']])
    await all.kernels.restart(workspace, id)
    await run('1')
    expect(await brief()).toEqual([[], 'number', true])
  })
  test('parameters hold from the execution that brings them on, also over a restart', async () => {
    const { id, run } = await start('given')
    const source = 'parameters({ hours: 24 }).hours'
    const values: unknown[] = [(await run(source)).value]
    for (const hours of [3, 4])
      values.push((await all.kernels.execute(workspace, id, { source, parameters: { hours } }, 30)).value)
    values.push((await run(source)).value)
    await all.kernels.restart(workspace, id)
    values.push((await run(source)).value)
    expect(values).toEqual(['24', '3', '4', '4', '4'])
    const wrong = await all.kernels.execute(workspace, id, { source, parameters: { hours: 'x' } }, 30)
    expect(wrong.error?.message).toBe('The parameter hours must be a number, not "x".')
  })
  test('events begin with what there is and go on in order; a client resumes after its seq', async () => {
    const { run, read } = await start('events')
    await run('1', 'c1')
    const seen = read(0, (event) => event.event === 'output' && event.id === '2')
    await run('console.log("two")', 'c2')
    expect(
      (await seen).map(({ event, id: seq, data }) => [event, seq, (data as { state?: string }).state]),
    ).toEqual([
      ['kernel', undefined, 'idle'],
      ['execution', undefined, 'ok'],
      ['output', '1', undefined],
      ['execution', undefined, 'queued'],
      ['kernel', undefined, 'busy'],
      ['execution', undefined, 'running'],
      ['output', '2', undefined],
    ])
    const resumed = await read(1, (event) => event.event === 'output')
    expect(resumed.filter(({ event }) => event === 'output').map(({ id: seq }) => seq)).toEqual(['2'])
  })
  test('an output with an id replaces the earlier one, or extends it', async () => {
    const { notebook, run } = await start('live')
    const { outputs } = await run(
      'show("a", { id: "x" }); show("b", { id: "x" }); show("c", { id: "x", append: true })',
      'c1',
    )
    expect(outputs).toEqual([expect.objectContaining({ seq: 3, replaces: 2, data: { 'text/plain': 'bc' } })])
    expect((await all.kernels.outputs(workspace, notebook.id)).items.map(({ seq }) => seq)).toEqual([3])
  })
  test('belongs to its workspace', async () => {
    const { notebook, id } = await start('owned')
    expect(() => all.kernels.get('w2', id)).toThrow(`There is no kernel ${id}.`)
    await expect(all.kernels.execute('w2', id, { source: '1' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(all.kernels.open('w2', notebook.id)).rejects.toMatchObject({ code: 'not-found' })
  })
  test('ends with its notebook', async () => {
    const { notebook, id } = await start('deleted')
    all.kernels.forget(workspace, notebook.id)
    expect(() => all.kernels.get(workspace, id)).toThrow('There is no kernel')
  })
})

describe('kernels of several users', () => {
  test('are at most three in a workspace, and idle ones end', async () => {
    let now = 1_000_000
    const shared = await openAll({
      environment: { SURICATE_SINGLE_USER: '0' },
      sandboxes: all.sandboxes,
      clock: { now: () => now },
    })
    const notebooks = await Promise.all(['a', 'b', 'c', 'd'].map((name) => shared.write(name, ['1'])))
    const opened = []
    for (const { id } of notebooks.slice(0, 3)) opened.push(await shared.kernels.open(workspace, id))
    await expect(shared.kernels.open(workspace, notebooks[3]!.id)).rejects.toMatchObject({
      code: 'limit',
      message: 'This workspace has 3 kernels, the limit. Shut one down first.',
    })
    for (const { id } of opened) await shared.kernels.execute(workspace, id, { source: '1' }, 30)
    now += 16 * 60_000
    shared.kernels.sweep()
    expect(shared.kernels.get(workspace, opened[0]!.id)).toMatchObject({
      state: 'dead',
      reason: 'It was idle for 16 minutes and was shut down.',
    })
    expect(shared.kernels.count(workspace)).toBe(0)
    await shared.close()
  })
  test.each([
    ['1', 90_000, 'dead'],
    ['30', 16 * 60_000, 'idle'],
    ['0', 40 * 86_400_000, 'idle'],
  ])(
    'end when idle for SURICATE_KERNEL_IDLE_MINUTES: %s minutes, after %s ms',
    async (minutes, ms, state) => {
      let now = 1_000_000
      const shared = await openAll({
        environment: { SURICATE_SINGLE_USER: '0', SURICATE_KERNEL_IDLE_MINUTES: minutes },
        sandboxes: all.sandboxes,
        clock: { now: () => now },
      })
      const { id } = await shared.kernels.open(workspace, (await shared.write('idle', ['1'])).id)
      await shared.kernels.execute(workspace, id, { source: '1' }, 30)
      now += ms
      shared.kernels.sweep()
      expect(shared.kernels.get(workspace, id).state).toBe(state)
      await shared.close()
    },
  )
  test('end after 8 hours, however often they are used', async () => {
    let now = 1_000_000
    const shared = await openAll({
      environment: { SURICATE_SINGLE_USER: '0' },
      sandboxes: all.sandboxes,
      clock: { now: () => now },
    })
    const { id } = await shared.kernels.open(workspace, (await shared.write('old', ['1'])).id)
    const states: string[] = []
    for (let minutes = 0; minutes <= 8 * 60 + 10; minutes += 10) {
      if (states.at(-1) !== 'dead')
        await shared.kernels.execute(workspace, id, { source: String(minutes) }, 30)
      shared.kernels.sweep()
      states.push(shared.kernels.get(workspace, id).state)
      now += 10 * 60_000
    }
    expect([states.indexOf('dead'), shared.kernels.get(workspace, id).reason]).toEqual([
      49,
      'It was older than 8 hours, the limit, and was shut down.',
    ])
    await shared.close()
  })
})
