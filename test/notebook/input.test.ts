import { describe, expect, test } from 'vitest'
import type { Control } from '../../runtime/api/inputs.ts'
import type { Json } from '../../runtime/json.ts'
import { toInputText, toInputValue } from '../../runtime/notebook/input.ts'

const base = { id: 'c1.1', label: 'It' }
const slider: Control = { ...base, kind: 'slider', value: 1, initial: 1, min: 1, max: 10, step: 2 }
const options = [
  { label: 'a', value: 'a' },
  { label: 'one', value: 1 },
]
const select: Control = { ...base, kind: 'select', value: 'a', initial: 'a', options, multiple: false }
const several: Control = { ...select, value: [], initial: [], multiple: true }
const text: Control = { ...base, kind: 'text', value: '', initial: '', multiline: false, maxLength: 3 }
const date: Control = { ...base, kind: 'date', value: '2024-01-01', initial: '2024-01-01', max: '2024-06-01' }
const table: Control = {
  ...base,
  kind: 'table',
  value: [],
  initial: [],
  select: 'multiple',
  names: ['a'],
  types: { a: 'number' },
  length: 9,
  rows: [{ a: 1 }, { a: 2 }],
}
const button: Control = { ...base, kind: 'button', value: 4, initial: 0 }

describe('toInputValue', () => {
  test.each<[string, Control, Json, Json]>([
    ['a step', slider, 7, 7],
    ['the end between steps', slider, 10, 10],
    ['a choice', select, 1, 1],
    ['choices', several, [1, 'a'], [1, 'a']],
    ['a text', text, 'abc', 'abc'],
    ['a day', date, '2024-06-01', '2024-06-01'],
    ['rows', table, [1, 0], [1, 0]],
    ['a click, whatever is sent', button, 900, 5],
  ])('%s', (_, control, given, value) => expect(toInputValue(control, given)).toEqual(value))
  test.each<[Control, Json, string]>([
    [slider, '7', 'The input "It" must be a number, not "7".'],
    [slider, 0, 'The input "It" must be from 1 to 10, not 0.'],
    [slider, 4, 'The input "It" must be 1 plus a multiple of 2, not 4.'],
    [select, 'b', 'The input "It" has no choice "b".'],
    [select, ['a'], 'The input "It" has no choice ["a"].'],
    [several, 'a', 'The input "It" takes a list of choices, not "a".'],
    [several, ['a', 'a'], 'The input "It" takes each choice once.'],
    [several, ['a', null], 'The input "It" has no choice null.'],
    [text, 'abcd', 'The input "It" must have at most 3 characters.'],
    [text, { a: 1 }, 'The input "It" must be a text, not {"a":1}.'],
    [date, 'today', 'The input "It" must be a date such as "2024-01-31", not "today".'],
    [date, '2024-06-02', 'The input "It" must be 2024-06-01 or earlier.'],
    [table, [2], 'The input "It" has no row 2: it shows 2, from 0.'],
    [table, [0.5], 'The input "It" has no row 0.5: it shows 2, from 0.'],
    [{ ...table, select: 'single' }, [0, 1], 'The input "It" takes one row.'],
  ])('%j does not take %j', (control, given, message) =>
    expect(() => toInputValue(control, given)).toThrow(message),
  )
})
test('toInputText', () =>
  expect([slider, several, table, button].map(toInputText)).toEqual([
    'It: 1',
    'It: ',
    'It: 0 of 2 rows selected',
    'It: 4 clicks',
  ]))
