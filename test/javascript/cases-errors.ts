/**
 * Cells and the error of the last one, with the cell, the line and the column where it was thrown. `any` stands only in
 * the text of cells: types that the compiler has to remove, with the columns kept.
 */
import type { Case } from './kernel.ts'

export const errors: Case[] = [
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
