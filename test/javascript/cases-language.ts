/**
 * Cells and the value of the last one, construct by construct: what one script of the language would give. `any` stands
 * only in the text of cells: a type that the compiler has to remove.
 */
import type { Case } from './kernel.ts'

const destructuring: Case[] = [
  [
    'rest of an object and of a text',
    ['let {a, ...b} = {a: 1, c: 2}; let [p, ...q] = "xyz"', '[a, b.c, p, q.join("")].join()'],
    { value: '1,2,x,yz' },
  ],
  [
    'assignment to a pattern',
    ['let a = 1, b = 2; ({ a, b: [b] } = { a: 3, b: [4] })', 'a + b'],
    { value: 7 },
  ],
  [
    'computed keys and defaults',
    ['const { length: n, [0]: first = "z" } = "ab"', 'n + first'],
    { value: '2a' },
  ],
  ['a default that uses an earlier name', ['const { a = 1, b = a + 1 } = {} as any', 'a + b'], { value: 3 }],
  ['a default that waits', ['const { a = await Promise.resolve(3) } = {} as any', 'a'], { value: 3 }],
  [
    'nested defaults of parameters',
    ['const f = ({ a, b: { c } = { c: 9 } }: any, [d] = [7]) => [a, c, d].join()', 'f({ a: 1 })'],
    { value: '1,9,7' },
  ],
  [
    'several patterns in one declaration',
    ['const [[a], { b }] = [[1], { b: 2 }], c = a + b', 'c'],
    { value: 3 },
  ],
  [
    'a pattern in the head of a loop',
    ['for (var [x, { y }] of [[1, { y: 2 }]] as any);', 'x + y'],
    { value: 3 },
  ],
  [
    'a pattern of a caught error',
    ['let m; try { throw { code: 4 } } catch ({ code }) { m = code }', 'm'],
    { value: 4 },
  ],
  [
    'a swap over cells',
    ['let a = 1, b = 2, c = 3', '[a, b, c] = [c, a, b]', '[a, b, c].join()'],
    { value: '3,1,2' },
  ],
  [
    'a captured rest',
    ['const { a, ...others } = { a: 1, b: 2 }\nconst f = () => others.b', 'f()'],
    { value: 2 },
  ],
  ['holes', ['let [, a, , b] = [1, 2, 3, 4]', 'a * b'], { value: 8 }],
]

const classes: Case[] = [
  [
    'inheritance over cells',
    ['class A { a() { return "a" } }', 'class B extends A { a() { return super.a() + "b" } }', 'new B().a()'],
    { value: 'ab' },
  ],
  [
    'private static state',
    ['class A { static #c = 0; static inc() { return ++A.#c } }', 'A.inc(); A.inc()'],
    { value: 2 },
  ],
  [
    'new.target',
    ['class A { n = new.target?.name }\nclass B extends A {}\nnew B().n ?? "none"'],
    { value: 'none' },
  ],
  [
    'new.target in a constructor',
    ['class A { n: string; constructor() { this.n = new.target.name } }\nclass B extends A {}', 'new B().n'],
    { value: 'B' },
  ],
  [
    'computed members',
    ['const k = "m"; class A { [k + 1]() { return 5 } }', '(new A() as any).m1()'],
    { value: 5 },
  ],
  [
    'a computed member that waits',
    ['class A { [await Promise.resolve("k")] = 1 }', 'Object.keys(new A())[0]'],
    { value: 'k' },
  ],
  [
    'an arrow in a field sees this',
    ['class A { f = () => this.v; v = 3 }', 'const { f } = new A(); f()'],
    { value: 3 },
  ],
  [
    'the inner name of a class expression',
    ['const C = class Inner { who() { return Inner.name } }', 'new C().who() + typeof Inner'],
    { value: 'Innerundefined' },
  ],
  [
    'old objects keep their class',
    ['class A { v = 1 }\nconst a = new A()', 'class A { v = 2 }', '[a.v, new A().v, a instanceof A].join()'],
    { value: '1,2,false' },
  ],
  [
    'symbols as members',
    ['class A { get [Symbol.toStringTag]() { return "T" } }', 'String(new A())'],
    { value: '[object T]' },
  ],
  [
    'fields that are types alone',
    [
      'class A { [k: string]: any; declare x: number; y!: number; override z? = 1 }',
      'Object.keys(new A()).join()',
    ],
    { value: 'y,z' },
  ],
  [
    'a field called accessor',
    ['class A { accessor = 1; static get = 2 }', 'new A().accessor + A.get'],
    { value: 3 },
  ],
  ['a static block sees the cell', ['let seen = 0\nclass A { static { seen = 5 } }', 'seen'], { value: 5 }],
  [
    'this of a method is lost',
    ['class A { who() { return typeof this } }\nconst { who } = new A().constructor.prototype', 'who()'],
    { value: 'undefined' },
  ],
]

const enums: Case[] = [
  ['an enum that uses another', ['enum A { X = 1, Y }', 'enum B { Z = A.Y + 1 }', 'B.Z'], { value: 3 }],
  ['flags', ['enum F { R = 1, W = 2, RW = R | W }', 'F.RW'], { value: 3 }],
  [
    'a const enum is an enum',
    ['const enum C { A = 1, B = A << 1, D = "x".length }', 'C.B + C.D'],
    { value: 3 },
  ],
  ['names in quotes', ['enum E { "a b" = 1, C = "c" }', 'E["a b"] + E.C + E[1]'], { value: '1ca b' }],
  [
    'two of a name in one cell are one',
    ['enum E { A }\nenum E { B = 1 }', 'Object.keys(E).join()'],
    { value: '1,B' },
  ],
  ['an enum of a function', ['function f() { enum E { A, B } return E.B }', 'f()'], { value: 1 }],
  ['an enum of a block', ['{ enum E { A = 3 }\nvar n = E.A }', 'n'], { value: 3 }],
  ['a declared enum goes', ['declare enum E { A }\n1', 'typeof E'], { value: 'undefined' }],
]

const generators: Case[] = [
  [
    'a generator over cells',
    ['function* g() { const x: number = yield 1; yield x }\nconst it = g(); it.next()', 'it.next(5).value'],
    { value: 5 },
  ],
  [
    'yield* and return',
    ['function* a() { return (yield* [1, 2], 3) }\nfunction* b() { yield yield* a() }', '[...b()].join()'],
    { value: '1,2,3' },
  ],
  [
    'finally of a closed generator',
    [
      'let closed = 0\nfunction* g() { try { yield 1; yield 2 } finally { closed++ } }',
      'for (const x of g()) break\nclosed',
    ],
    { value: 1 },
  ],
  [
    'an asynchronous generator',
    ['const g = async function* () { yield 1; yield 2 }\nlet s = 0\nfor await (const x of g()) s += x', 's'],
    { value: 3 },
  ],
  [
    'a generator method',
    [
      'class A { static async *g() { yield* [1, 2] } }',
      'const r: number[] = []; for await (const x of A.g()) r.push(x); r.join()',
    ],
    { value: '1,2' },
  ],
  [
    'a throw into a generator',
    [
      'function* g() { try { yield 1 } catch (e) { yield e } }\nconst it = g(); it.next()',
      'it.throw(4).value',
    ],
    { value: 4 },
  ],
]

const labels: Case[] = [
  [
    'continue and break of an outer loop',
    [
      'const out: number[] = []\nouter: for (const a of [1, 2, 3]) { for (const b of [1, 2, 3]) { if (b === 2) continue outer; if (a === 3) break outer; out.push(a * b) } }',
      'out.join()',
    ],
    { value: '1,2' },
  ],
  ['break of a block', ['let n = 1; a: { n = 2; break a; n = 3 }', 'n'], { value: 2 }],
  ['a label that is also a variable', ['let a = 1; a: for (;;) { a++; break a }', 'a'], { value: 2 }],
  ['a labelled statement has no value', ['l: 5'], {}],
  [
    'a label around for await',
    ['let n = 0\nl: for await (const x of [1, 2, 3]) { if (x === 2) continue l; n += x }', 'n'],
    { value: 4 },
  ],
  ['a var in a labelled loop', ['l: for (var i = 0; ; i++) if (i === 3) break l', 'i'], { value: 3 }],
]

const awaits: Case[] = [
  ['in a template', ['`${await 3}`'], { value: '3' }],
  ['in an object, as key and value', ['const o = { [await "k"]: await 2 }', 'o.k'], { value: 2 }],
  [
    'in a condition and its branches',
    ['let r = 0; if (await true) { r = await 1 } else { await 2 }', 'r'],
    { value: 1 },
  ],
  ['in the parts of a switch', ['switch (await 1) { case await 1: var z = 5 }', 'z'], { value: 5 }],
  ['in a loop head', ['let n = 3; while (await Promise.resolve(n > 0)) n--', 'n'], { value: 0 }],
  ['in several declarators', ['let x = await 1 + await 2, y = await x', 'y'], { value: 3 }],
  ['in a spread', ['[await 1, ...(await [2, 3])].length'], { value: 3 }],
  ['in arguments', ['Math.max(await 1, await 2)'], { value: 2 }],
  ['before a member', ['(await Promise.resolve({ a: 4 })).a'], { value: 4 }],
  ['with a postfix', ['const p = Promise.resolve({ n: 1 }); ++(await p).n'], { value: 2 }],
  [
    'of an immediately called function',
    ['await (async () => { for await (const x of [Promise.resolve(4)]) return x })()'],
    { value: 4 },
  ],
  [
    'in try, catch and finally',
    ['let s = ""; try { await Promise.reject(1) } catch { s += await "c" } finally { s += await "f" }', 's'],
    { value: 'cf' },
  ],
  ['of two in a row', ['await 1; await 2'], { value: 2 }],
  ['of a thenable', ['await { then(r: (n: number) => void) { r(6) } }'], { value: 6 }],
  ['by all', ['const r = await Promise.all([1, 2].map(async (x) => x * 2))', 'r.join()'], { value: '2,4' }],
  [
    'of what a cell began',
    ['let v = 0; const p = Promise.resolve().then(() => { v = 7 })', 'await p; v'],
    { value: 7 },
  ],
  [
    'a for await over iterables of each kind',
    ['let s = 0\nfor await (const x of new Set([1, Promise.resolve(2)])) s += x as number', 's'],
    { value: 3 },
  ],
  [
    'a captured var of for await',
    ['const f = () => w; for await (var w of [Promise.resolve(4)]);', 'f()'],
    { value: 4 },
  ],
  ['using at top level', ['let d = 0\nusing x = { [Symbol.dispose]() { d = 1 } }\n1', 'd'], { value: 1 }],
  [
    'await using at top level',
    ['let d = 0\nawait using x = { async [Symbol.asyncDispose]() { d = await 2 } }', 'd'],
    { value: 2 },
  ],
]

const shadowing: Case[] = [
  [
    'blocks and parameters',
    ['const x = 1', '{ const x = 2; { const x = 3 } }\n(function (x) { return x })(4)', 'x'],
    { value: 1 },
  ],
  [
    'a var of a function with a parameter of the name',
    ['const x = 1; const f = (x = 2) => { var x; return x }', 'f()'],
    { value: 2 },
  ],
  ['a caught name', ['let x = 1; try { throw 2 } catch (x) { var y = x } `${x}${y}`'], { value: '12' }],
  ['a name of the SDK', ['const show = 5', 'show'], { value: 5 }],
  ['a function in a block', ['function f() { return 1 }\n{ function f() { return 2 } }\nf()'], { value: 1 }],
  ['a loop variable of the same name', ['let i = 7; for (let i = 0; i < 2; i++);', 'i'], { value: 7 }],
  [
    'a name inside its own initialiser’s function',
    ['const f = (n: number): number => (n ? f(n - 1) : 9)', 'f(3)'],
    { value: 9 },
  ],
  ['a type of the same name', ['type n = string; const n = 4', 'n'], { value: 4 }],
  ['arguments of a function', ['function f() { return arguments.length }', 'f(1, 2)'], { value: 2 }],
]

const closures: Case[] = [
  [
    'over let in a loop',
    ['const fs: any[] = []; for (let i = 0; i < 3; i++) fs.push(() => i)', 'fs.map((f) => f()).join()'],
    { value: '0,1,2' },
  ],
  [
    'over var in a loop',
    ['const fs: any[] = []; for (var i = 0; i < 3; i++) fs.push(() => i)', 'fs.map((f) => f()).join()'],
    { value: '3,3,3' },
  ],
  [
    'of two cells over one redeclared name',
    ['let a = 1; const f = () => a', 'let a = 2', 'const g = () => a; a = 3', '[f(), g()].join()'],
    { value: '3,3' },
  ],
  [
    'a kept function of a redeclared name',
    ['function f() { return 1 }\nconst g = f', 'function f() { return 2 }', '[f(), g()].join()'],
    { value: '2,1' },
  ],
  [
    'a redeclared name that becomes a function',
    ['let n = 1; const f = () => typeof n', 'function n() {}', 'f()'],
    { value: 'function' },
  ],
  [
    'a redeclared name that becomes a class',
    ['let n: any = 1; const f = () => typeof n', 'class n {}', 'f()'],
    { value: 'function' },
  ],
  [
    'a redeclared name that becomes an import',
    ['let one: any = 0; const f = () => one', 'import { one } from "test:a"', 'f()'],
    { value: 1 },
  ],
  [
    'a counter',
    [
      'const make = () => { let n = 0; return () => ++n }\nconst a = make(), b = make()',
      'a(); a(); b()',
      '`${a()}${b()}`',
    ],
    { value: '32' },
  ],
  ['a new value from the old one', ['let x = 1', 'let x = x + 1', 'x'], { value: 2 }],
  [
    'a callback of an earlier cell writes',
    ['let log = ""; const add = (s: string) => { log += s }', '["a", "b"].forEach(add)', 'log'],
    { value: 'ab' },
  ],
  [
    'a recursive function that is wrapped',
    [
      'function f(n: number): number { return n < 1 ? 0 : f(n - 1) + 1 }',
      'const inner = f; f = (n) => inner(n) * 10',
      'f(2)',
    ],
    { value: 110 },
  ],
]

const loops: Case[] = [
  ['a var that is declared twice', ['var i = 10; for (var i = 0; i < 2; i++);', 'i'], { value: 2 }],
  ['for-in with var', ['for (var k in { a: 1, b: 2 });', 'k'], { value: 'b' }],
  ['while with var', ['let n = 0; while (true) { var w = ++n; if (w > 3) break }', 'w'], { value: 4 }],
  ['do with var', ['do { var d = 1 } while (false)', 'd'], { value: 1 }],
  ['a var that is not reached', ['if (false) { var h = 1 }', 'typeof h'], { value: 'undefined' }],
  [
    'a var without a value in a loop keeps it',
    ['let s = ""; for (const x of [1, 2]) { var v; s += v; v = x }', 's'],
    { value: 'undefined1' },
  ],
  [
    'a let without a value in a loop starts anew',
    ['let s = ""; for (const x of [1, 2]) { let v; s += v; v = x }', 's'],
    { value: 'undefinedundefined' },
  ],
  ['assignment in the head', ['let o: any = {}; for (o.x of [1, 2]);', 'o.x'], { value: 2 }],
  ['an outer variable in the head', ['let k; for (k of [1, 2]);', 'k'], { value: 2 }],
  ['a loop without braces around a var', ['for (let i = 0; i < 2; i++) var last = i', 'last'], { value: 1 }],
  ['the value after do without a semicolon', ['let i = 0; do { i++ } while (i < 3) i'], { value: 3 }],
]

const throws: Case[] = [
  [
    'before the first await keeps what was reached',
    ['let a = 1; a = 2; throw new Error("x"); await 0', 'a'],
    { value: 2 },
  ],
  [
    'after the first await keeps what was reached',
    ['let a = 1; await null; a = 2; throw new Error("x")', 'a'],
    { value: 2 },
  ],
  ['a captured variable', ['let a = 1; const f = () => a; await 0; a = 5; throw 0', 'f()'], { value: 5 }],
  ['in a loop keeps its var', ['for (var i = 0; ; i++) if (i === 4) throw 0', 'i'], { value: 4 }],
  [
    'functions are there though the first line throws',
    ['throw 0\nfunction f() { return 8 }', 'f()'],
    { value: 8 },
  ],
  ['finally runs', ['let s = 0; try { throw 0 } finally { s = 1 }', 's'], { value: 1 }],
  [
    'a class that was not reached keeps the old one',
    ['class A { static v = 1 }', 'throw 0; class A { static v = 2 }', 'A.v'],
    { value: 1 },
  ],
]

const imports: Case[] = [
  ['of everything alone in its cell', ['import * as m from "test:a"', 'm.one'], { value: 1 }],
  ['of a default alone in its cell', ['import d from "test:a"', 'd'], { value: 'default' }],
  ['of a default by its name', ['import { default as d } from "test:a"', 'd'], { value: 'default' }],
  ['of nothing', ['import {} from "test:x"\n1'], { value: 1 }],
  [
    'of types alone is not fetched',
    ['import type D from "nowhere"\nimport type { E } from "nowhere"\nimport type * as F from "nowhere"\n1'],
    { value: 1 },
  ],
  [
    'of a thing called type',
    ['import type from "test:x"\nimport type2, { one } from "test:x"', 'type + one'],
    { value: 'default1' },
  ],
  [
    'exported again',
    ['import a from "test:x"; export { a }; export type { B } from "nowhere"', 'a'],
    { value: 'default' },
  ],
  [
    'twice of one name in two cells',
    ['import { one } from "test:a"', 'import { two as one } from "test:a"', 'one'],
    { value: 2 },
  ],
  [
    'a type of an import',
    ['let x: import("nowhere").B<string> = 1 as any; type T = typeof import("nowhere")', 'x'],
    { value: 1 },
  ],
]

const typescript: Case[] = [
  ['a type assertion with angles', ['const x = <any>5', 'x'], { value: 5 }],
  ['assignment to an assertion', ['let a: any; (a as any) = 5; a! += 1', 'a'], { value: 6 }],
  [
    'predicates',
    ['const f = (x: any): x is string => true\nfunction g(x: any): asserts x is string {}\ng(1)', 'f(1)'],
    { value: true },
  ],
  ['a this parameter', ['function f(this: any, a?: number) { return a }', 'f(2)'], { value: 2 }],
  ['a definite variable', ['let x!: number\nx = 4', 'x'], { value: 4 }],
  [
    'types of every kind',
    [
      'type A = `a${string}`; type B<T> = T extends (infer U)[] ? U : never; type M = { readonly [K in keyof A as `x${K}`]-?: A[K] }; let t: [a: number, b?: string, ...r: boolean[]] = [1]',
      't.length',
    ],
    { value: 1 },
  ],
  ['an instantiation', ['const G = Array<number>', 'G.name'], { value: 'Array' }],
  ['comparisons that look like generics', ['let a = 1, b = 2, c = 3', 'a < b > c'], { value: false }],
  [
    'generic methods, getters and generators',
    [
      'const o = { f<T>(x: T) { return x }, get a(): number { return 1 }, async *g<T>() { yield 1 } }',
      'o.f(7) + o.a',
    ],
    { value: 8 },
  ],
  [
    'an interface and a declared function',
    ['interface I { a: 1 }\ndeclare function f(): void\nexport interface J extends I {}\n2'],
    { value: 2 },
  ],
  ['a hash bang', ['#!/usr/bin/env node\n1'], { value: 1 }],
  ['a byte order mark', ['\ufeff1'], { value: 1 }],
]

export const language: Case[] = Object.entries({
  destructuring,
  classes,
  enums,
  generators,
  labels,
  awaits,
  shadowing,
  closures,
  loops,
  throws,
  imports,
  typescript,
}).flatMap(([topic, cases]) =>
  cases.map(([title, cells, outcome]): Case => [`${topic}: ${title}`, cells, outcome]),
)
