import { describe, expect, test } from 'vitest'
import { compileCell } from '../../runtime/javascript/compile.ts'

const analyse = (source: string) => {
  const { declares, references, captures, imports, awaits } = compileCell(source)
  return { declares, references, captures, imports, awaits }
}
const nothing = { declares: [], references: [], captures: [], imports: [], awaits: false }

describe('what a cell declares, references, captures, imports and awaits', () => {
  test.each([
    ['', nothing],
    ['a + b.c[d].e', { ...nothing, references: ['a', 'b', 'd'] }],
    ['({ a: b, [c]: d, e })', { ...nothing, references: ['b', 'c', 'd', 'e'] }],
    ['const x = y; x', { ...nothing, declares: ['x'], references: ['y'] }],
    [
      'const f = (p, { q = z }) => p + q + x; let x',
      { ...nothing, declares: ['f', 'x'], references: ['z'], captures: ['z', 'x'] },
    ],
    ['function f() { return f }', { ...nothing, declares: ['f'], captures: ['f'] }],
    ['function f() { return arguments }', { ...nothing, declares: ['f'] }],
    ['(function named() { return named })', nothing],
    ['(function () { var a = 1; { let b = a; class C {} C } return a })', nothing],
    ['(function () { return b; { let b } })', { ...nothing, references: ['b'], captures: ['b'] }],
    ['{ let a; a }\nfor (const b of c) b\ntry {} catch ({ d }) { d }', { ...nothing, references: ['c'] }],
    [
      'class A extends B { [k] = v; static { w } m() { return A } }',
      {
        ...nothing,
        declares: ['A'],
        references: ['B', 'k', 'v', 'w'],
        captures: ['k', 'v', 'w'],
      },
    ],
    ['switch (a) { case b: let c; c }', { ...nothing, references: ['a', 'b'] }],
    ['l: for (;;) { break l }', nothing],
    ['let a: Type = b as Other', { ...nothing, declares: ['a'], references: ['b'] }],
    [
      'import a, { b as c } from "m"; import * as d from "n"; import "m"',
      {
        ...nothing,
        declares: ['a', 'c', 'd'],
        imports: ['m', 'n'],
        awaits: true,
      },
    ],
    ['await a', { ...nothing, references: ['a'], awaits: true }],
    ['async () => await a', { ...nothing, references: ['a'], captures: ['a'] }],
    ['for await (const a of b);', { ...nothing, references: ['b'], awaits: true }],
    ['export const a = 1; export { a as b }', { ...nothing, declares: ['a'] }],
    ['if (x) { var y = 1; for (var z in y); }', { ...nothing, declares: ['y', 'z'], references: ['x'] }],
  ])('%j', (source, expected) => {
    expect(analyse(source)).toEqual(expected)
  })
})

describe('where a variable lives', () => {
  const contextOf = (source: string, shared: string[] = []): string =>
    /^var ([^;]*);/.exec(compileCell(source, { shared: new Set(shared) }).code)?.[1] ?? ''

  test('a variable that no function uses is local to the cell', () => {
    expect(contextOf('let s = 0; for (let i = 0; i < 9; i++) s += i')).toBe('')
  })
  test('a variable that a function uses is in the context', () => {
    expect(contextOf('let s = 0, t = 0; const f = () => s')).toBe('s,t')
  })
  test('a variable that an earlier cell uses is in the context', () => {
    expect(contextOf('let s = 0; let t = 0', ['s'])).toBe('s')
  })
  test('every variable is in the context when globals are seen by name', () => {
    expect(contextOf('let s = 0; eval("s")')).toBe('s')
    expect(contextOf('let s = 0', ['globalThis'])).toBe('s')
  })
})
