/** What a real sandbox tells of its variables, and that telling it runs nothing of the user's. */
import pino from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { Sandbox, Sandboxes, Variable } from '../../runtime/sandbox/port.ts'

let sandboxes: Sandboxes
let kernel: Sandbox
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

async function open(...sources: string[]): Promise<Sandbox> {
  kernel = await sandboxes.open({ workspace: 'test', host: {}, onOutput: () => undefined })
  for (const [index, source] of sources.entries()) {
    const done = await kernel.execute({ id: `c${index + 1}`, label: `${index + 1}`, source })
    if (done.status !== 'ok') throw new Error(done.error?.message)
  }
  return kernel
}
async function brief(): Promise<{ [name: string]: unknown[] }> {
  const found = await kernel.variables()
  return Object.fromEntries(found!.map(({ name, type, shape, preview }) => [name, [type, shape, preview]]))
}
async function find(name: string): Promise<Variable> {
  return (await kernel.variables())!.find((variable) => variable.name === name)!
}

test('variables() of a kernel without cells is empty, and names the cell that declared each', async () => {
  await open()
  expect(await kernel.variables()).toEqual([])
  await open('const a = 1', 'const b = 2; let a = "again"', 'b')
  expect(await kernel.variables()).toEqual([
    { name: 'b', type: 'number', shape: null, bytes: 8, preview: '2', cell: 'c2' },
    { name: 'a', type: 'string', shape: '5 characters', bytes: 21, preview: "'again'", cell: 'c2' },
  ])
})

test('variables() tells type, shape and a preview of every kind of value', async () => {
  await open(`
    const number = -0, big = 12n, truth = true, none = null, nothing = undefined, symbol = Symbol('s')
    const list = [1, 'two', [3, [4]], , 5], long = Array.from({ length: 1000 }, (_, i) => i)
    const rows = Array.from({ length: 20 }, () => ({ a: 1, b: 2, c: 3 })), grid = [[1, 2], [3, 4], [5, 6]]
    const floats = new Float64Array([1.5, 2]), bytes = new Uint8Array(300)
    const map = new Map([['k', 1]]), set = new Set([1, 2, 3])
    const object = { a: 1, 'b c': { d: { e: 1 } }, f() {} }, bare = Object.create(null), one = { a: 1 }
    class Point { x = 1; #secret = 2 }
    const point = new Point(), when = new Date(0), wrong = new TypeError('bad'), pattern = /a+/g
    const promise = Promise.resolve(1), arrow = (a: number) => a
    async function work(a) {
      return a
    }`)
  expect(await brief()).toEqual({
    number: ['number', null, '-0'],
    big: ['bigint', null, '12n'],
    truth: ['boolean', null, 'true'],
    none: ['null', null, 'null'],
    nothing: ['undefined', null, 'undefined'],
    symbol: ['symbol', null, 'Symbol(s)'],
    list: ['array', '5', "[1, 'two', [3, […]], 5]"],
    long: ['array', '1000', '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …]'],
    rows: ['array', '20 × 3', expect.stringContaining('[{a: 1, b: 2, c: 3}, ')],
    grid: ['array', '3 × 2', '[[1, 2], [3, 4], [5, 6]]'],
    floats: ['Float64Array', '2', '[1.5, 2]'],
    bytes: ['Uint8Array', '300', '[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …]'],
    map: ['Map', '1', 'Map {}'],
    set: ['Set', '3', 'Set {}'],
    object: ['object', '3 keys', expect.stringContaining("{a: 1, 'b c': {d: {…}}, f: f() {…}}")],
    bare: ['object', '0 keys', '{}'],
    one: ['object', '1 key', '{a: 1}'],
    Point: ['class', null, 'class Point {…}'],
    point: ['Point', '1 key', 'Point {x: 1}'],
    when: ['Date', null, '1970-01-01T00:00:00.000Z'],
    wrong: ['TypeError', expect.any(String), 'TypeError: bad'],
    pattern: ['RegExp', expect.any(String), '/a+/'],
    promise: ['Promise', '0 keys', 'Promise {}'],
    arrow: ['function', null, expect.stringMatching(/^\(a/)],
    work: ['function', null, expect.stringContaining('async function')],
  })
})

test('variables() runs no getter, trap, iterator, toString or toJSON of the user', async () => {
  await open(
    `
    const ran = []
    const handler = new Proxy({}, { get: (_, trap) => () => { ran.push('trap ' + String(trap)); return undefined } })
    const proxy = new Proxy({ a: 1 }, handler), called = new Proxy(function () {}, handler)
    const revocable = Proxy.revocable({}, handler).proxy
    const child = Object.create(proxy), holder = { proxy, list: [proxy] }
    const getter = { get a() { ran.push('getter'); return 1 } }
    const speaking = { toString() { ran.push('toString') }, toJSON() { ran.push('toJSON') }, [Symbol.toPrimitive]() { ran.push('toPrimitive') } }
    class Named { static get name() { ran.push('name'); return 'x' } get [Symbol.toStringTag]() { ran.push('tag'); return 'x' } }
    const named = new Named()
    Object.defineProperty(globalThis, 'accessor', { get() { ran.push('global'); return 1 }, configurable: true })
    Array.prototype[Symbol.iterator] = function* () { ran.push('iterator') }
    Map.prototype.forEach = Map.prototype.entries = () => ran.push('map')
    Object.defineProperty(Promise, Symbol.hasInstance, { value: () => ran.push('hasInstance') })
    Object.defineProperty(RegExp.prototype, 'source', { get() { ran.push('source'); return '' } })
    String.prototype.toJSON = () => ran.push('string')
    const map = new Map([[1, 2]]), pattern = /x/, text = 'text'
    ran.length = 0`,
    'var accessor',
  )
  await kernel.execute({ id: 'c2', label: '2', source: 'ran.length = 0' })
  const found = await brief()
  expect(found).toMatchObject({
    ran: ['array', '0', '[]'],
    proxy: ['Proxy', null, '[Proxy]'],
    called: ['Proxy', null, '[Proxy]'],
    revocable: ['Proxy', null, '[Proxy]'],
    child: ['object', '0 keys', '{}'],
    holder: ['object', '2 keys', '{proxy: [Proxy], list: [[Proxy]]}'],
    getter: ['object', '1 key', '{a: (getter)}'],
    accessor: ['getter', null, ''],
  })
  const after = await kernel.execute({ id: 'c3', label: '3', source: 'ran.join()' })
  expect(after.value).toBe('')
})

test('Proxy is still the built-in one to a notebook', async () => {
  await open()
  const source = `const seen = []
    const target = new Proxy({ a: 1 }, { get: (of, key) => (seen.push(key), of[key]) })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    let revoked = '', plain = ''
    try { proxy.a } catch (error) { revoked = error.name }
    try { Proxy({}, {}) } catch (error) { plain = error.message }
    ;[target.a, seen.join(), revoked, plain, Proxy.name, typeof Proxy, 'prototype' in Proxy && Proxy.prototype].join(' | ')`
  const { value } = await kernel.execute({ id: 'c1', label: '1', source })
  expect(value).toBe("1 | a | TypeError | Constructor Proxy requires 'new' | Proxy | function | ")
})

test('bytes are an estimate of bounded work, also of what is large, deep, shared or circular', async () => {
  await open(`
    const typed = new Float64Array(1e6), text = 'x'.repeat(1e6)
    const million = Array.from({ length: 1e6 }, (_, i) => ({ i, text: 'abcdefgh' }))
    const numbers = new Array(1e6).fill(1), sparse = []
    sparse[4e9] = 1
    const map = new Map(Array.from({ length: 1e5 }, (_, i) => [i, String(i)]))
    const shared = { typed }, circle = {}
    circle.self = circle
    let deep = {}
    for (let i = 0; i < 1e5; i++) deep = { deep }`)
  const begin = performance.now()
  const found = Object.fromEntries((await kernel.variables())!.map(({ name, bytes }) => [name, bytes!]))
  expect(performance.now() - begin).toBeLessThan(800)
  expect(found['typed']).toBe(8_000_064)
  expect(found['text']).toBe(1_000_016)
  expect(found['million']).toBeGreaterThan(40e6)
  expect(found['million']).toBeLessThan(150e6)
  expect(found['numbers']).toBe(8_000_016)
  expect(found['map']).toBeGreaterThan(5e6)
  expect(found['shared']).toBeLessThan(100)
  for (const name of ['sparse', 'circle', 'deep']) expect(found[name]).toBeLessThan(100_000)
})

test('tables, frames and tensors tell rows and columns', async () => {
  await open(`
    const frame = new dfd.DataFrame({ a: [1, 2, 3], b: [4, 5, 6] })
    const series = new dfd.Series([1, 2, 3])
    const tensor = tf.ones([4, 5, 6])`)
  const found = await brief()
  expect([found['frame']!.slice(0, 2), found['series']!.slice(0, 2), found['tensor']!.slice(0, 2)]).toEqual([
    ['DataFrame', '3 × 2'],
    ['Series', '3'],
    ['Tensor', '4 × 5 × 6'],
  ])
  expect((await find('frame')).bytes).toBeGreaterThan(50)
})

test('variables() waits for what runs, and a closed kernel has none', async () => {
  await open('const a = 1')
  const running = kernel.execute({
    id: 'c2',
    label: '2',
    source: 'await new Promise((r) => setTimeout(r, 50)); var b = 2',
  })
  expect((await kernel.variables())!.map(({ name }) => name)).toEqual(['a', 'b'])
  await running
  await kernel.close()
  expect(await kernel.variables()).toBeUndefined()
})
