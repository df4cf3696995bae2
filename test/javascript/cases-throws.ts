/** Cells and the whole error of the last one: the frames of cells alone, and the value where it was no Error. */
import { expect } from 'vitest'
import type { GuestError } from '../../runtime/sandbox/port.ts'

const library = [
  'function five(): never {',
  '  throw 5',
  '}',
  'class A {',
  '  get g() { return this.m() }',
  '  m(): number { throw { code: 4, message: "no" } }',
  '  static async s(f: () => unknown) { await null; return f() }',
  '  constructor(x?: unknown) { if (x) throw x }',
  '}',
  'const late = async () => { await 0;',
  '  throw new TypeError("late") }',
].join('\n')

function at(cell: string, line: number, column: number): Pick<GuestError, 'cell' | 'line' | 'column'> {
  return { cell: `c${cell}`, line, column }
}

export const throws: [title: string, cells: string[], error: GuestError][] = [
  [
    'a number by a function of another cell',
    [library, '1', '  five()'],
    {
      name: 'Error',
      message: 'Thrown: 5',
      thrown: '5',
      ...at('1', 2, 3),
      stack: 'at five (cell 1:2:3)\nat cell (cell 3:1:3)',
    },
  ],
  [
    'an object with a message, through a getter and a method',
    [library, 'new A().g'],
    {
      name: 'Error',
      message: 'no',
      thrown: '{"code":4,"message":"no"}',
      ...at('1', 6, 17),
      stack: 'at A.m (cell 1:6:17)\nat get g (cell 1:5:25)\nat cell (cell 2:1:9)',
    },
  ],
  [
    'a text by a callback of a function of another cell',
    [library, 'await A.s(() => {\n  throw "text" })'],
    {
      name: 'Error',
      message: 'Thrown: text',
      thrown: 'text',
      ...at('2', 2, 3),
      stack: 'at cell (cell 2:2:3)\nat A.s (cell 1:7:57)\nat cell (cell 2:1:1)',
    },
  ],
  [
    'a list by a constructor',
    [library, 'new A([1, 2])'],
    {
      name: 'Error',
      message: 'Thrown: [1,2]',
      thrown: '[1,2]',
      ...at('1', 8, 37),
      stack: 'at new A (cell 1:8:37)\nat cell (cell 2:1:1)',
    },
  ],
  [
    'an error after an await, through two cells',
    [library, 'const go = async () => {\n  await late()\n}', 'await go()'],
    {
      name: 'TypeError',
      message: 'late',
      ...at('1', 11, 9),
      stack: 'at late (cell 1:11:9)\nat go (cell 2:2:3)\nat cell (cell 3:1:1)',
    },
  ],
  [
    'by a callback of the language',
    ['[1].map((x) => {\n  throw x\n})'],
    {
      name: 'Error',
      message: 'Thrown: 1',
      thrown: '1',
      ...at('1', 2, 3),
      stack: 'at cell (cell 1:2:3)\nat cell (cell 1:1:5)',
    },
  ],
  [
    'by a generator',
    ['function* g() { throw 9 }\n[...g()]'],
    {
      name: 'Error',
      message: 'Thrown: 9',
      thrown: '9',
      ...at('1', 1, 17),
      stack: 'at g (cell 1:1:17)\nat cell (cell 1:2:5)',
    },
  ],
  [
    'undefined',
    ['const a: string = ""; throw undefined'],
    {
      name: 'Error',
      message: 'Thrown: undefined',
      thrown: 'undefined',
      ...at('1', 1, 23),
      stack: 'at cell (cell 1:1:23)',
    },
  ],
  [
    'a value whose text throws',
    ['throw { toString() { throw 1 }, get a() { throw 2 } }'],
    {
      name: 'Error',
      message: expect.stringMatching(/^Thrown: /) as string,
      thrown: expect.any(String) as string,
      ...at('1', 1, 1),
      stack: 'at cell (cell 1:1:1)',
    },
  ],
  [
    'a sequence in parentheses',
    ['throw (1, 2) // two'],
    {
      name: 'Error',
      message: 'Thrown: 2',
      thrown: '2',
      ...at('1', 1, 7),
      stack: 'at cell (cell 1:1:7)',
    },
  ],
  [
    'a rejection that no cell threw has no place',
    ['await Promise.reject(7)'],
    { name: 'Error', message: 'Thrown: 7', thrown: '7' },
  ],
  [
    'an error that was made elsewhere tells where it was made',
    ['const made = () => new RangeError("kept")\nconst kept = made()', 'throw kept'],
    {
      name: 'RangeError',
      message: 'kept',
      ...at('1', 1, 20),
      stack: 'at made (cell 1:1:20)\nat cell (cell 1:2:14)',
    },
  ],
  [
    'an error of the engine in a nested call',
    ['const f = (x: any) => x.y.z\nconst g = (x: any) => f(x)', 'type T = 1\ng({})'],
    {
      name: 'TypeError',
      message: "Cannot read properties of undefined (reading 'z')",
      ...at('1', 1, 27),
      stack: 'at f (cell 1:1:27)\nat g (cell 1:2:23)\nat cell (cell 2:2:1)',
    },
  ],
  [
    'a wrong source has its own place',
    ['1', 'let x = 1\nlet = 2'],
    {
      name: 'SyntaxError',
      message: expect.any(String) as string,
      cell: 'c2',
      line: 2,
      column: expect.any(Number) as number,
    },
  ],
  [
    'before the first await, in types that go',
    [
      'const a: { b: number }[] = [], c = <T,>(x: T) => x; if (c<boolean>(true)) throw `no ${a.length}`; await 0',
    ],
    {
      name: 'Error',
      message: 'Thrown: no 0',
      thrown: 'no 0',
      ...at('1', 1, 75),
      stack: 'at cell (cell 1:1:75)',
    },
  ],
  [
    'after the first await, in types that go',
    ['await null\nlet n: number | null = null; await 0; if (!n) throw { n } as unknown'],
    {
      name: 'Error',
      message: 'Thrown: {"n":null}',
      thrown: '{"n":null}',
      ...at('1', 2, 47),
      stack: 'at cell (cell 1:2:47)',
    },
  ],
  [
    'after an await in a function of another cell',
    ['const slow = async (x: number) => {\n  await 0\n  throw x }', 'await 0\n  await slow(3)'],
    {
      name: 'Error',
      message: 'Thrown: 3',
      thrown: '3',
      ...at('1', 3, 3),
      stack: 'at slow (cell 1:3:3)\nat cell (cell 2:2:3)',
    },
  ],
  [
    'by for await',
    ['async function* g() { yield 1; throw false }\nfor await (const x of g()) x'],
    {
      name: 'Error',
      message: 'Thrown: false',
      thrown: 'false',
      ...at('1', 1, 32),
      stack: expect.stringMatching(/^at g \(cell 1:1:32\)/) as string,
    },
  ],
  [
    'caught and thrown again, where it was thrown last',
    ['try { throw 1 } catch (e) {\n  throw e\n}'],
    {
      name: 'Error',
      message: 'Thrown: 1',
      thrown: '1',
      ...at('1', 2, 3),
      stack: 'at cell (cell 1:2:3)',
    },
  ],
  [
    'in finally, over what was thrown before',
    ['try {\n  throw 1\n} finally { await 0; throw 2 }'],
    {
      name: 'Error',
      message: 'Thrown: 2',
      thrown: '2',
      ...at('1', 3, 22),
      stack: 'at cell (cell 1:3:22)',
    },
  ],
  [
    'by a default, a static block and a getter',
    [
      'class B { static { B.run() } static run({ a = B.late } = {} as any) { return a } static get late() { throw null } }',
    ],
    {
      name: 'Error',
      message: 'Thrown: null',
      thrown: 'null',
      ...at('1', 1, 102),
      stack: expect.stringContaining('(cell 1:1:102)') as string,
    },
  ],
  [
    'an error of the engine after an await, in generated code',
    [
      'const { a = await null } = {} as any, b: any = undefined',
      'enum E { A }; await 0; const x: number = (E.A as any)(b)',
    ],
    {
      name: 'TypeError',
      message: expect.stringContaining('is not a function') as string,
      ...at('2', 1, 54),
      stack: 'at cell (cell 2:1:54)',
    },
  ],
]
