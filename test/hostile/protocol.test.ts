/** Children that break the protocol: the parent ends each with the reason, answers its cell and stays well. */
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openKernel } from '../../runtime/sandbox/kernel.ts'
import { interactiveLimits } from '../../runtime/sandbox/limits.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type {
  GuestOutput,
  HostTable,
  Sandbox,
  Sandboxes,
  SandboxOptions,
} from '../../runtime/sandbox/port.ts'
import { openFakeChild } from './fake-child.ts'
import { isGone, openInvariants, type Invariants } from './invariants.ts'

let kernel: Sandbox | undefined
let sandboxes: Sandboxes
let invariants: Invariants
beforeAll(async () => {
  const { out } = await buildGuest()
  sandboxes = await openSandboxes({
    log: pino({ level: 'silent' }),
    pool: 0,
    singleUser: true,
    buildDir: out,
  })
  invariants = await openInvariants(sandboxes)
})
afterEach(async () => {
  await kernel?.close()
  expect(await invariants.checkOthers()).toEqual([])
})
afterAll(async () => {
  await invariants?.close()
  await sandboxes?.close()
})

function open(code: string, options: Partial<SandboxOptions> = {}): Sandbox {
  const child = openFakeChild(code)
  kernel = openKernel(
    child,
    { workspace: 'fake', host: {}, onOutput: () => undefined, ...options },
    {
      base: interactiveLimits,
      onInternal: () => undefined,
      release: (idle) => idle.kill({ status: 'killed', reason: 'The test is over.' }),
    },
  )
  return kernel
}
const cell = { id: 'cell-1', label: '1', source: '1' }

const faults: { name: string; code: string; reason: RegExp }[] = [
  {
    name: 'a frame of 4 GB',
    code: `onRun(() => raw(0xffffffff, 10))`,
    reason: /a frame of 4294967295 bytes/,
  },
  { name: 'a frame over the cap', code: `onRun(() => raw(64 << 20, 10))`, reason: /a frame of/ },
  {
    name: 'a header longer than its frame',
    code: `onRun(() => raw(4, 400, Buffer.from('null')))`,
    reason: /a header of 400/,
  },
  { name: 'a header of 1 MB', code: `onRun(() => raw(2 << 20, 1 << 20))`, reason: /a header of/ },
  {
    name: 'text instead of frames',
    code: `onRun(() => process.stdout.write('GET / HTTP/1.1'))`,
    reason: /protocol/,
  },
  {
    name: 'a header that is not JSON',
    code: `onRun(() => raw(3, 3, Buffer.from('{"a')))`,
    reason: /not JSON/,
  },
  {
    name: 'a header that is null',
    code: `onRun(() => raw(4, 4, Buffer.from('null')))`,
    reason: /not an object/,
  },
  {
    name: 'a header that is not UTF-8',
    code: `onRun(() => raw(2, 2, Buffer.from([0xff, 0xfe])))`,
    reason: /not JSON/,
  },
  {
    name: 'parts beyond the frame',
    code: `onRun(() => { const j = Buffer.from('{"type":"output","parts":[999999]}'); raw(j.length, j.length, j) })`,
    reason: /reaches beyond/,
  },
  {
    name: 'a negative part',
    code: `onRun(() => { const j = Buffer.from('{"type":"output","parts":[-1]}'); raw(j.length, j.length, j) })`,
    reason: /reaches beyond/,
  },
  {
    name: 'bytes of no part',
    code: `onRun(() => { const j = Buffer.from('{"type":"ready"}'); raw(j.length + 5, j.length, j, Buffer.alloc(5)) })`,
    reason: /no part holds/,
  },
  {
    name: 'an unknown message',
    code: `onRun(() => send({ type: 'NODE_HANDLE', cmd: 'NODE_CLUSTER' }))`,
    reason: /no known type/,
  },
  {
    name: 'a message without a type',
    code: `onRun(() => send({ __proto__: null }))`,
    reason: /no known type/,
  },
  {
    name: 'a call with a text for its id',
    code: `onRun(() => send({ type: 'call', id: '1', name: 'x', step: 0 }, '[]'))`,
    reason: /id is no integer/,
  },
  {
    name: 'a call without a name',
    code: `onRun(() => send({ type: 'call', id: 1, step: 0 }, '[]'))`,
    reason: /name is no short text/,
  },
  {
    name: 'a call of no step',
    code: `onRun(() => send({ type: 'call', id: 1, name: 'x', step: -1 }, '[]'))`,
    reason: /step is no integer/,
  },
  {
    name: 'an output without a text',
    code: `onRun(() => send({ type: 'output' }))`,
    reason: /without its text/,
  },
  {
    name: 'an output that is not JSON',
    code: `onRun(() => send({ type: 'output' }, 'x'))`,
    reason: /not JSON/,
  },
  {
    name: 'an output of no kind',
    code: `onRun(() => send({ type: 'output' }, '{"kind":"error","data":{}}'))`,
    reason: /no known kind/,
  },
  {
    name: 'an output of a strange media type',
    code: `onRun(() => send({ type: 'output' }, '{"kind":"display","data":{"__proto__":1,"x":2}}'))`,
    reason: /media type/,
  },
  {
    name: 'an end with an unknown status',
    code: `onRun((n) => send({ type: 'end', execution: n, status: 'root', cpuMs: 1, alive: true }, '{}'))`,
    reason: /unknown status/,
  },
  {
    name: 'an end with endless CPU',
    code: `onRun((n) => send({ type: 'end', execution: n, status: 'ok', cpuMs: 1e300, alive: true }, '{}'))`,
    reason: /cpuMs is no amount/,
  },
  { name: 'an end whose value is not JSON', code: `onRun((n) => end(n, {}, '{"a'))`, reason: /not JSON/ },
  {
    name: 'a flood of messages',
    code: `onRun(() => { const f = () => { for (let i = 0; i < 500; i++) send({ type: 'ready' }); setImmediate(f) }; f() })`,
    reason: /messages a second/,
  },
  {
    name: 'a flood of host calls',
    code: `onRun(() => { for (let i = 0; i < 200; i++) send({ type: 'call', id: i, name: 'wait', step: 0 }, '[]') })`,
    reason: /hostCallsInFlight/,
  },
  { name: 'its own exit', code: `onRun(() => process.exit(3))`, reason: /ended by itself/ },
]

describe('a child that breaks the protocol', () => {
  test.each(faults)('is ended for $name', async ({ code, reason }) => {
    const reasons: string[] = []
    const host: HostTable = { wait: () => new Promise(() => undefined) }
    const sandbox = open(code, { host, onDeath: (why) => reasons.push(why) })
    const { pid } = sandbox
    const { status, alive, error } = await sandbox.execute(cell)
    expect({ status, alive, name: error?.name }).toEqual({
      status: 'killed',
      alive: false,
      name: 'KernelDied',
    })
    expect(error?.message).toMatch(reason)
    expect(reasons).toEqual([error?.message])
    expect(sandbox.state).toBe('dead')
    expect(await isGone(pid)).toBe(true)
    expect((await sandbox.execute(cell)).status).toBe('killed')
  })
})

describe('a child that answers what was not asked', () => {
  test('an end for another cell is ignored', async () => {
    const sandbox = open(
      `onRun((n) => { end(n + 1, { value: 'other' }); end(n - 1, { value: 'old' }); end(n, { value: 'own' }) })`,
    )
    expect(await sandbox.execute(cell)).toMatchObject({ status: 'ok', value: 'own', alive: true })
  })
  test('a second end does not end the next cell', async () => {
    const sandbox = open(`onRun((n, seen) => { end(n, { value: 'v' + seen }); end(n, { value: 'again' }) })`)
    expect((await sandbox.execute(cell)).value).toBe('v1')
    expect((await sandbox.execute(cell)).value).toBe('v2')
  })
  test('outputs after the end go nowhere', async () => {
    const outputs: GuestOutput[] = []
    const late = `send({ type: 'output' }, JSON.stringify({ kind: 'stdout', data: { 'text/plain': 'late' } }))`
    const sandbox = open(`onRun((n) => { end(n, {}); ${late} })`, {
      onOutput: (output) => outputs.push(output),
    })
    await sandbox.execute(cell)
    await sandbox.execute(cell)
    expect(outputs.filter(({ kind }) => kind === 'error')).toEqual([])
    expect(outputs.length).toBeLessThanOrEqual(1)
  })
  test('fields beside the known ones are dropped, and __proto__ stays a name', async () => {
    const outputs: GuestOutput[] = []
    const text = `{"kind":"stdout","data":{"text/plain":"x"},"cell":"forged","admin":true,"__proto__":{"a":1}}`
    const sandbox = open(
      `onRun((n) => { send({ type: 'output' }, ${JSON.stringify(text)}); end(n, { error: null, value: 5, admin: true }) })`,
      {
        onOutput: (output) => outputs.push(output),
      },
    )
    const { receipt: _, ...execution } = await sandbox.execute(cell)
    expect(execution).toEqual({ status: 'ok', alive: true })
    expect(outputs).toEqual([{ cell: 'cell-1', kind: 'stdout', data: { 'text/plain': 'x' } }])
    expect(({} as { a?: number }).a).toBeUndefined()
  })
  test('a call of an inherited name is not found', async () => {
    const sandbox = open(`
      let n; onRun((number) => { n = number; send({ type: 'call', id: 1, name: 'constructor', step: 0 }, '[]') })
      process.stdin.on('data', (chunk) => { if (chunk.includes('not-found')) end(n, { value: 'refused' }) })`)
    expect((await sandbox.execute(cell)).value).toBe('refused')
  })
})

describe('a child that does not answer', () => {
  test('is ended when it says nothing', async () => {
    const sandbox = open(`onRun(() => undefined)`)
    const limits = { wallMs: 100, compileMs: 100 }
    expect(await sandbox.execute(cell, limits)).toMatchObject({ status: 'timeout', alive: false })
  })
  test('is ended when it spins', async () => {
    const sandbox = open(`onRun(() => { for (;;); })`)
    const limits = { wallMs: 100, compileMs: 100 }
    expect(await sandbox.execute(cell, limits)).toMatchObject({ status: 'timeout', alive: false })
  })
  test('is ended when it stops reading', async () => {
    const host: HostTable = {
      big: () => Promise.resolve({ value: null, binary: [new Uint8Array(250 * 1024 * 1024)] }),
    }
    const sandbox = open(
      `onRun((n) => { process.stdin.pause(); for (let i = 0; i < 4; i++) send({ type: 'call', id: i, name: 'big', step: 0 }, '[]') })`,
      { host },
    )
    const { status, error } = await sandbox.execute(cell)
    expect({ status, message: error?.message }).toEqual({ status: 'killed', message: 'It stopped reading.' })
  })
  test('is ended when it takes too much memory', async () => {
    const sandbox = open(
      `const a = []; onRun(() => { for (let i = 0; i < 6; i++) a.push(Buffer.alloc(64 << 20, 1)) })`,
    )
    expect(await sandbox.execute(cell, { rssMb: 200 })).toMatchObject({ status: 'memory', alive: false })
  })
  test('is ended by an interrupt that it ignores', async () => {
    const sandbox = open(`onRun(() => undefined)`)
    const execution = sandbox.execute(cell)
    await expect.poll(() => sandbox.state).toBe('busy')
    expect(await sandbox.interrupt()).toEqual({ alive: false })
    expect(await execution).toMatchObject({ status: 'killed', alive: false })
  })
})
