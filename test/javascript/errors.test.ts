import { describe, expect, test } from 'vitest'
import { compileCell } from '../../runtime/javascript/compile.ts'
import { CompileError } from '../../runtime/javascript/error.ts'

function errorOf(source: string): { message: string; line: number; column: number } | null {
  try {
    compileCell(source)
    return null
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return { message: error.message, line: error.line, column: error.column }
  }
}

const namespace = 'A namespace declaration cannot be compiled in a cell; use an object or separate cells'
const module = 'A module declaration cannot be compiled in a cell; use an object or separate cells'
const decorator = 'A decorator cannot be compiled in a cell; call the function instead'
const accessor = 'An accessor field cannot be compiled in a cell; write a getter and a setter'
const jsx = 'JSX cannot be compiled in a cell; use show.html(...)'
const alias = '`import x = ...` cannot be compiled in a cell; write `import x from ...`'
const reExport = '`export ... from` is not supported in a cell; import it instead'

const cases: [source: string, message: string, line: number, column: number][] = [
  ['let a = 1\nlet b = = 2', 'Unexpected token', 2, 9],
  ['let a: number = 1; foo bar', 'Unexpected token, expected ";"', 1, 24],
  ['let a: string = "x"\nlet a = 2', "Identifier 'a' has already been declared", 2, 5],
  ['let abc: string = "x"; let abc = 2', "Identifier 'abc' has already been declared", 1, 28],
  ['namespace A { export const x = 1 }', namespace, 1, 1],
  ['1\nexport namespace A {}', namespace, 2, 8],
  ['type A = 1\nnamespace B {}', namespace, 2, 1],
  ['declare namespace A {}\nnamespace B {}', namespace, 2, 1],
  ['1;\n  module A {}', module, 2, 3],
  ['@dec class A {}', decorator, 1, 1],
  ['class A {\n  @dec x = 1\n}', decorator, 2, 3],
  ['const a = 1\nexport = a', '`export =` cannot be compiled in a cell', 2, 1],
  ['export as namespace A', '`export as namespace` cannot be compiled in a cell', 1, 1],
  ['import fs = require("fs")', alias, 1, 1],
  ['import A = B.C', alias, 1, 1],
  ['export * from "x"', reExport, 1, 1],
  ['export { a } from "x"', reExport, 1, 1],
  ['1\nimport.meta.url', '`import.meta` is not available in a cell', 2, 1],
  ['import x from "y" with { type: "json" }', 'Import attributes are not supported in a cell', 1, 1],
  ['const __suricate = 1', 'Names that begin with __suricate are reserved: __suricate', 1, 7],
  [
    'const f = (a: number) => __suricate_x',
    'Names that begin with __suricate are reserved: __suricate_x',
    1,
    26,
  ],
  ['\\u005f_suricate', 'Names that begin with __suricate are reserved: __suricate', 1, 1],
  ['return 1', "'return' outside of function", 1, 1],
  ['1 })(); (async () => {', 'Unexpected token', 1, 3],
  ['} finally {', 'Unexpected token', 1, 1],
  ['/*', 'Unterminated comment', 1, 2],
  ['`${', 'Unexpected token', 1, 4],
  ['"abc', 'Unterminated string constant', 1, 1],
  ['with (Math) {}', 'Unexpected token', 1, 1],
  ['delete x', 'Deleting local variable in strict mode', 1, 1],
  ['010', 'Invalid number', 1, 1],
  ['break', 'Unsyntactic break', 1, 1],
  ['class A { #a; #a }', "Identifier '#a' has already been declared", 1, 15],
  ['this.#x', "Private field '#x' must be declared in an enclosing class", 1, 6],
  ['new.target', "'new.target' can only be used in functions and class static block", 1, 1],
  ['super.x', "'super' keyword outside a method", 1, 1],
  ['function f() { await 1 }', "Cannot use keyword 'await' outside an async function", 1, 16],
  ['let x = <div>1</div>', jsx, 1, 9],
  ['const y = 1\nconst el = <App/>', jsx, 2, 12],
  ['namespace A.B.C { export const x = 1 }', namespace, 1, 1],
  ['let a = 1; namespace N { export type T = 1 }', namespace, 1, 12],
  ['export module A {}', module, 1, 8],
  ['@dec export class A {}', decorator, 1, 1],
  ['export default @dec class {}', decorator, 1, 16],
  ['const A = @(f()) class {}', decorator, 1, 11],
  ['class A {\n  m(@inject x: number) {}\n}', decorator, 2, 5],
  ['class A {\n  @log static async m() {}\n}', decorator, 2, 3],
  ['class A { accessor x = 1 }', accessor, 1, 11],
  ['class A { static accessor #x = 1 }', accessor, 1, 18],
  ['export import a = b.c', alias, 1, 8],
  ['import type A = B.C\n1', alias, 1, 1],
  ['1\nimport type fs = require("fs")', alias, 2, 1],
  ['import defer * as x from "y"', '`import defer` is not supported in a cell; write `import`', 1, 1],
  ['import source x from "y"', '`import source` is not supported in a cell; write `import`', 1, 1],
  ['export * as a from "x"', reExport, 1, 1],
  ['1\nexport { a }', "Export 'a' is not defined", 2, 10],
  ['let await = 1', "Cannot use keyword 'await' outside an async function", 1, 5],
  ['class A { static x = await 1 }', "Cannot use keyword 'await' outside an async function", 1, 22],
  ['const f = async (x = await 1) => x', 'Await expression cannot be a default value', 1, 22],
  ['enum E { A = await 1 }', "Cannot use keyword 'await' outside an async function", 1, 14],
  ['l: for (;;) { break m }', 'Unsyntactic break', 1, 15],
  ['continue', 'Unsyntactic continue', 1, 1],
  ['l: l: 1', "Label 'l' is already declared", 1, 4],
  ['const x: number', 'Unexpected token', 1, 7],
  ['let { a, a } = {}', "Identifier 'a' has already been declared", 1, 10],
  ['import { a } from "m"; let a', "Identifier 'a' has already been declared", 1, 28],
  ['function* g() { function yield() {} }', 'Unexpected token, expected "("', 1, 26],
  ['x <!-- comment\n1 +', 'Unexpected token', 2, 4],
]

describe('compileCell of a wrong source', () => {
  test.each(cases)('%j', (source, message, line, column) => {
    expect(errorOf(source)).toEqual({ message, line, column })
  })

  test('a source in which Sucrase loses its way is an error at its end', () => {
    expect(errorOf('const n = 3\n`${n)} times`')).toEqual({
      message: 'The cell cannot be parsed; look for a bracket, quote or template that is not closed',
      line: 2,
      column: 14,
    })
  })

  test('names the limit of a source that is too large', () => {
    const message = 'The cell is larger than 256 KB'
    expect(errorOf(' '.repeat(256 * 1024 + 1))).toEqual({ message, line: 1, column: 1 })
    expect(errorOf(`//${'é'.repeat(128 * 1024)}`)).toEqual({ message, line: 1, column: 1 })
    expect(errorOf(`//${'é'.repeat(128 * 1024 - 1)}`)).toBeNull()
  })

  test.each(['(', '[', '{', '`${', 'x=>', 'a?', '!', '<', 'if(1)', 'f(', 'class{', '...['])(
    'contains 200 KB of %j',
    (text) => {
      const error = errorOf(text.repeat(Math.floor(200_000 / text.length)))
      expect(error).toEqual({
        message: expect.any(String),
        line: expect.any(Number),
        column: expect.any(Number),
      })
    },
  )

  test('contains 200 KB of nested brackets that close', () => {
    for (const [open, close] of ['()', '[]', '{}'].map((pair) => pair.split('')))
      expect(errorOf(`${open!.repeat(100_000)}${close!.repeat(100_000)}`)?.message).toMatch(
        /nested|Unexpected/,
      )
  })
})
