import { describe, expect, test } from 'vitest'
import { findParameters } from '../../runtime/notebook/declared.ts'
import {
  checkParameters,
  fillParameters,
  noParameters,
  toParameterSchema,
} from '../../runtime/notebook/parameters.ts'

const find = (...sources: string[]) =>
  findParameters(sources.map((source) => ({ type: 'typescript', source })))
const properties = (...sources: string[]) => find(...sources).schema.properties

describe('findParameters', () => {
  test('reads the literal of each call in each cell', () => {
    expect(
      find(
        'const { hours, host } = parameters({ hours: 24, host: "web-1" })',
        `const p = parameters({
          // how far back
          'limit': { default: -1.5e3, min: -2_000, max: +10, description: 'it\\'s \\u0041', },
          on: true, mode: { default: \`a\`, choices: ["a", 'b'] },
        })`,
      ),
    ).toEqual({
      complete: true,
      schema: {
        type: 'object',
        properties: {
          hours: { type: 'number', default: 24 },
          host: { type: 'string', default: 'web-1' },
          limit: { type: 'number', default: -1500, minimum: -2000, maximum: 10, description: "it's A" },
          on: { type: 'boolean', default: true },
          mode: { type: 'string', default: 'a', enum: ['a', 'b'] },
        },
        additionalProperties: false,
      },
    })
  })
  test('passes over comments, texts, methods and other cells', () => {
    const cells = [
      {
        type: 'typescript' as const,
        source:
          '// parameters({ a: 1 })\n"parameters({ b: 1 })"; x.parameters({ c: 1 }); `parameters({ d: 1 })`',
      },
      { type: 'markdown' as const, source: 'parameters({ e: 1 })' },
    ]
    expect(findParameters(cells)).toEqual({ schema: noParameters, complete: true })
  })
  test.each([
    'parameters(spec)',
    'parameters({ ...spec })',
    'parameters({ a: f() })',
    'parameters({ a: `x${1}` })',
    'parameters({ a: 1 }, 2)',
    'parameters({ a: 1',
    'parameters({ a: { default: 1, least: 0 } })',
    `parameters(${'['.repeat(100_000)}`,
    'parameters()',
  ])('%.40s is told as not complete', (source) =>
    expect(find(source)).toEqual({ schema: noParameters, complete: false }),
  )
  test('one that cannot be read does not hide the others', () => {
    expect([
      find('parameters(x)', 'parameters({ a: 1 })').complete,
      properties('parameters(x)', 'parameters({ a: 1 })'),
    ]).toEqual([false, { a: { type: 'number', default: 1 } }])
  })
  test('200 KB of brackets, quotes or slashes take no time', () => {
    const started = performance.now()
    for (const text of ['(', '{', "'", '"', '`', '/*', '\\', 'parameters('])
      find(`parameters(${text.repeat(200_000 / text.length)}`)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('checkParameters', () => {
  const schema = toParameterSchema({
    hours: { default: 24, min: 1, max: 48 },
    host: 'a',
    mode: { default: 1, choices: [1, 2] },
    on: false,
  })
  test('fills the defaults', () =>
    expect(fillParameters(schema, { hours: 2, on: true })).toEqual({
      hours: 2,
      host: 'a',
      mode: 1,
      on: true,
    }))
  test.each([
    [{ hours: '2' }, 'The parameter hours must be a number, not "2".'],
    [{ hours: null }, 'The parameter hours must be a number, not null.'],
    [{ hours: 0 }, 'The parameter hours must be at least 1.'],
    [{ hours: 49 }, 'The parameter hours must be at most 48.'],
    [{ mode: 3 }, 'The parameter mode must be one of 1, 2.'],
    [{ host: 'x'.repeat(10_001) }, 'The parameter host must have at most 10,000 characters.'],
    [{ days: 1 }, 'The notebook has no parameter "days". It declares: hours, host, mode, on.'],
  ])('refuses %.40j', (values, message) => expect(() => checkParameters(schema, values)).toThrow(message))
  test('a notebook without parameters takes none', () =>
    expect(() => checkParameters(noParameters, { a: 1 })).toThrow(
      'The notebook has no parameter "a". It declares none.',
    ))
  test.each([
    [{ a: { default: null } }, 'The parameter a needs a default'],
    [{ a: { default: 1, min: 5 } }, 'a default that does not fit: it must be at least 5'],
    [{ a: { default: 'x', min: 5 } }, 'can have min only as a number of a number'],
    [{ a: { default: 'x', choices: [1] } }, 'needs choices of its own type, string'],
    [{ 'a b': 1 }, '"a b" cannot be the name of a parameter.'],
    [[], 'takes an object'],
  ])('%j is no declaration', (spec, message) => expect(() => toParameterSchema(spec)).toThrow(message))
})
