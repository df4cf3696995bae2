/**
 * Robust z: distance from the median in units of 1.4826 times the median absolute deviation, which is the standard
 * deviation for normal data but does not follow the outliers (Iglewicz and Hoaglin, 1993). One column at a time; the
 * score of a row is that of its most deviant column.
 */
import { checkColumns, toMatrix, type MatrixLike } from './matrix.ts'
import { median } from './quantile.ts'

export interface RobustZ {
  kind: 'robustZ'
  /** For each column. */
  median: number[]
  /** Median absolute deviation; where that is 0, what the mean one stands for in normal data; 1 where both are. */
  mad: number[]
}

const toSigma = 1.482_602_218_505_602
/** Standard deviation over mean absolute deviation of normal data, sqrt(pi / 2). */
const meanToSigma = 1.253_314_137_315_500_3

/** Median and mean absolute deviation of each column: what later rows are measured by. */
export function fit(X: MatrixLike): RobustZ {
  const { data, columns } = toMatrix(X)
  const model: RobustZ = { kind: 'robustZ', median: [], mad: [] }
  for (let column = 0; column < columns; column++) {
    const values = data.filter((_, at) => at % columns === column)
    const center = median(values)
    const distances = values.map((value) => Math.abs(value - center))
    const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length
    model.median.push(center)
    model.mad.push(median(distances) || (mean * meanToSigma) / toSigma || 1)
  }
  return model
}

/** A score for each row, >= 0: the largest |x - median| / (1.4826 mad) of its columns. One column may be two numbers. */
export function score(
  model: { median: number | number[]; mad: number | number[] },
  X: MatrixLike,
): Float64Array {
  const medians = [model.median].flat()
  const scales = [model.mad].flat().map((mad) => mad * toSigma)
  const matrix = toMatrix(X)
  checkColumns(matrix, medians.length)
  const { data, rows, columns } = matrix
  const scores = new Float64Array(rows)
  for (let at = 0; at < data.length; at++) {
    const column = at % columns
    const z = Math.abs(data[at]! - medians[column]!) / scales[column]!
    const row = (at - column) / columns
    if (z > scores[row]!) scores[row] = z
  }
  return scores
}
