import { describe, expect, test } from 'vitest'
import { findParameters } from '../../runtime/notebook/declared.ts'
import {
  checkParameters,
  describeParameter,
  fillParameters,
  noParameters,
  parseParameter,
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

describe('types of parameters', () => {
  const schema = toParameterSchema({
    count: { type: 'integer', default: 3, min: 1, max: 9, step: 2 },
    share: { default: 0.3, min: 0, max: 1, step: 0.1 },
    day: { type: 'date', default: '2024-02-29', min: '2024-01-01', max: '2024-12-31' },
    host: { type: 'text', required: true, description: 'whose figures' },
    zone: { required: true, choices: ['a', 'b'] },
  })
  test('become a JSON Schema, whose own words say what they can', () =>
    expect(schema).toEqual({
      type: 'object',
      properties: {
        count: { type: 'integer', default: 3, minimum: 1, maximum: 9, 'x-step': 2 },
        share: { type: 'number', default: 0.3, minimum: 0, maximum: 1, 'x-step': 0.1 },
        day: {
          type: 'string',
          format: 'date',
          default: '2024-02-29',
          formatMinimum: '2024-01-01',
          formatMaximum: '2024-12-31',
        },
        host: { type: 'string', description: 'whose figures' },
        zone: { type: 'string', enum: ['a', 'b'] },
      },
      required: ['host', 'zone'],
      additionalProperties: false,
    }))
  test('a step from 0 is a multiple of it, and a constant literal is read from the text', () =>
    expect(properties("parameters({ n: { type: 'integer', default: 0, step: 5 } } as const)")).toEqual({
      n: { type: 'integer', default: 0, multipleOf: 5 },
    }))
  const good = { host: 'a', zone: 'b' }
  test('values in steps of floating point, at the ends and on leap days fit', () =>
    expect(fillParameters(schema, { ...good, count: 9, share: 0.7, day: '2024-12-31' })).toEqual({
      count: 9,
      share: 0.7,
      day: '2024-12-31',
      ...good,
    }))
  test.each([
    [{ count: 2.5 }, 'The parameter count must be an integer, not 2.5.'],
    [{ count: 4 }, 'The parameter count must be 1 plus a multiple of 2, not 4.'],
    [{ share: 0.35 }, 'The parameter share must be 0 plus a multiple of 0.1, not 0.35.'],
    [{ day: '2023-02-29' }, 'The parameter day must be a date such as "2024-01-31", not "2023-02-29".'],
    [{ day: '2023-12-31' }, 'The parameter day must be 2024-01-01 or later.'],
    [{ day: '2025-01-01' }, 'The parameter day must be 2024-12-31 or earlier.'],
    [{ host: 7 }, 'The parameter host must be a string, not 7.'],
    [{ host: undefined }, 'The parameter host needs a value: text.'],
    [{ zone: 'c' }, 'The parameter zone must be one of "a", "b".'],
  ])('refuses %j by name', (values, message) => {
    const given = Object.fromEntries(
      Object.entries({ ...good, ...values }).filter(([, value]) => value !== undefined),
    )
    expect(() => checkParameters(schema, given as never)).toThrow(message)
  })
  test.each([
    [{ a: { type: 'texts', default: 'x' } }, 'has the type "texts", which is none of text, number'],
    [{ a: { type: 'text' } }, 'needs a default'],
    [{ a: { default: 1, required: true } }, 'cannot be required as well'],
    [{ a: { default: 1, min: 3, max: 2 } }, 'has a min, 3, above its max, 2'],
    [{ a: { default: 1, step: 0 } }, 'step only as a number above 0'],
    [{ a: { type: 'date', default: 'today' } }, 'must be a date such as'],
    [{ a: { type: 'date', default: '2024-01-01', min: 3 } }, 'or as a date of a date'],
    [{ a: { type: 'integer', default: 1, choices: [1, 1.5] } }, 'needs choices of its own type, integer'],
  ])('%j is no declaration', (spec, message) => expect(() => toParameterSchema(spec)).toThrow(message))
  test('parseParameter takes what a command line gives', () => {
    const flags = toParameterSchema({
      n: { default: 1, max: 5 },
      on: false,
      day: { type: 'date', default: '2024-01-01' },
    })
    expect([
      parseParameter(flags, 'n', '-2.5'),
      parseParameter(flags, 'on', ''),
      parseParameter(flags, 'on', 'off'),
      parseParameter(flags, 'day', '2024-05-01'),
      parseParameter(schema, 'host', '7'),
    ]).toEqual([-2.5, true, false, '2024-05-01', '7'])
    expect(() => parseParameter(flags, 'n', 'many')).toThrow('The parameter n must be a number, not "many".')
    expect(() => parseParameter(flags, 'n', '6')).toThrow('The parameter n must be at most 5.')
    expect(() => parseParameter(flags, 'm', '6')).toThrow('no parameter "m". It declares: n, on, day.')
  })
  test('describeParameter says what it takes', () =>
    expect(Object.values(schema.properties).map(describeParameter)).toEqual([
      'integer, 1 to 9, in steps of 2',
      'number, 0 to 1, in steps of 0.1',
      'date as 2024-01-31, 2024-01-01 to 2024-12-31',
      'text',
      'text, one of a, b',
    ]))
})
