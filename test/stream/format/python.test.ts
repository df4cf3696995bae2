import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../runtime/json.ts'
import { parsePython } from '../../../runtime/stream/format/python.ts'

const python = spawnSync('python3', ['-c', 'print(1)']).status === 0
if (!python) console.warn('SKIPPED: python3 is not installed')

describe('parsePython', () => {
  test.each<[string, Json]>([
    [`{'cpu': 3, 'ok': True, 'x': None}`, { cpu: 3, ok: true, x: null }],
    [`{"it's": 'say "x"', 'a\\'b"c': ''}`, { "it's": 'say "x"', 'a\'b"c': '' }],
    [`'\\n\\t\\\\\\x00\\xe4\\u20ac\\U0001f600\\d\\101'`, '\n\t\\\u0000ä€😀\\dA'],
    ['(1, 2.5, -3e-05, 1e+16)', [1, 2.5, -3e-5, 1e16]],
    ['()', []],
    ['(1,)', [1]],
    ['(1)', 1],
    ['[[], {}, (), set()]', [[], {}, [], []]],
    ['{1, 2}', [1, 2]],
    ['[nan, inf, -inf]', [null, null, null]],
    ['{1: 2, None: 3, (1, 2): 4, True: 5}', { '1': 2, None: 3, '(1, 2)': 4, True: 5 }],
    ['9007199254740993', '9007199254740993'],
    [`{u'old': 10L}`, { old: 10 }],
    [`[b'abc', b'\\xff\\x00']`, ['abc', '/wA=']],
    [
      `{'at': datetime.datetime(2014, 2, 7, 14, 55, 1, 250000), 'on': datetime.date(2014, 2, 7)}`,
      { at: '2014-02-07T14:55:01.250000', on: '2014-02-07' },
    ],
    [`OrderedDict([('a', Decimal('1.50')), ('b', np.float64(2.5))])`, { a: 1.5, b: 2.5 }],
    [` { 'a' : [ 1 , 2 , ] , } \n`, { a: [1, 2] }],
    ['0x1F', 31],
  ])('%s', (text, value) => {
    expect(parsePython(text)).toEqual(value)
  })
  test.each([
    ['', 'Not a Python literal: at 0 there is the end, expected a value.'],
    [`{'a': 1`, 'Not a Python literal: at 7 there is the end, expected "," or "}".'],
    [`{'a' 1}`, 'Not a Python literal: at 5 there is "1}", expected "," or "}".'],
    [`{'a': 1, 2}`, 'Not a Python literal: at 10 there is "}", expected ":".'],
    [`'abc`, `Not a Python literal: at 4 there is the end, expected the closing '.`],
    [
      `__import__('os').system('x')`,
      'Not a Python literal: at 0 there is "__import__(\'os\').sys", expected a value.',
    ],
    ['1 2', 'Not a Python literal: at 2 there is "2", expected the end.'],
    ['[1 2]', 'Not a Python literal: at 3 there is "2]", expected "," or "]".'],
    [
      `'\\xz1'`,
      'Not a Python literal: at 1 there is "\\\\xz1\'", expected 2 hexadecimal digits of a character.',
    ],
    ['2j', 'Not a Python literal: at 1 there is "j", expected a number that is not complex.'],
    ['['.repeat(10_000), 'The literal is nested deeper than 64.'],
  ])('refuses %s', (text, reason) => {
    expect(() => parsePython(text)).toThrow(reason)
  })
  test('a key named __proto__ is a field like any other', () => {
    const value = parsePython(`{'__proto__': {'x': 1}}`)
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { x?: number }).x).toBeUndefined()
  })
  test('any text is a value or a reason, in time linear to it', () => {
    const piece = fc.constantFrom(...`{}[]()'",:\\ 1.eTrueNone-`.split(''), "u'", 'nan', '\\x4')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          JSON.stringify(parsePython(pieces.join('')))
        } catch (error) {
          expect((error as Error).name).toBe('AppError')
        }
      }),
      { numRuns: 3000 },
    )
    const started = performance.now()
    for (const text of ["'".padEnd(1_000_000, '\\'), '9'.repeat(1_000_000), '{1:'.repeat(300_000)])
      expect(() => JSON.stringify(parsePython(text + 'x'))).toThrow()
    expect(performance.now() - started).toBeLessThan(2000)
  })
  test.skipIf(!python)('what Python itself writes is what was meant', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 })
    const leaf = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !(Math.abs(one) > 2 ** 53)),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4 }),
      ),
    }))
    const values = fc.sample(value, { numRuns: 500, seed: 7 }) as Json[]
    const script = 'import sys, json\nfor line in sys.stdin: print(json.dumps(str([json.loads(line)])))'
    const input = values.map((one) => JSON.stringify(one).replaceAll('\u2028', '\\u2028')).join('\n')
    const { stdout } = spawnSync('python3', ['-c', script], { input, encoding: 'utf8' })
    const written = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string)
    expect(written.length).toBe(values.length)
    expect(written.map((one) => parsePython(one))).toEqual(
      values.map((one) => [JSON.parse(JSON.stringify(one))]),
    )
  })
})
