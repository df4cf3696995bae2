/** Imports in a real kernel: our own bundle, what a project gives through the host, and what cannot be imported. */
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../runtime/error.ts'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../runtime/sandbox/open.ts'
import type { HostTable, Sandbox, Sandboxes, SandboxOptions } from '../../runtime/sandbox/port.ts'

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

async function open(options: Partial<SandboxOptions> = {}): Promise<void> {
  kernel = await sandboxes.open({ workspace: 'test', host: {}, onOutput: () => undefined, ...options })
}
let cells = 0
async function valueOf(source: string): Promise<string | undefined> {
  const label = String(++cells)
  const { status, value, error } = await kernel.execute({ id: `cell-${label}`, label, source })
  return status === 'ok' ? value : `${status}: ${error?.name}: ${error?.message}`
}
/** A script as the bundler makes it. */
const script = (body: string): Buffer =>
  Buffer.from(`"use strict";var suricateModule=(()=>{${body};return{all}})();`)
function hostOf(modules: { [name: string]: Buffer }): { host: HostTable; asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    host: {
      'packages.import': ([name]) => {
        asked.push(String(name))
        const code = Object.hasOwn(modules, String(name)) ? modules[String(name)] : undefined
        return Promise.resolve(
          code ? { value: null, binary: [code] } : { value: { names: Object.keys(modules) } },
        )
      },
    },
  }
}

describe('import from our own bundle', () => {
  const examples: [string, string, string][] = [
    ["import * as aq from 'arquero'", "aq.table({ a: [3, 1, 2] }).orderby('a').array('a').join()", '1,2,3'],
    ["import { groupBy } from 'lodash-es'", 'JSON.stringify(groupBy([1.2, 1.7, 2.1], Math.floor))', ''],
    ["import * as ss from 'simple-statistics'", 'ss.median([5, 1, 3])', '3'],
    ["import { addDays } from 'date-fns'", 'addDays(new Date(0), 2).getTime()', '172800000'],
    ["import * as dfd from 'danfojs'", 'new dfd.DataFrame({ a: [1, 2] }).shape[0]', '2'],
    ["import { DataFrame } from 'danfojs'", 'new DataFrame({ a: [1, 2, 3] }).shape[0]', '3'],
    ["import * as tf from '@tensorflow/tfjs'", 'tf.sum([1, 2, 3]).dataSync()[0]', '6'],
  ]
  test.each(examples)('%s', async (statement, use, expected) => {
    await open()
    expect(await valueOf(`${statement}\n${use}`)).toBe(expected || '{"1":[1.2,1.7],"2":[2.1]}')
  })
  test('a dynamic import gives the same namespace: frozen, without a prototype', async () => {
    await open()
    expect(
      await valueOf(`import * as a from 'simple-statistics'
        const [b, c] = await Promise.all([import('simple-statistics'), import('simple-' + 'statistics')])
        JSON.stringify([a === b, b === c, Object.isFrozen(a), Object.getPrototypeOf(a), String(Object.keys(a).includes('mean'))])`),
    ).toBe('[true,true,true,null,"true"]')
    expect(await valueOf("(await import('simple-statistics')) === a")).toBe('true')
  })
  test('works with a name in a variable, for what the toolkit has too', async () => {
    await open({ limits: { heapMb: 300 } })
    expect(
      await valueOf("const name = 'danfo' + 'js'; const d = await import(name); typeof d.DataFrame"),
    ).toBe('function')
  })
  test('a processing notebook imports too', async () => {
    await open({ kind: 'processing' })
    expect(await valueOf("import { getYear } from 'date-fns'\ngetYear(new Date(0))")).toBe('1970')
  })
  test('what the module lacks is named', async () => {
    await open()
    expect(await valueOf("import { nothing } from 'date-fns'\nnothing()")).toBe(
      'error: SyntaxError: The module "date-fns" has no export named "nothing"',
    )
  })
})

describe('import of a package of the project', () => {
  test('asks the host once and gives what the package exports', async () => {
    const { host, asked } = hostOf({ twice: script('let n=0;const all={default:x=>x*2,count:()=>++n}') })
    await open({ host })
    expect(await valueOf("import twice, { count } from 'twice'\ncount(); twice(4)")).toBe('8')
    expect(await valueOf("(await import('twice')).count()")).toBe('2')
    expect(asked).toEqual(['twice'])
  })
  test('one that throws, or is no script, says so and may be tried again', async () => {
    const { host, asked } = hostOf({
      broken: script('const all={};process.cwd()'),
      wrong: Buffer.from('}) ( {'),
    })
    await open({ host })
    const broken = 'The package "broken" does not run in a notebook: ReferenceError: process is not defined'
    expect(await valueOf("import 'broken'")).toBe(`error: Error: ${broken}`)
    expect(await valueOf("import 'broken'")).toBe(`error: Error: ${broken}`)
    expect(await valueOf("import 'wrong'")).toMatch(
      /^error: Error: The package "wrong" does not run in a notebook: .*SyntaxError/,
    )
    expect(asked).toEqual(['broken', 'broken', 'wrong'])
    expect(await valueOf('1 + 1')).toBe('2')
  })
  test('one that loops ends at the limit of the cell', async () => {
    const { host } = hostOf({ loop: script('const all={};for(;;);') })
    await open({ host, limits: { cpuMs: 300 } })
    expect(await valueOf("import 'loop'")).toMatch(/^timeout: TimeLimit/)
    expect(await valueOf('1 + 1')).toBe('2')
  })
  test('an error of the host is the error of the import', async () => {
    await open({
      host: { 'packages.import': () => Promise.reject(new AppError('unavailable', 'The store is away.')) },
    })
    expect(await valueOf("import 'x'")).toBe('error: Error: The store is away.')
  })
  test('an import that nobody awaits does not block a later one', async () => {
    const { host } = hostOf({ late: script('const all={one:1}') })
    await open({ host })
    expect(await valueOf("void import('late').catch(() => 0); 1")).toBe('1')
    expect(await valueOf("(await import('late')).one")).toBe('1')
  })
})

describe('import of anything else', () => {
  const can =
    'This notebook can import suricate, danfojs, @tensorflow/tfjs, arquero, simple-statistics, lodash-es, date-fns, mine. An owner adds another package of npm to the project, under Packages on its page.'
  test.each([
    ['axios', `The module "axios" is not available here. ${can}`],
    [
      'lodash-es/groupBy',
      `The module "lodash-es/groupBy" is a part of a package; import the package itself. ${can}`,
    ],
    ['mine/part', `The module "mine/part" is a part of a package; import the package itself. ${can}`],
    ['node:fs', `Modules are imported by name here, not files, addresses or parts of Node. ${can}`],
    ['./other.ts', `Modules are imported by name here, not files, addresses or parts of Node. ${can}`],
    // refused by name: nothing is loaded from there
    ['https://esm.sh/x', `Modules are imported by name here, not files, addresses or parts of Node. ${can}`],
    ['__proto__', `The module "__proto__" is not available here. ${can}`],
  ])('%s', async (name, message) => {
    await open(hostOf({ mine: script('const all={}') }))
    expect(await valueOf(`await import('${name}')`)).toBe(`error: Error: ${message}`)
  })
  test('names where it was imported, and works without a host', async () => {
    await open()
    const source = "1\nawait import('axios')"
    const { error } = await kernel.execute({ id: 'c', label: '1', source })
    expect({ line: error?.line, message: error?.message.slice(0, 45) }).toEqual({
      line: 2,
      message: 'The module "axios" is not available here. Thi',
    })
  })
  test('what is no text', async () => {
    await open()
    expect(await valueOf('await import({ a: 1 })')).toBe(
      'error: Error: A module is imported by its name, not by {"a":1}.',
    )
  })
})
