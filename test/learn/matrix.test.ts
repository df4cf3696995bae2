import { describe, expect, test } from 'vitest'
import { learn } from '../../runtime/learn/learn.ts'
import type { MatrixLike } from '../../runtime/learn/matrix.ts'

describe('learn.matrix', () => {
  const expected = { data: Float64Array.of(1, 2, 3, 4), rows: 2, columns: 2 }
  test.each<[string, MatrixLike]>([
    [
      'rows',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['typed rows', [Float64Array.of(1, 2), Int32Array.of(3, 4)]],
    ['columns by name', { a: [1, 3], b: Float64Array.of(2, 4) }],
    ['a matrix', expected],
  ])('takes %s', (_title, input) => {
    expect(learn.matrix(input)).toEqual(expected)
  })
  test('takes one column', () => {
    const column = { data: Float64Array.of(1, 2), rows: 2, columns: 1 }
    expect(learn.matrix([1, 2])).toEqual(column)
    expect(learn.matrix(Int32Array.of(1, 2))).toEqual(column)
  })
  test.each<[string, unknown, string]>([
    ['nothing', null, 'X is no matrix; give rows, columns by name, or a matrix'],
    ['an empty object', {}, 'X is empty; it needs at least one row and column'],
    ['columns of two lengths', { a: [1], b: [1, 2] }, 'X has 1 rows but column 1 has 2'],
    ['a row that is none', [[1], null], 'X has 1 columns but row 1 has none'],
    ['a wrong size', { data: Float64Array.of(1), rows: 2, columns: 2 }, 'X says 2 x 2 but holds 1 numbers'],
    ['text', [['1']], 'X holds NaN in row 0, column 0; fill or drop what is missing first'],
    ['null', [[null]], 'X holds NaN in row 0, column 0; fill or drop what is missing first'],
    [
      'infinity',
      [
        [1, 2],
        [3, Infinity],
      ],
      'X holds Infinity in row 1, column 1; fill or drop what is missing first',
    ],
  ])('refuses %s', (_title, input, message) => {
    expect(() => learn.matrix(input as MatrixLike)).toThrow(
      expect.objectContaining({ code: 'invalid', message }),
    )
  })
})

describe('learn.rows', () => {
  test('takes rows in the order asked for', () => {
    expect(
      learn.rows(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [2, 0],
      ),
    ).toEqual({
      data: Float64Array.of(5, 6, 1, 2),
      rows: 2,
      columns: 2,
    })
  })
  test('refuses a row that is not there', () => {
    expect(() => learn.rows([[1]], [1])).toThrow('there is no row 1; the matrix has 1')
  })
})
