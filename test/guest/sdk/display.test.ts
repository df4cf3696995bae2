import { expect, test } from 'vitest'
import { tableMime, toBundle, toTable } from '../../../runtime/guest/sdk/display.ts'

test('toTable: rows with dates are a table, with a column of times', () => {
  const rows = [
    { at: new Date(1000), host: 'a', note: new Date(0) },
    { at: new Date(NaN), host: 'b', note: 'none' },
    { at: null, host: 'c', note: null },
  ]
  const table = toTable(rows)!
  expect(table.types).toEqual({ at: 'time', host: 'text', note: 'json' })
  expect([...table.numbers('at')]).toEqual([1000, NaN, NaN])
  expect(table.rows()).toEqual([
    { at: 1000, host: 'a', note: '1970-01-01T00:00:00.000Z' },
    { at: null, host: 'b', note: 'none' },
    { at: null, host: 'c', note: null },
  ])
  expect(toBundle(rows, String)).toMatchObject({
    [tableMime]: { names: ['at', 'host', 'note'], length: 3 },
    'text/plain': 'table 3 x 3: at, host, note',
  })
})

test('toTable: rows that hold objects or lists are none', () => {
  expect(toTable([{ a: { b: 1 } }])).toBeUndefined()
  expect(toTable([{ a: [1] }])).toBeUndefined()
})
