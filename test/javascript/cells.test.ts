import { describe, expect, test } from 'vitest'
import { openKernel, runCells, type Outcome } from './kernel.ts'

type Case = [title: string, cells: string[], outcome: Outcome]

const values: Case[] = [
  ['an expression is the value', ['1 + 1'], { value: 2 }],
  ['a trailing semicolon and comment do not matter', ['1 + 1; // two'], { value: 2 }],
  ['a comment before the semicolon does not matter', ['7 // seven\n;'], { value: 7 }],
  ['a sequence in parentheses', ['(1, 2)'], { value: 2 }],
  ['an object in parentheses', ['({a: 1}).a'], { value: 1 }],
  ['a declaration has no value', ['let x = 1'], {}],
  ['an empty cell has no value', [''], {}],
  ['a comment alone has no value', ['// nothing'], {}],
  ['empty statements after the last expression', ['5;;'], { value: 5 }],
  ['types after the last expression', ['5\ntype A = string\ninterface B {}'], { value: 5 }],
  ['a directive is a string', ['"use strict"'], { value: 'use strict' }],
  ['undefined is a value', ['void 0'], { value: undefined }],
  ['a template literal', ['const n = 3;\n`${n} times`'], { value: '3 times' }],
  [
    'a template whose text looks like code',
    ['const a = 1;\n`${a}@${a}}${a}namespace${a}export${a}import${a}`'],
    { value: '1@1}1namespace1export1import1' },
  ],
  ['await at top level', ['await Promise.resolve(3)'], { value: 3 }],
  ['await inside an expression', ['(await Promise.resolve(3)) + 1'], { value: 4 }],
  [
    'for await at top level',
    ['let s = 0; for await (const x of [1, Promise.resolve(2)]) s += x; s'],
    { value: 3 },
  ],
  ['await in a block', ['let y = 0; { y = await Promise.resolve(2) } y'], { value: 2 }],
  ['a variable lives on', ['let x = 5', 'x + 1'], { value: 6 }],
  ['a constant lives on', ['const x = 5', 'x'], { value: 5 }],
  ['a var lives on', ['var x = 5', 'x'], { value: 5 }],
  ['a function lives on', ['function f() { return 1 }', 'f()'], { value: 1 }],
  ['a class lives on', ['class A { n = 1 }', 'new A().n'], { value: 1 }],
  ['declaring again', ['const x = 1', 'const x = 2', 'let x = 3', 'var x = 4', 'x'], { value: 4 }],
  ['a function becomes a constant', ['function f() {}', 'const f = 1', 'f'], { value: 1 }],
  ['a class is declared again', ['class A {}', 'class A { n = 2 }', 'new A().n'], { value: 2 }],
  [
    'object destructuring',
    ['const { a, b: { c = 3 }, ...rest } = { a: 1, b: {}, d: 4 }', 'a + c + rest.d'],
    { value: 8 },
  ],
  [
    'array destructuring',
    ['let [a, , b = 2, ...c] = [1, 0, undefined, 4]', '[a, b, c[0]].join()'],
    { value: '1,2,4' },
  ],
  ['several declarators', ['let a = 1, b, c = a + 1', '[a, b, c].join()'], { value: '1,,2' }],
  ['let without a value starts anew', ['let a = 1', 'let a; a'], { value: undefined }],
  ['var without a value keeps it', ['var a = 1', 'var a; a'], { value: 1 }],
  ['captured var without a value keeps it', ['var a = 1', 'var a; const f = () => a; f()'], { value: 1 }],
  ['a nested var is hoisted', ['if (true) { var deep = 1 }', 'deep'], { value: 1 }],
  ['a var of a for loop', ['for (var i = 0; i < 3; i++);', 'i'], { value: 3 }],
  ['a var of for-of', ['for (var v of [1, 2]);', 'v'], { value: 2 }],
  ['a captured var of for-of', ['const f = () => v; for (var v of [1, 2]); f()'], { value: 2 }],
  [
    'a captured pattern of for-of',
    ['const f = () => a + b; for (var [a, b] of [[1, 2]]); f()'],
    { value: 3 },
  ],
  ['a captured var of for-in', ['const f = () => k; for (var k in { x: 1 }); f()'], { value: 'x' }],
  ['captured vars of a for head', ['const f = () => i; for (var i = 0, j; i < 2; i++); f()'], { value: 2 }],
  ['a captured var called async', ['const f = () => async; for (var async of [1]); f()'], { value: 1 }],
  ['a var of for await', ['for await (var w of [Promise.resolve(4)]);', 'w'], { value: 4 }],
  [
    'a var in a switch, a try and a label',
    [
      'switch (1) { case 1: var a = 1 }\ntry { var b = 2 } finally { var c = 3 }\nl: { var d = 4; break l }',
      'a + b + c + d',
    ],
    { value: 10 },
  ],
  ['a block-scoped name stays inside', ['{ let hidden = 1 }', 'typeof hidden'], { value: 'undefined' }],
  [
    'a var of a function stays inside',
    ['function f() { var inner = 1 }; f()', 'typeof inner'],
    { value: 'undefined' },
  ],
  ['a function is hoisted', ['const x = f()\nfunction f() { return 2 }', 'x'], { value: 2 }],
  ['a function sees a later variable', ['function f() { return later }\nlet later = 3', 'f()'], { value: 3 }],
  [
    'two functions call each other',
    ['function a(n) { return n ? b(n - 1) : "a" }\nfunction b(n) { return n ? a(n - 1) : "b" }', 'a(3)'],
    { value: 'b' },
  ],
  [
    'generator and async functions',
    ['function* g() { yield 1 }\nasync function f() { return [...g()][0] }', 'await f()'],
    { value: 1 },
  ],
  [
    'names of functions and classes',
    [
      'const f = () => 1, g = function () {}\nfunction h() {}\nclass K {}',
      '[f.name, g.name, h.name, K.name].join()',
    ],
    { value: 'f,g,h,K' },
  ],
  [
    'names of captured functions',
    ['const f = () => f.name\nfunction g() { return g.name }', 'f() + g()'],
    { value: 'fg' },
  ],
  [
    'a function sees a variable that is declared again',
    ['let n = 1; const f = () => n', 'let n = 2', 'f()'],
    { value: 2 },
  ],
  [
    'a function of an earlier cell sees a new variable at once',
    ['const f = () => n', 'let n = 3; f()'],
    { value: 3 },
  ],
  [
    'a function changes a variable',
    ['let n = 0; const inc = () => { n++ }', 'inc(); inc(); n'],
    { value: 2 },
  ],
  ['globalThis sees variables', ['let n = 1; globalThis.n'], { value: 1 }],
  ['eval sees variables', ['let n = 1; eval("n + 1")'], { value: 2 }],
  [
    'a class refers to itself',
    ['class A { static make() { return new A() } }', 'A.make() instanceof A'],
    { value: true },
  ],
  [
    'private fields and static blocks',
    ['class A { #n = 1; static s; static { A.s = 2 } get n() { return this.#n } }', 'new A().n + A.s'],
    { value: 3 },
  ],
  ['an enum', ['enum Level { Low, High = 5, Top }', 'Level.Top + Level[0]'], { value: '6Low' }],
  ['an enum of text', ['export enum Name { A = "a" }', 'Name.A'], { value: 'a' }],
  ['an enum has no value', ['enum E { A }'], {}],
  [
    'an enum declared again is new',
    ['enum E { A }', 'enum E { B }', 'Object.keys(E).join()'],
    { value: '0,B' },
  ],
  ['a captured enum', ['enum E { A, B }\nconst f = () => E.B', 'f()'], { value: 1 }],
  [
    'export is stripped',
    ['export const a = 1; export function f() { return a }; export { a as b }', 'f()'],
    { value: 1 },
  ],
  ['export default is the value', ['export default 5'], { value: 5 }],
  ['export default of a function', ['export default function f() { return 6 }', 'f()'], { value: 6 }],
  ['type annotations go', ['const f = <T,>(x: T, y?: number): T => x as T\nf<number>(3)!'], { value: 3 }],
  [
    'satisfies, const, generics, overloads',
    [
      'function f(x: string): string\nfunction f(x: number): number\nfunction f(x: any) { return x }\nconst a = { b: 1 } as const satisfies object\nf(a.b)',
    ],
    { value: 1 },
  ],
  [
    'parameter properties',
    [
      'class P { constructor(private x: number, readonly y = 2) {} sum() { return this.x + this.y } }',
      'new P(1).sum()',
    ],
    { value: 3 },
  ],
  [
    'abstract and declare',
    [
      'declare const q: number\nabstract class A { abstract f(): void; g() { return 1 } }\nclass B extends A { f() {} }',
      'new B().g()',
    ],
    { value: 1 },
  ],
  [
    'a declared namespace goes',
    [
      'declare namespace N { namespace M { const x: number } }\ndeclare module "x" { export = 1 }\ndeclare global { interface Window {} }\n1',
    ],
    { value: 1 },
  ],
  [
    'module, namespace, type and declare are names',
    ['let module = 1, namespace = 2, type = 3, declare = 4\nmodule + namespace + type + declare'],
    { value: 10 },
  ],
  [
    'a bracket after a type assertion',
    ['const f = (x: number) => x\nconst g = f as unknown\n(1)'],
    { value: 1 },
  ],
  ['a bracket after a type', ['const a = 1\ntype T = number\n[1, 2].length'], { value: 2 }],
  [
    'a bracket after an assertion and a type',
    ['const f = (x: number) => x\nconst g = f as unknown\ntype T = 1\n(1)'],
    { value: 1 },
  ],
  ['a bracket after a declaration', ['const f = () => a\nlet a\n[1, 2].length'], { value: 2 }],
  ['a minus after an HTML comment opener', ['let a = 1, b = 2\na <!--b'], { value: false }],
  ['an arrow of operators', ['let n = 3, s = 0\nwhile (n --> 0) s++\ns'], { value: 3 }],
  ['named imports', ['import { one, two as zwei } from "test:a"\none + zwei'], { value: 3 }],
  ['default and namespace', ['import d, * as ns from "test:a"', 'd + ns.name'], { value: 'defaulttest:a' }],
  ['default and named', ['import d, { "a b" as ab } from "test:a"', 'd + ab'], { value: 'default3' }],
  [
    'captured imports',
    [
      'import d, { one } from "test:a"; import * as ns from "test:b"\nconst f = () => d + one + ns.name',
      'f()',
    ],
    { value: 'default1test:b' },
  ],
  ['an import at the end comes first', ['const x = one\nimport { one } from "test:a"', 'x'], { value: 1 }],
  ['an import alone', ['import { one } from "test:a"', 'one'], { value: 1 }],
  ['an import for its effect', ['import "test:a"'], {}],
  [
    'types are not imported',
    ['import type { A } from "nowhere"; import { type B, one } from "test:a"; one'],
    { value: 1 },
  ],
  [
    'a type imported without saying so',
    ['import { one, Three } from "test:a"\nlet x: Three = one; const f = (Three: number) => Three; x'],
    { value: 1 },
  ],
  ['dynamic import', ['(await import("test:x")).name'], { value: 'test:x' }],
  [
    'dynamic import in a function',
    ['const load = async (n: string) => (await import(n)).name', 'await load("test:y")'],
    { value: 'test:y' },
  ],
  [
    'a thenable is a value',
    ['const t = { then() { throw new Error("called") } }; t', 'typeof t.then'],
    { value: 'function' },
  ],
  [
    'a polluted prototype does not forge the value',
    ['Object.prototype.then = function (r) { r({ value: "forged" }) }', 'try { 1 } finally {}; 42'],
    { value: 42 },
  ],
  ['variables survive a throw', ['let x = 1; x = 2', 'let y = 7; throw new Error("no")', 'y'], { value: 7 }],
  ['what a failed cell did not reach keeps its value', ['let x = 1', 'fail(); let x = 2', 'x'], { value: 1 }],
  ['the first cell is strict', ['(function () { return this })()'], { value: undefined }],
  ['assignment to a name of another cell', ['let n = 1', 'n = 5', 'n'], { value: 5 }],
  ['swapping', ['let a = 1, b = 2', '[a, b] = [b, a]', '`${a}${b}`'], { value: '21' }],
  [
    'a constant with logical assignment that does not write',
    ['const a = 1; a ??= 2; a ||= 3; a'],
    { value: 1 },
  ],
  [
    'a name shadowed in a function is not the constant',
    ['const a = 1; const f = (a: number) => { a = 2; return a }; f(0)'],
    { value: 2 },
  ],
  ['a name shadowed in a block is not the constant', ['const a = 1; { let a = 0; a++; } a'], { value: 1 }],
  [
    'catch, switch and loops shadow',
    [
      'const a = 1; try { throw 2 } catch (a) { a = 3 } for (let a of [1]) a = 2; switch (1) { case 1: let a; a = 2 } a',
    ],
    { value: 1 },
  ],
  ['unicode names and escapes', ['const größe = 1, \\u0061b = 2', 'größe + ab'], { value: 3 }],
  ['windows line ends', ['let a = 1\r\nlet b = 2\r\na + b'], { value: 3 }],
]

const errors: Case[] = [
  ['a throw', ['throw new Error("x")'], { error: 'Error: x (cell 1:1:7)' }],
  ['a throw after an await', ['await null\n\n  throw new Error("x")'], { error: 'Error: x (cell 1:3:9)' }],
  [
    'columns after removed types',
    ['const y: { foo: number } = null as any; const z: number = y.foo'],
    { error: "TypeError: Cannot read properties of null (reading 'foo') (cell 1:1:61)" },
  ],
  [
    'a function of another cell',
    ['\n\nfunction f(x: any) {\n  return x.y\n}', '1\nf(null)'],
    { error: "TypeError: Cannot read properties of null (reading 'y') (cell 1:4:12)" },
  ],
  [
    'a moved function',
    ['let a = 1\n\nfunction f() {\n  throw new Error("moved")\n}\nf()'],
    { error: 'Error: moved (cell 1:4:9)' },
  ],
  [
    'a name that is not there',
    ['let a = 1\na + missing'],
    { error: 'ReferenceError: missing is not defined (cell 1:2:5)' },
  ],
  [
    'a module that is not there',
    ['1\nimport x from "nowhere"'],
    { error: 'Error: no module nowhere (cell 1:2:1)' },
  ],
  [
    'a constant',
    ['const a = 1\na = 2'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:2:3)' },
  ],
  [
    'a constant in a function',
    ['const a = 1\nconst f = () => { a++ }', 'f()'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:2:20)' },
  ],
  [
    'a constant in patterns',
    ['const a = 1; ({ a } = { a: 2 })'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:1:17)' },
  ],
  [
    'a constant in a loop head',
    ['const a = 1\nfor (a of [1]);'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:2:6)' },
  ],
  [
    'a constant that logical assignment writes',
    ['const a = null\na ??= 2'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:2:1)' },
  ],
  [
    'an import',
    ['import { one } from "test:a"\none = 2'],
    { error: 'TypeError: Assignment to constant variable. (cell 1:2:5)' },
  ],
  ['an undeclared name', ['nowhere = 1'], { error: 'ReferenceError: nowhere is not defined (cell 1:1:9)' }],
  [
    'a getter alone',
    ['({ get x() { return 1 } }).x = 2'],
    { error: 'TypeError: Cannot set property x of #<Object> which has only a getter (cell 1:1:30)' },
  ],
]

describe('the value of a cell', () => {
  test.each(['() => 1', '(function () {})', '(class {})', 'export default () => 1'])(
    'keeps its own name, which is none: %s',
    async (source) => {
      const { value } = await openKernel().run(source)
      expect((value as { name: string }).name).toBe('')
    },
  )
  test.each(values)('%s', async (_title, cells, outcome) => {
    expect(await runCells(cells)).toEqual(outcome)
  })
})

describe('the place of an error', () => {
  test.each(errors)('%s', async (_title, cells, outcome) => {
    expect(await runCells(cells)).toEqual(outcome)
  })
})
