/**
 * A loop at the top level of a cell beside the same loop in a function of a cell, in one sandbox and one run, taken in
 * turns; the best of each counts, for whatever else the machine does only adds. No other cell and no closure sees the
 * variables, so that they are local to the cell: at most 1.3 times.
 */
import pino from 'pino'
import { buildGuest } from '../runtime/guest/build/build.ts'
import { openSandboxes } from '../runtime/sandbox/open.ts'
import type { Sandbox } from '../runtime/sandbox/port.ts'
import { tell } from './peers.ts'

const rounds = 11
const limit = 1.3

const loops: { [name: string]: string } = {
  'sum of remainders': 'let s = 0\nfor (let i = 0; i < 5e7; i++) s += i % 7',
  'var, integers': 'var s = 0\nfor (var i = 0; i < 1e8; i++) { s = (s + i * 3) | 0 }',
  'typed array': `const a = Float64Array.from({ length: 1e6 }, (_, i) => i)
let s = 0
for (let round = 0; round < 60; round++) for (let i = 0; i < a.length; i++) s += a[i] * 2`,
  'while, two variables': 'let n = 0, m = 1\nwhile (n < 2e7) { n++; m = (m * 31 + n) % 1000003 }',
  'nested, with a condition':
    'let c = 0\nfor (let i = 0; i < 9000; i++) for (let j = 0; j < 9000; j++) if ((i ^ j) & 1) c++',
  'text and Map': `const counts = new Map()
for (let i = 0; i < 3e6; i++) { const key = 'k' + (i % 50); counts.set(key, (counts.get(key) ?? 0) + 1) }`,
  'after an await': 'let s = 0\nawait null\nfor (let i = 0; i < 5e7; i++) s += i % 7',
}

async function time(sandbox: Sandbox, source: string): Promise<number> {
  const begin = performance.now()
  const { status, error } = await sandbox.execute({ id: 'loop', label: '1', source })
  if (status !== 'ok') throw new Error(`${source}: ${error?.message}`)
  return performance.now() - begin
}

const { out } = await buildGuest()
const log = pino({ level: 'silent' })
const sandboxes = await openSandboxes({ log, pool: 1, singleUser: true, buildDir: out })
let worst = 0
try {
  for (const [name, loop] of Object.entries(loops)) {
    const sandbox = await sandboxes.open({ workspace: `bench ${name}`, host: {}, onOutput: () => undefined })
    const isAsync = loop.includes('await')
    const inFunction = `${isAsync ? 'await (async ' : '('}() => {\n${loop}\n})()`
    const times: { top: number[]; function: number[] } = { top: [], function: [] }
    for (let round = 0; round < rounds; round++) {
      times.top.push(await time(sandbox, loop))
      times.function.push(await time(sandbox, inFunction))
    }
    await sandbox.close()
    const [top, within] = [Math.min(...times.top), Math.min(...times.function)]
    worst = Math.max(worst, top / within)
    tell(name, top, 'ms', 'the same in a function', within)
  }
} finally {
  await sandboxes.close()
}
tell('worst loop at top level', worst, '×', 'limit', limit)
if (worst > limit) process.exitCode = 1
