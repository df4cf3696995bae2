/**
 * A matrix: rows are samples, columns are features, row by row in one Float64Array. Every algorithm takes what
 * toMatrix() takes and refuses what is empty, ragged or not finite, naming the row and column.
 */
import { AppError } from '../error.ts'

export interface Matrix {
  /** rows * columns numbers, row by row. */
  data: Float64Array
  rows: number
  columns: number
}

export type Numbers = ArrayLike<number>
/** A matrix, rows of equal length, columns by name, or one column. */
export type MatrixLike = Matrix | readonly Numbers[] | { readonly [column: string]: Numbers } | Numbers

export function isMatrix(value: unknown): value is Matrix {
  if (typeof value !== 'object' || value === null) return false
  const { data, rows, columns } = value as Partial<Matrix>
  return data instanceof Float64Array && typeof rows === 'number' && typeof columns === 'number'
}

/** Refuses with `invalid`: empty, rows of different lengths, a value that is no finite number. */
export function toMatrix(input: MatrixLike, name = 'X'): Matrix {
  const matrix = isMatrix(input) ? input : build(input, name)
  const { data, rows, columns } = matrix
  if (rows * columns !== data.length)
    throw new AppError('invalid', `${name} says ${rows} x ${columns} but holds ${data.length} numbers`)
  if (data.length === 0)
    throw new AppError('invalid', `${name} is empty; it needs at least one row and column`)
  for (let index = 0; index < data.length; index++)
    if (!Number.isFinite(data[index]))
      throw new AppError(
        'invalid',
        `${name} holds ${data[index]} in row ${Math.floor(index / columns)}, column ${index % columns}; fill or drop what is missing first`,
      )
  return matrix
}

function build(input: Exclude<MatrixLike, Matrix>, name: string): Matrix {
  if (isNumbers(input)) return fromColumns([input], name)
  if (Array.isArray(input)) return fromRows(input as readonly Numbers[], name)
  if (typeof input !== 'object' || input === null)
    throw new AppError('invalid', `${name} is no matrix; give rows, columns by name, or a matrix`)
  return fromColumns(Object.values(input as { [column: string]: Numbers }), name)
}

function isNumbers(input: unknown): input is Numbers {
  if (ArrayBuffer.isView(input)) return true
  return Array.isArray(input) && input.length > 0 && !isList(input[0])
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}

function fromRows(rows: readonly Numbers[], name: string): Matrix {
  const columns = rows[0]?.length ?? 0
  const data = new Float64Array(rows.length * columns)
  rows.forEach((row, index) => {
    if (!isList(row) || row.length !== columns)
      throw new AppError(
        'invalid',
        `${name} has ${columns} columns but row ${index} has ${row?.length ?? 'none'}`,
      )
    for (let column = 0; column < columns; column++) data[index * columns + column] = toNumber(row[column])
  })
  return { data, rows: rows.length, columns }
}

function fromColumns(columns: readonly Numbers[], name: string): Matrix {
  const rows = columns[0]?.length ?? 0
  const data = new Float64Array(rows * columns.length)
  columns.forEach((column, index) => {
    if (!isList(column) || column.length !== rows)
      throw new AppError(
        'invalid',
        `${name} has ${rows} rows but column ${index} has ${column?.length ?? 'none'}`,
      )
    for (let row = 0; row < rows; row++) data[row * columns.length + index] = toNumber(column[row])
  })
  return { data, rows, columns: columns.length }
}

/** Null and text are no numbers: Float64Array would make 0 of null. */
function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : Number.NaN
}

export function checkColumns(matrix: Matrix, columns: number, name = 'X'): void {
  if (matrix.columns !== columns)
    throw new AppError('invalid', `${name} has ${matrix.columns} columns; the model was fitted on ${columns}`)
}

/** A finite, non-empty list of numbers. */
export function toVector(input: Numbers, name: string): Float64Array {
  const values =
    input instanceof Float64Array ? input : Float64Array.from(input as ArrayLike<number>, toNumber)
  if (values.length === 0) throw new AppError('invalid', `${name} is empty`)
  for (let index = 0; index < values.length; index++)
    if (!Number.isFinite(values[index]))
      throw new AppError(
        'invalid',
        `${name}[${index}] is ${values[index]}; fill or drop what is missing first`,
      )
  return values
}

/** The rows of these numbers, in their order. */
export function takeRows(input: MatrixLike, indices: ArrayLike<number>): Matrix {
  const { data, rows, columns } = toMatrix(input)
  const taken = new Float64Array(indices.length * columns)
  for (let index = 0; index < indices.length; index++) {
    const row = indices[index]!
    if (!Number.isInteger(row) || row < 0 || row >= rows)
      throw new AppError('invalid', `there is no row ${row}; the matrix has ${rows}`)
    taken.set(data.subarray(row * columns, (row + 1) * columns), index * columns)
  }
  return { data: taken, rows: indices.length, columns }
}
