import { readFile } from 'node:fs/promises'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../runtime/guest/build/build.ts'
import type { Compiler } from '../../runtime/javascript/compiler-entry.ts'

/** The bundle in a context that has nothing but ECMAScript, as the compiler isolate has. */
describe('the compiler bundle', () => {
  let compiler: Compiler
  beforeAll(async () => {
    const { bundles } = await buildGuest({ only: ['compiler.js'] })
    const context = createContext(Object.create(null) as object)
    runInContext(await readFile(bundles['compiler.js']!, 'utf8'), context)
    compiler = runInContext('suricateCompiler', context) as Compiler
  })

  test('compile answers with the script and what the cell declares', () => {
    expect(compiler.compile('const a: number = 1\na', { file: 'one' })).toEqual({
      ok: true,
      code: '(async(__suricate)=>{"use strict";var a=__suricate.global.a;try{\nvar a = 1;\nreturn {__proto__: null, value: (0,a)};\n}finally{__suricate.global.a=a;}})',
      declares: ['a'],
      references: [],
      captures: [],
      imports: [],
      awaits: false,
    })
  })

  test('compile answers with the error of a wrong source', () => {
    expect(compiler.compile('1 +', { file: 'two' })).toEqual({
      ok: false,
      error: { name: 'SyntaxError', message: 'Unexpected token', line: 1, column: 4 },
    })
    expect(compiler.compile('1', { file: 'two', maxBytes: 0 })).toEqual({
      ok: false,
      error: { name: 'SyntaxError', message: 'The cell is larger than 0 KB', line: 1, column: 1 },
    })
  })

  test('compile remembers what the functions of earlier cells use, until reset', () => {
    const code = (file: string): string => {
      const compiled = compiler.compile('let n = 1', { file })
      return compiled.ok ? compiled.code : ''
    }
    expect(code('a')).not.toMatch(/^var n;/)
    compiler.compile('const f = () => n', { file: 'b' })
    expect(code('c')).toMatch(/^var n;/)
    compiler.reset()
    expect(code('d')).not.toMatch(/^var n;/)
  })

  test('locate finds the user position in any compiled file, and null in no other', () => {
    compiler.compile('let a: number = 1\nthrow a', { file: 'x' })
    expect(compiler.locate('x', 3, 1)).toEqual({ line: 2, column: 1 })
    expect(compiler.locate('x', 99, 1)).toBeNull()
    expect(compiler.locate('unknown', 1, 1)).toBeNull()
  })
})
