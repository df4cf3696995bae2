/**
 * What a notebook sees as `learn`: every algorithm under the name it is called by. Models and states are plain JSON;
 * randomness is seeded (default seed 0); a score is higher for what is more anomalous; wrong input is an AppError
 * `invalid` that names what is wrong. Algorithms and their sources are described in their own files.
 */
import * as dummy from './dummy.ts'
import * as isolationForest from './isolation-forest.ts'
import { takeRows, toMatrix } from './matrix.ts'
import { accuracy, confusion, f1, fBeta, precision, recall, report } from './metrics.ts'
import { median, quantile } from './quantile.ts'
import { openRandom } from './random.ts'
import { averagePrecision, rocAuc } from './ranking.ts'
import * as robustZ from './robust-z.ts'
import * as standardScaler from './scaler.ts'
import { timeSeries, trainTest } from './split.ts'
import * as threshold from './threshold.ts'
import * as windowedGaussian from './windowed-gaussian.ts'

export const learn = {
  /** Rows, columns by name, or one column -> `{data, rows, columns}`. */
  matrix: toMatrix,
  /** The rows with these numbers: `learn.rows(X, split.train)`. */
  rows: takeRows,
  /** Seeded random numbers, the ones of numpy's RandomState. */
  random: openRandom,
  quantile,
  median,
  split: { trainTest, timeSeries },
  standardScaler,
  isolationForest,
  windowedGaussian,
  robustZ,
  /** Baselines that look at nothing. */
  dummy,
  metrics: { confusion, precision, recall, f1, fBeta, accuracy, rocAuc, averagePrecision, report },
  threshold,
}

export type Learn = typeof learn
