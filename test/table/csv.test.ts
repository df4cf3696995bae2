import { describe, expect, test } from 'vitest'
import { findDelimiter } from '../../runtime/table/csv.ts'

const find = (text: string | Uint8Array, whole = true) => findDelimiter(Buffer.from(text as string), whole)

describe('findDelimiter finds', () => {
  test.each([
    ['a comma', 'a,b\n1,2\n', ','],
    ['a semicolon beside decimal commas', 'a;b;c\n1,5;2;3\n1,6;2;3\n', ';'],
    ['a tab', 'a\tb\n1,2\t3\n', '\t'],
    ['a bar', 'a|b\n1|2\n', '|'],
    ['one column of numbers', 'value\n1\n2\n', ','],
    ['one column of words', 'name\nJohn Smith\nEve\n', ','],
    ['a header alone', 'a,b\n', ','],
    ['quotes, delimiters and line breaks inside quotes', 'a,b\n"x,\n""y""",2\n3,4\n', ','],
    ['lines that end in CR LF, blank lines, and no end of line', 'a,b\r\n1,2\r\n\r\n3,4', ','],
    ['a byte order mark', '\ufeffa,b\n1,2\n', ','],
  ])('%s', (_, text, delimiter) => {
    expect(find(text)).toBe(delimiter)
  })
  test('nothing wrong with a record that the head cuts', () => {
    expect(find('a,b\n1,2\n"cut', false)).toBe(',')
  })
})

describe('findDelimiter refuses', () => {
  test.each([
    ['a record with too few fields', 'a,b,c\n1,2,3\n4,5\n', 3, /1, |2 fields where the first line has 3/],
    ['a record with too many', 'a,b\n1,2\n\n3,4,5\n', 4, /3 fields where the first line has 2/],
    ['a record after one that spans lines', 'a,b\n"x\ny",2\n3\n', 4, /1 field where/],
    ['a quote that never closes', 'a,b\n1,"x\n2,y\n', 2, /a quote is opened here and never closed/],
    ['HTML', '<!DOCTYPE html>\n<p>a, b</p>\n', 1, /HTML or XML/],
    ['JSON', '[{"a": 1}]', 1, /JSON/],
    ['prose', 'this is not a csv\nneither is this\n', 1, /text and not CSV/],
    ['one line of prose', 'hello', 1, /text and not CSV/],
    ['nothing but white space', ' \n\n', 1, /empty/],
  ])('%s', (_, text, line, message) => {
    expect(() => find(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(message),
        details: { line },
      }),
    )
  })
  test('NUL bytes and what is not UTF-8, with the line', () => {
    expect(() => find(Buffer.from([97, 44, 98, 10, 49, 0, 10]))).toThrow(/Line 2: a NUL byte/)
    expect(() => find(Buffer.from([97, 44, 98, 10, 49, 44, 0xff, 10]))).toThrow(/Line 2: not UTF-8/)
  })
  test('more than 2,000 columns and a cell of more than 1 MB', () => {
    const wide = Array.from({ length: 2001 }, (_, i) => `c${i}`).join(',')
    expect(() => find(`${wide}\n`)).toThrow(/2001 columns, and at most 2000/)
    expect(() => find(`a,b\n${'x'.repeat(1024 * 1024 + 1)},2\n`)).toThrow(/Line 2: a cell has more than 1 MB/)
  })
  test('a megabyte of quotes in linear time', () => {
    const begin = performance.now()
    expect(() => find(`a\n${'"'.repeat(1_000_001)}`)).toThrow(/Line 2/)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})
