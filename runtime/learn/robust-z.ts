/**
 * Robust z: distance from the median in units of 1.4826 times the median absolute deviation, which is the standard
 * deviation for normal data but does not follow the outliers (Iglewicz and Hoaglin, 1993). One column at a time; the
 * score of a row is that of its most deviant column.
 */
import { checkColumns, toMatrix, type MatrixLike } from './matrix.ts'
import { median } from './quantile.ts'

export interface RobustZ {
  kind: 'robustZ'
  median: number[]
  /** 1.4826 times the median absolute deviation, for each column; the mean one where that is 0, 1 where both are. */
  scale: number[]
}

const toSigma = 1.482_602_218_505_602

export function fit(X: MatrixLike): RobustZ {
  const { data, columns } = toMatrix(X)
  const centers: number[] = []
  const scales: number[] = []
  for (let column = 0; column < columns; column++) {
    const values = data.filter((_, at) => at % columns === column)
    const center = median(values)
    const distances = values.map((value) => Math.abs(value - center))
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length
    centers.push(center)
    scales.push(toSigma * median(distances) || 1.253_314_137_315_5 * mean || 1)
  }
  return { kind: 'robustZ', median: centers, scale: scales }
}

/** A score for each row, >= 0: the largest |x - median| / scale of its columns. */
export function score(model: RobustZ, X: MatrixLike): Float64Array {
  const matrix = toMatrix(X)
  checkColumns(matrix, model.median.length)
  const { data, rows, columns } = matrix
  const scores = new Float64Array(rows)
  for (let at = 0; at < data.length; at++) {
    const column = at % columns
    const z = Math.abs(data[at]! - model.median[column]!) / model.scale[column]!
    const row = (at - column) / columns
    if (z > scores[row]!) scores[row] = z
  }
  return scores
}
