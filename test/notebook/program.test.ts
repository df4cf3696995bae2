import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Bridge } from '../../runtime/guest/bridge.ts'
import { createFace } from '../../runtime/guest/face.ts'
import { platformNames } from '../../runtime/notebook/platform.ts'
import {
  findDependencies,
  findDependents,
  findStale,
  toProgram,
  type Program,
} from '../../runtime/notebook/program.ts'

/** Cells with the ids c1, c2, ... */
const program = (...sources: string[]): Program =>
  toProgram(sources.map((source, index) => ({ id: `c${index + 1}`, type: 'typescript', source })))
const edges = (...sources: string[]): string[] =>
  program(...sources).edges.map(({ from, to, names }) => `${from} -> ${to}: ${names.join()}`)
const problems = (...sources: string[]): string[] =>
  program(...sources).problems.map(({ cell, kind, name, other, line, column }) =>
    `${cell}:${line}:${column} ${kind} ${name} ${other ?? ''}`.trim(),
  )

describe('the edges of toProgram', () => {
  test.each([
    [['1', '2'], []],
    [['const a = 1', 'a + a'], ['c1 -> c2: a']],
    [
      ['const a = 1, b = 2', 'const c = a + b', 'c + b'],
      ['c1 -> c2: a,b', 'c1 -> c3: b', 'c2 -> c3: c'],
    ],
    [['const f = () => later', 'const later = 1'], ['c2 -> c1: later']],
    [
      ['let n = 0', 'n++', 'n'],
      ['c1 -> c2: n', 'c1 -> c3: n'],
    ],
    [['const a = 1', 'const a = 2', 'a'], ['c2 -> c3: a']],
    [['const a = 1', 'a', 'const a = 2'], ['c1 -> c2: a']],
    [['console.log(objects)', 'const console = 1, objects = 2', 'objects'], ['c2 -> c3: objects']],
    [['const a = 1', 'const f = (a) => a; { let a = 1; a }'], []],
    [['class A {}', 'new A()', 'let a: A'], ['c1 -> c2: A']],
    [['missing'], []],
    [['let x = = 1', 'x'], []],
  ])('%j', (sources, expected) => {
    expect(edges(...sources)).toEqual(expected)
  })
  test('cells of SQL and Markdown use names too', () => {
    const { edges: found } = toProgram([
      { id: 'a', type: 'typescript', source: 'const from = 1' },
      { id: 'b', type: 'sql', source: '-- name: rows\nselect ${from}' },
      { id: 'c', type: 'markdown', source: 'There are ${rows.length}.' },
      { id: 'd', type: 'raw', source: 'rows' },
    ])
    expect(found).toEqual([
      { from: 'a', to: 'b', names: ['from'] },
      { from: 'b', to: 'c', names: ['rows'] },
    ])
  })
})

describe('the problems of toProgram', () => {
  test.each([
    [['const a = 1', 'const b = a'], []],
    [
      ['const a = 1', 'let b,\n  a = 2'],
      ['c1:1:7 duplicate a c2', 'c2:2:3 duplicate a c1'],
    ],
    [
      ['var a', 'function a() {}', 'class a {}'],
      ['c1:1:5 duplicate a c2', 'c2:1:10 duplicate a c1', 'c3:1:7 duplicate a c1'],
    ],
    [['1 +\n later', 'const later = 1'], ['c1:2:2 use-before later c2']],
    [['const f = () => later', 'const later = 1'], []],
    [['const f = () => later\nf(later)', 'const later = 1'], ['c1:2:3 use-before later c2']],
    [
      ['const a = 1', 'a', 'const a = 2'],
      ['c1:1:7 duplicate a c3', 'c3:1:7 duplicate a c1'],
    ],
    [['fetch("x")', 'const fetch = 1'], []],
    [["import { a } from 'm'", "import { a } from 'm'"], []],
    [
      ["import { a } from 'm'", "import { a } from 'n'"],
      ['c1:1:10 duplicate a c2', 'c2:1:10 duplicate a c1'],
    ],
    [['const x: number = = 1', 'x'], ['c1:1:19 syntax']],
    [
      ['b\na', 'const a = 1', 'const b = 1'],
      ['c1:1:1 use-before b c3', 'c1:2:1 use-before a c2'],
    ],
  ])('%j', (sources, expected) => {
    expect(problems(...sources)).toEqual(expected)
  })
  test('say what would be right', () => {
    expect(program('later', 'const later = 1', 'let later').problems.map(({ message }) => message)).toEqual([
      'later is declared further down, in cell 2; move that cell above this one.',
      'later is declared in cell 3 too; give one of them another name.',
      'later is declared in cell 2 too; give one of them another name.',
    ])
  })
  test('two SQL cells without a name are none', () => {
    const sql = (id: string) => ({ id, type: 'sql' as const, source: 'select 1' })
    expect(toProgram([sql('a'), sql('b')]).problems).toEqual([])
  })
})

const chain = program('const a = 1', 'const b = a', 'const other = 1', 'const c = b + other', '1', 'c')

describe('findDependents and findDependencies', () => {
  test('go by way of others, in document order, without the given cells', () => {
    expect(findDependents(chain, ['c1'])).toEqual(['c2', 'c4', 'c6'])
    expect(findDependents(chain, ['c3', 'c4'])).toEqual(['c6'])
    expect(findDependents(chain, ['c5', 'gone'])).toEqual([])
    expect(findDependencies(chain, ['c6'])).toEqual(['c1', 'c2', 'c3', 'c4'])
    expect(findDependencies(chain, ['c1'])).toEqual([])
  })
  test('end where cells use each other', () => {
    const circle = program('const f = () => g', 'const g = () => f')
    expect(findDependents(circle, ['c1'])).toEqual(['c2'])
    expect(findDependencies(circle, ['c1'])).toEqual(['c2'])
  })
})

describe('findStale', () => {
  const ran = (of: Program, order: { [id: string]: number }, sources: { [id: string]: string } = {}) =>
    new Map(
      Object.entries(order).map(([id, at]) => [
        id,
        { at, source: sources[id] ?? of.cells.find((cell) => cell.id === id)!.source },
      ]),
    )
  const all = { c1: 1, c2: 2, c3: 3, c4: 4, c5: 5, c6: 6 }

  test('nothing is stale after a run of all', () => {
    expect(findStale(chain, ran(chain, all))).toEqual(new Map())
    expect(findStale(chain, new Map())).toEqual(new Map())
  })
  test('an edited cell and what uses it, also by way of others', () => {
    expect(findStale(chain, ran(chain, all, { c2: 'const b = 0' }))).toEqual(
      new Map([
        ['c2', 'edited'],
        ['c4', 'uses b'],
        ['c6', 'uses c'],
      ]),
    )
  })
  test('what ran before the cell that it uses', () => {
    expect(findStale(chain, ran(chain, { ...all, c3: 9 }))).toEqual(
      new Map([
        ['c4', 'uses other'],
        ['c6', 'uses c'],
      ]),
    )
  })
  test('a cell that has not run is not stale', () => {
    expect(findStale(chain, ran(chain, { c1: 9, c6: 1 }))).toEqual(new Map([['c6', 'uses c']]))
  })
  test('a function that reaches a cell below is not stale, what calls it is', () => {
    const below = program('const f = () => n', 'const n = 1', 'f()')
    expect(findStale(below, ran(below, { c1: 1, c2: 2, c3: 3 }))).toEqual(new Map())
    expect(findStale(below, ran(below, { c1: 1, c2: 4, c3: 3 }))).toEqual(new Map([['c3', 'uses f']]))
  })
})

test('the platform’s names are those of the SDK and of the language', () => {
  const bridge = { handler: () => 0, call: () => Promise.resolve(null), parameters: {} } as unknown as Bridge
  // For the bootstrap alone.
  const inner = ['display', 'isHeavy', 'settle', 'overTables']
  const sdk = Object.keys(createFace(bridge)).filter((name) => !inner.includes(name))
  const language = runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]
  // What a notebook does not have.
  const none = ['SharedArrayBuffer', 'Atomics', 'WebAssembly']
  expect([...sdk, ...language].filter((name) => !platformNames.has(name)).toSorted()).toEqual(none.toSorted())
})
