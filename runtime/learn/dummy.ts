/**
 * Detectors that look at nothing, to set beside every real one: what is not better than these has learned nothing.
 * `never` and `always` give one score to everything; `random` flags at the rate of anomalies in the training labels.
 */
import { AppError } from '../error.ts'
import { toMatrix, type MatrixLike } from './matrix.ts'
import { checkInteger } from './option.ts'
import { toLabels, type Labels } from './labels.ts'
import { openRandom } from './random.ts'

export interface Dummy {
  kind: 'dummy'
  strategy: 'never' | 'always' | 'random'
  /** Share of anomalies in the labels it was fitted on. */
  rate: number
  seed: number
}

/** A baseline that does not look at the rows: what every real model must beat. */
export function fit(labels: Labels, options: { strategy?: Dummy['strategy']; seed?: number } = {}): Dummy {
  const { strategy = 'random', seed = 0 } = options
  if (!['never', 'always', 'random'].includes(strategy))
    throw new AppError('invalid', `strategy is ${String(strategy)}; it must be never, always or random`)
  const truth = toLabels(labels, 'labels')
  const positives = truth.reduce((sum, label) => sum + label, 0)
  return {
    kind: 'dummy',
    strategy,
    rate: positives / truth.length,
    seed: checkInteger(seed, 'seed', 0, 0xffffffff),
  }
}

/** A score in [0, 1] for each row: at a threshold of 0.5 it flags none, all, or the learned share at random. */
export function score(model: Dummy, X: MatrixLike): Float64Array {
  const { rows } = toMatrix(X)
  if (model.strategy !== 'random') return new Float64Array(rows).fill(model.strategy === 'always' ? 1 : 0)
  const random = openRandom(model.seed)
  return new Float64Array(rows).map(() => {
    const u = random.uniform()
    return u < model.rate ? 1 - u / model.rate / 2 : ((1 - u) / (1 - model.rate)) * 0.499_999
  })
}
