/** Small random programs give in cells what they give in one script of Node. */
import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openKernel } from './kernel.ts'

const names = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...names)

const expression = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.integer({ min: -9, max: 9 }).map((n) => `(${n})`),
    name,
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '??', '<', '&&'), tie('value'))
      .map(([l, o, r]) => `(${l}${o === '??' ? ' ?? ' : o}${r})`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([test_, yes, no]) => `(${test_}?${yes}:${no})`),
    fc.tuple(name, tie('value')).map(([n, v]) => `((${n} => ${n})(${v}))`),
    fc.tuple(name, fc.constantFrom('=', '+=', '-='), tie('value')).map(([n, o, v]) => `(${n}${o}${v})`),
    name.map((n) => `(${n}++)`),
    name.map((n) => `f${n}()`),
    fc.tuple(tie('value'), tie('value')).map(([x, y]) => `[${x},${y}].length`),
  ),
})).value

const statement = fc.letrec<{ one: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(name, expression).map(([n, v]) => `${n} = ${v};`),
    fc
      .tuple(name, fc.integer({ min: 0, max: 4 }), tie('one'))
      .map(([n, k, s]) => `for (let i = 0; i < ${k}; i++) { let ${n} = i; ${s} }`),
    fc.tuple(expression, tie('one'), tie('one')).map(([v, s, t]) => `if (${v}) { ${s} } else { ${t} }`),
    fc
      .tuple(expression, tie('one'))
      .map(([v, s]) => `try { if (${v}) throw 1; ${s} } catch { b = 1 } finally { c++ }`),
    fc.tuple(name, expression).map(([n, v]) => `for (var w of [1, ${v}]) ${n} += w;`),
    fc.tuple(name, name).map(([x, y]) => `[${x}, ${y}] = [${y}, ${x}];`),
  ),
})).one

/** Declares a name (and a function that reads it, in some programs), once for each. */
const declarations = fc.tuple(
  fc.array(fc.tuple(fc.constantFrom('let', 'var'), fc.integer({ min: -9, max: 9 })), {
    minLength: 4,
    maxLength: 4,
  }),
  fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
)

const programs = fc.tuple(
  declarations,
  fc.array(fc.array(statement, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
  expression,
)

test('cells give the values that one script gives', async () => {
  await fc.assert(
    fc.asyncProperty(programs, async ([[kinds, captures], cells, last]) => {
      const first = names.map((n, index) => {
        const [kind, value] = kinds[index]!
        const body = captures[index] ? `return ${n}` : 'return 0'
        return `${kind} ${n} = ${value};\nfunction f${n}() { ${body} }`
      })
      const end = `JSON.stringify([${last}, ${names.join(', ')}])`
      const sources = [first.join('\n'), ...cells.map((statements) => statements.join('\n')), end]
      const script = `"use strict";\n${sources.join('\n')}`
      const expected: unknown = runInContext(script, createContext({}))
      const kernel = openKernel()
      let actual: unknown
      for (const source of sources) {
        const outcome = await kernel.run(source)
        expect(outcome.error).toBeUndefined()
        actual = outcome.value
      }
      expect(actual).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})
