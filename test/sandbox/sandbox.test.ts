/** The real sandboxes: cells, their values and errors, outputs, host calls, handlers, limits, interrupt, the pool. */
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../runtime/error.ts'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type {
  Execution,
  GuestOutput,
  Limits,
  Sandbox,
  Sandboxes,
  SandboxOptions,
} from '../../runtime/sandbox/port.ts'

let sandboxes: Sandboxes
let kernel: Sandbox
let outputs: GuestOutput[] = []
beforeAll(async () => {
  const { out } = await buildGuest()
  sandboxes = await openSandboxes({
    log: pino({ level: 'silent' }),
    pool: 1,
    singleUser: true,
    buildDir: out,
  })
})
afterAll(() => sandboxes?.close())
afterEach(() => kernel?.close())

async function open(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  outputs = []
  kernel = await sandboxes.open({
    workspace: 'test',
    host: {},
    onOutput: (output) => outputs.push(output),
    ...options,
  })
  return kernel
}
function run(source: string, limits?: Partial<Limits>, label = '1'): Promise<Execution> {
  return kernel.execute({ id: `cell-${label}`, label, source }, limits)
}
async function valueOf(source: string): Promise<string | undefined> {
  const { status, value, error } = await run(source)
  return status === 'ok' ? value : `${status}: ${error?.message}`
}

describe('execute', () => {
  test('keeps variables from cell to cell and gives value, JSON and receipt', async () => {
    await open()
    expect(await run('const a: number = 20; let b = 1')).toEqual({
      status: 'ok',
      alive: true,
      receipt: expect.objectContaining({ messages: 1 }),
    })
    expect(await run('b += a; ({ a, b })')).toMatchObject({
      value: '{"a":20,"b":21}',
      json: { a: 20, b: 21 },
    })
    const { receipt } = await run('const a = "again"; a')
    expect(Object.keys(receipt).sort()).toEqual(['bytes', 'cpuMs', 'messages', 'peakBytes', 'wallMs'])
    expect(receipt.peakBytes).toBeGreaterThan(10_000_000)
  })

  test('shows values on one line', async () => {
    await open()
    const values: [string, string | undefined][] = [
      [`'text'`, 'text'],
      ['-0', '-0'],
      ['12n', '12n'],
      ['undefined', 'undefined'],
      ['null', 'null'],
      [`Symbol('s')`, 'Symbol(s)'],
      ['[1, { a: [2] }]', '[1,{"a":[2]}]'],
      ['Object.create(null)', '{}'],
      [`new Map([['a', { b: 1 }]])`, `Map(1) { 'a' => { b: 1 } }`],
      ['new Set([1, [2]])', 'Set(2) { 1, [ 2 ] }'],
      ['async function f() {} f', '[AsyncFunction: f]'],
      ['() => 1', '[Function (anonymous)]'],
      ['(async function () {})', '[AsyncFunction (anonymous)]'],
      ['(class {})', '[class (anonymous)]'],
      ['(class extends Array {})', '[class (anonymous) extends Array]'],
      ['class A {} class B extends A {} B', '[class B extends A]'],
      ['class P { x = 1; y = "z" } new P()', `P { x: 1, y: 'z' }`],
      [`new TypeError('wrong')`, '[TypeError: wrong]'],
      ['new Date(0)', '1970-01-01T00:00:00.000Z'],
      ['/a/g', '/a/g'],
      ['Uint8Array.of(1, 2)', 'Uint8Array(2) [ 1, 2 ]'],
      ['new Map([[1, { get x() { return 1 } }]])', 'Map(1) { 1 => { x: [Getter] } }'],
      [`[1n]`, '[ 1n ]'],
      ['let q = 1', undefined],
    ]
    const shown: [string, string | undefined][] = []
    for (const [source] of values) shown.push([source, await valueOf(source)])
    expect(shown).toEqual(values)
  })

  test('errors carry the cell, line and column of the user, through functions of other cells', async () => {
    await open()
    await run('type T = number\nfunction fail(x: T) {\n  throw new RangeError("bad " + x)\n}', {}, '1')
    const { error } = await run('await 0\n  fail(3)', {}, '2')
    expect(error).toEqual({
      name: 'RangeError',
      message: 'bad 3',
      cell: 'cell-1',
      line: 3,
      column: 9,
      stack: 'at fail (cell 1:3:9)\nat cell (cell 2:2:3)',
    })
    expect((await run('let x = 1\n let = 2', {}, '3')).error).toMatchObject({
      name: 'SyntaxError',
      cell: 'cell-3',
      line: 2,
    })
    expect(outputs.map(({ cell, kind }) => [cell, kind])).toEqual([
      ['cell-2', 'error'],
      ['cell-3', 'error'],
    ])
  })

  test('outputs come in order, with what was cut', async () => {
    await open()
    await run(
      'console.log("a", 1, { b: 2 }); console.log("c"); console.error("d"); show({ e: 1 }); progress(1, 2); 5',
    )
    expect(outputs.map(({ kind, data }) => [kind, data['text/plain']])).toEqual([
      ['stdout', 'a 1 {"b":2}\nc\n'],
      ['stderr', 'd\n'],
      ['display', '{"e":1}'],
      ['progress', undefined],
      ['result', '5'],
    ])
    outputs = []
    await run('for (let i = 0; i < 9; i++) show(i)', { outputItems: 3 })
    expect(outputs.at(-1)).toEqual({
      cell: 'cell-1',
      kind: 'stderr',
      data: {
        'text/plain': expect.stringMatching(/^Output was cut after 3 outputs \(limit outputItems\): 6 more/),
      },
    })
  })
})

describe('host calls', () => {
  test('answer with JSON and bytes, and reject with code and message', async () => {
    await open({
      host: {
        'objects.bytes': ([name], { binary, cell }) =>
          name === 'secret'
            ? Promise.reject(new Error('/srv/path/of/the/server'))
            : name === 'none'
              ? Promise.reject(new AppError('not-found', 'There is none.'))
              : Promise.resolve({
                  value: { name: String(name), cell, parts: binary.length },
                  binary: [Uint8Array.of(1, 2, 3)],
                }),
      },
    })
    expect(await valueOf('(await objects.bytes("x"))')).toBe('Uint8Array(3) [ 1, 2, 3 ]')
    const told = 'let e; try { await objects.bytes(NAME) } catch (x) { e = x } e.code + ": " + e.message'
    expect(await valueOf(told.replace('NAME', '"none"'))).toBe('not-found: There is none.')
    expect(await valueOf(told.replace('NAME', '"secret"'))).toBe(
      'internal: objects.bytes failed inside; it is in the log.',
    )
    expect((await run('\nawait objects.bytes("none")')).error).toMatchObject({
      message: 'There is none.',
      line: 2,
    })
  })

  test('more than allowed in flight are refused by name', async () => {
    await open({ host: { 'objects.list': () => new Promise(() => undefined) } })
    const source = 'const all = Array.from({ length: 5 }, () => objects.list()); await all[4]'
    expect((await run(source, { hostCallsInFlight: 4 })).error?.message).toMatch(/limit hostCallsInFlight/)
  })

  test('their signal ends with the cell', async () => {
    let signal: AbortSignal | undefined
    await open({ host: { 'objects.list': (_, call) => new Promise(() => (signal = call.signal)) } })
    expect(
      (await run('objects.list().catch(() => 0); await new Promise((r) => setTimeout(r, 100)); 1')).value,
    ).toBe('1')
    expect(signal?.aborted).toBe(true)
  })
})

describe('limits', () => {
  test('CPU and wall time end a cell, name themselves and keep the variables', async () => {
    await open()
    await run('let kept = 7')
    const cpu = await run('for (;;);', { cpuMs: 100 })
    const wall = await run('await new Promise(() => {})', { wallMs: 100 })
    expect([cpu, wall].map(({ status, alive, error }) => [status, alive, error?.message])).toEqual([
      ['timeout', true, 'It used more than 0.1 s of CPU time (limit cpuMs).'],
      ['timeout', true, 'It took longer than 0.1 s (limit wallMs).'],
    ])
    expect(await valueOf('kept')).toBe('7')
  })

  test('memory ends the kernel, with the reason', async () => {
    const reasons: string[] = []
    await open({ onDeath: (reason) => reasons.push(reason), limits: { heapMb: 32 } })
    const { status, alive, error } = await run('const a = []; for (;;) a.push(new Array(1e4).fill({}))')
    expect({ status, alive, error }).toEqual({
      status: 'memory',
      alive: false,
      error: { name: 'MemoryLimit', message: 'It used more than 32 MB of heap (limit heapMb).' },
    })
    await expect.poll(() => reasons).toEqual([error?.message])
    expect(kernel.state).toBe('dead')
  })

  test('no limit of CPU and wall time runs until it is interrupted', async () => {
    await open()
    const execution = run('await new Promise(() => {})', { cpuMs: Infinity, wallMs: Infinity })
    await expect.poll(() => kernel.state).toBe('busy')
    expect(await kernel.interrupt()).toEqual({ alive: true })
    expect(await execution).toMatchObject({ status: 'error', alive: true, error: { name: 'Interrupted' } })
    expect(await valueOf('1 + 1')).toBe('2')
  })

  test('an interrupt ends a synchronous loop and an await, and keeps the variables of before', async () => {
    await open({ limits: { cpuMs: Infinity, wallMs: Infinity } })
    await run('var kept = { value: 1 }')
    for (const source of [
      'kept.value = 2; await new Promise(() => 0)',
      'kept.value = 3; for (;;) await new Promise((next) => setTimeout(next, 1))',
    ]) {
      const running = run(source)
      expect(await kernel.interrupt()).toEqual({ alive: true })
      expect(await running).toMatchObject({ status: 'error', alive: true })
    }
    expect(await valueOf('kept.value > 0')).toBe('true')
  })
  test('an interrupt reaches what waits behind another one', async () => {
    await open({ limits: { cpuMs: Infinity, wallMs: Infinity } })
    const both = [run('await new Promise(() => 0)'), run('await new Promise(() => 0)')]
    await kernel.interrupt()
    expect(await Promise.all(both)).toMatchObject([
      { status: 'error', error: { message: 'The cell was interrupted.' } },
      { status: 'error', error: { name: 'Interrupted', message: 'The cell was interrupted.' } },
    ])
    expect(await valueOf('1 + 1')).toBe('2')
  })
  test('what an interrupt cannot stop is killed within two seconds', async () => {
    await open()
    const execution = run('show(1); for (;;);', { cpuMs: Infinity, wallMs: Infinity })
    await expect.poll(() => kernel.state).toBe('busy')
    expect(await kernel.interrupt()).toEqual({ alive: false })
    expect(await execution).toMatchObject({ status: 'killed', alive: false, error: { name: 'KernelDied' } })
  })
})

describe('handle', () => {
  const cell = `await streams.on('s', { window: { type: 'tumbling', size: 1000 } }, ({ messages }, state) => {
    if (messages.length === 0) throw new Error('empty')
    if (messages.length > 1) state.count = (state.count ?? 0) + messages.length
    return { value: messages.length, at: Date.now(), chance: Math.random(), same: new Date().getTime() === Date.now() }
  })`
  let handler = ''
  const call = (count: number, value = {}) => ({
    handler,
    now: 1_000 + count,
    seed: 5,
    input: { messages: Array.from({ length: count }, (_, seq) => ({ seq })) },
    state: { value },
  })
  const openProcessing = async (): Promise<void> => {
    await open({
      kind: 'processing',
      host: { 'streams.on': ([, id]) => ((handler = String(id)), Promise.resolve({ value: null })) },
    })
    expect((await run(cell)).status).toBe('ok')
  }

  test('gives rows, changed state, the message clock and the seed', async () => {
    await openProcessing()
    const { results, alive } = await kernel.handle([call(1, { count: 1 }), call(2, { count: 1 })])
    expect({ results, alive }).toEqual({
      alive: true,
      results: [
        { status: 'ok', row: { value: 1, at: 1_001, chance: expect.any(Number), same: true } },
        {
          status: 'ok',
          row: { value: 2, at: 1_002, chance: expect.any(Number), same: true },
          state: { count: 3 },
        },
      ],
    })
    expect((await kernel.handle([call(1, { count: 1 }), call(2, { count: 1 })])).results).toEqual(results)
  })

  test('calls come as fast as they are made: what was asked for is no message too many', async () => {
    await openProcessing()
    for (let n = 0; n < 60; n++)
      expect((await kernel.handle([call(1, { count: 1 })], { messagesPerSecond: 20 })).alive).toBe(true)
  })
  test('stops after the first call that fails, with its position', async () => {
    await openProcessing()
    const { results } = await kernel.handle([call(1), call(0), call(1)])
    expect(results.map(({ status, error }) => [status, error?.message, error?.line])).toEqual([
      ['ok', undefined, undefined],
      ['error', 'empty', 2],
    ])
    const unknown = await kernel.handle([{ ...call(1), handler: 'handler-99' }])
    expect(unknown.results[0]?.error?.message).toMatch(/^There is no handler handler-99/)
  })

  /** A handler of this body, and what of each call asked the host. */
  async function openHandler(body: string): Promise<[number, unknown][]> {
    const asked: [number, unknown][] = []
    await open({
      kind: 'processing',
      host: {
        'streams.on': ([, id]) => ((handler = String(id)), Promise.resolve({ value: null })),
        'act.webhook'([, sent], { step }) {
          asked.push([step, sent])
          return sent === 'never' ? Promise.withResolvers<never>().promise : Promise.resolve({ value: {} })
        },
      },
    })
    const source = `let left = []\nawait streams.on('t', {}, ${body})`
    expect((await run(source)).status).toBe('ok')
    return asked
  }
  const after = (count: number, place: number) => ({ ...call(count), state: { after: place } })

  test('goes on from the state that an earlier call left, of its own key, as a copy', async () => {
    await openHandler(`({ messages }, state) => {
      left.push(state)
      state.sum = (state.sum ?? 0) + messages.length
      if (left.length > 2) left[0].sum = 1000
      return { sum: state.sum }
    }`)
    const { results } = await kernel.handle([
      call(1, { sum: 10 }),
      call(2, { sum: 20 }),
      after(3, 0),
      after(4, 1),
      after(5, 2),
    ])
    expect(results.map(({ row }) => row)).toEqual([11, 22, 14, 26, 19].map((sum) => ({ sum })))
    expect(results[4]?.state).toEqual({ sum: 19 })
  })

  test('says of what a call asks for which one it is', async () => {
    const asked = await openHandler(`async ({ messages }) => {
      if (messages.length % 2) await act.webhook('http://h/', messages.length)
      await null
      if (messages.length > 2) await act.webhook('http://h/', -messages.length)
    }`)
    expect((await kernel.handle([1, 2, 3, 4, 5].map((n) => call(n)))).results.length).toBe(5)
    expect(asked).toEqual([
      [0, 1],
      [2, 3],
      [2, -3],
      [3, -4],
      [4, 5],
      [4, -5],
    ])
  })

  test('what a call leaves behind ends before the next one, however long its chain of promises', async () => {
    const asked = await openHandler(`({ messages }) => {
      if (messages.length === 2) act.webhook('http://h/', 'never').catch(() => left.push('cut off'))
      if (messages.length === 4) void (async () => { for (let i = 0; i < 10; i++) await null; left.push('chain') })()
      return { left: left.join() }
    }`)
    const first = await kernel.handle([1, 2, 3].map((n) => call(n)))
    expect(first.results.map(({ row }) => row)).toEqual([{ left: '' }, { left: '' }])
    const rest = await kernel.handle([3, 4, 5].map((n) => call(n)))
    expect(rest.results.map(({ row }) => row)).toEqual(
      ['cut off', 'cut off', 'cut off,chain'].map((left) => ({ left })),
    )
    expect(asked).toEqual([[1, 'never']])
  })

  test('ends a batch in which one call takes too long with what ended before it', async () => {
    await openHandler(`({ messages }) => { while (messages.length === 3); return { n: messages.length } }`)
    const { results, alive } = await kernel.handle(
      [1, 2, 3, 4].map((n) => call(n)),
      { cpuMs: 200 },
    )
    expect(alive).toBe(true)
    expect(results.map(({ status, row }) => [status, row])).toEqual([
      ['ok', { n: 1 }],
      ['ok', { n: 2 }],
      ['timeout', undefined],
    ])
    expect((await kernel.handle([call(5)])).results).toEqual([{ status: 'ok', row: { n: 5 } }])
  })

  test('takes at most a megabyte at once, and gives back a few', async () => {
    await openHandler(`({ messages }, state) => { state.text = 'x'.repeat(messages[0].size); return {} }`)
    const large = (size: number) => ({
      ...call(1),
      input: { messages: [{ size, text: 'y'.repeat(400_000) }] },
    })
    expect((await kernel.handle(Array.from({ length: 5 }, () => large(1)))).results.length).toBe(2)
    const small = Array.from({ length: 12 }, () => ({ ...call(1), input: { messages: [{ size: 900_000 }] } }))
    expect((await kernel.handle(small)).results.length).toBe(5)
  })

  test('has the limits of a batch', async () => {
    await openProcessing()
    await run(`await streams.on('t', {}, () => { for (;;); })`)
    const { results, alive } = await kernel.handle([call(1)], { cpuMs: 100 })
    expect({ status: results[0]?.status, alive }).toEqual({ status: 'timeout', alive: true })
  })
})

describe('the pool', () => {
  test('gives a closed child to its workspace again, with nothing of before, and to no other', async () => {
    const { pid } = await open({ workspace: 'one' })
    await run('globalThis.secret = 1; let x = 1')
    await kernel.close()
    expect((await open({ workspace: 'two' })).pid).not.toBe(pid)
    await kernel.close()
    expect((await open({ workspace: 'one' })).pid).toBe(pid)
    expect(await valueOf('typeof secret + typeof x')).toBe('undefinedundefined')
  })

  test('refuses after close()', async () => {
    const other = await openSandboxes({ log: pino({ level: 'silent' }), pool: 0, singleUser: true })
    await other.close()
    await expect(other.open({ workspace: 'w', host: {}, onOutput: () => undefined })).rejects.toThrow(
      'were closed',
    )
  })
})
