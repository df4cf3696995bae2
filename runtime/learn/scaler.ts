/** Standard scaler: each column minus its mean, over its standard deviation (population; 1 for a constant column). */
import { checkColumns, toMatrix, type Matrix, type MatrixLike } from './matrix.ts'

export interface StandardScaler {
  kind: 'standardScaler'
  mean: number[]
  /** Standard deviations, with 1 in place of 0. */
  scale: number[]
}

/** Mean and standard deviation of each column. */
export function fit(X: MatrixLike): StandardScaler {
  const { data, rows, columns } = toMatrix(X)
  const mean = Array.from({ length: columns }, () => 0)
  const scale = Array.from({ length: columns }, () => 1)
  for (let column = 0; column < columns; column++) {
    let sum = 0
    for (let at = column; at < data.length; at += columns) sum += data[at]!
    const average = sum / rows
    let squares = 0
    let rest = 0
    for (let at = column; at < data.length; at += columns) {
      const distance = data[at]! - average
      squares += distance * distance
      rest += distance
    }
    // The second term takes the rounding of the mean out (two-pass algorithm; Chan, Golub and LeVeque, 1983).
    const variance = (squares - (rest * rest) / rows) / rows
    mean[column] = average
    // A constant column can have a deviation of a few roundings.
    const noise = rows * Number.EPSILON * variance + (rows * average * Number.EPSILON) ** 2
    scale[column] = variance > noise ? Math.sqrt(variance) : 1
  }
  return { kind: 'standardScaler', mean, scale }
}

export function transform(model: StandardScaler, X: MatrixLike): Matrix {
  return map(model, X, (value, mean, scale) => (value - mean) / scale)
}

export function inverse(model: StandardScaler, X: MatrixLike): Matrix {
  return map(model, X, (value, mean, scale) => value * scale + mean)
}

function map(
  model: StandardScaler,
  X: MatrixLike,
  change: (value: number, mean: number, scale: number) => number,
): Matrix {
  const { data, rows, columns } = toMatrix(X)
  checkColumns({ data, rows, columns }, model.mean.length)
  const changed = data.map((value, at) =>
    change(value, model.mean[at % columns]!, model.scale[at % columns]!),
  )
  return { data: changed, rows, columns }
}
