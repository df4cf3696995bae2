/** Every limit of a cell, breached by one: what ended or was cut names the limit, and the next cell works. */
import pino from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { GuestOutput, HostTable, Limits, Sandbox, Sandboxes } from '../../runtime/sandbox/port.ts'
import { openInvariants, type Invariants } from './invariants.ts'

let sandboxes: Sandboxes
let invariants: Invariants
let kernel: Sandbox
const outputs: GuestOutput[] = []
const host: HostTable = {
  'objects.list': () => Promise.resolve({ value: 'x'.repeat(5_000) }),
  'objects.get': () => new Promise(() => undefined),
}
beforeAll(async () => {
  const { out } = await buildGuest()
  const log = pino({ level: 'silent' })
  sandboxes = await openSandboxes({ log, pool: 1, singleUser: true, buildDir: out })
  invariants = await openInvariants(sandboxes)
})
afterEach(async () => {
  expect(await invariants.check(kernel)).toEqual([])
  await kernel.close()
})
afterAll(async () => {
  await invariants?.close()
  await sandboxes?.close()
})

const slow = `${'a ? (b) : '.repeat(20_000)}1`
const cases: { [limit in keyof Limits]: [given: number, source: string, status: string] } = {
  sourceBytes: [100, `1 //${'x'.repeat(100)}`, 'error'],
  compileMs: [1, slow, 'error'],
  cpuMs: [100, 'for (;;);', 'timeout'],
  wallMs: [100, 'await new Promise(() => {})', 'timeout'],
  heapMb: [32, 'const a = []; for (;;) a.push(new Array(1e5).fill({}))', 'memory'],
  rssMb: [200, 'const a = []; for (;;) { a.push(new Uint8Array(1 << 23).fill(1)); await 0 }', 'memory'],
  hostCallsInFlight: [2, 'await Promise.all([1, 2, 3].map(() => objects.get("x")))', 'error'],
  hostCallsPerSecond: [1, 'for (;;) await objects.list()', 'timeout'],
  hostCallsBurst: [1, 'for (;;) await objects.list()', 'timeout'],
  argumentBytes: [1_000, 'await objects.list("x".repeat(2_000))', 'error'],
  resultBytes: [1_000, 'await objects.list()', 'error'],
  messagesPerSecond: [20, 'for (let i = 0; i < 5_000; i++) progress(i, 5_000)', 'ok'],
  outputBytes: [1_000, 'for (let i = 0; i < 9; i++) show("x".repeat(500))', 'ok'],
  lineBytes: [100, 'console.log("x".repeat(200))', 'ok'],
  outputItems: [3, 'for (let i = 0; i < 9; i++) show(i)', 'ok'],
  richBytes: [1_000, 'show.html("x".repeat(2_000))', 'error'],
}

test.each(Object.entries(cases))('%s', async (limit, [given, source, status]) => {
  outputs.length = 0
  kernel = await sandboxes.open({
    workspace: `limit-${limit}`,
    host,
    limits: limit === 'heapMb' ? { heapMb: given } : {},
    onOutput: (output) => outputs.push(output),
  })
  const small = { wallMs: 6_000, cpuMs: 5_000, [limit]: given }
  const done = await kernel.execute({ id: 'c', label: '1', source }, small)
  const told = [done.error?.message ?? '', ...outputs.map(({ data }) => String(data['text/plain']))].join(
    '\n',
  )
  // calls beyond the rate wait for their turn, as long as the cell may last
  const named = /^hostCalls(PerSecond|Burst)$/.test(limit) ? /limit wallMs/ : new RegExp(`limit ${limit}\\b`)
  expect([done.status, told.slice(-2_000)]).toEqual([status, expect.stringMatching(named)])
})
