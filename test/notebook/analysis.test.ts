import { describe, expect, test } from 'vitest'
import { analyzeCell } from '../../runtime/notebook/analysis.ts'
import { findInterpolations } from '../../runtime/notebook/interpolation.ts'

const nothing = {
  declares: [],
  references: [],
  direct: [],
  imports: {},
  awaits: false,
  error: null,
  places: {},
}
const at = (line: number, column: number) => ({ line, column })

describe('analyzeCell', () => {
  test.each([
    ['', nothing],
    ['// nothing', nothing],
    [
      'const a: number = b\nconst f = () => a + c.d',
      {
        ...nothing,
        declares: ['a', 'f'],
        references: ['b', 'c'],
        direct: ['b'],
        places: { a: at(1, 7), b: at(1, 19), f: at(2, 7), c: at(2, 21) },
      },
    ],
    [
      'const f = () => later\nlater',
      {
        ...nothing,
        declares: ['f'],
        references: ['later'],
        direct: ['later'],
        places: { f: at(1, 7), later: at(2, 1) },
      },
    ],
    [
      "import { mean as average, type Row } from 'suricate'\nimport * as d from 'danfojs'",
      {
        ...nothing,
        declares: ['average', 'd'],
        imports: { average: 'suricate', d: 'danfojs' },
        awaits: true,
        places: { average: at(1, 18), d: at(2, 13) },
      },
    ],
    ["import type { Row } from 'suricate'", nothing],
    ['let x = 1\nlet y = = 2', { ...nothing, error: { message: 'Unexpected token', line: 2, column: 9 } }],
    [
      'if (a) { var deep = 1 }\nfor (var i of b);',
      {
        ...nothing,
        declares: ['deep', 'i'],
        references: ['a', 'b'],
        direct: ['a', 'b'],
        places: { a: at(1, 5), deep: at(1, 14), i: at(2, 10), b: at(2, 15) },
      },
    ],
  ])('TypeScript %j', (source, expected) => {
    expect(analyzeCell({ type: 'typescript', source })).toEqual(expected)
  })

  test('a named SQL cell declares its name and uses what it binds, at their places in the query', () => {
    const source = '-- name: history\nselect `a\\b`, ${limit}\nfrom t where x > ${from.x}'
    expect(analyzeCell({ type: 'sql', source })).toMatchObject({
      declares: ['history'],
      awaits: true,
      error: null,
      places: { limit: at(2, 17), from: at(3, 20) },
    })
    expect(analyzeCell({ type: 'sql', source }).references).toEqual(expect.arrayContaining(['limit', 'from']))
  })
  test('a SQL cell without a name declares nothing that a cell owns', () => {
    const names = analyzeCell({ type: 'sql', source: 'select `${n}`, ${m + } ' })
    expect(names).toEqual({ ...nothing, error: { message: 'Unexpected token', line: 1, column: 22 } })
    expect(analyzeCell({ type: 'sql', source: 'select 1 -- `\\` ${n}' })).toMatchObject({
      declares: [],
      places: { n: at(1, 19) },
    })
  })
  test('a Markdown cell uses the names of its interpolations', () => {
    const source = '# ${title}\nmean ${stats.mean.toFixed(2)}, not \\${escaped}, not `${code}`, not ${1 +}'
    expect(analyzeCell({ type: 'markdown', source })).toEqual({
      ...nothing,
      references: ['title', 'stats'],
      direct: ['title', 'stats'],
      places: { title: at(1, 3), stats: at(2, 6) },
    })
  })
  test('raw text has no names', () => {
    expect(analyzeCell({ type: 'raw', source: 'const a = b' })).toEqual(nothing)
  })
  test('gives the kept answer for the same text', () => {
    const cell = { type: 'typescript' as const, source: 'const kept = 1' }
    expect(analyzeCell({ ...cell })).toBe(analyzeCell(cell))
  })
})

describe('findInterpolations', () => {
  test.each([
    ['', []],
    ['${a} and ${ b }', ['a', 'b']],
    ['${ {x: 1}.x } }', ['{x: 1}.x']],
    ['${} ${ } $ {a} ${open', []],
    ['``` \n${a}\n```\n${b}', ['b']],
    ['~~~\n${a}\n```\n${b}', []],
    ['`${a}` ``${b}` `` `${c}', ['c']],
    ['\\${a} \\\\${b}', ['b']],
    ['$x^{2}$ ${a}', ['a']],
  ])('%j', (source, expected) => {
    const found = findInterpolations(source)
    expect(found.map(({ expression }) => expression)).toEqual(expected)
    for (const { start, end } of found) expect(source.slice(start, end)).toMatch(/^\$\{[\s\S]*\}$/)
  })
})
