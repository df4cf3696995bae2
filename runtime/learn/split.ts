/**
 * Which rows train and which test. The same seed gives scikit-learn's split: numpy's permutation, the test rows
 * first. A series is split in time instead, so that nothing is learned from the future.
 */
import { AppError } from '../error.ts'
import { checkInteger } from './option.ts'
import { openRandom } from './random.ts'

export interface Split {
  /** Row numbers. */
  train: Int32Array
  test: Int32Array
}

export interface TrainTestOptions {
  /** A fraction below 1 or a number of rows; default 0.25. */
  test?: number
  /** As `test`; default: the rest. */
  train?: number
  seed?: number
  /** False: the first rows train, the last ones test. Default true. */
  shuffle?: boolean
}

/** Rows 0 to n - 1, once (sklearn.model_selection.train_test_split). */
export function trainTest(n: number, options: TrainTestOptions = {}): Split {
  checkInteger(n, 'n', 2)
  const { test = 0.25, shuffle = true, seed = 0 } = options
  const testRows = toRows(test, n, 'test', Math.ceil)
  const trainRows = options.train === undefined ? n - testRows : toRows(options.train, n, 'train', Math.floor)
  if (trainRows < 1 || testRows + trainRows > n)
    throw new AppError(
      'invalid',
      `${trainRows} rows to train and ${testRows} to test do not fit in ${n} rows`,
    )
  if (!shuffle) return { train: range(0, trainRows), test: range(trainRows, trainRows + testRows) }
  const order = openRandom(checkInteger(seed, 'seed', 0, 0xffffffff)).permutation(n)
  return { train: order.slice(testRows, testRows + trainRows), test: order.slice(0, testRows) }
}

export interface TimeSeriesOptions {
  /** Default 5. */
  splits?: number
  /** Rows of each test part; default floor(n / (splits + 1)). */
  test?: number
  /** Rows left out between train and test; default 0. */
  gap?: number
  /** At most so many rows before the test part train; default all. */
  maxTrain?: number
}

/** Growing train parts, each followed by its test part (sklearn.model_selection.TimeSeriesSplit). */
export function timeSeries(n: number, options: TimeSeriesOptions = {}): Split[] {
  const { splits = 5, gap = 0, maxTrain = n } = options
  checkInteger(n, 'n', 2)
  checkInteger(splits, 'splits', 2)
  checkInteger(gap, 'gap', 0)
  checkInteger(maxTrain, 'maxTrain', 1)
  const test = checkInteger(options.test ?? Math.floor(n / (splits + 1)), 'test', 1)
  if (n - gap - test * splits <= 0)
    throw new AppError(
      'invalid',
      `${splits} splits with ${test} test rows and a gap of ${gap} need more than ${n} rows`,
    )
  return Array.from({ length: splits }, (_, index) => {
    const start = n - (splits - index) * test
    const end = start - gap
    return { train: range(Math.max(0, end - maxTrain), end), test: range(start, start + test) }
  })
}

function toRows(share: number, n: number, name: string, round: (value: number) => number): number {
  const rows = share > 0 && share < 1 ? round(share * n) : share
  return checkInteger(rows, name, 1, n - 1)
}

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, index) => from + index)
}
