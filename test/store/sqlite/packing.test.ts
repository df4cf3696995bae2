import { expect, test } from 'vitest'
import { packRows, readRows } from '../../../runtime/store/sqlite/packing.ts'

test('readRows gives back what packRows was given, null and empty texts and all', () => {
  const rows = [
    { n: 1, text: 'é', other: null },
    { n: -0.5, text: '', other: '😀\u0000' },
    { n: Number.MAX_SAFE_INTEGER, text: null, other: '\ud800' },
  ]
  const packed = packRows(rows, { numbers: 1, texts: 2 }, (row, numbers, at, put) => {
    numbers[at] = row.n
    put(row.text)
    put(row.other)
  })
  const found: unknown[] = []
  readRows(structuredClone(packed), 1, (row) => {
    found.push({ n: packed.numbers[row.at], text: row.text(), other: row.text() })
  })
  expect(found).toEqual(rows)
  readRows(
    packRows([], { numbers: 1, texts: 2 }, () => undefined),
    1,
    () => found.push('none'),
  )
  expect(found).toHaveLength(rows.length)
})
